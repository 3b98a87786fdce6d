/**
 * Translates what Microsoft Entra ID says through MSAL into failures: by AADSTS number first, then by OAuth error or
 * MSAL's own code, then by HTTP status. What each of them means stands in catalogue/replies.json. MSAL puts the number
 * in `errorNo`, in `errorCode` (after its own throttling) or only in the text, so all three are looked at.
 */
import { Failure, tokenReply, type FailureCode, type KnownReply } from '../../errors/index.js';
import type { GrantRequest } from './grant.js';

interface MsalError {
  readonly errorCode?: unknown;
  readonly subError?: unknown;
  readonly errorNo?: unknown;
  readonly errorMessage?: unknown;
  readonly message?: unknown;
  readonly status?: unknown;
  readonly correlationId?: unknown;
}

function numbersIn(error: MsalError, text: string): string[] {
  return [error.errorNo, error.errorCode, /AADSTS(\d+)/u.exec(text)?.[1]]
    .map(String)
    .filter((candidate) => /^[1-9]\d{3,}$/u.test(candidate));
}

/** A number that the catalogue lacks still has an OAuth error beside it, which tells the kind of failure. */
function replyIn(error: MsalError, numbers: readonly string[], method: string): KnownReply | undefined {
  const oauth = String(error.errorCode);
  return tokenReply([...numbers, `${oauth}/${String(error.subError)}`, oauth], method);
}

function codeByStatus(status: unknown): FailureCode {
  if (status === 429) return 'authority-throttled';
  return typeof status === 'number' && status >= 500 ? 'authority-unavailable' : 'token-refused';
}

/** Entra's description without the trace lines that follow it, which only a support request needs. */
function wordsOf(text: string): string {
  return text
    .replace(/^.*?Description:\s*/su, '')
    .replace(/(?:\r?\n|\s+Trace ID:).*$/su, '')
    .trim();
}

/** The permissions by name: what a person finds in the portal. */
function permissionOf({ permissions, scopes }: GrantRequest): string {
  const names = permissions ?? scopes.map((scope) => scope.slice(scope.lastIndexOf('/') + 1));
  return names.join(', ');
}

export function entraFailure(
  cause: unknown,
  request: GrantRequest,
  retryAfterMs: number | undefined,
): Failure {
  const error = (typeof cause === 'object' && cause !== null ? cause : {}) as MsalError;
  const text = String(error.errorMessage ?? error.message ?? cause);
  const { authentication, tenant, cloud } = request;
  const numbers = numbersIn(error, text);
  const reply = replyIn(error, numbers, authentication.method);
  const code = reply?.code ?? codeByStatus(error.status);
  const [number] = numbers;
  return new Failure(code, {
    parameters: {
      tenant,
      clientId: authentication.clientId,
      host: cloud.authorityHost,
      permission: permissionOf(request),
      ...('userName' in authentication ? { userName: authentication.userName } : {}),
      ...(number === undefined ? {} : { number }),
    },
    reply: reply?.id,
    ...(number === undefined ? {} : { docs: `https://login.microsoftonline.com/error?code=${number}` }),
    serverText: wordsOf(text),
    ...(typeof error.correlationId === 'string' && error.correlationId !== ''
      ? { correlationId: error.correlationId }
      : {}),
    ...(code === 'authority-throttled' || code === 'authority-unavailable' ? { retryAfterMs } : {}),
    cause,
  });
}
