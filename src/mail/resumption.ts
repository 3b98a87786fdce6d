/**
 * When a broken session is opened anew, and how long is waited before. Owns: the limits of one run. Must not: know what
 * the session is for.
 */
import { setTimeout as after } from 'node:timers/promises';
import { isFailure, type Failure } from '../errors/index.js';

/** Waits before the first, second and third resume in a row, where the server states none. */
const PAUSES_MS = [200, 1000, 5000];
/** Resumes in a row, with nothing delivered in between. */
export const MAX_RESUMES_IN_A_ROW = 3;
/** Of waiting in all; longer waits are the business of whoever runs the activity. */
export const MAX_WAITING_MS = 2 * 60 * 1000;

export interface ResumeOptions {
  readonly signal?: AbortSignal | undefined;
  /** How often the first session is tried to be opened when connections are cut; default 2. */
  readonly openingTries?: number | undefined;
  /** Waits; rejects when the signal fires. */
  readonly pause?: ((milliseconds: number, signal: AbortSignal | undefined) => Promise<void>) | undefined;
  /** Told of every resume, after its wait. */
  readonly onResume?: ((failure: Failure, waitedMs: number) => void) | undefined;
}

export class Resumption {
  readonly #options: ResumeOptions;
  #inARow = 0;
  #waitedMs = 0;

  constructor(options: ResumeOptions) {
    this.#options = options;
  }

  /** Something was delivered since the last break. */
  progress(): void {
    this.#inARow = 0;
  }

  /** The end of a run that cannot go on: the signal's reason where it fired, else the error. */
  assertResumable(error: unknown, isSessionGone: boolean): asserts error is Failure {
    this.#options.signal?.throwIfAborted();
    if (!isFailure(error)) throw error;
    // A server that breaks the protocol and hangs up may do better at the next try; one that refuses does not.
    if (!error.retryable && !(isSessionGone && error.kind === 'protocol')) throw error;
    if (this.#inARow >= MAX_RESUMES_IN_A_ROW) throw error;
  }

  /** Waits as long as the failure says, or else longer each time. @throws the failure when that is too long */
  async wait(failure: Failure): Promise<void> {
    const { signal, pause = pauseFor, onResume } = this.#options;
    const base = PAUSES_MS[this.#inARow] ?? 0;
    // Half as long again at most: many that broke at the same moment shall not come back at the same moment.
    const ms = failure.facts.retryAfterMs ?? Math.round(base * (1 + Math.random() / 2));
    if (this.#waitedMs + ms > MAX_WAITING_MS) throw failure;
    this.#inARow += 1;
    this.#waitedMs += ms;
    await pause(ms, signal);
    signal?.throwIfAborted();
    onResume?.(failure, ms);
  }
}

async function pauseFor(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await after(milliseconds, undefined, { signal });
  } catch (error) {
    throw signal?.aborted === true ? signal.reason : error;
  }
}
