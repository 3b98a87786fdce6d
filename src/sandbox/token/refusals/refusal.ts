/**
 * What a refusal of the identity platform consists of. Texts are Microsoft's where its documentation quotes them, and
 * short wording of our own where it does not.
 */

export interface Refusal {
  readonly error: string;
  readonly status: number;
  /** Placeholders {app}, {tenant}, … are filled in by whoever refuses. */
  readonly text: string;
  readonly suberror?: string;
  /** Entra adds a claims challenge, so that a client knows what to ask for next: one of ours, or this JSON. */
  readonly claims?: boolean | string;
  /** Sent as Retry-After. */
  readonly retryAfterSeconds?: number;
}

export type RefusalTable = Readonly<Record<number, Refusal>>;
