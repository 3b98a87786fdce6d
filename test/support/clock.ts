/** Clocks for tests. */
import { setTimeout as pause } from 'node:timers/promises';
import { systemClock, type Clock } from '../../src/budget/index.js';

/** Tells the given time; waits really. */
export const clockAt = (now: () => number): Clock => ({ ...systemClock, now });

/** Real time that those who are awake have before the next one is woken. */
const AWAKE_MS = 2;

interface Sleeper {
  readonly at: number;
  readonly background: boolean;
  readonly wake: () => void;
}

/**
 * A clock whose time passes only while somebody waits for it: then it goes to where the next one wants to wake. Those who
 * share it share its time.
 */
export class DrivenClock implements Clock {
  #now: number;
  #sleepers: Sleeper[] = [];
  #driving = false;

  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const leave = (): void => {
        forget();
        reject(signal?.reason as Error);
      };
      const wake = (): void => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      const forget = this.#add({ at: this.#now + milliseconds, background: false, wake });
      signal?.addEventListener('abort', leave, { once: true });
    });
  }

  after(milliseconds: number, callback: () => void): () => void {
    return this.#add({ at: this.#now + milliseconds, background: true, wake: callback });
  }

  #add(sleeper: Sleeper): () => void {
    this.#sleepers.push(sleeper);
    void this.#drive();
    return () => void (this.#sleepers = this.#sleepers.filter((one) => one !== sleeper));
  }

  async #drive(): Promise<void> {
    if (this.#driving) return;
    this.#driving = true;
    await pause(AWAKE_MS);
    while (this.#sleepers.some(({ background }) => !background)) {
      const next = this.#sleepers.reduce((one, other) => (other.at < one.at ? other : one));
      this.#sleepers = this.#sleepers.filter((one) => one !== next);
      this.#now = Math.max(this.#now, next.at);
      next.wake();
      await pause(AWAKE_MS);
    }
    this.#driving = false;
  }
}
