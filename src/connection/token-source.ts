/**
 * Access tokens on demand: cached per tenant, app, user, credential and resource; fetched once however many ask
 * at the same time; renewed before they end. Must not: know a grant or a protocol.
 *
 * MSAL does not join parallel requests for the same token, and Entra answers loops with AADSTS50196.
 */
import { createHash } from 'node:crypto';
import { acquireToken, type AccessToken, type GrantRequest } from './grants/index.js';

/** A token is renewed when less than this is left: time enough to sign in and read a while. */
export const RENEW_BEFORE_END_MS = 5 * 60 * 1000;

export interface HeldToken extends AccessToken {
  /** When it was fetched, in milliseconds since 1970. */
  readonly obtainedAt: number;
}

export class TokenSource {
  readonly #tokens = new Map<string, HeldToken>();
  readonly #pending = new Map<string, Promise<HeldToken>>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** A token with at least five minutes to live. @throws Failure of the sign-in codes */
  async get(request: GrantRequest): Promise<HeldToken> {
    const key = keyOf(request);
    const known = this.#tokens.get(key);
    if (known !== undefined && known.expiresAt - this.#now() > RENEW_BEFORE_END_MS) return known;
    return this.#fetch(key, request);
  }

  /**
   * A token other than the one given, which a server has refused: permissions granted after a token was issued
   * are not in it. Joins a renewal that is under way.
   */
  async replace(request: GrantRequest, refused: HeldToken): Promise<HeldToken> {
    const key = keyOf(request);
    const known = this.#tokens.get(key);
    return known !== undefined && known.value !== refused.value ? known : this.#fetch(key, request);
  }

  #fetch(key: string, request: GrantRequest): Promise<HeldToken> {
    let pending = this.#pending.get(key);
    if (pending === undefined) {
      pending = acquireToken(request)
        .then((token) => {
          const now = this.#now();
          for (const [old, { expiresAt }] of this.#tokens) if (expiresAt <= now) this.#tokens.delete(old);
          const held = { ...token, obtainedAt: now };
          this.#tokens.set(key, held);
          return held;
        })
        .finally(() => this.#pending.delete(key));
      this.#pending.set(key, pending);
    }
    return pending;
  }
}

/** The credential is part of the key, as a hash: a test with a wrong secret must not succeed on the right one's token. */
function keyOf({ tenant, authentication, scopes, cloud }: GrantRequest): string {
  const identity = JSON.stringify([
    cloud.authorityHost,
    tenant.toLowerCase(),
    authentication,
    [...scopes].sort(),
  ]);
  return createHash('sha256').update(identity).digest('base64url');
}
