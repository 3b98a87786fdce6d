/**
 * A refusal of the identity platform, thrown by whoever decides and rendered by the endpoint that was asked.
 * The numbers and texts are data (refusals/); no decision is taken here.
 */
import type { RefusalCode } from './refusals/index.js';
import { REFUSALS } from './refusals/index.js';
import type { Refusal } from './refusals/refusal.js';

export class TokenError extends Error {
  override readonly name = 'TokenError';
  readonly code: number;
  readonly refusal: Refusal;

  constructor(
    code: RefusalCode,
    parameters: Readonly<Record<string, string>> = {},
    changes: Partial<Refusal> = {},
  ) {
    const refusal: Refusal = { ...REFUSALS[code], ...changes };
    super(fill(refusal.text, parameters));
    this.code = code;
    this.refusal = refusal;
  }

  /** A refusal that need not be in the table. */
  static of(code: number, refusal: Refusal): TokenError {
    return Object.assign(new TokenError(90023), { code, refusal, message: fill(refusal.text, {}) });
  }
}

function fill(text: string, parameters: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/gu, (whole, name: string) => parameters[name] ?? whole);
}

export interface RefusalIds {
  readonly traceId: string;
  readonly correlationId: string;
}

/** The text after `error_description`, as Entra words it. `now` in milliseconds. */
export function describeRefusal(code: number, message: string, ids: RefusalIds, now: number): string {
  return (
    `AADSTS${code}: ${message}\r\nTrace ID: ${ids.traceId}\r\n` +
    `Correlation ID: ${ids.correlationId}\r\nTimestamp: ${timestampOf(now)}`
  );
}

/** The JSON body of a refusal. `now` in milliseconds. */
export function describeTokenError(
  { code, message, refusal }: Pick<TokenError, 'code' | 'message' | 'refusal'>,
  ids: RefusalIds,
  now: number,
): Record<string, unknown> {
  const challenge = { access_token: { capolids: { essential: true, values: [ids.traceId] } } };
  return {
    error: refusal.error,
    error_description: describeRefusal(code, message, ids, now),
    error_codes: [code],
    timestamp: timestampOf(now),
    trace_id: ids.traceId,
    correlation_id: ids.correlationId,
    error_uri: `https://login.microsoftonline.com/error?code=${code}`,
    ...(refusal.suberror === undefined ? {} : { suberror: refusal.suberror }),
    ...(refusal.claims === true ? { claims: JSON.stringify(challenge) } : {}),
    ...(typeof refusal.claims === 'string' ? { claims: refusal.claims } : {}),
  };
}

function timestampOf(now: number): string {
  return `${new Date(now).toISOString().slice(0, 19).replace('T', ' ')}Z`;
}
