/**
 * Exchange Online's limits on client submission per mailbox: three connections at a time, thirty messages a minute.
 */

const MAX_CONNECTIONS = 3;
const MAX_PER_MINUTE = 30;
const MINUTE_MS = 60_000;

export class SubmissionLimits {
  readonly #connections = new Map<string, object[]>();
  readonly #submissions = new Map<string, number[]>();

  /** Counts a signed-in connection; returns how to stop counting it. */
  enter(mailbox: string, connection: object): () => void {
    this.#connections.set(mailbox, [...(this.#connections.get(mailbox) ?? []), connection]);
    return () => {
      const left = (this.#connections.get(mailbox) ?? []).filter((other) => other !== connection);
      this.#connections.set(mailbox, left);
    };
  }

  /** The connections that came first may send; the later ones may not. */
  isOverConnectionLimit(mailbox: string, connection: object, limit = MAX_CONNECTIONS): boolean {
    return (this.#connections.get(mailbox) ?? []).indexOf(connection) >= limit;
  }

  /** Books a submission and returns for how long it would be held back, in milliseconds. */
  book(mailbox: string, now: number): number {
    const recent = (this.#submissions.get(mailbox) ?? []).filter((at) => at > now - MINUTE_MS);
    const gate = recent.at(-MAX_PER_MINUTE);
    const due = gate === undefined ? now : Math.max(now, gate + MINUTE_MS);
    this.#submissions.set(mailbox, [...recent, due]);
    return due - now;
  }
}
