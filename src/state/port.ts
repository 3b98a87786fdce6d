/**
 * The state port: everything the product has to remember goes through here: sign-ins and tokens, what tests found, reading
 * positions, what was sent, how much a mailbox may still send, how runs ended. Owns: the contract, which
 * test/state/contract.ts holds against every implementation. Must not: know what is kept, or where.
 *
 * Times are milliseconds since 1970, durations are milliseconds. Every method throws Failure `state-unavailable` when the
 * place cannot be read or written, and a TypeError for arguments that arguments.ts refuses (a mistake of the caller).
 * A promise that is fulfilled after a write means that the write outlives the process, where the implementation does.
 */

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export interface StateEntry {
  readonly key: string;
  /** A copy: to change it changes nothing. */
  readonly value: Json;
  /** Another number after every write, never reused for the key. Says nothing about order. */
  readonly version: number;
  readonly expiresAt?: number;
}

/** What must be there for a write to happen: this version, nothing, or whatever it is. */
export type Expected = number | 'absent' | 'any';

export interface PutOptions {
  readonly expect: Expected;
  /** From then on the entry is as if it had never been written. */
  readonly expiresAt?: number | undefined;
}

/** One of several writes that happen together or not at all; without a value it removes. */
export interface StateWrite extends PutOptions {
  readonly collection: string;
  readonly key: string;
  readonly value?: Json;
}

export interface CommitOptions {
  /** Nothing is written once this lease is lost: what its holder began, nobody else has begun meanwhile. */
  readonly under?: Lease | undefined;
}

export interface ListOptions {
  /** Only keys that begin so. */
  readonly prefix?: string;
  /** Only keys behind this one, in the order of the list. For the next page: the last key of this one. */
  readonly after?: string;
  /** Default 1000. */
  readonly limit?: number;
  /** The greatest key first. */
  readonly descending?: boolean;
}

export interface Lease {
  readonly name: string;
  /** Grows with every lease of that name: whoever holds a lower one has lost it. */
  readonly fence: number;
  /** False when it was lost meanwhile. */
  renew(ttlMs: number): Promise<boolean>;
  release(): Promise<void>;
}

export interface LeaseOptions {
  /**
   * Who asks. The holder itself gets the lease again before it has ended, with a new fence, and its earlier one is lost:
   * so a process that was started anew need not wait for itself. Tasks that exclude each other need names of their own.
   */
  readonly holder: string;
  readonly ttlMs: number;
}

export interface SpendOptions {
  readonly amount: number;
  readonly limit: number;
  /** One name always goes with one length of window. */
  readonly windowMs: number;
  /** Unique within the name. Spent again, the amount counts once, from the later time. */
  readonly id?: string | undefined;
}

/** What was spent at one time, in milliseconds since 1970. */
export interface Spending {
  readonly at: number;
  readonly amount: number;
}

export type Spent =
  | { readonly granted: true; readonly left: number }
  /** Infinity when the amount alone exceeds the limit. */
  | { readonly granted: false; readonly retryAfterMs: number };

export interface State {
  get(collection: string, key: string): Promise<StateEntry | undefined>;
  /** Compare and set. Undefined when the expectation did not hold; nothing was written then. */
  put(collection: string, key: string, value: Json, options: PutOptions): Promise<StateEntry | undefined>;
  /** False when the expectation did not hold or nothing was there. */
  remove(collection: string, key: string, options: { readonly expect: Expected }): Promise<boolean>;
  /** All of the writes, or none when one expectation does not hold. At most one write per key. */
  commit(writes: readonly StateWrite[], options?: CommitOptions): Promise<boolean>;
  /** In the order of the keys' UTF-8 bytes. */
  list(collection: string, options?: ListOptions): Promise<StateEntry[]>;
  /** Mutual exclusion across processes; undefined while another holds the name. */
  lease(name: string, options: LeaseOptions): Promise<Lease | undefined>;
  /** Counts what happens within a sliding window, and refuses what would be too much. */
  spend(name: string, options: SpendOptions): Promise<Spent>;
  /** What lies within the window, oldest first. */
  spendings(name: string, windowMs: number): Promise<Spending[]>;
  close(): Promise<void>;
}
