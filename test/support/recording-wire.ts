/**
 * A relay that ends TLS on both sides and writes down what is said in between: the plain bytes as they were on the wire.
 * Owns: STARTTLS on both sides where the protocol has it. Must not: change a byte.
 */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext, TLSSocket } from 'node:tls';
import { openTenantIdentity } from '../../src/sandbox/tls/tenant-identity.js';

export interface Said {
  readonly by: 'client' | 'server';
  readonly bytes: Buffer;
}

export interface RecordingWire {
  /** "127.0.0.1:port" */
  readonly address: string;
  /** PEM of the root to trust. */
  readonly root: string;
  /** Everything said since the last call: a list for each connection, the handshake of TLS left out. */
  take(): Said[][];
  stop(): Promise<void>;
}

export interface RecordedServer {
  /** "127.0.0.1:port" */
  readonly target: string;
  readonly trustedRoots: readonly string[];
  readonly serverName: string;
  readonly startTls: boolean;
}

export async function startRecordingWire(server: RecordedServer): Promise<RecordingWire> {
  const identity = await openTenantIdentity(undefined);
  const secureContext = createSecureContext({
    key: identity.server.privateKey,
    cert: identity.server.certificate,
  });
  const sockets = new Set<Socket>();
  let said: Said[][] = [];
  const [host = '', port = ''] = server.target.split(':');
  const kept = <T extends Socket>(socket: T, end: () => void): T => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', end).on('close', () => {
      sockets.delete(socket);
      end();
    });
    return socket;
  };

  const listener = createServer((plainClient) => {
    const plainServer = connect(Number(port), host);
    const end = (): void => {
      plainClient.destroy();
      plainServer.destroy();
    };
    kept(plainClient, end);
    kept(plainServer, end);
    const own: Said[] = [];
    said.push(own);
    const note = (by: Said['by'], bytes: Buffer): void => {
      // The list was handed out since: what is said from here on is in the next one.
      if (!said.includes(own)) said.push(own);
      own.push({ by, bytes });
    };
    const relay = (from: Socket, to: Socket, by: Said['by'], seen?: (bytes: Buffer) => boolean): void => {
      from.on('data', (bytes: Buffer) => {
        note(by, bytes);
        if (seen?.(bytes) !== true) to.write(bytes);
      });
      from.on('end', () => to.end());
    };
    const secured = (): void => {
      const client = kept(new TLSSocket(plainClient, { isServer: true, secureContext }), end);
      const ca = [...server.trustedRoots];
      const upstream = kept(connectTls({ socket: plainServer, servername: server.serverName, ca }), end);
      relay(client, upstream, 'client');
      relay(upstream, client, 'server');
    };
    if (!server.startTls) {
      secured();
      return;
    }
    let asked = false;
    relay(plainClient, plainServer, 'client', (bytes) => {
      asked ||= bytes.toString('latin1') === 'STARTTLS\r\n';
      return false;
    });
    relay(plainServer, plainClient, 'server', (bytes) => {
      if (!asked) return false;
      for (const socket of [plainClient, plainServer]) socket.removeAllListeners('data');
      plainClient.write(bytes);
      secured();
      return true;
    });
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${String((listener.address() as AddressInfo).port)}`,
    root: identity.ca,
    take: () => {
      const all = said.map((one) => one.splice(0)).filter((one) => one.length > 0);
      said = [];
      return all;
    },
    stop: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        listener.close(() => resolve());
      }),
  };
}
