/**
 * Opens a signed-in IMAP connection with imapflow, its options set for safety. Owns: those options and the
 * last error that imapflow only logs. Must not: read mail.
 */
import type { ImapFlow } from 'imapflow';
import { listenToMail, startOf, type Route } from '../../net/index.js';
import { imapFailure, type ImapContext } from './failures.js';
import { listeningLog } from './listening.js';

/** One piece of a source is fetched at a time; nothing else that a server sends us comes near it. */
export const PIECE_BYTES = 2 * 1024 * 1024;
const MAX_LITERAL_BYTES = 16 * 1024 * 1024;

export interface ImapConnection {
  readonly client: ImapFlow;
  readonly context: ImapContext;
  readonly greeting: string;
  /**
   * Runs a command and throws where imapflow answers `false` or `undefined`: a refusal, or a dead
   * connection that would otherwise look like an empty mailbox.
   */
  run<T>(command: (client: ImapFlow) => Promise<T | false | undefined>, folder?: string): Promise<T>;
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
      ...(listener === undefined ? {} : listeningLog(listener)),
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
  client.on('error', () => undefined);
  const abort = (): void => client.close();
  signal?.addEventListener('abort', abort, { once: true });
  client.once('close', () => signal?.removeEventListener('abort', abort));

  const failureOf = (error: unknown, folder?: string): unknown => {
    if (signal?.aborted === true) return signal.reason;
    // What the server said on closing explains more than the command that was cut off by it.
    const { byeReason } = client;
    const cause =
      client.usable || byeReason === undefined ? error : { code: 'NoConnection', reason: byeReason };
    return imapFailure(cause, folder === undefined ? context : { ...context, folder });
  };

  try {
    await client.connect();
  } catch (error) {
    client.close(); // imapflow leaves the socket of a failed connect open
    throw signal?.aborted === true ? signal.reason : imapFailure(error, context);
  }
  return {
    client,
    context,
    greeting: client.greeting ?? '',
    async run(command, folder) {
      lastRefusal = undefined;
      let result;
      try {
        result = await command(client);
      } catch (error) {
        throw failureOf(error, folder);
      }
      if (result === false || result === undefined || !client.usable) {
        throw failureOf(client.usable ? lastRefusal : { code: 'NoConnection' }, folder);
      }
      return result;
    },
  };
}
