/**
 * Translates what Microsoft Entra ID says through MSAL into failures: by AADSTS number first, by OAuth error
 * and HTTP status otherwise. Source of the numbers: learn.microsoft.com, "Microsoft Entra authentication and
 * authorization error codes". MSAL puts the number in `errorNo`, in `errorCode` (after its own throttling) or
 * only in the text, so all three are looked at.
 */
import { Failure, type FailureCode } from '../../errors/index.js';
import type { GrantRequest } from './grant.js';

const BY_NUMBER: Readonly<Record<string, FailureCode>> = {
  90002: 'tenant-not-found',
  900023: 'tenant-not-found',
  90019: 'tenant-must-be-named',
  50059: 'tenant-must-be-named',
  50194: 'tenant-must-be-named',
  9001023: 'tenant-must-be-named',
  700016: 'app-not-found',
  700011: 'app-not-found',
  7000112: 'app-disabled',
  70001: 'app-disabled',
  7000215: 'client-secret-wrong',
  70002: 'client-secret-wrong',
  7000222: 'client-secret-expired',
  7000216: 'client-secret-needed',
  7000218: 'client-secret-needed',
  700025: 'client-secret-not-wanted',
  50126: 'user-or-password-wrong',
  50034: 'user-not-found',
  51004: 'user-not-found',
  50053: 'user-locked',
  50057: 'user-disabled',
  50055: 'password-expired',
  50144: 'password-expired',
  50072: 'multi-factor-required',
  50074: 'multi-factor-required',
  50076: 'multi-factor-required',
  50078: 'multi-factor-required',
  50079: 'multi-factor-required',
  50158: 'multi-factor-required',
  65001: 'consent-missing',
  65004: 'consent-missing',
  90094: 'consent-missing',
  53000: 'sign-in-blocked-by-policy',
  53001: 'sign-in-blocked-by-policy',
  53002: 'sign-in-blocked-by-policy',
  53003: 'sign-in-blocked-by-policy',
  530032: 'sign-in-blocked-by-policy',
  530035: 'sign-in-blocked-by-policy',
  500011: 'mail-service-not-in-tenant',
  50001: 'mail-service-not-in-tenant',
  650052: 'mail-service-not-in-tenant',
  70011: 'scope-refused',
  28000: 'scope-refused',
  700022: 'scope-refused',
  1002012: 'scope-refused',
  90055: 'authority-throttled',
  90033: 'authority-unavailable',
  90006: 'authority-unavailable',
  90024: 'authority-unavailable',
  90090: 'authority-unavailable',
  50033: 'authority-unavailable',
  90012: 'authority-unavailable',
  50087: 'authority-unavailable',
};

const BY_MSAL_CODE: Readonly<Record<string, FailureCode>> = {
  missing_tenant_id_error: 'tenant-must-be-named',
  network_error: 'authority-unreachable',
  endpoints_resolution_error: 'authority-unreachable',
  openid_config_error: 'authority-unreachable',
  token_parsing_error: 'token-unusable',
};

interface MsalError {
  readonly errorCode?: unknown;
  readonly errorNo?: unknown;
  readonly errorMessage?: unknown;
  readonly message?: unknown;
  readonly status?: unknown;
  readonly correlationId?: unknown;
}

function numberIn(error: MsalError, text: string): string | undefined {
  const candidates = [error.errorNo, error.errorCode, /AADSTS(\d+)/u.exec(text)?.[1]];
  return candidates.map(String).find((candidate) => Object.hasOwn(BY_NUMBER, candidate));
}

function codeOf(error: MsalError, text: string): FailureCode {
  const number = numberIn(error, text);
  if (number !== undefined) return BY_NUMBER[number] ?? 'token-refused';
  if (error.status === 429) return 'authority-throttled';
  if (typeof error.status === 'number' && error.status >= 500) return 'authority-unavailable';
  return BY_MSAL_CODE[String(error.errorCode)] ?? 'token-refused';
}

/** Entra's description without the trace lines that follow it, which only a support request needs. */
function wordsOf(text: string): string {
  return text
    .replace(/^.*?Description:\s*/su, '')
    .replace(/(?:\r?\n|\s+Trace ID:).*$/su, '')
    .trim();
}

export function entraFailure(
  cause: unknown,
  request: GrantRequest,
  retryAfterMs: number | undefined,
): Failure {
  const error = (typeof cause === 'object' && cause !== null ? cause : {}) as MsalError;
  const text = String(error.errorMessage ?? error.message ?? cause);
  const code = codeOf(error, text);
  const { authentication, tenant, cloud } = request;
  return new Failure(code, {
    parameters: {
      tenant,
      clientId: authentication.clientId,
      host: cloud.authorityHost,
      ...('userName' in authentication ? { userName: authentication.userName } : {}),
    },
    serverText: wordsOf(text),
    ...(typeof error.correlationId === 'string' && error.correlationId !== ''
      ? { correlationId: error.correlationId }
      : {}),
    ...(code === 'authority-throttled' ? { retryAfterMs } : {}),
    cause,
  });
}
