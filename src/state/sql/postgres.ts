/** PostgreSQL, for agents on several machines. Owns: how it differs from SQLite. */
import { PostgresDialect, sql, type PostgresPool as KyselyPool } from 'kysely';
import type { PostgresPool } from '../database.js';
import { codeOf } from '../failures.js';
import type { StateDialect } from './dialect.js';

/** Serialization failure, deadlock, lock not available (PostgreSQL, appendix A): rolled back, and worth a repetition. */
const BUSY = new Set(['40001', '40P01', '55P03']);

/** Host and database of a connection string, without user and password. */
export function placeOfPostgres(connectionString: string): string {
  if (!URL.canParse(connectionString)) return 'PostgreSQL';
  const { host, pathname } = new URL(connectionString);
  return `PostgreSQL ${host}${pathname}`;
}

/**
 * @param now without it, the clock of the database counts
 * @param end how the pool is closed; without it, it belongs to somebody else
 */
export function postgresDialect(
  pool: PostgresPool,
  place: string,
  now: (() => number) | undefined,
  end: () => Promise<void> = () => Promise.resolve(),
): StateDialect {
  return {
    driver: new PostgresDialect({
      pool: { connect: () => pool.connect() as ReturnType<KyselyPool['connect']>, end },
    }),
    place,
    keyType: 'text collate "C"',
    begin: 'begin',
    locksToWrite: false,
    // Not now(), which stands still from the start of a transaction, even while it waits for a lock.
    now: () =>
      now === undefined
        ? sql<number>`cast(extract(epoch from clock_timestamp()) * 1000 as bigint)`
        : sql<number>`cast(${now()} as bigint)`,
    async lock(db, name) {
      await sql`select pg_advisory_xact_lock(hashtextextended(${`m365-email/${name}`}, 0))`.execute(db);
    },
    isBusy: (error) => BUSY.has(codeOf(error) ?? ''),
    beforeClose: () => Promise.resolve(),
  };
}
