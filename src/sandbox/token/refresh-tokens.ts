/**
 * The refresh tokens handed out: opaque strings, good for any resource, idle for 90 days at most. As with Entra, a new
 * one does not revoke the old, unless the strict mode asks for it.
 */
import { randomBytes } from 'node:crypto';
import type { ClientCredential } from './claims.js';
import type { SignInFacts } from './sign-in-facts.js';
import { TokenError } from './token-error.js';

export interface RefreshGrant {
  readonly clientId: string;
  /** What the app proved itself with when the token was issued; a token of a confidential client stays one. */
  readonly credential: ClientCredential;
  readonly facts: SignInFacts;
}

interface RefreshTokenRecord extends RefreshGrant {
  issuedAt: number;
  lastUsedAt: number;
  authenticatedAt: number;
}

const DAY_MS = 86_400_000;
const MAX_IDLE_MS = 90 * DAY_MS;
/** Fixed for tokens that came through a redirect URI of type SPA. */
const SPA_LIFETIME_MS = DAY_MS;

export class RefreshTokens {
  /** Not Microsoft's behaviour: a token that was used is worth nothing, so that a client which keeps the old one fails. */
  revokeOldRefreshTokens = false;
  readonly #records = new Map<string, RefreshTokenRecord>();

  issue(grant: RefreshGrant, now: number): string {
    const token = `1.${randomBytes(96).toString('base64url')}`;
    const { authenticatedAt } = grant.facts;
    this.#records.set(token, { ...grant, issuedAt: now, lastUsedAt: now, authenticatedAt });
    return token;
  }

  /**
   * What the token stands for. `issuedAt` lets the caller compare with the user's revocation date.
   * @throws TokenError 70000, 700084, 700082
   */
  redeem(token: string, clientId: string, now: number): RefreshGrant & { readonly issuedAt: number } {
    const record = this.#records.get(token);
    if (record?.clientId !== clientId) throw new TokenError(70000);
    const { facts, issuedAt, authenticatedAt } = record;
    if (facts.redirectType === 'spa' && now - authenticatedAt > SPA_LIFETIME_MS) {
      throw new TokenError(700084, { issued: new Date(authenticatedAt).toISOString() });
    }
    if (now - record.lastUsedAt > MAX_IDLE_MS) {
      throw new TokenError(700082, { issued: new Date(record.lastUsedAt).toISOString() });
    }
    record.lastUsedAt = now;
    if (this.revokeOldRefreshTokens) this.#records.delete(token);
    return {
      clientId,
      credential: record.credential,
      facts: { ...facts, authenticatedAt },
      issuedAt,
    };
  }

  /** Makes every token handed out so far older by so many milliseconds, as if that time had passed; negative: younger. */
  age(milliseconds: number): void {
    for (const record of this.#records.values()) {
      record.issuedAt -= milliseconds;
      record.lastUsedAt -= milliseconds;
      record.authenticatedAt -= milliseconds;
    }
  }

  /** Forgets every token of one user: they are refused as malformed (70000). Returns how to remember them again. */
  revoke(userPrincipalName: string): () => void {
    const wanted = userPrincipalName.toLowerCase();
    const forgotten = [...this.#records].filter(
      ([, { facts }]) => facts.userPrincipalName.toLowerCase() === wanted,
    );
    for (const [token] of forgotten) this.#records.delete(token);
    return () => {
      for (const [token, record] of forgotten) this.#records.set(token, record);
    };
  }
}
