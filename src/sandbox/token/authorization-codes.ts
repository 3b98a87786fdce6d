/**
 * The authorization codes handed to browsers: good once, for ten minutes, for one app, redirect URI and tenant.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { SignInFacts } from './sign-in-facts.js';
import { TokenError } from './token-error.js';

export interface CodeChallenge {
  readonly method: 'S256' | 'plain';
  readonly value: string;
}

export interface CodeGrant {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly scope: string;
  readonly nonce: string | undefined;
  readonly challenge: CodeChallenge | undefined;
  readonly facts: SignInFacts;
}

export interface Redemption {
  readonly code: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly verifier: string | undefined;
  /** Of the tenant named in the path; absent for common and the like. */
  readonly tenantId: string | undefined;
}

const LIFETIME_MS = 10 * 60_000;
const VERIFIER = /^[\w.~-]{43,128}$/u;

export class AuthorizationCodes {
  readonly #codes = new Map<string, CodeGrant & { readonly expiresAt: number; isRedeemed: boolean }>();

  issue(grant: CodeGrant, now: number): string {
    const code = `1.${randomBytes(64).toString('base64url')}`;
    this.#codes.set(code, { ...grant, expiresAt: now + LIFETIME_MS, isRedeemed: false });
    return code;
  }

  /** @throws TokenError 70000, 54005, 70008, 700005, 50011, 50147, 501481 */
  redeem(redemption: Redemption, now: number): CodeGrant {
    const grant = this.#codes.get(redemption.code);
    if (grant?.clientId !== redemption.clientId) throw new TokenError(70000);
    if (grant.isRedeemed) throw new TokenError(54005);
    if (grant.expiresAt <= now) throw new TokenError(70008);
    if (redemption.tenantId !== undefined && redemption.tenantId !== grant.facts.tenantId) {
      throw new TokenError(700005);
    }
    if (redemption.redirectUri !== grant.redirectUri) {
      throw new TokenError(50011, { redirectUri: redemption.redirectUri, app: redemption.clientId });
    }
    checkVerifier(grant.challenge, redemption.verifier);
    grant.isRedeemed = true;
    return grant;
  }
}

function checkVerifier(challenge: CodeChallenge | undefined, verifier: string | undefined): void {
  if (challenge === undefined) {
    if (verifier !== undefined) throw new TokenError(501481);
    return;
  }
  if (verifier === undefined || !VERIFIER.test(verifier)) {
    throw new TokenError(50147, { parameter: 'code_verifier' });
  }
  const derived =
    challenge.method === 'plain' ? verifier : createHash('sha256').update(verifier).digest('base64url');
  if (derived !== challenge.value) throw new TokenError(501481);
}
