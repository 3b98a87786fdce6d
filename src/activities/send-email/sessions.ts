/**
 * The sending sessions of a run. Owns: that each is used by one message at a time, and again by the next of the same mailbox
 * as long as it lives; that a mailbox has no more of them than it may, all runs together.
 */
import type { Clock, Patience, SendingBudget } from '../../budget/index.js';
import { openSubmission, type Access } from '../../connection/index.js';
import type { SendTransport, SubmissionSession } from '../../mail/index.js';

/** Others may be waiting for the place of a session that nobody uses. */
const IDLE_MS = 5000;

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
      await leave();
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
    // Nobody waits for the others: the run has come to another mailbox, or they are gone.
    await Promise.all(this.#idle.splice(0).map(ended));
    return undefined;
  }

  async #retire(held: Held): Promise<void> {
    const at = this.#idle.indexOf(held);
    if (at === -1) return;
    this.#idle.splice(at, 1);
    await ended(held).catch(() => undefined); // its place comes free by itself
  }

  /** Places that cannot be given back come free by themselves. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#idle.splice(0), ...this.#inUse].map(ended));
    this.#inUse.clear();
  }
}

function ended({ session, leave, idle }: Held): Promise<void> {
  idle?.();
  session.close();
  return leave();
}
