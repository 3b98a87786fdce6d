/**
 * Binds a server to a free loopback port and closes it for good: the listener and every socket it accepted.
 * Knows no protocol. Nothing here may listen on an address other than 127.0.0.1.
 */
import type { AddressInfo, Server, Socket } from 'node:net';

export interface Listener {
  /** '127.0.0.1:PORT' */
  readonly address: string;
  close(): Promise<void>;
}

/** Starts listening; rejects when the port cannot be bound. */
export async function listenOnLoopback(server: Server): Promise<Listener> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    // A reset by the peer is everyday business for a server; without a listener it would end the process.
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    async close() {
      const closed = new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
