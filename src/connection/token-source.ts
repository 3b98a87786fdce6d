/**
 * Access tokens on demand: cached per tenant, app, user, credential and resource; fetched once however many ask at the
 * same time, in this process and in those that share the state; renewed before they end. Must not: know a grant or a
 * protocol.
 *
 * MSAL does not join parallel requests for the same token, and Entra answers loops with AADSTS50196.
 */
import { createHash } from 'node:crypto';
import { Failure, isFailure, type FailureCode } from '../errors/index.js';
import { acquireToken, type GrantRequest } from './grants/index.js';
import { keyOfHandle, type HeldToken, type TokenStore } from './token-store.js';

export type { HeldToken } from './token-store.js';

/** A token is renewed when less than this is left: time enough to sign in and read a while. */
export const RENEW_BEFORE_END_MS = 5 * 60 * 1000;

/** Waits where Microsoft says "later" without saying when. */
const DEFAULT_PAUSE_MS = 30_000;
/** However long an answer says: nobody should have to restart a process because of one. MSAL draws the same line. */
const MAX_PAUSE_MS = 60 * 60 * 1000;

export class TokenSource {
  readonly #store: TokenStore;
  readonly #now: () => number;
  readonly #tokens = new Map<string, HeldToken>();
  readonly #pending = new Map<string, Promise<HeldToken>>();
  /** Until when Microsoft asked not to be asked, and why, per token. */
  readonly #pauses = new Map<string, { readonly until: number; readonly code: FailureCode }>();

  constructor(store: TokenStore, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  /** A token with at least five minutes to live. @throws Failure of the sign-in codes */
  async get(request: GrantRequest): Promise<HeldToken> {
    const key = keyOf(request);
    const known = this.#tokens.get(key);
    return known !== undefined && this.#lasts(known) ? known : this.#fetch(key, request, undefined);
  }

  /**
   * A token other than the one given, which a server has refused: permissions granted after a token was issued
   * are not in it. Joins a renewal that is under way.
   */
  async replace(request: GrantRequest, refused: HeldToken): Promise<HeldToken> {
    const key = keyOf(request);
    const known = this.#tokens.get(key);
    return known !== undefined && known.value !== refused.value
      ? known
      : this.#fetch(key, request, refused.value);
  }

  /** Drops what this process holds for a stored sign-in that was renewed or disconnected. */
  forget(handle: string): void {
    const prefix = keyOfHandle(handle);
    for (const key of this.#tokens.keys()) if (key.startsWith(prefix)) this.#tokens.delete(key);
  }

  #lasts({ expiresAt }: HeldToken): boolean {
    return expiresAt - this.#now() > RENEW_BEFORE_END_MS;
  }

  #fetch(key: string, request: GrantRequest, refused: string | undefined): Promise<HeldToken> {
    let pending = this.#pending.get(key);
    if (pending === undefined) {
      pending = this.#renew(key, request, refused)
        .then((token) => {
          const now = this.#now();
          for (const [old, { expiresAt }] of this.#tokens) if (expiresAt <= now) this.#tokens.delete(old);
          this.#tokens.set(key, token);
          return token;
        })
        .finally(() => this.#pending.delete(key));
      this.#pending.set(key, pending);
    }
    return pending;
  }

  async #renew(key: string, request: GrantRequest, refused: string | undefined): Promise<HeldToken> {
    const shared = async (): Promise<HeldToken | undefined> => {
      const token = await this.#store.accessToken(key);
      return token !== undefined && token.value !== refused && this.#lasts(token) ? token : undefined;
    };
    const already = await shared();
    if (already !== undefined) return already;
    // One sign-in has one refresh token, whatever the resource; an app's tokens do not get into each other's way.
    const lock = handleOf(request) === undefined ? key : keyOfHandle(handleOf(request) ?? '');
    return this.#store.exclusively(lock, async () => (await shared()) ?? this.#acquire(key, request));
  }

  async #acquire(key: string, request: GrantRequest): Promise<HeldToken> {
    this.#respectPause(key, request);
    try {
      const token = await this.#grant(request);
      await this.#store.saveAccessToken(key, token);
      return token;
    } catch (error) {
      if (isFailure(error)) this.#pauseAfter(key, error);
      throw error;
    }
  }

  #pauseAfter(key: string, { kind, code, facts }: Failure): void {
    const asked = facts.retryAfterMs ?? (kind === 'throttled' ? DEFAULT_PAUSE_MS : 0);
    const pause = Math.min(asked, MAX_PAUSE_MS);
    if (pause > 0) this.#pauses.set(key, { until: this.#now() + pause, code });
  }

  /** MSAL's own throttling lives and dies with its application object, and is silent about the time; this one is not. */
  #respectPause(key: string, { cloud }: GrantRequest): void {
    const pause = this.#pauses.get(key);
    if (pause === undefined) return;
    const left = pause.until - this.#now();
    if (left > 0) {
      throw new Failure(pause.code, { parameters: { host: cloud.authorityHost }, retryAfterMs: left });
    }
    this.#pauses.delete(key);
  }

  async #grant(request: GrantRequest): Promise<HeldToken> {
    const handle = handleOf(request);
    if (handle === undefined) return held(await acquireToken(request), this.#now());
    const signIn = await this.#store.signIn(handle);
    if (signIn === undefined) throw new Failure('sign-in-needed');
    const token = await acquireToken(request, signIn.value.refreshToken);
    const now = this.#now();
    // Stored before the access token is used: if anything breaks from here on, the way back in is not lost.
    const kept = await this.#store.saveSignIn(
      handle,
      { ...signIn.value, refreshToken: token.refreshToken ?? signIn.value.refreshToken, lastUsedAt: now },
      signIn.version,
    );
    if (!kept && (await this.#store.signIn(handle)) === undefined) throw new Failure('sign-in-needed');
    return held(token, now);
  }
}

function held({ value, expiresAt }: Omit<HeldToken, 'obtainedAt'>, now: number): HeldToken {
  return { value, expiresAt, obtainedAt: now };
}

/** The stored sign-in that the connection names. @throws Failure sign-in-needed when it should and does not */
function handleOf({ authentication }: GrantRequest): string | undefined {
  if (authentication.method !== 'sign-in' && authentication.method !== 'device-code') return undefined;
  if (authentication.session === undefined) throw new Failure('sign-in-needed');
  return authentication.session;
}

/**
 * The credential is part of the key, as a hash: a test with a wrong secret must not succeed on the right one's token.
 * The tokens of a sign-in share a prefix, so that they can be forgotten together.
 */
function keyOf(request: GrantRequest): string {
  const { tenant, authentication, scopes, cloud, claims } = request;
  const identity = JSON.stringify([
    cloud.authorityHost,
    tenant.toLowerCase(),
    authentication,
    [...scopes].sort(),
    claims ?? '',
  ]);
  const hash = createHash('sha256').update(identity).digest('base64url');
  const handle = handleOf(request);
  return handle === undefined ? hash : `${keyOfHandle(handle)}.${hash}`;
}
