/**
 * What the browsers' session cookies stand for: the accounts signed in there, and how each of them proved itself.
 */
import { randomBytes } from 'node:crypto';
import type { Account } from '../directory/cloud.js';

export const SESSION_COOKIE = 'ESTSAUTH';

export interface SignedInAccount {
  readonly account: Account;
  /** Milliseconds since the epoch. */
  readonly authenticatedAt: number;
  readonly secondFactorProven: boolean;
}

export class BrowserSession {
  readonly id = randomBytes(24).toString('base64url');
  readonly #accounts = new Map<string, SignedInAccount>();

  get accounts(): SignedInAccount[] {
    return [...this.#accounts.values()];
  }

  find(userPrincipalName: string): SignedInAccount | undefined {
    return this.#accounts.get(userPrincipalName.toLowerCase());
  }

  remember(signedIn: SignedInAccount): void {
    this.#accounts.set(signedIn.account.user.userPrincipalName.toLowerCase(), signedIn);
  }
}

const MAX_SESSIONS = 1000;

export class BrowserSessions {
  readonly #sessions = new Map<string, BrowserSession>();

  /** The session of that id, or a new one. */
  open(id: string | undefined): BrowserSession {
    const known = id === undefined ? undefined : this.#sessions.get(id);
    if (known !== undefined) return known;
    const session = new BrowserSession();
    this.#sessions.set(session.id, session);
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size > MAX_SESSIONS && oldest !== undefined) this.#sessions.delete(oldest);
    return session;
  }

  /** Signs a browser out. */
  close(id: string | undefined): void {
    if (id !== undefined) this.#sessions.delete(id);
  }
}
