/**
 * A TCP relay that loses one connection, once, when so many bytes have gone through all of them; then it is a good line.
 * TLS passes through unopened. Owns: the moment of the cut. Must not: change a byte.
 */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export type Direction = 'fromServer' | 'fromClient';

export interface OneCut {
  /** "127.0.0.1:port" */
  readonly address: string;
  /** Bytes on all connections so far. */
  readonly seen: Readonly<Record<Direction, number>>;
  /** Whether the cut has happened. */
  readonly done: boolean;
  stop(): Promise<void>;
}

/** @param after bytes in that direction; Infinity never cuts */
export async function startOneCut(target: string, direction: Direction, after: number): Promise<OneCut> {
  const [host = '', port = ''] = target.split(':');
  const seen = { fromClient: 0, fromServer: 0 };
  const sockets = new Set<Socket>();
  let done = false;
  const server = createServer((client) => {
    const upstream = connect(Number(port), host);
    const end = (): void => {
      client.destroy();
      upstream.destroy();
    };
    const relay = (from: Socket, to: Socket, way: Direction): void => {
      sockets.add(from);
      from.on('error', end).on('close', () => {
        sockets.delete(from);
        end();
      });
      from.on('end', () => to.end());
      from.on('data', (bytes) => {
        const left = after - seen[way];
        seen[way] += bytes.length;
        if (done || way !== direction || left >= bytes.length) {
          to.write(bytes);
          return;
        }
        done = true;
        // The bytes up to the cut arrive, in the middle of a TLS record as on a real line.
        to.write(bytes.subarray(0, Math.max(0, left)), end);
      });
    };
    relay(client, upstream, 'fromClient');
    relay(upstream, client, 'fromServer');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    seen,
    get done() {
      return done;
    },
    stop: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
