/**
 * Remembers what was asked of the token endpoint and how it ended, so that a test can say "one token request".
 * Holds no secret, password or token.
 */

export interface TokenRequestEntry {
  readonly at: number;
  readonly tenant: string;
  readonly grant: string;
  readonly clientId: string;
  readonly scope: string;
  /** The `claims` parameter as sent; absent when there was none. */
  readonly claims?: string;
  /** 'issued', or 'AADSTS…' with the number of the refusal. */
  readonly outcome: string;
  readonly status: number;
}

const MAX_ENTRIES = 10_000;

export class RequestLog {
  #entries: TokenRequestEntry[] = [];

  /** All token requests since the start or the last `clear`, oldest first. */
  get tokens(): readonly TokenRequestEntry[] {
    return this.#entries;
  }

  get issued(): number {
    return this.#entries.filter(({ outcome }) => outcome === 'issued').length;
  }

  get refused(): number {
    return this.#entries.length - this.issued;
  }

  clear(): void {
    this.#entries = [];
  }

  add(entry: TokenRequestEntry): void {
    this.#entries.push(entry);
    if (this.#entries.length > MAX_ENTRIES) this.#entries.shift();
  }
}
