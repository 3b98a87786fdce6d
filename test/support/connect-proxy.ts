/**
 * An HTTP proxy for CONNECT, as companies run them: with or without a sign-in, over TCP or TLS, and able to refuse,
 * stall and cut. It resolves names by itself, so that a client that goes around it reaches nothing.
 */
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

export interface ConnectProxyOptions {
  /** "host:port" as the client asks for it → "127.0.0.1:port". What is not listed is answered with 403. */
  readonly hosts: Readonly<Record<string, string>>;
  /** "user:password" that every client has to bring. */
  readonly credentials?: string;
  /** Status line for every request, instead of a tunnel. */
  readonly refuseWith?: string;
  /** Accepts connections and never answers. */
  readonly stall?: boolean;
  /** Ends a tunnel once this many bytes came through it from the far side. */
  readonly cutAfterBytes?: number;
  /** The far side's first words leave in one piece with the answer to CONNECT. */
  readonly coalesce?: boolean;
  /** PEM: the proxy itself is reached over TLS. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

export interface ConnectProxy {
  readonly port: number;
  /** "host:port" of every tunnel that was opened, in order. */
  readonly tunnels: readonly string[];
  /** First line of every request. */
  readonly requests: readonly string[];
  /** Waits until no client is connected. */
  idle(): Promise<void>;
  /** Whether a socket is the proxy's own, towards a far side. */
  readonly owns: (socket: Socket) => boolean;
  stop(): Promise<void>;
}

export async function startConnectProxy(options: ConnectProxyOptions): Promise<ConnectProxy> {
  const tunnels: string[] = [];
  const requests: string[] = [];
  const clients = new Set<Socket>();
  const others = new Set<Socket>();
  const own = new WeakSet<Socket>();
  const waiting: (() => void)[] = [];

  const relay = (client: Socket, authority: string, target: string): void => {
    const [host = '', port = ''] = target.split(':');
    const far = connect(Number(port), host);
    others.add(far);
    own.add(far);
    const end = (): void => {
      client.destroy();
      far.destroy();
    };
    const established = 'HTTP/1.1 200 Connection established\r\nVia: 1.1 proxy\r\n\r\n';
    let answered = options.coalesce !== true;
    let seen = 0;
    far.on('connect', () => {
      tunnels.push(authority);
      if (answered) client.write(established);
    });
    far.on('data', (bytes) => {
      seen += bytes.length;
      if (options.cutAfterBytes !== undefined && seen > options.cutAfterBytes) {
        end();
        return;
      }
      client.write(answered ? bytes : Buffer.concat([Buffer.from(established), bytes]));
      answered = true;
    });
    far.on('error', end).on('close', () => {
      others.delete(far);
      end();
    });
    client.on('data', (bytes) => far.write(bytes)).on('close', end);
  };

  const answer = (client: Socket, head: string): void => {
    const [requestLine = '', ...headers] = head.split('\r\n');
    requests.push(requestLine);
    const authority = /^CONNECT (\S+) HTTP\/1\.1$/u.exec(requestLine)?.[1] ?? '';
    const target = options.hosts[authority];
    const given = headers
      .find((line) => /^proxy-authorization:/iu.test(line))
      ?.replace(/^[^:]*:\s*Basic /iu, '');
    const wanted = options.credentials;
    if (options.refuseWith !== undefined) client.end(`${options.refuseWith}\r\nContent-Length: 0\r\n\r\n`);
    else if (wanted !== undefined && given !== Buffer.from(wanted).toString('base64'))
      client.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="p"\r\n\r\n');
    else if (target === undefined) client.end('HTTP/1.1 403 Filtered\r\nContent-Length: 0\r\n\r\n');
    else relay(client, authority, target);
  };

  const accept = (client: Socket): void => {
    clients.add(client);
    client
      .on('error', () => undefined)
      .on('close', () => {
        clients.delete(client);
        if (clients.size === 0) for (const resolve of waiting.splice(0)) resolve();
      });
    if (options.stall === true) {
      client.resume(); // or it would not notice that the client has gone
      return;
    }
    let head = '';
    const onData = (bytes: Buffer): void => {
      head += bytes.toString('latin1');
      if (!head.includes('\r\n\r\n')) return;
      client.off('data', onData);
      answer(client, head.slice(0, head.indexOf('\r\n\r\n')));
    };
    client.on('data', onData);
  };

  const server: Server =
    options.tls === undefined ? createServer(accept) : createTlsServer({ ...options.tls }, accept);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    tunnels,
    requests,
    idle: () =>
      new Promise((resolve) => {
        if (clients.size === 0) resolve();
        else waiting.push(resolve);
      }),
    owns: (socket) => own.has(socket),
    stop: () =>
      new Promise((resolve) => {
        for (const socket of [...clients, ...others]) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
