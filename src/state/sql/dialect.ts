/** Everything in which SQLite and PostgreSQL differ for us. Whatever is not named here is the same SQL on both. */
import type { Dialect, Kysely, RawBuilder } from 'kysely';
import type { Tables } from './tables.js';

export interface StateDialect {
  /** The driver, in Kysely's terms. */
  readonly driver: Dialect;
  /** File, or host and database: what a failure names. */
  readonly place: string;
  /** Text whose order is that of its UTF-8 bytes. */
  readonly keyType: 'text' | 'text collate "C"';
  /** Opens a transaction that will write. */
  readonly begin: string;
  /** Even a single statement that writes has to be in a transaction. */
  readonly locksToWrite: boolean;
  /** Milliseconds since 1970, within a query. */
  now(): RawBuilder<number>;
  /** Within a transaction: until its end nobody else has this lock. */
  lock(db: Kysely<Tables>, name: string): Promise<void>;
  /** Nothing has happened, and a repetition may succeed: somebody else was writing. */
  isBusy(error: unknown): boolean;
  /** Before the driver is closed. */
  beforeClose(db: Kysely<Tables>): Promise<void>;
}
