/**
 * Calls to one HTTPS host along a route, on connections that are kept and used again. Owns: the way to the host, the
 * deadlines, and that a body is read no faster than its consumer takes it. Must not: follow redirects, or interpret
 * an answer. For a single exchange with its whole answer: https-exchange.ts.
 */
import type { ClientRequest, IncomingMessage } from 'node:http';
import { Agent, request, type RequestOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import { Failure, isFailure } from '../errors/index.js';
import { networkFailure } from './failures.js';
import type { Route } from './policy.js';
import { startOf } from './tunnel.js';

export interface HttpsCall {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | undefined;
  /**
   * Keeps the last byte of the body back for as long as the connection took to come about, so that a line that is lost under
   * the rest leaves no doubt.
   */
  readonly holdsEnd?: boolean | undefined;
}

const unsent = new WeakSet<Failure>();

/** Says of a failure that no call was under way. */
export function markUnsent(error: unknown): unknown {
  if (isFailure(error)) unsent.add(error);
  return error;
}

/** Whether the call that failed so had not left as a whole: no server can have carried it out. */
export function isUnsent(failure: Failure): boolean {
  return unsent.has(failure);
}

export interface HttpsReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /**
   * The body as it comes; whoever stops before its end closes the connection.
   * @throws Failure connection-lost, host-timed-out
   */
  readonly body: AsyncIterable<Buffer>;
  /** Gives the body up. */
  discard(): void;
}

const LONGEST_HOLD_MS = 500;

type OnSocket = (error: Error | null, socket: Duplex) => void;

/** An agent whose connections begin in the tunnel that the route needs. */
class RouteAgent extends Agent {
  readonly #route: Route;

  constructor(route: Route, maxConnections: number) {
    super({ keepAlive: true, maxSockets: maxConnections, maxFreeSockets: maxConnections });
    this.#route = route;
  }

  override createConnection(options: RequestOptions, callback?: OnSocket): Duplex | null | undefined {
    if (this.#route.proxy === undefined) return super.createConnection(options, callback);
    startOf(this.#route).then(
      ({ socket }) => {
        const inTunnel = { ...options, socket } as RequestOptions;
        const secured = super.createConnection(inTunnel, undefined);
        if (secured) callback?.(null, secured);
      },
      (error: unknown) => callback?.(error as Error, undefined as unknown as Duplex),
    );
    return undefined;
  }
}

const timedOut = (): Error => Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' });

export class HttpsClient {
  readonly #route: Route;
  readonly #port: number;
  readonly #agent: RouteAgent;
  readonly #signal: AbortSignal | undefined;

  /** @param port as Microsoft names it, for failures; the route may lead elsewhere */
  constructor(route: Route, port: number, maxConnections: number, signal?: AbortSignal) {
    this.#route = route;
    this.#port = port;
    this.#agent = new RouteAgent(route, maxConnections);
    this.#signal = signal;
  }

  /**
   * Sends a call and answers as soon as the headers are there.
   * @throws Failure host-*, connection-lost, certificate-not-trusted, proxy-* @throws the signal's reason
   */
  async send(call: HttpsCall): Promise<HttpsReply> {
    for (let stale = 0; ; stale += 1) {
      try {
        return await this.#attempt(call);
      } catch (error) {
        if (!(error instanceof StaleConnection)) throw error;
        // A kept connection that the server closed meanwhile shows only in use (RFC 9110 section 9.2.2), and where there
        // is one there may be more: the last try is on a new one.
        if (call.method !== 'GET' || stale === this.#agent.maxSockets) throw error.failure;
      }
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  #attempt(call: HttpsCall): Promise<HttpsReply> {
    const { host, port, serverName, secureContext, connectTimeoutMs, idleTimeoutMs } = this.#route;
    const signal = this.#signal;
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason as Error);
        return;
      }
      const options = {
        method: call.method,
        host,
        port,
        path: call.path,
        agent: this.#agent,
        secureContext,
        servername: serverName,
        headers: {
          ...call.headers,
          host: this.#port === 443 ? serverName : `${serverName}:${String(this.#port)}`,
          ...(call.body === undefined ? {} : { 'content-length': String(Buffer.byteLength(call.body)) }),
        },
      };
      const outgoing = request(options);
      const abort = (): void => void outgoing.destroy(signal?.reason as Error);
      const deadline = setTimeout(() => outgoing.destroy(timedOut()), connectTimeoutMs + idleTimeoutMs);
      signal?.addEventListener('abort', abort, { once: true });
      const done = (): void => {
        clearTimeout(deadline);
        signal?.removeEventListener('abort', abort);
      };
      let hasLeft = false;
      outgoing.once('finish', () => (hasLeft = true));
      outgoing.on('error', (error) => {
        done();
        const failure = this.#failureOf(error);
        if (!hasLeft) markUnsent(failure);
        const stale = outgoing.reusedSocket && isFailure(failure) && failure.code === 'connection-lost';
        // The signal's reason is the caller's own value and is passed on as it is.
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
        reject(stale ? new StaleConnection(failure) : failure);
      });
      outgoing.on('response', (incoming) => {
        clearTimeout(deadline);
        incoming.once('close', done);
        resolve(this.#reply(incoming));
      });
      if (call.holdsEnd === true && call.body !== undefined) endLater(outgoing, call.body);
      else outgoing.end(call.body);
    });
  }

  #reply(incoming: IncomingMessage): HttpsReply {
    // Reported to whoever reads; a body that nobody reads must not end the process.
    incoming.on('error', () => undefined);
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(incoming.headers)) {
      headers[name] = Array.isArray(value) ? value.join(', ') : (value ?? '');
    }
    return {
      status: incoming.statusCode ?? 0,
      headers,
      body: this.#pieces(incoming),
      discard: () => incoming.destroy(),
    };
  }

  /** Waiting counts only while somebody waits: a consumer may take as long as it likes over a piece. */
  async *#pieces(incoming: IncomingMessage): AsyncGenerator<Buffer> {
    const pieces = incoming[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    try {
      for (;;) {
        const silence = setTimeout(() => incoming.destroy(timedOut()), this.#route.idleTimeoutMs);
        let next: IteratorResult<Buffer>;
        try {
          next = await pieces.next();
        } finally {
          clearTimeout(silence);
        }
        if (next.done === true) break;
        yield next.value;
      }
    } catch (error) {
      throw this.#failureOf(error);
    } finally {
      if (!incoming.complete) incoming.destroy();
    }
    if (!incoming.complete) throw this.#failureOf(new Error('the answer broke off'));
  }

  #failureOf(error: unknown): unknown {
    if (this.#signal?.aborted === true) return this.#signal.reason;
    if (isFailure(error)) return error;
    const parameters = { host: this.#route.serverName, port: this.#port };
    return (
      networkFailure(error, parameters.host, parameters.port) ??
      new Failure('connection-lost', {
        parameters,
        serverText: error instanceof Error ? error.message : String(error),
        cause: error,
      })
    );
  }
}

/** How long connections took to come about. */
const cameAboutIn = new WeakMap<Duplex, number>();

/** All but the last byte of the body, and that one when word of a lost line would be back. */
function endLater(outgoing: ClientRequest, body: string | Buffer): void {
  const bytes = Buffer.from(body);
  const startedAt = performance.now();
  outgoing.once('socket', (socket) => {
    socket.once('secureConnect', () => cameAboutIn.set(socket, performance.now() - startedAt));
  });
  const end = (): void => {
    if (outgoing.destroyed) return;
    if (outgoing.socket?.readableEnded === true) outgoing.destroy(new Error('socket hang up'));
    else outgoing.end(bytes.subarray(-1));
  };
  outgoing.write(bytes.subarray(0, -1), () => {
    const tookMs = outgoing.socket === null ? 0 : (cameAboutIn.get(outgoing.socket) ?? 0);
    // A timer comes before what the line has to say; its end is told in two steps.
    setTimeout(() => setImmediate(() => setImmediate(end)), Math.min(tookMs, LONGEST_HOLD_MS));
  });
}

class StaleConnection extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super('stale connection');
    this.failure = failure;
  }
}
