/** The state port over a SQL database: one code for every dialect. Owns: which queries make a method, and their order. */
import { Kysely } from 'kysely';
import * as check from '../arguments.js';
import { SWEEP_EVERY_MS } from '../limits.js';
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
} from '../port.js';
import type { StateDialect } from './dialect.js';
import { erase, page, read, sweepEntries, timeOf, write } from './entries.js';
import { hold, prolong, sweepLeases, take } from './leases.js';
import { migrate } from './migrations.js';
import { Session, undo } from './session.js';
import type { Tables } from './tables.js';
import { spendingsWithin, spendWithin, sweepSpendings } from './windows.js';

class SqlState implements State {
  readonly #session: Session;
  readonly #dialect: StateDialect;
  readonly #clock: () => number;
  #sweptAt = Number.NEGATIVE_INFINITY;

  constructor(session: Session, clock: () => number) {
    this.#session = session;
    this.#dialect = session.dialect;
    this.#clock = clock;
  }

  async get(collection: string, key: string): Promise<StateEntry | undefined> {
    check.checkPlace(collection, key);
    return this.#session.read((db) => read(db, this.#dialect.now(), { collection, key }));
  }

  async put(
    collection: string,
    key: string,
    value: Json,
    options: PutOptions,
  ): Promise<StateEntry | undefined> {
    const place = { collection, key };
    check.checkWrites([{ ...options, ...place }]);
    const text = check.textOf(value);
    await this.#sweepWhenDue();
    return this.#session.write((db) => write(db, this.#dialect.now(), place, text, options));
  }

  async remove(collection: string, key: string, { expect }: { readonly expect: Expected }): Promise<boolean> {
    const place = { collection, key };
    check.checkPlace(collection, key);
    if (expect === 'absent') return false;
    return this.#session.write((db) => erase(db, this.#dialect.now(), place, expect));
  }

  async commit(writes: readonly StateWrite[], { under }: CommitOptions = {}): Promise<boolean> {
    check.checkWrites(writes);
    // All commits lock in one order: two that share keys wait for each other instead of both failing.
    const steps = writes
      .map(({ value, ...rest }) => ({ ...rest, text: value === undefined ? undefined : check.textOf(value) }))
      .sort((one, other) => (`${one.collection}/${one.key}` < `${other.collection}/${other.key}` ? -1 : 1));
    await this.#sweepWhenDue();
    const done = await this.#session.atomically(async (db) => {
      const now = this.#dialect.now();
      if (under !== undefined && !(await hold(db, now, under))) undo();
      for (const { text, expect, expiresAt, ...place } of steps) {
        if (text !== undefined) {
          if ((await write(db, now, place, text, { expect, expiresAt })) === undefined) undo();
        } else if (expect === 'absent') {
          if ((await read(db, now, place)) !== undefined) undo();
        } else if (!(await erase(db, now, place, expect)) && expect !== 'any') undo();
      }
      return true;
    });
    return done ?? false;
  }

  async list(collection: string, options: ListOptions = {}): Promise<StateEntry[]> {
    check.checkCollection(collection);
    check.checkList(options);
    return this.#session.read((db) => page(db, this.#dialect.now(), collection, options));
  }

  async lease(name: string, options: LeaseOptions): Promise<Lease | undefined> {
    check.checkName(name);
    check.checkLease(options);
    await this.#sweepWhenDue();
    const fence = await this.#session.write((db) => take(db, this.#dialect.now(), name, options));
    if (fence === undefined) return undefined;
    const prolonged = (ttlMs: number): Promise<boolean> =>
      this.#session.write((db) => prolong(db, this.#dialect.now(), { name, fence }, ttlMs));
    return {
      name,
      fence,
      renew: async (ttlMs) => {
        check.checkLease({ ...options, ttlMs });
        return prolonged(ttlMs);
      },
      release: async () => {
        await prolonged(0);
      },
    };
  }

  async spend(name: string, options: SpendOptions): Promise<Spent> {
    check.checkName(name);
    check.checkSpend(options);
    await this.#sweepWhenDue();
    const spent = await this.#session.atomically(async (db) => {
      await this.#dialect.lock(db, `spend/${name}`);
      return spendWithin(db, await timeOf(db, this.#dialect.now()), name, options);
    });
    // Nothing in there is undone.
    return spent as Spent;
  }

  async spendings(name: string, windowMs: number): Promise<Spending[]> {
    check.checkName(name);
    check.checkSpend({ amount: 0, limit: 0, windowMs });
    return this.#session.read(async (db) =>
      spendingsWithin(db, await timeOf(db, this.#dialect.now()), name, windowMs),
    );
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  async #sweepWhenDue(): Promise<void> {
    const now = this.#clock();
    if (now < this.#sweptAt + SWEEP_EVERY_MS) return;
    this.#sweptAt = now;
    for (const sweep of [sweepEntries, sweepLeases, sweepSpendings]) {
      await this.#session.write((db) => sweep(db, this.#dialect.now()));
    }
  }
}

/** @param clock milliseconds since 1970: when to sweep */
export async function openSqlState(dialect: StateDialect, clock: () => number): Promise<State> {
  const session = new Session(new Kysely<Tables>({ dialect: dialect.driver }), dialect);
  try {
    await migrate(session);
  } catch (error) {
    await session.close();
    throw error;
  }
  return new SqlState(session, clock);
}
