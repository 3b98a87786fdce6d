/**
 * State in memory: for hosts that keep nothing, and for tests. Ends with the process, and is not shared.
 * The work of a method is done before it first gives way, so that no two of them mix.
 */
import { randomInt } from 'node:crypto';
import * as check from './arguments.js';
import { FENCE_KEPT_MS, SWEEP_EVERY_MS, VERSION_LIMIT } from './limits.js';
import type {
  CommitOptions,
  Expected,
  Json,
  Lease,
  LeaseOptions,
  ListOptions,
  PutOptions,
  Spending,
  SpendOptions,
  Spent,
  State,
  StateEntry,
  StateWrite,
} from './port.js';
import { judge } from './spending.js';

/** A value lies as text, so that nobody can change it from outside. */
interface Kept {
  readonly text: string;
  readonly version: number;
  readonly expiresAt?: number;
}

interface Held {
  readonly holder: string;
  readonly fence: number;
  until: number;
}

interface KeptSpending extends Spending {
  readonly id?: string | undefined;
}

interface Window {
  readonly windowMs: number;
  readonly spendings: readonly KeptSpending[];
}

function byBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

function entryOf(key: string, { text, ...rest }: Kept): StateEntry {
  return { key, value: check.valueOf(text), ...rest };
}

/* eslint-disable @typescript-eslint/require-await -- async, so that a refused argument rejects as it does elsewhere */
class MemoryState implements State {
  readonly #now: () => number;
  readonly #collections = new Map<string, Map<string, Kept>>();
  readonly #leases = new Map<string, Held>();
  readonly #windows = new Map<string, Window>();
  #sweptAt: number;

  constructor(now: () => number) {
    this.#now = now;
    this.#sweptAt = now();
  }

  async get(collection: string, key: string): Promise<StateEntry | undefined> {
    check.checkPlace(collection, key);
    const kept = this.#alive(collection, key);
    return kept && entryOf(key, kept);
  }

  async put(
    collection: string,
    key: string,
    value: Json,
    options: PutOptions,
  ): Promise<StateEntry | undefined> {
    check.checkWrites([{ ...options, collection, key }]);
    const text = check.textOf(value);
    if (!this.#holds(collection, key, options.expect)) return undefined;
    return entryOf(key, this.#write(collection, key, text, options.expiresAt));
  }

  async remove(collection: string, key: string, { expect }: { readonly expect: Expected }): Promise<boolean> {
    check.checkPlace(collection, key);
    if (!this.#holds(collection, key, expect)) return false;
    const wasThere = this.#alive(collection, key) !== undefined;
    this.#collections.get(collection)?.delete(key);
    return wasThere;
  }

  async commit(writes: readonly StateWrite[], { under }: CommitOptions = {}): Promise<boolean> {
    check.checkWrites(writes);
    const texts = writes.map(({ value }) => (value === undefined ? undefined : check.textOf(value)));
    if (under !== undefined && this.#held(under.name, under.fence) === undefined) return false;
    if (!writes.every(({ collection, key, expect }) => this.#holds(collection, key, expect))) return false;
    for (const [index, { collection, key, expiresAt }] of writes.entries()) {
      const text = texts[index];
      if (text === undefined) this.#collections.get(collection)?.delete(key);
      else this.#write(collection, key, text, expiresAt);
    }
    return true;
  }

  async list(collection: string, options: ListOptions = {}): Promise<StateEntry[]> {
    check.checkCollection(collection);
    check.checkList(options);
    const { prefix = '', after, limit = check.LIST_LIMIT, descending = false } = options;
    const order = descending ? (one: string, other: string) => byBytes(other, one) : byBytes;
    const keys = [...(this.#collections.get(collection)?.keys() ?? [])]
      .filter((key) => key.startsWith(prefix) && this.#alive(collection, key) !== undefined)
      .filter((key) => after === undefined || order(key, after) > 0)
      .sort(order);
    return keys.slice(0, limit).flatMap((key) => {
      const kept = this.#alive(collection, key);
      return kept === undefined ? [] : [entryOf(key, kept)];
    });
  }

  async lease(name: string, options: LeaseOptions): Promise<Lease | undefined> {
    check.checkName(name);
    check.checkLease(options);
    this.#sweepWhenDue();
    const now = this.#now();
    const before = this.#leases.get(name);
    if (before !== undefined && before.until > now && before.holder !== options.holder) return undefined;
    const fence = Math.max(now, (before?.fence ?? 0) + 1);
    this.#leases.set(name, { holder: options.holder, fence, until: now + options.ttlMs });
    return {
      name,
      fence,
      renew: async (ttlMs) => {
        check.checkLease({ ...options, ttlMs });
        const held = this.#held(name, fence);
        if (held !== undefined) held.until = this.#now() + ttlMs;
        return held !== undefined;
      },
      release: async () => {
        // The fence stays; only the time is over.
        const held = this.#held(name, fence);
        if (held !== undefined) held.until = this.#now();
      },
    };
  }

  async spend(name: string, options: SpendOptions): Promise<Spent> {
    check.checkName(name);
    check.checkSpend(options);
    this.#sweepWhenDue();
    const now = this.#now();
    const { windowMs, amount, id } = options;
    const within = this.#within(name, windowMs);
    const others = id === undefined ? within : within.filter((spending) => spending.id !== id);
    const used = others.reduce((sum, spending) => sum + spending.amount, 0);
    const spent = judge(options, now, used, others);
    this.#windows.set(name, {
      windowMs,
      spendings: spent.granted ? [...others, { at: now, amount, id }] : within,
    });
    return spent;
  }

  async spendings(name: string, windowMs: number): Promise<Spending[]> {
    check.checkName(name);
    check.checkSpend({ amount: 0, limit: 0, windowMs });
    return this.#within(name, windowMs).map(({ at, amount }) => ({ at, amount }));
  }

  #within(name: string, windowMs: number): readonly KeptSpending[] {
    const start = this.#now() - windowMs;
    return (this.#windows.get(name)?.spendings ?? []).filter(({ at }) => at > start);
  }

  async close(): Promise<void> {
    this.#collections.clear();
    this.#leases.clear();
    this.#windows.clear();
  }

  #alive(collection: string, key: string): Kept | undefined {
    const kept = this.#collections.get(collection)?.get(key);
    return kept?.expiresAt === undefined || kept.expiresAt > this.#now() ? kept : undefined;
  }

  #holds(collection: string, key: string, expect: Expected): boolean {
    if (expect === 'any') return true;
    const version = this.#alive(collection, key)?.version;
    return expect === 'absent' ? version === undefined : version === expect;
  }

  #held(name: string, fence: number): Held | undefined {
    const held = this.#leases.get(name);
    return held?.fence === fence && held.until > this.#now() ? held : undefined;
  }

  #write(collection: string, key: string, text: string, expiresAt: number | undefined): Kept {
    this.#sweepWhenDue();
    const kept = {
      text,
      version: randomInt(VERSION_LIMIT),
      ...(expiresAt === undefined ? {} : { expiresAt }),
    };
    const entries = this.#collections.get(collection) ?? new Map<string, Kept>();
    this.#collections.set(collection, entries.set(key, kept));
    return kept;
  }

  #sweepWhenDue(): void {
    const now = this.#now();
    if (now < this.#sweptAt + SWEEP_EVERY_MS) return;
    this.#sweptAt = now;
    for (const entries of this.#collections.values()) {
      for (const [key, { expiresAt }] of entries) {
        if (expiresAt !== undefined && expiresAt <= now) entries.delete(key);
      }
    }
    for (const [name, { until }] of this.#leases) if (until <= now - FENCE_KEPT_MS) this.#leases.delete(name);
    for (const [name, { windowMs, spendings }] of this.#windows) {
      if (spendings.every(({ at }) => at <= now - windowMs)) this.#windows.delete(name);
    }
  }
}
/* eslint-enable @typescript-eslint/require-await */

/** @param options now: milliseconds since 1970, for tests */
export function openMemoryState({ now = Date.now }: { readonly now?: () => number } = {}): State {
  return new MemoryState(now);
}
