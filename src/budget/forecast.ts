/**
 * When messages would leave that want to leave now. Owns: the run of time through the windows, without waiting for it. Must
 * not: spend.
 */
import type { Spending } from '../state/index.js';
import type { KnownLimits } from './limits.js';
import { sharesOf, type Weighed } from './windows.js';

class ForeseenWindow {
  readonly #entries: Spending[];
  #first = 0;
  #sum: number;

  constructor(spendings: readonly Spending[]) {
    this.#entries = [...spendings];
    this.#sum = spendings.reduce((sum, { amount }) => sum + amount, 0);
  }

  /** The first time from the given one on at which the amount fits; Infinity when it never does. */
  opensFor(amount: number, limit: number, windowMs: number, from: number): number {
    let time = from;
    let sum = this.#sum;
    for (let at = this.#first; at < this.#entries.length; at += 1) {
      const entry = this.#entries[at];
      if (entry === undefined) break;
      const hasLeft = entry.at + windowMs <= time;
      if (!hasLeft && sum + amount <= limit) break;
      time = Math.max(time, entry.at + windowMs);
      sum -= entry.amount;
    }
    return sum + amount <= limit ? time : Number.POSITIVE_INFINITY;
  }

  add(amount: number, now: number, windowMs: number): void {
    for (let entry = this.#entries[this.#first]; entry !== undefined; entry = this.#entries[this.#first]) {
      if (entry.at + windowMs > now) break;
      this.#sum -= entry.amount;
      this.#first += 1;
    }
    this.#entries.push({ at: now, amount });
    this.#sum += amount;
  }
}

export type SpendingsOf = (window: string, windowMs: number) => Promise<readonly Spending[]>;

export class Forecast {
  readonly #limits: KnownLimits;
  readonly #spendingsOf: SpendingsOf;
  readonly #windows = new Map<string, ForeseenWindow>();
  #now: number;

  constructor(limits: KnownLimits, now: number, spendingsOf: SpendingsOf) {
    this.#limits = limits;
    this.#spendingsOf = spendingsOf;
    this.#now = now;
  }

  /** Milliseconds since 1970: when the messages so far have left. */
  get now(): number {
    return this.#now;
  }

  /**
   * Lets the next message leave.
   * @param mostMs a longer wait is not begun @param takesMs until the one behind it can begin
   * @returns milliseconds it would have to wait beyond that; Infinity for ever; undefined when it leaves
   */
  async send(message: Weighed, mostMs: number, takesMs: number): Promise<number | undefined> {
    const shares = await Promise.all(
      sharesOf(message, this.#limits).map(async (share) => {
        const window =
          this.#windows.get(share.window) ??
          new ForeseenWindow(await this.#spendingsOf(share.window, share.windowMs));
        this.#windows.set(share.window, window);
        return { ...share, window };
      }),
    );
    // As the budget does: a window is asked once the ones before it have let the message through.
    const until = this.#now + mostMs;
    const taken: (() => void)[] = [];
    for (const { window, amount, limit, windowMs } of shares) {
      const opens = window.opensFor(amount, limit, windowMs, this.#now);
      if (opens > until) return opens - this.#now;
      this.#now = opens;
      taken.push(() => window.add(amount, opens, windowMs));
    }
    for (const take of taken) take();
    this.#now += takesMs;
    return undefined;
  }
}
