/**
 * Opens a signed-in POP3 connection: TLS from the first byte, the greeting, XOAUTH2 in two lines, and what the server can
 * do. Owns: the deadlines of all that. Must not: read mail.
 */
import { isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { listenToMail, startOf, type Route } from '../../net/index.js';
import { xoauth2Response } from '../sasl.js';
import type { Pop3Client } from './client.js';
import { pop3Failure, type Pop3Context, type Pop3Phase } from './failures.js';
import { linesOf } from './lines.js';
import { lost, Pop3Nonsense, Pop3Wire, timedOut } from './wire.js';

const MAX_CAPABILITIES = 100;

export interface Pop3Connection {
  readonly client: Pop3Client;
  readonly wire: Pop3Wire;
  readonly greeting: string;
  /** Names alone, in upper case. */
  readonly capabilities: ReadonlySet<string>;
}

/**
 * @throws Failure host-*, certificate-not-trusted, pop3-sign-in-refused, connection-lost, server-*, proxy-*
 * @throws the signal's reason
 */
export async function connectPop3(
  route: Route,
  accessToken: string,
  context: Pop3Context,
  signal?: AbortSignal,
): Promise<Pop3Connection> {
  signal?.throwIfAborted();
  const listener = listenToMail(route.tap, 'pop3', route.serverName, context.port);
  listener?.learn(accessToken);
  let phase: Pop3Phase = 'connect';
  let wire: Pop3Wire | undefined;
  let socket: Socket | undefined;
  const abort = (): void => {
    wire?.end(signal?.reason as Error);
    socket?.destroy();
  };
  signal?.addEventListener('abort', abort, { once: true });
  try {
    // Loaded at the first connection, as in the other adapters.
    const { Pop3Client: Client } = await import('./client.js');
    const start = await startOf(route, signal);
    socket = open(route, start.socket);
    await secured(socket, start.connectTimeoutMs);
    wire = new Pop3Wire(socket, route.idleTimeoutMs, listener);
    const greeting = await wire.greeting(route.connectTimeoutMs);
    phase = 'sign-in';
    await signIn(wire, xoauth2Response(context.mailbox, accessToken));
    phase = 'command';
    const capabilities = await capabilitiesOf(wire);
    wire.pipelining = capabilities.has('PIPELINING');
    socket.once('close', () => signal?.removeEventListener('abort', abort));
    return {
      wire,
      client: new Client(wire, route.host, route.port),
      greeting: `+OK ${greeting.text}`,
      capabilities,
    };
  } catch (error) {
    signal?.removeEventListener('abort', abort);
    wire?.end(lost());
    socket?.destroy();
    throw signal?.aborted === true ? signal.reason : pop3Failure(error, phase, context);
  }
}

function open(route: Route, tunnel: Socket | undefined): Socket {
  const socket = connectTls({
    ...(tunnel === undefined ? { host: route.host, port: route.port } : { socket: tunnel }),
    secureContext: route.secureContext,
    // An address is no name to ask for (RFC 6066 section 3).
    ...(isIP(route.serverName) === 0 ? { servername: route.serverName } : {}),
  });
  // Stays for good: an error that nobody waits for must not end the process.
  socket.on('error', () => undefined);
  socket.setNoDelay(true);
  socket.setKeepAlive(true);
  return socket;
}

async function secured(socket: Socket, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => reject(timedOut('connection')), timeoutMs);
      socket.once('secureConnect', resolve);
      socket.once('error', reject);
      socket.once('close', () => reject(lost()));
    });
  } finally {
    clearTimeout(timer);
  }
}

/** Exchange takes the response on a line of its own only; other servers take either. */
async function signIn(wire: Pop3Wire, response: string): Promise<void> {
  const ready = await wire.ask('AUTH XOAUTH2', 'challenge');
  if (!ready.isChallenge) throw new Pop3Nonsense(`+OK ${ready.text}`);
  let answer = await wire.ask(response, 'challenge');
  // A challenge here is a refusal whose reason is JSON in base64; an empty line makes the server say so.
  if (answer.isChallenge) answer = await wire.ask('', 'challenge');
  if (answer.isChallenge) throw new Pop3Nonsense('+ for the second time');
}

/** CAPA is optional (RFC 2449): a server that refuses it can what RFC 1939 asks for. */
async function capabilitiesOf(wire: Pop3Wire): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  let answer;
  try {
    answer = await wire.ask('CAPA', 'lines');
  } catch (error) {
    if (wire.usable) return new Set(['TOP', 'UIDL']);
    throw error;
  }
  for await (const lines of linesOf(answer.body, MAX_CAPABILITIES)) {
    for (const line of lines) names.add((line.split(' ')[0] ?? '').toUpperCase());
  }
  return names;
}
