/**
 * How work reaches the database: patiently while others write, in transactions where it must be whole, and with every
 * error as a failure. Must not: know what is stored.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { sql, type Kysely } from 'kysely';
import { stateFailure } from '../failures.js';
import type { StateDialect } from './dialect.js';
import type { Tables } from './tables.js';

/** How long work waits for others who write, in milliseconds. */
const PATIENCE_MS = 10_000;
const LONGEST_PAUSE_MS = 50;

export const COMMIT = 'commit';
export const ROLLBACK = 'rollback';

/** Thrown within a transaction to undo it: an expectation did not hold. */
class Undo extends Error {}

export function undo(): never {
  throw new Undo('undone');
}

export class Session {
  readonly dialect: StateDialect;
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>, dialect: StateDialect) {
    this.#db = db;
    this.dialect = dialect;
  }

  /** One statement that only reads. */
  read<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    return this.#patiently(() => work(this.#db));
  }

  /** One statement that writes. */
  write<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    return this.#patiently(() => (this.dialect.locksToWrite ? this.#whole(work) : work(this.#db)));
  }

  /** Several statements, all or none. Undefined when the work called undo(). The work may run more than once. */
  async atomically<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T | undefined> {
    try {
      return await this.#patiently(() => this.#whole(work));
    } catch (error) {
      if (error instanceof Undo) return undefined;
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.dialect.beforeClose(this.#db).catch(() => undefined);
    await this.#db.destroy();
  }

  /** Not Kysely's transaction(): on SQLite it reads before it locks, and then fails at once when another has written. */
  #whole<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    return this.#db.connection().execute(async (connection) => {
      await sql.raw(this.dialect.begin).execute(connection);
      try {
        const result = await work(connection);
        await sql.raw(COMMIT).execute(connection);
        return result;
      } catch (error) {
        // A connection that is gone has rolled back by itself.
        await sql
          .raw(ROLLBACK)
          .execute(connection)
          .catch(() => undefined);
        throw error;
      }
    });
  }

  async #patiently<T>(work: () => Promise<T>): Promise<T> {
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (error instanceof Undo) throw error;
        if (!this.dialect.isBusy(error) || performance.now() > end) {
          throw stateFailure(error, this.dialect.place);
        }
        await delay(Math.random() * LONGEST_PAUSE_MS);
      }
    }
  }
}
