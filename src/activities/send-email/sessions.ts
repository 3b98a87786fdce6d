/** The sending session of a run. Owns: one open session at a time, reused while the mailbox stays the same and it lives. */
import { openSubmission, type Access } from '../../connection/index.js';
import type { SendTransport, SubmissionSession } from '../../mail/index.js';

export class SendingSessions {
  readonly #access: Access;
  readonly #transport: SendTransport;
  readonly #signal: AbortSignal | undefined;
  #open: { mailbox: string; session: SubmissionSession } | undefined;

  constructor(access: Access, transport: SendTransport, signal: AbortSignal | undefined) {
    this.#access = access;
    this.#transport = transport;
    this.#signal = signal;
  }

  /** @throws Failure of sign-in and network */
  async for(mailbox: string): Promise<SubmissionSession> {
    if (this.#open?.mailbox === mailbox && this.#open.session.usable) return this.#open.session;
    this.close();
    const session = await openSubmission(this.#access, mailbox, this.#transport, this.#signal);
    this.#open = { mailbox, session };
    return session;
  }

  close(): void {
    this.#open?.session.close();
    this.#open = undefined;
  }
}
