/** Every database that a released version has left is opened; one that a later version has left is refused untouched. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Kysely } from 'kysely';
import Libsql from 'libsql';
import { asFailure } from '../../src/errors/index.js';
import { openDatabaseState, openVault, placeOf } from '../../src/state/index.js';
import { migrate, MIGRATIONS, type Migration } from '../../src/state/sql/migrations.js';
import { postgresDialect } from '../../src/state/sql/postgres.js';
import { openPool } from '../../src/state/sql/postgres-pool.js';
import { Session } from '../../src/state/sql/session.js';
import { sqliteDialect } from '../../src/state/sql/sqlite.js';
import { createSchema, POSTGRES } from './postgres.js';

const folder = mkdtempSync(join(tmpdir(), 'm365-email-migrations-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let file: string;
beforeEach(() => {
  file = join(folder, `${randomUUID()}.db`);
});

/** What was written by whom, as any program sees it. */
function inspectFile(...queries: string[]): unknown[][] {
  const database = new Libsql(file);
  try {
    return queries.map((query) => database.prepare(query).all());
  } finally {
    database.close();
  }
}

function load(fixture: string): void {
  const database = new Libsql(file);
  database.exec(readFileSync(fileURLToPath(new URL(`fixtures/${fixture}`, import.meta.url)), 'utf8'));
  database.close();
}

/** 1 November 2026, when the fixture was written. */
const WRITTEN = 1_793_491_200_000;

describe('A file of version 1', () => {
  test('opens with all that was in it', async () => {
    load('version-1.sql');
    const state = await openDatabaseState({ file, now: () => WRITTEN + 1000 });
    const signIn = await state.get('sign-ins', 'anna');
    expect(signIn?.version).toBe(113_496_226_226_023);
    const vault = openVault([Buffer.alloc(32, 7)]);
    expect(vault.open(signIn!.value as string, placeOf('sign-ins', 'anna'))).toBe('a refresh token');
    expect(await state.list('test-outcomes')).toEqual([
      expect.objectContaining({ key: 'zoë 👋', value: { failures: [], changedAt: WRITTEN } }),
    ]);
    expect(await state.lease('tokens/anna', { holder: 'b', ttlMs: 1 })).toBeUndefined();
    expect(await state.spend('anna', { amount: 8, limit: 10, windowMs: 60_000 })).toEqual({
      granted: false,
      retryAfterMs: 59_000,
    });
    await state.close();
    expect(inspectFile('select max(version) as version from state_migrations')).toEqual([
      [{ version: MIGRATIONS.at(-1)!.version }],
    ]);
  });
});

test('A file of a newer program is refused, and stays as it is', async () => {
  await (await openDatabaseState({ file })).close();
  inspectFile("insert into state_migrations values (1000, '9.8.7', 0) returning version");
  const all = ['select * from sqlite_schema', 'select * from state_migrations'];
  const before = inspectFile(...all);
  const failure = await openDatabaseState({ file }).then(
    () => undefined,
    (error: unknown) => asFailure(error),
  );
  expect(failure?.code).toBe('state-newer');
  expect(failure?.facts.parameters).toEqual({ version: '9.8.7', expected: MIGRATIONS.at(-1)!.program });
  expect(inspectFile(...all)).toEqual(before);
});

test('The history counts from 1 without a gap', () => {
  expect(MIGRATIONS.map(({ version }) => version)).toEqual(MIGRATIONS.map((_, index) => index + 1));
});

const last = MIGRATIONS.length;
const good: Migration = {
  version: last + 1,
  program: '2.0.0',
  statements: () => ['create table later (id bigint)', 'insert into later values (1)'],
};
const broken: Migration = {
  version: last + 2,
  program: '3.0.0',
  statements: () => ['drop table later', 'create table broken (id bigint)', 'this is no sql'],
};

const BACKENDS: [string, () => Promise<() => Session>][] = [
  [
    'file',
    () =>
      Promise.resolve(() => {
        const dialect = sqliteDialect(file, Date.now);
        return new Session(new Kysely({ dialect: dialect.driver }), dialect);
      }),
  ],
];
if (POSTGRES !== undefined) {
  BACKENDS.push([
    'PostgreSQL',
    async () => {
      const connectionString = await createSchema();
      return () => {
        const pool = openPool(connectionString);
        const dialect = postgresDialect(pool, 'PostgreSQL', undefined, () => pool.end());
        return new Session(new Kysely({ dialect: dialect.driver }), dialect);
      };
    },
  ]);
}

describe.each(BACKENDS)('Migration: %s', (_, prepare) => {
  test('happens as a whole or not at all', async () => {
    const session = (await prepare())();
    const versions = (): Promise<number[]> =>
      session.read(async (db) =>
        (await db.selectFrom('state_migrations').select('version').orderBy('version').execute()).map(
          ({ version }) => Number(version),
        ),
      );
    await migrate(session);
    await expect(migrate(session, [...MIGRATIONS, good, broken])).rejects.toMatchObject({
      code: 'state-unavailable',
    });
    expect(await versions()).toEqual(MIGRATIONS.map(({ version }) => version));
    // Fails if a part of the broken try had stayed.
    await migrate(session, [...MIGRATIONS, good]);
    expect(await versions()).toEqual([...MIGRATIONS.map(({ version }) => version), last + 1]);
    await session.close();
  });

  test('happens once, however many want it at the same time', async () => {
    const open = await prepare();
    const sessions = Array.from({ length: 8 }, open);
    await Promise.all(sessions.map((session) => migrate(session, [...MIGRATIONS, good])));
    await Promise.all(sessions.map((session) => session.close()));
  });
});
