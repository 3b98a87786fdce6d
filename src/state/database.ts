/**
 * State that outlives the process: in a file, or in a PostgreSQL database that several machines share. Owns: that the
 * drivers, which are optional packages, load at first use and only here. Must not: load them with this file.
 */
import { driverFailure } from './failures.js';
import type { State } from './port.js';

/** What this needs of a pool of the package pg. */
export interface PostgresPool {
  connect(): Promise<PostgresClient>;
}

export interface PostgresClient {
  query(text: string, values: readonly unknown[]): Promise<unknown>;
  release(): void;
}

export interface DatabaseOptions {
  /** Is created for its owner only (0600), its folder too (0700). A local disk: no network share. */
  readonly file: string;
  /** Milliseconds since 1970; for tests. */
  readonly now?: () => number;
}

export type PostgresOptions = {
  /** Milliseconds since 1970; for tests. Otherwise the clock of the database, the same for all who share it. */
  readonly now?: () => number;
} & (
  | { readonly connectionString: string }
  /** Stays open when the state is closed. */
  | { readonly pool: PostgresPool }
);

/**
 * State in a file that processes of one machine may share (SQLite in WAL mode).
 * @throws Failure state-unavailable when it cannot be opened, state-newer when a newer version of the program wrote it
 */
export async function openDatabaseState({ file, now = Date.now }: DatabaseOptions): Promise<State> {
  const load = loader(file, 'libsql kysely');
  const { sqliteDialect } = await load(() => import('./sql/sqlite.js'));
  const { openSqlState } = await load(() => import('./sql/sql-state.js'));
  return openSqlState(sqliteDialect(file, now), now);
}

/**
 * State in PostgreSQL 12 or newer, whose encoding is UTF-8. Its tables lie in the first schema of the search path.
 * @throws Failure as openDatabaseState does
 */
export async function openPostgresState(options: PostgresOptions): Promise<State> {
  const load = loader('PostgreSQL', 'kysely pg');
  const { placeOfPostgres, postgresDialect } = await load(() => import('./sql/postgres.js'));
  const { openSqlState } = await load(() => import('./sql/sql-state.js'));
  const clock = options.now ?? Date.now;
  if ('pool' in options) return openSqlState(postgresDialect(options.pool, 'PostgreSQL', options.now), clock);
  const { connectionString } = options;
  const place = placeOfPostgres(connectionString);
  const { openPool } = await load(() => import('./sql/postgres-pool.js'));
  const pool = openPool(connectionString);
  return openSqlState(
    postgresDialect(pool, place, options.now, () => pool.end()),
    clock,
  );
}

/** Loads a part of this room, whose drivers may not be installed. */
function loader(place: string, packages: string): <T>(load: () => Promise<T>) => Promise<T> {
  return async (load) => {
    try {
      return await load();
    } catch (error) {
      throw driverFailure(error, place, packages);
    }
  };
}
