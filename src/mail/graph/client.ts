/**
 * Calls Microsoft Graph for one mailbox. Owns: the token of each call, waiting when told to, the size of a JSON answer.
 * Must not: know what a call is for; the answer's meaning is the caller's.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Failure } from '../../errors/index.js';
import {
  HttpsClient,
  listenToGraph,
  untilAborted,
  type GraphListener,
  type HttpsCall,
  type HttpsReply,
  type Route,
} from '../../net/index.js';
import { jsonOf, restOf } from './answer.js';
import { errorOf, graphFailure, retryAfterMs, type GraphContext, type Subject } from './failures.js';
import { CALLS_AT_A_TIME, callsUnderWay, enterGate } from './gate.js';

export interface GraphTokens {
  current(): Promise<string>;
  /** After a 401; `claims` is the JSON of a claims challenge (continuous access evaluation). */
  replace(refused: string, claims?: string): Promise<string>;
}

export interface GraphCall {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below the mailbox, for example /messages; or whole, as a link of Graph gave it. */
  readonly path: string;
  readonly body?: unknown;
  /** Instead of `body`: a message (RFC 5322) in base64. */
  readonly mime?: string;
  /** Further preferences (RFC 7240) beside the one for immutable ids, which every call has. */
  readonly prefer?: string;
  readonly subject: Subject;
  /** As the HTTPS client's. */
  readonly once?: HttpsCall['once'];
  /** Instead of the client's own: for what is left to do when a run has been given up. */
  readonly signal?: AbortSignal;
  /** What the call takes, for texts; by default what its method does to messages. */
  readonly permission?: string;
}

export interface GraphStream {
  readonly pieces: AsyncIterable<Buffer>;
  /** To be called when the pieces are not wanted any more, whether they were asked for or not. */
  discard(): void;
}

const MAX_TRIES = 4;
/** Longer waits are the business of whoever runs the activity. */
const LONGEST_PAUSE_MS = 30_000;
const FIRST_PAUSE_MS = 1000;
const API = '/v1.0';

export class GraphClient {
  readonly context: GraphContext;
  readonly #tokens: GraphTokens;
  readonly #https: HttpsClient;
  readonly #signal: AbortSignal | undefined;
  readonly #listener: GraphListener | undefined;
  readonly #root: string;
  #closed = false;

  constructor(route: Route, tokens: GraphTokens, context: GraphContext, signal?: AbortSignal) {
    this.context = context;
    this.#tokens = tokens;
    this.#signal = signal;
    this.#https = new HttpsClient(route, context.port, CALLS_AT_A_TIME, signal);
    this.#listener = listenToGraph(route.tap, context.host, context.port);
    const isOwn = context.signedIn.toLowerCase() === context.mailbox.toLowerCase();
    // A private account has no name that /users/ would take.
    this.#root = isOwn ? `${API}/me` : `${API}/users/${encodeURIComponent(context.mailbox)}`;
  }

  get usable(): boolean {
    return !this.#closed;
  }

  /** Half of the mailbox's places are free. */
  get hasRoom(): boolean {
    return callsUnderWay(this.context.host, this.context.mailbox) <= CALLS_AT_A_TIME / 2;
  }

  close(): void {
    this.#closed = true;
    this.#https.close();
  }

  /** The answer as JSON; undefined when it has no body. @throws Failure */
  async json(call: GraphCall): Promise<unknown> {
    const { reply, leave } = await this.#send(call);
    try {
      return await jsonOf(reply);
    } finally {
      leave();
    }
  }

  /** For calls whose answer is their status: what else it says changes nothing. @throws Failure */
  async done(call: GraphCall): Promise<void> {
    const { reply, leave } = await this.#send(call);
    await restOf(reply);
    leave();
  }

  /** The answer's bytes as they come. Holds one of the mailbox's four places until its end. @throws Failure */
  async stream(call: GraphCall): Promise<GraphStream> {
    const { reply, leave } = await this.#send(call);
    return {
      pieces: piecesOf(reply, leave),
      discard() {
        reply.discard();
        leave();
      },
    };
  }

  /**
   * Path and query of a link that Graph gave, to be used as it is.
   * @throws Failure for a link to another host: a token must not go there
   */
  pathOf(link: string): string {
    const { origin, pathname, search } = new URL(link, `https://${this.context.host}`);
    if (origin !== `https://${this.context.host}` || !pathname.startsWith(`${API}/`)) {
      throw new Failure('server-answer-unexpected', { serverText: `a link to ${origin}` });
    }
    return `${pathname}${search}`;
  }

  async #send(call: GraphCall): Promise<{ reply: HttpsReply; leave: () => void }> {
    const signal = call.signal ?? this.#signal;
    for (let tries = 1; ; tries += 1) {
      signal?.throwIfAborted();
      const { host, mailbox } = this.context;
      const leave = await enterGate(host, mailbox);
      let wait: number;
      try {
        const reply = await this.#authorized(call, signal);
        if (reply.status >= 200 && reply.status < 300) return { reply, leave };
        const failure = await this.#refusal(reply, call);
        wait = retryAfterMs(reply.headers) ?? FIRST_PAUSE_MS * 2 ** (tries - 1);
        if (!mayRepeat(call.method, reply.status) || tries === MAX_TRIES || wait > LONGEST_PAUSE_MS) {
          throw failure;
        }
      } catch (error) {
        leave();
        throw error;
      }
      leave(); // a call that waits takes nobody's place
      await untilAborted(pause(wait), signal);
    }
  }

  /** One call with a token, and once more with another when that one is refused. */
  async #authorized(call: GraphCall, signal: AbortSignal | undefined): Promise<HttpsReply> {
    const token = await untilAborted(this.#tokens.current(), signal);
    const reply = await this.#call(call, token);
    if (reply.status !== 401) return reply;
    const claims = claimsOf(reply.headers['www-authenticate']);
    await restOf(reply);
    return this.#call(call, await untilAborted(this.#tokens.replace(token, claims), signal));
  }

  async #call(
    { method, path, body, mime, prefer, once, signal }: GraphCall,
    token: string,
  ): Promise<HttpsReply> {
    this.#listener?.learn(token);
    const whole = path.startsWith(`${API}/`) ? path : `${this.#root}${path}`;
    const text = mime ?? (body === undefined ? undefined : JSON.stringify(body));
    this.#listener?.request(method, whole, text?.length ?? 0);
    const reply = await this.#https.send({
      method,
      path: whole,
      headers: {
        authorization: `Bearer ${token}`,
        accept: '*/*',
        'client-request-id': randomUUID(),
        'return-client-request-id': 'true',
        'user-agent': 'm365-email-connector',
        prefer: ['IdType="ImmutableId"', ...(prefer === undefined ? [] : [prefer])].join(', '),
        ...(text === undefined
          ? {}
          : { 'content-type': mime === undefined ? 'application/json' : 'text/plain' }),
        ...(method === 'POST' && text === undefined ? { 'content-length': '0' } : {}),
      },
      body: text,
      once,
      signal,
    });
    if (reply.status < 400) this.#listener?.answer(reply.status, reply.headers);
    return reply;
  }

  async #refusal(reply: HttpsReply, { method, subject, ...call }: GraphCall): Promise<Failure> {
    const error = errorOf(await restOf(reply));
    this.#listener?.answer(reply.status, reply.headers, error?.code);
    const permission = call.permission ?? (method === 'GET' ? 'Mail.Read' : 'Mail.ReadWrite');
    return graphFailure(reply.status, reply.headers, error, { ...this.context, permission }, subject);
  }
}

/** 429 was refused before anything was done; after 503 and 504 nobody knows, so only what changes nothing is repeated. */
function mayRepeat(method: GraphCall['method'], status: number): boolean {
  return status === 429 || (method === 'GET' && (status === 503 || status === 504));
}

/** The claims that a challenge asks for: base64 of JSON in the header, JSON for the token request. */
function claimsOf(header: string | undefined): string | undefined {
  const mark = 'claims="';
  const start = header?.indexOf(mark) ?? -1;
  if (header === undefined || start === -1) return undefined;
  const value = header.slice(start + mark.length).split('"', 1)[0] ?? '';
  const text = Buffer.from(value, 'base64').toString('utf8');
  return text.startsWith('{') ? text : undefined;
}

async function* piecesOf(reply: HttpsReply, leave: () => void): AsyncGenerator<Buffer> {
  try {
    yield* reply.body;
  } finally {
    leave();
  }
}
