/** What time it is, and how to wait for a later one. Owns: the one clock that budgets, leases and retries go by. */
import { setTimeout as pause } from 'node:timers/promises';

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** @throws the signal's reason */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** Calls back later, unless the answered function is called before. Keeps no process alive. */
  after(milliseconds: number, callback: () => void): () => void;
}

/** A longer wait is cut in pieces: timers take no more. */
const LONGEST_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(milliseconds, signal) {
    signal?.throwIfAborted();
    const end = Date.now() + milliseconds;
    for (let left = milliseconds; left > 0; left = end - Date.now()) {
      try {
        await pause(Math.min(left, LONGEST_MS), undefined, { signal });
      } catch (error) {
        signal?.throwIfAborted();
        throw error;
      }
    }
  },
  after(milliseconds, callback) {
    const timer = setTimeout(callback, Math.min(milliseconds, LONGEST_MS)).unref();
    return () => clearTimeout(timer);
  },
};
