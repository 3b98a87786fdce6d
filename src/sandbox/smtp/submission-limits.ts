/**
 * Exchange Online's limits on what a mailbox submits, over SMTP and Graph together: three connections at a time, thirty
 * messages a minute, so many recipients a day. Owns: the counts, and the highest that each of them has been. Must not: refuse.
 */
import { SlidingCount } from './sliding-count.js';

const MAX_CONNECTIONS = 3;
const MAX_PER_MINUTE = 30;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** The most that a mailbox has had at a time, or within one window. */
export interface SubmissionPeaks {
  readonly connections: number;
  readonly messagesPerMinute: number;
  readonly recipientsPerDay: number;
}

class Counts {
  connections: object[] = [];
  peakConnections = 0;
  /** When the latest ones were let through. */
  due: number[] = [];
  readonly messages = new SlidingCount(MINUTE_MS);
  readonly recipients = new SlidingCount(DAY_MS);
}

export class SubmissionLimits {
  readonly #mailboxes = new Map<string, Counts>();

  /** Counts a signed-in connection; returns how to stop counting it. */
  enter(mailbox: string, connection: object): () => void {
    const counts = this.#of(mailbox);
    counts.connections = [...counts.connections, connection];
    counts.peakConnections = Math.max(counts.peakConnections, counts.connections.length);
    return () => (counts.connections = counts.connections.filter((other) => other !== connection));
  }

  /** The connections that came first may send; the later ones may not. */
  isOverConnectionLimit(mailbox: string, connection: object, limit = MAX_CONNECTIONS): boolean {
    return this.#of(mailbox).connections.indexOf(connection) >= limit;
  }

  /** Whether a message would bring the mailbox over what it may send in a day. */
  isOverQuota(mailbox: string, recipients: number, quota: number, now: number): boolean {
    return this.#of(mailbox).recipients.sum(now) + recipients > quota;
  }

  /** Books a submission and returns for how long it would be held back, in milliseconds. */
  book(mailbox: string, recipients: number, now: number): number {
    const counts = this.#of(mailbox);
    counts.messages.add(1, now);
    counts.recipients.add(recipients, now);
    const gate = counts.due.at(-MAX_PER_MINUTE);
    const due = gate === undefined ? now : Math.max(now, gate + MINUTE_MS);
    counts.due = [...counts.due.slice(-MAX_PER_MINUTE), due];
    return due - now;
  }

  peaks(mailbox: string): SubmissionPeaks {
    const { peakConnections, messages, recipients } = this.#of(mailbox);
    return {
      connections: peakConnections,
      messagesPerMinute: messages.peak,
      recipientsPerDay: recipients.peak,
    };
  }

  #of(mailbox: string): Counts {
    const counts = this.#mailboxes.get(mailbox) ?? new Counts();
    this.#mailboxes.set(mailbox, counts);
    return counts;
  }
}
