/**
 * The sending sessions of a run. Owns: that each is used by one message at a time, and again by the next of the same mailbox
 * as long as it lives; that a mailbox has no more of them than it may, all runs together.
 */
import type { Clock, Patience, SendingBudget } from '../../budget/index.js';
import { openSubmission, type Access } from '../../connection/index.js';
import type { SendTransport, SubmissionSession } from '../../mail/index.js';

/** Others may be waiting for the place of a session that nobody uses. */
const IDLE_MS = 5000;
/** A run whose records take turns between mailboxes comes back to them. */
const MOST_IDLE = 10;

interface Held {
  readonly mailbox: string;
  readonly session: SubmissionSession;
  readonly leave: () => Promise<void>;
  /** Ends the wait for the next message. */
  idle?: () => void;
}

export class SendingSessions {
  readonly #access: Access;
  readonly #transport: SendTransport;
  readonly #budget: SendingBudget;
  readonly #patience: Patience;
  readonly #clock: Clock;
  readonly #idle: Held[] = [];
  readonly #inUse = new Set<Held>();

  constructor(
    access: Access,
    transport: SendTransport,
    { budget, clock, patience }: { budget: SendingBudget; clock: Clock; patience: Patience },
  ) {
    this.#clock = clock;
    this.#access = access;
    this.#transport = transport;
    this.#budget = budget;
    this.#patience = patience;
  }

  /** @throws Failure of sign-in and network; too-many-connections */
  async take(mailbox: string): Promise<{ session: SubmissionSession; release: () => Promise<void> }> {
    const held = (await this.#waiting(mailbox)) ?? (await this.#opened(mailbox));
    this.#inUse.add(held);
    return {
      session: held.session,
      release: async () => {
        if (!this.#inUse.delete(held)) return;
        if (!held.session.usable) return ended(held);
        this.#idle.push(held);
        held.idle = this.#clock.after(IDLE_MS, () => void this.#retire(held));
      },
    };
  }

  async #opened(mailbox: string): Promise<Held> {
    const leave = await this.#budget.session(mailbox, this.#patience);
    try {
      const { signal } = this.#patience;
      const session = await openSubmission(this.#access, mailbox, this.#transport, {
        signal,
        beforeUpload: (bytes, inner) => this.#budget.upload(mailbox, bytes, inner),
      });
      return { mailbox, session, leave };
    } catch (error) {
      await leave().catch(() => undefined);
      throw error;
    }
  }

  async #waiting(mailbox: string): Promise<Held | undefined> {
    const at = this.#idle.findIndex((held) => held.mailbox === mailbox && held.session.usable);
    if (at !== -1) {
      const [held] = this.#idle.splice(at, 1);
      held?.idle?.();
      return held;
    }
    const gone = this.#idle.filter(({ session }) => !session.usable);
    const oldest = this.#idle.slice(0, Math.max(0, this.#idle.length - MOST_IDLE));
    await Promise.all([...new Set([...gone, ...oldest])].map((held) => this.#retire(held)));
    return undefined;
  }

  async #retire(held: Held): Promise<void> {
    const at = this.#idle.indexOf(held);
    if (at === -1) return;
    this.#idle.splice(at, 1);
    await ended(held);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#idle.splice(0), ...this.#inUse].map(ended));
    this.#inUse.clear();
  }
}

/** Never fails: what became of a message has to be said, and a place that cannot be given back comes free by itself. */
async function ended({ session, leave, idle }: Held): Promise<void> {
  idle?.();
  session.close();
  await leave().catch(() => undefined);
}
