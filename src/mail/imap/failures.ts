/**
 * Translates what imapflow and an IMAP server report into failures. Status and code decide; the server's text
 * only where Exchange gives nothing else, and then in the table below, each line with its transcript in the tests.
 */
import { Failure, isFailure, type FailureCode } from '../../errors/index.js';
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

/** Exchange's texts (learn.microsoft.com and public transcripts). */
const EXCHANGE_TEXTS: readonly (readonly [RegExp, FailureCode])[] = [
  [/User is authenticated but not connected/iu, 'mailbox-not-opened'],
  [/AccessTokenExpired/iu, 'session-expired'],
  [/Request is throttled/iu, 'server-throttled'],
  [/Server Unavailable/iu, 'server-unavailable'],
];

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

function codeOf(error: ImapFlowError, text: string): FailureCode {
  const known = EXCHANGE_TEXTS.find(([pattern]) => pattern.test(text))?.[1];
  if (known !== undefined) return known;
  if (error.authenticationFailed === true) return 'imap-sign-in-refused';
  if (error.serverResponseCode === 'UNAVAILABLE') return 'server-unavailable';
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
  return new Failure(codeOf(error, text), {
    parameters: { host, port, mailbox, signedIn, trustee, ...(folder === undefined ? {} : { folder }) },
    serverText: text,
    retryAfterMs:
      backOffIn(text) ?? (typeof error.throttleReset === 'number' ? error.throttleReset : undefined),
    cause,
  });
}
