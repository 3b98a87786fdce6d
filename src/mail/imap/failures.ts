/**
 * Translates what imapflow and an IMAP server report into failures. Exchange often gives nothing but words: these
 * are looked up in the catalogue of replies; otherwise status and code decide.
 */
import { Failure, isFailure, serverReply, type FailureCode } from '../../errors/index.js';
import { networkFailure } from '../../net/index.js';

export interface ImapContext {
  readonly host: string;
  readonly port: number;
  readonly mailbox: string;
  /** Who the token was issued to, as a person reads it. */
  readonly signedIn: string;
  /** The same as Exchange's cmdlets name it. */
  readonly trustee: string;
  readonly folder?: string | undefined;
}

const CONNECTION_GONE = new Set([
  'NoConnection',
  'EConnectionClosed',
  'StateLogout',
  'ClosedAfterConnectTLS',
  'ClosedAfterConnectText',
]);
const TIMED_OUT = new Set(['CONNECT_TIMEOUT', 'GREETING_TIMEOUT', 'UPGRADE_TIMEOUT', 'ETIMEOUT']);

interface ImapFlowError {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly authenticationFailed?: unknown;
  readonly response?: unknown;
  readonly responseText?: unknown;
  readonly responseStatus?: unknown;
  readonly serverResponseCode?: unknown;
  readonly reason?: unknown;
  readonly throttleReset?: unknown;
}

function textOf(error: ImapFlowError): string {
  const parts = [error.responseText, error.response, error.reason, error.message];
  return parts.find((part): part is string => typeof part === 'string' && part !== '') ?? 'no text';
}

function backOffIn(text: string): number | undefined {
  const milliseconds = /Suggested Backoff Time:\s*(\d+)/iu.exec(text)?.[1];
  return milliseconds === undefined ? undefined : Number(milliseconds);
}

/** The server's line as it was on the wire, put together from the parts that imapflow makes of it. */
function lineOf(error: ImapFlowError, text: string): string {
  const { responseStatus, serverResponseCode, reason } = error;
  if (reason === text) return `* BYE ${text}`;
  const status = typeof responseStatus === 'string' ? [responseStatus] : [];
  const responseCode = typeof serverResponseCode === 'string' ? [`[${serverResponseCode}]`] : [];
  return [...status, ...responseCode, text].join(' ');
}

function codeOf(error: ImapFlowError): FailureCode {
  if (error.authenticationFailed === true) return 'imap-sign-in-refused';
  if (error.serverResponseCode === 'NONEXISTENT' || error.serverResponseCode === 'TRYCREATE')
    return 'folder-not-found';
  if (typeof error.code === 'string') {
    if (CONNECTION_GONE.has(error.code)) return 'connection-lost';
    if (TIMED_OUT.has(error.code)) return 'host-timed-out';
  }
  return 'server-answer-unexpected';
}

/** The failure for anything that an IMAP session threw or logged. */
export function imapFailure(cause: unknown, context: ImapContext): Failure {
  if (isFailure(cause)) return cause;
  const network = networkFailure(cause, context.host, context.port);
  if (network !== undefined) return network;
  const error = (
    typeof cause === 'object' && cause !== null ? cause : { message: String(cause) }
  ) as ImapFlowError;
  const text = textOf(error);
  const { host, port, mailbox, signedIn, trustee, folder } = context;
  const phase = error.authenticationFailed === true ? 'sign-in' : 'command';
  const reply = serverReply('imap', phase, lineOf(error, text));
  return new Failure(reply?.code ?? codeOf(error), {
    parameters: { host, port, mailbox, signedIn, trustee, ...(folder === undefined ? {} : { folder }) },
    reply: reply?.id,
    serverText: text,
    retryAfterMs:
      backOffIn(text) ?? (typeof error.throttleReset === 'number' ? error.throttleReset : undefined),
    cause,
  });
}
