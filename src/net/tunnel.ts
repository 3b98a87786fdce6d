/**
 * A tunnel through an HTTP proxy (CONNECT, RFC 9110 section 9.3.6). Owns: the way to the proxy, its answer and the
 * deadline for both. Must not: know what is carried inside, or verify less: TLS to the real host is the caller's.
 */
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Failure } from '../errors/index.js';
import { networkFailure } from './failures.js';
import type { Route } from './policy.js';
import { proxyName, type Proxy } from './proxy.js';

/** What a connection starts from: a tunnel, or nothing when the host is reached directly. */
export interface Start {
  readonly socket: Socket | undefined;
  /** What the way through the proxy left of the route's time to connect, in milliseconds. */
  readonly connectTimeoutMs: number;
}

const MAX_ANSWER_BYTES = 16 * 1024;
const END_OF_HEADERS = Buffer.from('\r\n\r\n');

const lost = (): Error => Object.assign(new Error('the proxy closed the connection'), { code: 'ECONNRESET' });

function connectTo(proxy: Proxy, route: Route): Socket {
  if (!proxy.secure) return connectTcp({ host: proxy.host, port: proxy.port });
  return connectTls({
    host: proxy.host,
    port: proxy.port,
    secureContext: route.secureContext,
    // An address is no name to ask for (RFC 6066 section 3); the certificate must then list the address.
    ...(isIP(proxy.host) === 0 ? { servername: proxy.host } : {}),
  });
}

function connectRequest(proxy: Proxy, { host, port }: Route): string {
  const authority = `${isIP(host) === 6 ? `[${host}]` : host}:${String(port)}`;
  const lines = [`CONNECT ${authority} HTTP/1.1`, `Host: ${authority}`];
  if (proxy.authorization !== undefined) lines.push(`Proxy-Authorization: ${proxy.authorization}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** Reads up to the end of the headers, gives back what belongs to the tunnel, and answers the status line. */
function readStatusLine(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const onData = (chunk: Buffer): void => {
      received = Buffer.concat([received, chunk]);
      const end = received.indexOf(END_OF_HEADERS);
      if (end === -1 && received.length <= MAX_ANSWER_BYTES) return;
      socket.off('data', onData).pause();
      const rest = end === -1 ? Buffer.alloc(0) : received.subarray(end + END_OF_HEADERS.length);
      if (rest.length > 0) socket.unshift(rest);
      resolve(received.subarray(0, MAX_ANSWER_BYTES).toString('latin1').split(/\r?\n/u)[0] ?? '');
    };
    socket.on('data', onData);
    socket.once('error', reject);
    socket.once('close', () => reject(lost()));
  });
}

function refusal(proxy: Proxy, { host, port }: Route, statusLine: string): Failure | undefined {
  const status = /^HTTP\/1\.[01] (?<status>\d{3})(?: |$)/u.exec(statusLine)?.groups?.['status'] ?? '';
  if (status.startsWith('2')) return undefined;
  // 407 by the standard; Tinyproxy answers 401 to a wrong password.
  return new Failure(status === '407' || status === '401' ? 'proxy-sign-in-refused' : 'proxy-refused', {
    parameters: { proxy: proxyName(proxy), host, port },
    serverText: statusLine.slice(0, 200),
  });
}

/** Settles with the proxy's status line, or rejects as soon as the time is over or the caller gives up. */
async function answerOf(socket: Socket, proxy: Proxy, route: Route, signal: AbortSignal): Promise<string> {
  const giveUp = (): void => void socket.destroy(signal.reason as Error);
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    signal.throwIfAborted();
    const statusLine = readStatusLine(socket);
    socket.once(proxy.secure ? 'secureConnect' : 'connect', () => socket.write(connectRequest(proxy, route)));
    return await statusLine;
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

/**
 * Opens the tunnel that a route needs.
 * @throws Failure proxy-refused, proxy-sign-in-refused; host-*, certificate-not-trusted and connection-lost name the proxy
 * @throws the signal's reason
 */
export async function startOf(route: Route, signal?: AbortSignal): Promise<Start> {
  const { proxy, connectTimeoutMs } = route;
  if (proxy === undefined) return { socket: undefined, connectTimeoutMs };
  signal?.throwIfAborted();
  const began = Date.now();
  const deadline = AbortSignal.timeout(connectTimeoutMs);
  const socket = connectTo(proxy, route);
  // Stays for good: until its new owner listens, an error must not end the process.
  socket.on('error', () => undefined);
  try {
    const either = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
    const refused = refusal(proxy, route, await answerOf(socket, proxy, route, either));
    if (refused !== undefined) throw refused;
  } catch (error) {
    socket.destroy();
    if (signal?.aborted === true) throw signal.reason;
    const parameters = { host: proxy.host, port: proxy.port };
    if (deadline.aborted) throw new Failure('host-timed-out', { parameters, cause: error });
    throw networkFailure(error, proxy.host, proxy.port) ?? error;
  }
  return { socket, connectTimeoutMs: Math.max(1, connectTimeoutMs - (Date.now() - began)) };
}
