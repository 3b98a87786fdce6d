/**
 * Opens a signed-in IMAP connection with imapflow, its options set for safety. Owns: those options and the
 * last error that imapflow only logs. Must not: read mail.
 */
import type { Readable, Writable } from 'node:stream';
import type { ImapFlow } from 'imapflow';
import { listenToMail, startOf, type Route } from '../../net/index.js';
import { imapFailure, type ImapContext } from './failures.js';
import { FetchTap, type FetchTaker } from './fetch-tap.js';
import { listeningLog } from './listening.js';

/** Of a large source so much is asked for at a time; nothing else that a server sends us comes near it. */
export const WINDOW_BYTES = 16 * 1024 * 1024;
const MAX_LITERAL_BYTES = WINDOW_BYTES;

export interface ImapConnection {
  readonly client: ImapFlow;
  readonly context: ImapContext;
  readonly greeting: string;
  /**
   * Runs a command and throws where imapflow answers `false` or `undefined`: a refusal, or a dead
   * connection that would otherwise look like an empty mailbox.
   */
  run<T>(command: (client: ImapFlow) => Promise<T | false | undefined>, folder?: string): Promise<T>;
  /**
   * Sends a command as it is written here; untagged answers go to the function named like them. For what imapflow has no
   * method for, or whose answer it would alter: it decodes parameters of BODYSTRUCTURE, quotes searches its own way, and
   * swallows the words of a refusal.
   * @param text the arguments, without any line break (imapflow refuses one)
   */
  command(name: string, text: string, answers?: UntaggedAnswers, folder?: string): Promise<TaggedReply>;
  /** Sends UID FETCH; its answers go to the taker. */
  fetch(text: string, taker: FetchTaker, folder: string): Promise<void>;
}

/** A value in an answer of the server: NIL, a list, or a token; a literal comes as bytes. */
export type ImapValue = null | ImapToken | readonly ImapValue[];

export interface ImapToken {
  readonly type: string;
  readonly value?: string | Buffer;
  /** What stands in brackets behind it: BODY[HEADER], [COPYUID 1 2 3]. */
  readonly section?: readonly ImapValue[];
}

export interface ImapAnswer {
  /** The keyword, or the number in front of it. */
  readonly command: string;
  readonly attributes?: readonly ImapValue[];
}

export type UntaggedAnswers = Readonly<Record<string, (answer: ImapAnswer) => void>>;
export type TaggedReply = ImapAnswer;

/** What imapflow's own commands are made of. Not in its types, hence the exact version in package.json. */
interface CommandSender {
  exec(
    name: string,
    attributes: readonly { readonly type: 'TEXT'; readonly value: string }[],
    options: { readonly untagged: Readonly<Record<string, (answer: ImapAnswer) => Promise<void>>> },
  ): Promise<{ readonly response: TaggedReply; next(): void }>;
}

/** imapflow reads what the socket is piped to; when it compresses, it puts a stream in between as well. */
interface Plumbing {
  readonly socket: Readable;
  readonly streamer: Writable;
}

/**
 * @throws Failure host-*, certificate-not-trusted, imap-sign-in-refused, mailbox-not-opened, connection-lost, server-*, proxy-*
 */
export async function connectImap(
  route: Route,
  accessToken: string,
  context: ImapContext,
  signal?: AbortSignal,
): Promise<ImapConnection> {
  signal?.throwIfAborted();
  // imapflow reports a refused command by logging it and returning false: the log is the only place for the reason.
  let lastRefusal: unknown;
  const note = (entry: unknown): void => {
    const { err } = entry as { err?: unknown };
    if (err !== undefined) lastRefusal = err;
  };
  const quiet = (): void => undefined;
  const listening = { isTapped: false };
  // Loaded at the first connection: a host that only shows forms pays for no mail library.
  const { ImapFlow } = await import('imapflow');
  // imapflow would know proxies by itself, but not whose certificate to trust, nor how to tell their answers apart.
  const listener = listenToMail(route.tap, 'imap', route.serverName, context.port);
  listener?.learn(accessToken);
  const start = await startOf(route, signal);
  const client = new ImapFlow({
    host: route.host,
    port: route.port,
    secure: true,
    servername: route.serverName,
    tls: {
      secureContext: route.secureContext,
      ...(start.socket === undefined ? {} : { socket: start.socket }),
    },
    auth: { user: context.mailbox, accessToken },
    logRaw: listener !== undefined,
    logger: {
      trace: quiet,
      debug: quiet,
      ...(listener === undefined ? {} : listeningLog(listener, listening)),
      info: note,
      warn: note,
      error: note,
    },
    clientInfo: { name: 'm365-email-connector' },
    // Exchange answers ENABLE IMAP4rev2 and then fails at searches (MailKit issue 2016).
    disableIMAP4rev2: true,
    disableAutoEnable: true,
    disableAutoIdle: true,
    // Eight times slower on a fast link.
    disableCompression: true,
    connectionTimeout: start.connectTimeoutMs,
    greetingTimeout: route.connectTimeoutMs,
    socketTimeout: route.idleTimeoutMs,
    maxLiteralSize: MAX_LITERAL_BYTES,
  });
  // Without a listener an 'error' event ends the process; the pending command rejects as well and is what counts.
  let underWay = 0;
  let silence: Error | undefined;
  client.on('error', (error: Error & { readonly code?: unknown }) => {
    // All that a command then learns from imapflow is that the connection has gone. Nobody owes an answer to nothing.
    if (error.code === 'ETIMEOUT' && underWay > 0) silence = error;
  });
  const abort = (): void => client.close();
  signal?.addEventListener('abort', abort, { once: true });
  client.once('close', () => signal?.removeEventListener('abort', abort));

  const failureOf = (error: unknown, folder?: string): unknown => {
    if (signal?.aborted === true) return signal.reason;
    // What the server said on closing explains more than the command that was cut off by it.
    const { byeReason } = client;
    const said = byeReason === undefined ? undefined : { code: 'NoConnection', reason: byeReason };
    const cause = client.usable ? error : (said ?? silence ?? error);
    return imapFailure(cause, folder === undefined ? context : { ...context, folder });
  };

  try {
    await client.connect();
  } catch (error) {
    client.close(); // imapflow leaves the socket of a failed connect open
    throw signal?.aborted === true ? signal.reason : imapFailure(error, context);
  }
  const tap = tapOf(client, listener === undefined ? undefined : (bytes) => listener.server(bytes));
  listening.isTapped = true;
  /** Answers go to one taker at a time. */
  let lastFetch: Promise<void> = Promise.resolve();
  const connection: ImapConnection = {
    client,
    context,
    greeting: client.greeting ?? '',
    async run(command, folder) {
      lastRefusal = undefined;
      let result;
      underWay += 1;
      try {
        result = await command(client);
      } catch (error) {
        throw failureOf(error, folder);
      } finally {
        underWay -= 1;
      }
      if (result === false || result === undefined || !client.usable) {
        throw failureOf(client.usable ? lastRefusal : { code: 'NoConnection' }, folder);
      }
      return result;
    },
    async command(name, text, answers = {}, folder) {
      const handlers = Object.entries(answers).map(([keyword, take]) => [
        keyword,
        // imapflow waits for it; what it throws would be logged and forgotten.
        (answer: ImapAnswer) => {
          take(answer);
          return Promise.resolve();
        },
      ]);
      underWay += 1;
      try {
        const reply = await (client as unknown as CommandSender).exec(
          name,
          text === '' ? [] : [{ type: 'TEXT', value: text }],
          { untagged: Object.fromEntries(handlers) as Record<string, (answer: ImapAnswer) => Promise<void>> },
        );
        reply.next();
        return reply.response;
      } catch (error) {
        throw failureOf(withResponseCode(error), folder);
      } finally {
        underWay -= 1;
      }
    },
    fetch(text, taker, folder) {
      const sent = lastFetch.then(async () => {
        tap.handTo(taker);
        try {
          await connection.command('UID FETCH', text, {}, folder);
        } finally {
          tap.handTo(undefined);
        }
      });
      lastFetch = sent.catch(() => undefined);
      return sent;
    },
  };
  return connection;
}

function tapOf(client: ImapFlow, listen: ((bytes: Buffer) => void) | undefined): FetchTap {
  const { socket, streamer } = client as unknown as Plumbing;
  const tap = new FetchTap(MAX_LITERAL_BYTES, listen);
  tap.once('error', (error) => streamer.destroy(error)); // as if imapflow had found it out
  socket.unpipe(streamer);
  socket.pipe(tap).pipe(streamer);
  return tap;
}

/** The code in brackets of a response: [TRYCREATE], [COPYUID 7 1:2 5:6]. */
export function responseCodeOf(response: ImapAnswer): readonly string[] {
  const [first] = response.attributes ?? [];
  const section = first === null || first === undefined || isList(first) ? undefined : first.section;
  return (section ?? []).map((value) => textOf(value) ?? '');
}

export function isList(value: ImapValue | undefined): value is readonly ImapValue[] {
  return Array.isArray(value);
}

/** A string, atom or number as text; undefined for NIL and lists. */
export function textOf(value: ImapValue | undefined): string | undefined {
  if (value === null || value === undefined || isList(value)) return undefined;
  return typeof value.value === 'string' ? value.value : value.value?.toString('latin1');
}

/** imapflow's own commands note the response code of a refusal; exec() leaves that to them. */
function withResponseCode(error: unknown): unknown {
  const response = (error as { response?: ImapAnswer } | undefined)?.response;
  if (response === undefined || typeof response !== 'object') return error;
  const [serverResponseCode] = responseCodeOf(response);
  return serverResponseCode === undefined
    ? error
    : Object.assign(error as object, { serverResponseCode: serverResponseCode.toUpperCase() });
}
