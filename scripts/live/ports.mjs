/** Owns the choice of loopback ports: free ones below 32768, where the kernel hands out none to outgoing connections. */
import { createServer } from 'node:net';

const LOWEST = 20_000;
const HIGHEST = 32_000;

/** As many different free ports of 127.0.0.1 as there are names, keyed by name. */
export async function freePorts(names) {
  const taken = new Set();
  const ports = {};
  for (const name of names) {
    let port;
    do {
      port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    } while (taken.has(port) || !(await isFree(port)));
    taken.add(port);
    ports[name] = port;
  }
  return ports;
}

function isFree(port) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
