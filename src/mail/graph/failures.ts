/**
 * Translates what Microsoft Graph answers into failures. The catalogue of replies decides by `error.code` and status;
 * where it knows nothing, the status alone does.
 */
import { Failure, serverReply, type FailureCode } from '../../errors/index.js';

export interface GraphContext {
  readonly host: string;
  readonly port: number;
  readonly mailbox: string;
  /** Who the token was issued to, as a person reads it; an address when a user signed in. */
  readonly signedIn: string;
  /** The same as Exchange's cmdlets name it. */
  readonly trustee: string;
  /** What the call takes, when it is known: for texts. */
  readonly permission?: string;
}

/** What a call is about: the same 404 means a message, a folder or the mailbox. */
export interface Subject {
  readonly kind: 'message' | 'folder' | 'mailbox' | 'search';
  /** Folder as its path, message as its id. */
  readonly name: string;
  /** What is searched for, as it was sent. */
  readonly expression?: string;
}

export interface GraphError {
  readonly code: string;
  readonly message: string;
}

const MISSING: Readonly<Record<Subject['kind'], FailureCode>> = {
  message: 'message-gone',
  folder: 'folder-not-found',
  mailbox: 'mailbox-not-found',
  search: 'folder-not-found',
};

/** The error of an answer (https://learn.microsoft.com/graph/errors); anything else has none. */
export function errorOf(body: unknown): GraphError | undefined {
  const { error } = (typeof body === 'object' && body !== null ? body : {}) as { error?: unknown };
  const { code, message } = (typeof error === 'object' && error !== null ? error : {}) as Record<
    string,
    unknown
  >;
  if (typeof code !== 'string') return undefined;
  return { code, message: typeof message === 'string' ? message : '' };
}

function codeOf(status: number, { kind }: Subject): FailureCode {
  if (status === 401) return 'graph-sign-in-refused';
  if (status === 403) return 'graph-access-denied';
  if (status === 404) return MISSING[kind];
  if (status === 410) return 'cursor-expired';
  if (status === 429) return 'server-throttled';
  if (status >= 500) return 'server-unavailable';
  return kind === 'search' && status === 400 ? 'search-expression-invalid' : 'server-answer-unexpected';
}

/** Retry-After in milliseconds: seconds, or a date (RFC 9110 section 10.2.3). */
export function retryAfterMs(headers: Readonly<Record<string, string>>): number | undefined {
  const value = headers['retry-after'];
  if (value === undefined) return undefined;
  const seconds = Number(value);
  const wait = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}

/** The failure for an answer that is none of 2xx. */
export function graphFailure(
  status: number,
  headers: Readonly<Record<string, string>>,
  error: GraphError | undefined,
  context: GraphContext,
  subject: Subject,
): Failure {
  const said = error === undefined ? '' : ` ${error.code}: ${error.message}`;
  // A claims challenge names itself in a header only (OpenID CAEP, RFC 9470).
  const challenged = (headers['www-authenticate'] ?? '').includes('insufficient_claims');
  const line = `${String(status)}${said}${challenged ? ' (insufficient_claims)' : ''}`;
  const known = serverReply('graph', 'command', line);
  const reply = known?.code === 'message-gone' && subject.kind !== 'message' ? undefined : known;
  const { host, port, mailbox, signedIn, trustee, permission = 'Mail.Read' } = context;
  const named =
    subject.kind === 'folder' || subject.kind === 'search'
      ? { folder: subject.name }
      : subject.kind === 'message'
        ? { message: subject.name }
        : {};
  const searched = subject.expression === undefined ? {} : { expression: subject.expression };
  return new Failure(reply?.code ?? codeOf(known?.code === 'message-gone' ? 404 : status, subject), {
    parameters: { host, port, mailbox, signedIn, trustee, permission, ...named, ...searched },
    reply: reply?.id,
    serverText: line,
    correlationId: headers['request-id'] ?? headers['client-request-id'],
    retryAfterMs: retryAfterMs(headers),
  });
}
