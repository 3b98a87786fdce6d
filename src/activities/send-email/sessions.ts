/**
 * The sending sessions of a run. Owns: that each is used by one message at a time, and again by the next of the same mailbox
 * as long as it lives.
 */
import { openSubmission, type Access } from '../../connection/index.js';
import type { SendTransport, SubmissionSession } from '../../mail/index.js';

/** Exchange takes three submission connections of a mailbox (microsoft365: "432 4.3.2 Concurrent connections limit"). */
export const MAX_SESSIONS = 3;

interface Held {
  readonly mailbox: string;
  readonly session: SubmissionSession;
}

export class SendingSessions {
  readonly #access: Access;
  readonly #transport: SendTransport;
  readonly #signal: AbortSignal | undefined;
  readonly #idle: Held[] = [];
  readonly #inUse = new Set<Held>();

  constructor(access: Access, transport: SendTransport, signal: AbortSignal | undefined) {
    this.#access = access;
    this.#transport = transport;
    this.#signal = signal;
  }

  /** @throws Failure of sign-in and network */
  async take(mailbox: string): Promise<{ session: SubmissionSession; release: () => void }> {
    const held = this.#waiting(mailbox) ?? {
      mailbox,
      session: await openSubmission(this.#access, mailbox, this.#transport, this.#signal),
    };
    this.#inUse.add(held);
    return {
      session: held.session,
      release: () => {
        if (this.#inUse.delete(held)) this.#idle.push(held);
      },
    };
  }

  #waiting(mailbox: string): Held | undefined {
    const at = this.#idle.findIndex((held) => held.mailbox === mailbox && held.session.usable);
    if (at !== -1) return this.#idle.splice(at, 1)[0];
    // Nobody waits for the others: the run has come to another mailbox, or they are gone.
    for (const { session } of this.#idle.splice(0)) session.close();
    return undefined;
  }

  close(): void {
    for (const { session } of [...this.#idle, ...this.#inUse]) session.close();
    this.#idle.length = 0;
    this.#inUse.clear();
  }
}
