/**
 * The refresh tokens this tenant has handed out: opaque strings, good for any resource, idle for 90 days at most.
 * As with Entra, a new one does not revoke the old.
 */
import { randomBytes } from 'node:crypto';
import { TokenError } from './token-error.js';

interface RefreshTokenRecord {
  readonly clientId: string;
  readonly userPrincipalName: string;
  lastUsedAt: number;
}

const MAX_IDLE_MS = 90 * 86_400_000;

export class RefreshTokens {
  readonly #records = new Map<string, RefreshTokenRecord>();

  issue(clientId: string, userPrincipalName: string, now: number): string {
    const token = `0.${randomBytes(48).toString('base64url')}`;
    this.#records.set(token, { clientId, userPrincipalName, lastUsedAt: now });
    return token;
  }

  /** The UPN the token stands for. @throws TokenError 70000, 700082 */
  redeem(token: string, clientId: string, now: number): string {
    const record = this.#records.get(token);
    if (record?.clientId !== clientId) throw new TokenError(70000);
    if (now - record.lastUsedAt > MAX_IDLE_MS) {
      throw new TokenError(700082, { issued: new Date(record.lastUsedAt).toISOString() });
    }
    record.lastUsedAt = now;
    return record.userPrincipalName;
  }

  /** "Revoke sessions" for one user. */
  revoke(userPrincipalName: string): void {
    for (const [token, record] of this.#records) {
      if (record.userPrincipalName === userPrincipalName) this.#records.delete(token);
    }
  }
}
