/** The file and the server as operators meet them: rights, damage, absence, missing packages, and what is swept. */
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  closeSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import Libsql from 'libsql';
import pg from 'pg';
import { asFailure, type Failure } from '../../src/errors/index.js';
import { packagePath } from '../../src/manifest/index.js';
import { openDatabaseState, openPostgresState } from '../../src/state/index.js';
import { FENCE_KEPT_MS, SWEEP_EVERY_MS } from '../../src/state/limits.js';
import { behindPrefix } from '../../src/state/sql/entries.js';
import { placeOfPostgres } from '../../src/state/sql/postgres.js';
import { createSchema, POSTGRES } from './postgres.js';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'm365-email-database-'));
  file = join(folder, 'deep', 'er', 'state.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function refusalOf(act: Promise<unknown>): Promise<Failure> {
  return act.then(
    () => {
      throw new Error('Nothing was refused.');
    },
    (error: unknown) => asFailure(error),
  );
}

const onPosix = process.platform === 'win32' ? test.skip : test;

describe('The file', () => {
  onPosix('and its helpers can be read by the owner only, and so can the folders made for it', async () => {
    const state = await openDatabaseState({ file });
    await state.put('things', 'one', 1, { expect: 'any' });
    for (const suffix of ['', '-wal', '-shm']) expect(statSync(file + suffix).mode & 0o777).toBe(0o600);
    for (const name of ['deep', join('deep', 'er')]) {
      expect(statSync(join(folder, name)).mode & 0o777).toBe(0o700);
    }
    await state.close();
  });

  onPosix('that others could read is closed to them', async () => {
    await (await openDatabaseState({ file })).close();
    chmodSync(file, 0o644);
    await (await openDatabaseState({ file })).close();
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('keeps its content', async () => {
    const before = await openDatabaseState({ file });
    const entry = await before.put('things', 'one', { a: 1 }, { expect: 'any' });
    await before.close();
    const after = await openDatabaseState({ file });
    expect(await after.get('things', 'one')).toEqual(entry);
    await after.close();
  });

  test('is set up to survive a loss of power', async () => {
    const state = await openDatabaseState({ file });
    const other = new Libsql(file);
    expect(other.prepare('pragma journal_mode').all()).toEqual([{ journal_mode: 'wal' }]);
    other.close();
    await state.close();
  });

  test('waits for another that writes, and has nothing left over from having waited', async () => {
    const state = await openDatabaseState({ file });
    const other = new Libsql(file);
    const acts = [
      () => state.put('things', 'one', 1, { expect: 'absent' }),
      () => state.lease('job', { holder: 'a', ttlMs: 10 }),
      () => state.spend('m', { amount: 1, limit: 1, windowMs: 1000 }),
      () => state.commit([{ collection: 'things', key: 'two', value: 2, expect: 'absent' }]),
    ];
    for (const act of acts) {
      other.exec('begin immediate');
      setTimeout(() => other.exec('commit'), 250);
      const start = performance.now();
      expect(await act()).toBeTruthy();
      // A statement that was refused and not reset would keep the next commit waiting, until it is collected.
      expect(performance.now() - start).toBeLessThan(2000);
    }
    other.close();
    await state.close();
  });

  test.each<[string, () => void]>([
    ['is no database', () => writeFileSync(file, 'Dear diary, this is not a database.\n'.repeat(200))],
    ['is a folder', () => mkdirSync(file)],
  ])('that %s is refused by name', async (_, spoil) => {
    mkdirSync(join(folder, 'deep', 'er'), { recursive: true });
    spoil();
    const failure = await refusalOf(openDatabaseState({ file }));
    expect(failure.code).toBe('state-unavailable');
    expect(failure.facts.parameters).toEqual({ file });
    expect(failure.facts.serverText).toBeDefined();
  });

  test('in a folder that cannot be made is refused by name', async () => {
    writeFileSync(join(folder, 'deep'), '');
    const failure = await refusalOf(openDatabaseState({ file }));
    expect(failure).toMatchObject({ code: 'state-unavailable', facts: { parameters: { file } } });
  });

  test('that is damaged fails when the damage is met, instead of answering with something', async () => {
    const state = await openDatabaseState({ file });
    for (let index = 0; index < 200; index += 1) {
      await state.put('things', `key ${index}`, 'x'.repeat(500), { expect: 'any' });
    }
    await state.close();
    const descriptor = openSync(file, 'r+');
    writeSync(descriptor, Buffer.alloc(statSync(file).size - 4096, 0xa5), 0, undefined, 4096);
    closeSync(descriptor);
    const failure = await refusalOf(openDatabaseState({ file }).then((damaged) => damaged.list('things')));
    expect(failure).toMatchObject({ code: 'state-unavailable', facts: { parameters: { file } } });
  });

  test('is swept of what has expired', async () => {
    let now = Date.now();
    const state = await openDatabaseState({ file, now: () => now });
    const count = (): unknown[] => {
      const database = new Libsql(file);
      try {
        return ['entries', 'leases', 'spendings'].map(
          (table) =>
            (database.prepare(`select count(*) as n from state_${table}`).all() as { n: number }[])[0]!.n,
        );
      } finally {
        database.close();
      }
    };
    await state.put('things', 'stays', 1, { expect: 'any' });
    await state.put('things', 'goes', 1, { expect: 'any', expiresAt: now + 10 });
    await state.lease('job', { holder: 'a', ttlMs: 10 });
    await state.spend('m', { amount: 1, limit: 1, windowMs: 10 });
    expect(count()).toEqual([2, 1, 1]);
    now += SWEEP_EVERY_MS;
    await state.put('things', 'stays', 2, { expect: 'any' });
    // A lease is remembered for its fence.
    expect(count()).toEqual([1, 1, 0]);
    now += FENCE_KEPT_MS;
    await state.put('things', 'stays', 3, { expect: 'any' });
    expect(count()).toEqual([1, 0, 0]);
    await state.close();
  });
});

describe('The drivers', () => {
  /** Makes Node find none of them, as if they had not been installed. */
  const hooks = `export async function resolve(name, context, next) {
    if (/^(?:libsql|kysely|pg)$/.test(name)) throw Object.assign(new Error('Cannot find ' + name), { code: 'ERR_MODULE_NOT_FOUND' });
    return next(name, context);
  }`;
  const asUrl = (code: string): string => `data:text/javascript,${encodeURIComponent(code)}`;

  test('are not needed until a database is opened, and are named then', () => {
    const state = pathToFileURL(packagePath('dist/state/index.js')).href;
    const script = `import { register } from 'node:module';
      register(${JSON.stringify(asUrl(hooks))});
      const { openDatabaseState, openPostgresState, openMemoryState } = await import(${JSON.stringify(state)});
      await openMemoryState().put('things', 'one', 1, { expect: 'any' });
      const failures = [];
      await openDatabaseState({ file: ${JSON.stringify(file)} }).catch((error) => failures.push(error));
      await openPostgresState({ connectionString: 'postgresql://127.0.0.1/x' }).catch((error) => failures.push(error));
      console.log(JSON.stringify(failures));`;
    // Newer versions of Node find the way in which this test hides packages outdated.
    const options = ['--disable-warning=DEP0205', '--input-type=module', '--eval', script];
    const { stdout, stderr } = spawnSync(process.execPath, options, { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual([
      expect.objectContaining({
        code: 'state-unavailable',
        parameters: { file },
        serverText: expect.stringContaining('npm install libsql kysely'),
      }),
      expect.objectContaining({
        code: 'state-unavailable',
        serverText: expect.stringContaining('npm install kysely pg'),
      }),
    ]);
  });
});

describe('A PostgreSQL server', () => {
  test('that is not there is named without user and password', async () => {
    const connectionString = 'postgresql://anna:hunter2@127.0.0.1:1/mail';
    const failure = await refusalOf(openPostgresState({ connectionString }));
    expect(failure.code).toBe('state-unavailable');
    expect(failure.facts.parameters).toEqual({ file: 'PostgreSQL 127.0.0.1:1/mail' });
    expect(inspect(failure)).not.toMatch(/hunter2|anna/u);
  });

  test('whose address is no URL is not shown at all', () => {
    expect(placeOfPostgres('host=db password=hunter2')).toBe('PostgreSQL');
  });

  (POSTGRES === undefined ? test.skip : test)(
    'shares its clock, and leaves a pool that is not ours open',
    async () => {
      const pool = new pg.Pool({ connectionString: await createSchema() });
      const state = await openPostgresState({ pool });
      const before = Date.now();
      const lease = await state.lease('job', { holder: randomUUID(), ttlMs: 60_000 });
      expect(Math.abs(lease!.fence - before)).toBeLessThan(10_000);
      expect((await state.spend('m', { amount: 1, limit: 1, windowMs: 60_000 })).granted).toBe(true);
      expect((await state.spend('m', { amount: 1, limit: 1, windowMs: 60_000 })).granted).toBe(false);
      await state.close();
      expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
      await pool.end();
    },
  );
});

describe('The end of a prefix', () => {
  test.each([
    ['a', 'b'],
    ['a/', 'a0'],
    ['\uD7FF', '\uE000'],
    ['\uFFFF', '\u{10000}'],
    ['a\u{10FFFF}', 'b'],
    ['\u{10FFFF}', undefined],
    ['', undefined],
  ])('%j is %j', (prefix, end) => {
    expect(behindPrefix(prefix)).toBe(end);
  });
});
