/**
 * Tokens that outlive a process: stored sign-ins with their refresh tokens, and access tokens that processes share.
 * Everything is sealed before it reaches the state port. Owns: keys, sealing, and mutual exclusion while one process
 * renews. Must not: talk to Microsoft.
 */
import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { placeOf, reseal, type State, type Vault } from '../state/index.js';
import type { SignedInAccount } from './grants/index.js';

const SIGN_INS = 'sign-ins';
const ACCESS_TOKENS = 'access-tokens';
const ATTEMPTS = 'sign-in-attempts';

/** Longer than the slowest token request can take (connecting and waiting, see NetPolicy). */
const LEASE_MS = 120_000;
const LEASE_POLL_MS = 60;

/** A user's sign-in, kept until it is renewed or disconnected. */
export interface StoredSignIn {
  readonly account: SignedInAccount;
  readonly refreshToken: string;
  /** Milliseconds since 1970. */
  readonly signedInAt: number;
  /** When the refresh token was used last: Microsoft forgets one that idles for 90 days. */
  readonly lastUsedAt: number;
}

export interface HeldToken {
  readonly value: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** When it was fetched, in milliseconds since 1970. */
  readonly obtainedAt: number;
}

export interface Versioned<T> {
  readonly value: T;
  readonly version: number;
}

/** The name under which a handle's entries lie: whoever reads the database learns no handle from it. */
export function keyOfHandle(handle: string): string {
  return createHash('sha256').update(handle).digest('base64url');
}

export class TokenStore {
  readonly #state: State;
  readonly #vault: Vault;

  constructor(state: State, vault: Vault) {
    this.#state = state;
    this.#vault = vault;
  }

  signIn(handle: string): Promise<Versioned<StoredSignIn> | undefined> {
    return this.#read<StoredSignIn>(SIGN_INS, keyOfHandle(handle));
  }

  /** False when the sign-in was changed by another meanwhile: renewed, or disconnected. */
  async saveSignIn(handle: string, signIn: StoredSignIn, expect: number | 'any'): Promise<boolean> {
    return this.#write(SIGN_INS, keyOfHandle(handle), signIn, { expect });
  }

  /** "Disconnect": the sign-in and the access tokens that came of it. False when there was none. */
  async forgetSignIn(handle: string): Promise<boolean> {
    const key = keyOfHandle(handle);
    await this.forgetAccessTokens(key);
    return this.#state.remove(SIGN_INS, key, { expect: 'any' });
  }

  async forgetAccessTokens(prefix: string): Promise<void> {
    for (const { key } of await this.#state.list(ACCESS_TOKENS, { prefix })) {
      await this.#state.remove(ACCESS_TOKENS, key, { expect: 'any' });
    }
  }

  async accessToken(key: string): Promise<HeldToken | undefined> {
    return (await this.#read<HeldToken>(ACCESS_TOKENS, key))?.value;
  }

  async saveAccessToken(key: string, token: HeldToken): Promise<void> {
    await this.#write(ACCESS_TOKENS, key, token, { expect: 'any', expiresAt: token.expiresAt });
  }

  async saveAttempt(handle: string, attempt: unknown, expiresAt: number): Promise<void> {
    await this.#write(ATTEMPTS, keyOfHandle(handle), attempt, { expect: 'absent', expiresAt });
  }

  attempt<T>(handle: string): Promise<Versioned<T> | undefined> {
    return this.#read<T>(ATTEMPTS, keyOfHandle(handle));
  }

  /** True for one caller only: an attempt is good for one answer. */
  takeAttempt(handle: string, version: number): Promise<boolean> {
    return this.#state.remove(ATTEMPTS, keyOfHandle(handle), { expect: version });
  }

  /** Runs the work while no other process runs work under that name. */
  async exclusively<T>(name: string, work: () => Promise<T>): Promise<T> {
    for (;;) {
      const lease = await this.#state.lease(`tokens/${name}`, { holder: randomUUID(), ttlMs: LEASE_MS });
      if (lease !== undefined) {
        try {
          return await work();
        } finally {
          await lease.release();
        }
      }
      await delay(LEASE_POLL_MS);
    }
  }

  async #read<T>(collection: string, key: string): Promise<Versioned<T> | undefined> {
    const entry = await this.#state.get(collection, key);
    if (entry === undefined) return undefined;
    const opened = this.#vault.open(entry.value as string, placeOf(collection, key));
    return { value: JSON.parse(opened) as T, version: entry.version };
  }

  async #write(
    collection: string,
    key: string,
    value: unknown,
    options: { expect: number | 'any' | 'absent'; expiresAt?: number },
  ): Promise<boolean> {
    const sealed = this.#vault.seal(JSON.stringify(value), placeOf(collection, key));
    return (await this.#state.put(collection, key, sealed, options)) !== undefined;
  }
}

/**
 * Seals everything anew that was sealed with an older key of the ring, so that the older key can go.
 * @returns how many entries @throws Failure state-unavailable, state-key-wrong
 */
export function resealTokens(state: State, vault: Vault): Promise<number> {
  return reseal(state, vault, [SIGN_INS, ACCESS_TOKENS, ATTEMPTS]);
}
