/**
 * Reads the claims of an access token for diagnosis. Decodes only: a client cannot and must not validate
 * a token that is meant for the server (learn.microsoft.com, "Access tokens in the Microsoft identity platform").
 */

export interface TokenClaims {
  readonly aud?: string;
  readonly tid?: string;
  /** Application id: `appid` in v1 tokens, `azp` in v2 tokens. */
  readonly appid?: string;
  readonly azp?: string;
  /** User principal name; absent in app-only tokens. */
  readonly upn?: string;
  /** Object id; of the enterprise application in app-only tokens. */
  readonly oid?: string;
  /** Application permissions. */
  readonly roles?: readonly string[];
  /** Delegated permissions, separated by blanks. */
  readonly scp?: string;
  /** Seconds since 1970. */
  readonly iat?: number;
  readonly nbf?: number;
  readonly exp?: number;
}

/** The claims, or undefined for an opaque token (personal accounts get those) or one that cannot be decoded. */
export function readClaims(accessToken: string): TokenClaims | undefined {
  const [, payload, signature] = accessToken.split('.');
  if (payload === undefined || signature === undefined) return undefined;
  try {
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as unknown;
    return typeof claims === 'object' && claims !== null ? claims : undefined;
  } catch {
    return undefined;
  }
}

/** Application and delegated permissions that the token carries. */
export function permissionsIn(claims: TokenClaims): string[] {
  return [...(claims.roles ?? []), ...(claims.scp ?? '').split(' ').filter((scope) => scope !== '')];
}
