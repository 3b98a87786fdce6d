/**
 * Calls to one HTTPS host along a route, on connections that are kept and used again. Owns: the way to the host, the
 * deadlines, and that a body is read no faster than its consumer takes it. Must not: follow redirects, or interpret
 * an answer. For a single exchange with its whole answer: https-exchange.ts.
 */
import type { ClientRequest, IncomingMessage } from 'node:http';
import { Agent, request, type RequestOptions } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Failure, isFailure } from '../errors/index.js';
import { networkFailure } from './failures.js';
import { standsAfter } from './held-end.js';
import type { Route } from './policy.js';
import { startOf } from './tunnel.js';

export interface HttpsCall {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | undefined;
  /** Instead of the client's own. */
  readonly signal?: AbortSignal | undefined;
  readonly once?: OnceOptions | undefined;
}

/** begun: no server can have the call whole. left: one may. answered: one told what became of it. */
export type CallStage = 'begun' | 'left' | 'answered';

/** For a call that must not be carried out twice: its last byte leaves alone, and how far it came is told. */
export interface OnceOptions {
  /** The last byte waits until word of a line that was lost under the rest would be back. */
  readonly holdsEnd: boolean;
  /** @param status of the answer */
  readonly onStage: (stage: CallStage, status?: number) => void;
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

type OnSocket = (error: Error | null, socket: Duplex) => void;

/** How long connections took to come about: longer than a word there and back. */
const cameAboutIn = new WeakMap<Duplex, number>();

/** An agent whose connections begin in the tunnel that the route needs. */
class RouteAgent extends Agent {
  readonly #route: Route;

  constructor(route: Route, maxConnections: number) {
    super({ keepAlive: true, maxSockets: maxConnections, maxFreeSockets: maxConnections });
    this.#route = route;
  }

  override createConnection(options: RequestOptions, callback?: OnSocket): Duplex | null | undefined {
    const startedAt = performance.now();
    const timed = <Secured extends Duplex | null | undefined>(socket: Secured): Secured => {
      socket?.once('secureConnect', () => {
        cameAboutIn.set(socket, performance.now() - startedAt);
        // The agent's own noDelay does not reach TLS: head and body of a call would wait 40 ms for each other.
        (socket as unknown as Socket).setNoDelay(true);
      });
      return socket;
    };
    if (this.#route.proxy === undefined) return timed(super.createConnection(options, callback));
    startOf(this.#route).then(
      ({ socket }) => {
        const inTunnel = { ...options, socket } as RequestOptions;
        const secured = timed(super.createConnection(inTunnel, undefined));
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
    const signal = call.signal ?? this.#signal;
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
      outgoing.on('error', (error) => {
        done();
        const failure = this.#failureOf(error, signal);
        const stale = outgoing.reusedSocket && isFailure(failure) && failure.code === 'connection-lost';
        // The signal's reason is the caller's own value and is passed on as it is.
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
        reject(stale ? new StaleConnection(failure) : failure);
      });
      outgoing.on('response', (incoming) => {
        clearTimeout(deadline);
        incoming.once('close', done);
        call.once?.onStage('answered', incoming.statusCode);
        resolve(this.#reply(incoming, signal));
      });
      call.once?.onStage('begun');
      if (call.once === undefined) outgoing.end(call.body);
      else sendApart(outgoing, call.body, call.once);
    });
  }

  #reply(incoming: IncomingMessage, signal: AbortSignal | undefined): HttpsReply {
    // Reported to whoever reads; a body that nobody reads must not end the process.
    incoming.on('error', () => undefined);
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(incoming.headers)) {
      headers[name] = Array.isArray(value) ? value.join(', ') : (value ?? '');
    }
    return {
      status: incoming.statusCode ?? 0,
      headers,
      body: this.#pieces(incoming, signal),
      discard: () => incoming.destroy(),
    };
  }

  /** Waiting counts only while somebody waits: a consumer may take as long as it likes over a piece. */
  async *#pieces(incoming: IncomingMessage, signal: AbortSignal | undefined): AsyncGenerator<Buffer> {
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
      throw this.#failureOf(error, signal);
    } finally {
      if (!incoming.complete) incoming.destroy();
    }
    if (!incoming.complete) throw this.#failureOf(new Error('the answer broke off'), signal);
  }

  #failureOf(error: unknown, signal: AbortSignal | undefined): unknown {
    if (signal?.aborted === true) return signal.reason;
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

/** Sends a call so that its last byte leaves alone. */
function sendApart(outgoing: ClientRequest, body: string | Buffer | undefined, once: OnceOptions): void {
  const afterRest = (last: () => void): void => {
    const { socket } = outgoing;
    if (socket === null) return;
    const roundTripMs = once.holdsEnd ? (cameAboutIn.get(socket) ?? 0) : 0;
    void standsAfter(socket, roundTripMs).then((stands) => {
      if (outgoing.destroyed) return;
      if (!stands) {
        outgoing.destroy(new Error('socket hang up'));
        return;
      }
      once.onStage('left');
      last();
    });
  };
  if (body === undefined) {
    outgoing.once('socket', (socket) => splitNextWrite(socket, afterRest));
    outgoing.end();
    return;
  }
  const bytes = Buffer.from(body);
  outgoing.write(bytes.subarray(0, -1), () => afterRest(() => outgoing.end(bytes.subarray(-1))));
}

/** CR LF: without it no header is complete (RFC 9112 section 2.1). */
const EMPTY_LINE = 2;

type Write = (bytes: string, encoding: BufferEncoding, done?: (error?: Error | null) => void) => boolean;

/**
 * Of a call without a body, its header is what leaves last; Node writes that at once, and its API has no way between. A body
 * that nobody asks for would be no help: the server may act without it.
 */
function splitNextWrite(socket: Duplex, afterRest: (last: () => void) => void): void {
  const write = socket.write.bind(socket) as Write;
  const split: Write = (header, encoding, done) => {
    delete (socket as Partial<Duplex>).write; // the prototype's again
    return write(header.slice(0, -EMPTY_LINE), encoding, (error) => {
      if (error) done?.(error);
      else afterRest(() => write(header.slice(-EMPTY_LINE), encoding, done));
    });
  };
  socket.write = split as Duplex['write'];
}

class StaleConnection extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super('stale connection');
    this.failure = failure;
  }
}
