/**
 * The tables, one version after the other. Owns: what each version changed, and that a database is brought to the newest
 * one by exactly one process and wholly or not at all. A migration that was released is never edited: a new one follows.
 */
import { sql, type Kysely } from 'kysely';
import { Failure } from '../../errors/index.js';
import type { StateDialect } from './dialect.js';
import type { Session } from './session.js';
import type { Tables } from './tables.js';

export interface Migration {
  /** Counts from 1 without a gap. */
  readonly version: number;
  /** The version of the program that brings it: what an operator must run at least. */
  readonly program: string;
  readonly statements: (dialect: StateDialect) => readonly string[];
}

export const MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    program: '0.1.0',
    statements: ({ keyType }) => [
      `create table state_entries (
        collection ${keyType} not null, key ${keyType} not null, value text not null,
        version bigint not null, expires_at bigint, primary key (collection, key))`,
      `create index state_entries_expiry on state_entries (expires_at)`,
      `create table state_leases (
        name text not null primary key, holder text not null, fence bigint not null, until bigint not null)`,
      `create table state_spendings (
        id text not null primary key, name text not null, amount bigint not null,
        at bigint not null, ends_at bigint not null)`,
      `create index state_spendings_window on state_spendings (name, at)`,
      `create index state_spendings_end on state_spendings (ends_at)`,
    ],
  },
];

const HISTORY = `create table if not exists state_migrations (
  version bigint not null primary key, program text not null, applied_at bigint not null)`;

/**
 * @param migrations for tests: another history than the program's
 * @throws Failure state-newer when the database has a version that the program does not know; nothing is changed then
 */
export async function migrate(
  session: Session,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<void> {
  await session.atomically(async (db) => {
    await session.dialect.lock(db, 'migrations');
    await sql.raw(HISTORY).execute(db);
    const newest = await newestOf(db);
    const known = migrations.at(-1);
    if (newest !== undefined && newest.version > (known?.version ?? 0)) {
      const parameters = { version: newest.program, expected: known?.program ?? '' };
      throw new Failure('state-newer', { parameters });
    }
    for (const { version, program, statements } of migrations) {
      if (version <= (newest?.version ?? 0)) continue;
      for (const statement of statements(session.dialect)) await sql.raw(statement).execute(db);
      const applied = { version, program, applied_at: session.dialect.now() };
      await db.insertInto('state_migrations').values(applied).execute();
    }
  });
}

async function newestOf(db: Kysely<Tables>): Promise<{ version: number; program: string } | undefined> {
  const row = await db
    .selectFrom('state_migrations')
    .select(['version', 'program'])
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row && { version: Number(row.version), program: row.program };
}
