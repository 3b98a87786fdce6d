/** Owns the proof that a mail server is up: it says its greeting to whoever connects. */
import { setTimeout as pause } from 'node:timers/promises';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';

const PATIENCE_MS = 15_000;
const RETRY_MS = 15;

/** Resolves once 127.0.0.1:port greets with `expected`; over TLS, verified, if `tls` is given. */
export async function greeting(port, { tls, expected }) {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await greetingOnce(port, tls, expected);
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await pause(RETRY_MS);
    }
  }
}

function greetingOnce(port, tls, expected) {
  return new Promise((resolve, reject) => {
    const target = { host: '127.0.0.1', port };
    const socket = tls ? connectTls({ ...target, ...tls }) : connect(target);
    let heard = '';
    socket.setTimeout(2_000, () => socket.destroy(new Error(`No greeting on port ${port}`)));
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1');
      if (!heard.startsWith(expected.slice(0, heard.length))) {
        socket.destroy(new Error(`Unexpected greeting on port ${port}: ${heard}`));
      } else if (heard.length >= expected.length) {
        resolve(undefined);
        socket.destroy();
      }
    });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error(`Connection to port ${port} closed before the greeting`)));
  });
}
