/**
 * How much a mailbox may send, whoever sends from it: counted in the state, so that all activities and agents that share it
 * stay within the limits together. Owns: what is granted, and the wait for it. Must not: send.
 *
 * Sliding windows, as Exchange has them. A message counts from before its first byte leaves until the window has passed since
 * its answer: the server counts it somewhere in between.
 */
import { randomUUID } from 'node:crypto';
import { Failure } from '../errors/index.js';
import type { FailureReport } from '../generated/types.js';
import type { State } from '../state/index.js';
import type { Clock } from './clock.js';
import { Forecast } from './forecast.js';
import { keepLease } from './kept-lease.js';
import { UPLOAD_WINDOW_MS, type KnownLimits } from './limits.js';
import { DAY_MARGIN_MS, sharesOf, type Share, type Weighed } from './windows.js';

/** For whom somebody waits, why and for how long. */
export interface Wait {
  readonly mailbox: string;
  /** What it would be without the wait. */
  readonly failure: FailureReport;
  readonly waitMs: number;
}

export interface Patience {
  /** A longer wait is refused instead. */
  readonly mostMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly onWait?: ((wait: Wait) => void) | undefined;
}

export interface Grant {
  /** To be called in the end. @param used false: nothing reached the server */
  end(used: boolean): Promise<void>;
}

/** Until a message of the mailbox has been timed. */
const GUESSED_PACE_MS = 500;
/** The latest message counts for so much of the pace. */
const PACE_WEIGHT = 10;
/** A process that ends without a word takes its sessions with it; their places come free after this. */
const SESSION_MS = 60_000;
const LOOK_AGAIN_MS = 500;
/** Exchange names no time with these, and its windows slide. */
const QUOTA_PAUSE_MS = 15 * 60 * 1000;

export class SendingBudget {
  readonly #state: State;
  readonly #clock: Clock;
  readonly #limits: KnownLimits;
  /** What the server itself has said: until when nothing more is asked of it. */
  readonly #closed = new Map<string, { readonly failure: Failure; readonly until: number }>();

  readonly #pace = new Map<string, number>();

  constructor(state: State, clock: Clock, limits: KnownLimits) {
    this.#state = state;
    this.#clock = clock;
    this.#limits = limits;
  }

  get connections(): number {
    return this.#limits.connections;
  }

  /** Reads what was spent so far when it comes to it. */
  forecast(): Forecast {
    return new Forecast(this.#limits, this.#clock.now(), (window, windowMs) =>
      this.#state.spendings(window, windowMs),
    );
  }

  /** Recipients that the mailbox may reach now. */
  async recipientsLeft(mailbox: string): Promise<number> {
    const [day] = sharesOf({ mailbox, recipients: [] }, this.#limits);
    if (day === undefined) return 0;
    const spendings = await this.#state.spendings(day.window, day.windowMs);
    return Math.max(0, day.limit - spendings.reduce((sum, { amount }) => sum + amount, 0));
  }

  /** How long a message of the mailbox took of late, in milliseconds; a guess before the first. */
  paceMs(mailbox: string): number {
    return this.#pace.get(mailbox.toLowerCase()) ?? GUESSED_PACE_MS;
  }

  /** The turn of a message; a Failure when it does not come in time, or never. @throws the signal's reason */
  async grant(message: Weighed, patience: Patience): Promise<Grant | Failure> {
    const id = randomUUID();
    const taken: { share: Share; at: number }[] = [];
    const giveBack = async (): Promise<void> => {
      for (const { share } of taken) await this.#count(share, id, 0);
    };
    const until = this.#clock.now() + patience.mostMs;
    try {
      const closed = await this.#untilOpen(message.mailbox, until, patience);
      if (closed !== undefined) return closed;
      for (const share of sharesOf(message, this.#limits)) {
        const refused = await this.#take(message.mailbox, share, id, until, patience);
        if (refused !== undefined) {
          await giveBack();
          return refused;
        }
        taken.push({ share, at: this.#clock.now() });
      }
    } catch (error) {
      await giveBack();
      throw error;
    }
    return {
      end: async (used) => {
        if (!used) return giveBack();
        this.#learn(message.mailbox, this.#clock.now() - (taken.at(-1)?.at ?? 0));
        for (const { share, at } of taken) {
          const margin = share.code === 'sending-rate-reached' ? 0 : DAY_MARGIN_MS;
          if (this.#clock.now() - at > margin) await this.#count(share, id, share.amount);
        }
      },
    };
  }

  /** What a server said about a mailbox as a whole holds for the messages behind, too. */
  heard(mailbox: string, failure: Failure): void {
    const isQuota = ['sending-quota-reached', 'external-recipient-limit-reached'].includes(failure.code);
    if (!isQuota && failure.code !== 'server-throttled') return;
    const pause = failure.facts.retryAfterMs ?? (isQuota ? QUOTA_PAUSE_MS : 0);
    const until = this.#clock.now() + pause;
    const known = this.#closed.get(mailbox.toLowerCase())?.until ?? this.#clock.now();
    if (until > known) this.#closed.set(mailbox.toLowerCase(), { failure, until });
  }

  /** One of the mailbox's sessions; answers how to give it back. @throws Failure too-many-connections */
  async session(mailbox: string, patience: Patience): Promise<() => Promise<void>> {
    const until = this.#clock.now() + patience.mostMs;
    for (let looked = 0; ; looked += 1) {
      for (let place = 0; place < this.#limits.connections; place += 1) {
        const name = `sending/session/${mailbox.toLowerCase()}/${String(place)}`;
        const lease = await this.#state.lease(name, { holder: randomUUID(), ttlMs: SESSION_MS });
        if (lease !== undefined) return keepLease(lease, SESSION_MS, this.#clock);
      }
      const busy = new Failure('too-many-connections', {
        parameters: { mailbox },
        retryAfterMs: LOOK_AGAIN_MS,
      });
      if (this.#clock.now() + LOOK_AGAIN_MS > until) throw busy;
      if (looked === 0) patience.onWait?.({ mailbox, failure: busy.toJSON(), waitMs: LOOK_AGAIN_MS });
      await this.#clock.sleep(LOOK_AGAIN_MS, patience.signal);
    }
  }

  /** Waits for the turn of bytes that are about to be uploaded. @throws the signal's reason */
  async upload(mailbox: string, bytes: number, signal: AbortSignal | undefined): Promise<void> {
    const window = `sending/upload/${mailbox.toLowerCase()}`;
    const { uploadedBytes } = this.#limits;
    for (;;) {
      const amount = Math.min(bytes, uploadedBytes);
      const spent = await this.#state.spend(window, {
        amount,
        limit: uploadedBytes,
        windowMs: UPLOAD_WINDOW_MS,
      });
      if (spent.granted) return;
      await this.#clock.sleep(spent.retryAfterMs, signal);
    }
  }

  #learn(mailbox: string, tookMs: number): void {
    const known = this.#pace.get(mailbox.toLowerCase()) ?? tookMs;
    this.#pace.set(mailbox.toLowerCase(), known + (tookMs - known) / PACE_WEIGHT);
  }

  async #untilOpen(mailbox: string, until: number, patience: Patience): Promise<Failure | undefined> {
    const name = mailbox.toLowerCase();
    for (let closed = this.#closed.get(name); closed !== undefined; closed = this.#closed.get(name)) {
      const waitMs = closed.until - this.#clock.now();
      const failure = new Failure(closed.failure.code, { ...closed.failure.facts, retryAfterMs: waitMs });
      if (closed.until > until) return failure;
      if (waitMs > 0) await this.#wait({ mailbox, failure: failure.toJSON(), waitMs }, patience);
      if (this.#closed.get(name) === closed) this.#closed.delete(name);
    }
    return undefined;
  }

  async #take(
    mailbox: string,
    share: Share,
    id: string,
    until: number,
    patience: Patience,
  ): Promise<Failure | undefined> {
    for (;;) {
      const spent = await this.#spend(share, id);
      if (spent.granted) return undefined;
      const { retryAfterMs: waitMs } = spent;
      if (share.amount > share.limit)
        return new Failure('too-many-recipients', { parameters: { mailbox, limit: share.limit } });
      const failure = new Failure(share.code, { parameters: { mailbox }, retryAfterMs: waitMs });
      if (this.#clock.now() + waitMs > until) return failure;
      await this.#wait({ mailbox, failure: failure.toJSON(), waitMs }, patience);
    }
  }

  #spend({ window, amount, limit, windowMs }: Share, id: string): ReturnType<State['spend']> {
    return this.#state.spend(window, { amount, limit, windowMs, id });
  }

  /** What happened is counted, limit or not. */
  async #count({ window, windowMs }: Share, id: string, amount: number): Promise<void> {
    await this.#state.spend(window, { amount, limit: Number.MAX_SAFE_INTEGER, windowMs, id });
  }

  async #wait(wait: Wait, { signal, onWait }: Patience): Promise<void> {
    onWait?.(wait);
    await this.#clock.sleep(wait.waitMs, signal);
  }
}
