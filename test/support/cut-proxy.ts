/**
 * A TCP relay that can lose the connection at a chosen moment. Stands between connector and server; TLS passes
 * through unopened, so that only the network misbehaves.
 */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface CutRules {
  /** Ends both sides once this many bytes came from the server. */
  readonly afterServerBytes?: number;
  /** Ends both sides once this many bytes came from the client. */
  readonly afterClientBytes?: number;
  /** Once this many bytes came from the client, the server's next words are swallowed and both sides end. */
  readonly replyLostAfterClientBytes?: number;
}

export interface CutProxy {
  /** "127.0.0.1:port" */
  readonly address: string;
  /** Bytes seen on all connections so far. */
  readonly seen: { fromClient: number; fromServer: number };
  stop(): Promise<void>;
}

export async function startCutProxy(target: string, rules: CutRules): Promise<CutProxy> {
  const [host = '', port = ''] = target.split(':');
  const seen = { fromClient: 0, fromServer: 0 };
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(port), host);
    const own = { fromClient: 0, fromServer: 0 };
    const cut = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', cut).on('close', () => {
        sockets.delete(socket);
        cut();
      });
    }
    client.on('data', (bytes) => {
      own.fromClient += bytes.length;
      seen.fromClient += bytes.length;
      if (rules.afterClientBytes !== undefined && own.fromClient > rules.afterClientBytes) cut();
      else upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      own.fromServer += bytes.length;
      seen.fromServer += bytes.length;
      const lost =
        rules.replyLostAfterClientBytes !== undefined && own.fromClient > rules.replyLostAfterClientBytes;
      if (lost || (rules.afterServerBytes !== undefined && own.fromServer > rules.afterServerBytes)) cut();
      else client.write(bytes);
    });
    client.on('end', () => upstream.end());
    upstream.on('end', () => client.end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    seen,
    stop: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
