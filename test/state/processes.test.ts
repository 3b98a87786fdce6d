/**
 * Several processes on one state, as agents are: what one was told is written survives its kill, no update is lost, a lease
 * has one holder, a budget holds for all together. Every worker is a process of its own (workers/worker.mjs).
 */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from '@jest/globals';
import Libsql from 'libsql';
import { openDatabaseState, openPostgresState, type State } from '../../src/state/index.js';
import { createSchema, POSTGRES } from './postgres.js';

const WORKER = fileURLToPath(new URL('workers/worker.mjs', import.meta.url));
const KILLS = 30;
/** Starting a process takes long where many run. */
const PATIENCE_MS = 120_000;

const folder = mkdtempSync(join(tmpdir(), 'm365-email-processes-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Place = { readonly file: string } | { readonly connectionString: string };

const newFile = (): Promise<Place> => Promise.resolve({ file: join(folder, `${randomUUID()}.db`) });
const newSchema = async (): Promise<Place> => ({ connectionString: await createSchema() });
const BACKENDS: [string, () => Promise<Place>][] = [
  ['file', newFile],
  ...(POSTGRES === undefined ? [] : [['PostgreSQL', newSchema] as [string, () => Promise<Place>]]),
];

function open(place: Place): Promise<State> {
  return 'file' in place ? openDatabaseState(place) : openPostgresState(place);
}

interface Worker {
  readonly child: ChildProcessWithoutNullStreams;
  /** The complete lines so far. */
  said(): unknown[];
  /** How it ended: exit code, or name of the signal. */
  readonly ended: Promise<number | NodeJS.Signals>;
}

function start(job: string, place: Place, options: unknown = {}): Worker {
  const child = spawn(process.execPath, [WORKER, job, JSON.stringify(place), JSON.stringify(options)]);
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.pipe(process.stderr);
  return {
    child,
    said: () =>
      text
        .split('\n')
        .slice(0, -1)
        .map((line): unknown => JSON.parse(line)),
    ended: once(child, 'close').then(([code, signal]) => (signal ?? code) as number | NodeJS.Signals),
  };
}

async function untilSaid(worker: Worker, lines: number): Promise<void> {
  while (worker.said().length < lines) await once(worker.child.stdout, 'data');
}

/** Several workers at once; all have to succeed. */
async function finish(workers: readonly Worker[]): Promise<unknown[]> {
  expect(await Promise.all(workers.map(({ ended }) => ended))).toEqual(workers.map(() => 0));
  return workers.flatMap((worker) => worker.said());
}

async function allKeys(state: State, collection: string): Promise<string[]> {
  const keys: string[] = [];
  for (;;) {
    const after = keys.at(-1);
    const page = await state.list(collection, after === undefined ? {} : { after });
    if (page.length === 0) return keys;
    keys.push(...page.map(({ key }) => key));
  }
}

test(
  `A writer that is killed ${KILLS} times at random moments has lost nothing it was told is written`,
  async () => {
    const place = await newFile();
    const acknowledged: string[] = [];
    for (let round = 0; round < KILLS; round += 1) {
      const worker = start('write', place, { round });
      await untilSaid(worker, 1);
      await delay(Math.random() * 30);
      worker.child.kill('SIGKILL');
      expect(await worker.ended).toBe('SIGKILL');
      acknowledged.push(...(worker.said() as string[]));

      const state = await open(place);
      const [left, right, single] = await Promise.all(
        ['left', 'right', 'single'].map((collection) => allKeys(state, collection)),
      );
      await state.close();
      // Of the last pair one may not have been told; it is there as a whole or not at all.
      expect(left).toEqual(right);
      expect(missing(acknowledged, left!)).toEqual([]);
      expect(missing(acknowledged, single!)).toEqual([]);
    }
    expect(acknowledged.length).toBeGreaterThan(KILLS);
    const database = new Libsql((place as { file: string }).file);
    expect(database.prepare('pragma integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
    database.close();
  },
  PATIENCE_MS,
);

function missing(expected: readonly string[], there: readonly string[]): string[] {
  const found = new Set(there);
  return expected.filter((key) => !found.has(key));
}

describe.each(BACKENDS)('Several processes on one state: %s', (_, newPlace) => {
  test(
    'open and create it at once',
    async () => {
      const place = await newPlace();
      const said = await finish(Array.from({ length: 6 }, () => start('open', place)));
      expect(said).toEqual(Array.from({ length: 6 }, () => ({ opened: true })));
    },
    PATIENCE_MS,
  );

  test(
    'count together without losing an update',
    async () => {
      const place = await newPlace();
      await finish(Array.from({ length: 3 }, () => start('increment', place, { times: 100 })));
      const state = await open(place);
      expect((await state.get('numbers', 'counter'))?.value).toBe(300);
      await state.close();
    },
    PATIENCE_MS,
  );

  test(
    'hold a lease one after the other, with fences that grow',
    async () => {
      const place = await newPlace();
      const log = join(folder, randomUUID());
      const names = ['a', 'b', 'c'];
      await finish(names.map((holder) => start('exclude', place, { holder, times: 30, log })));
      const lines = readFileSync(log, 'utf8').trim().split('\n');
      const events = lines.map(
        (line) => JSON.parse(line) as { holder: string; fence: number; enters: boolean },
      );
      expect(events).toHaveLength(180);
      let lastFence = 0;
      for (let index = 0; index < events.length; index += 2) {
        const [enter, leave] = [events[index]!, events[index + 1]!];
        expect(enter.enters).toBe(true);
        expect(leave).toEqual({ ...enter, enters: false });
        expect(enter.fence).toBeGreaterThan(lastFence);
        lastFence = enter.fence;
      }
      expect(new Set(events.map(({ holder }) => holder)).size).toBe(3);
    },
    PATIENCE_MS,
  );

  // Windows has no signal that puts a process to sleep.
  (process.platform === 'win32' ? test.skip : test)(
    'one that was asleep while its lease ended can write nothing under it',
    async () => {
      const place = await newPlace();
      const ttlMs = 300;
      const sleeper = start('oversleep', place, { holder: 'sleeper', ttlMs });
      await untilSaid(sleeper, 1);
      sleeper.child.kill('SIGSTOP');
      await delay(ttlMs + 50);
      const state = await open(place);
      const mine = await state.lease('job', { holder: 'other', ttlMs: 60_000 });
      const [taken] = sleeper.said() as { fence: number }[];
      expect(mine!.fence).toBeGreaterThan(taken!.fence);
      sleeper.child.kill('SIGCONT');
      sleeper.child.stdin.write('go\n');
      expect((await finish([sleeper])).at(-1)).toEqual({ renewed: false, written: false });
      expect(await state.get('things', 'one')).toBeUndefined();
      await state.close();
    },
    PATIENCE_MS,
  );

  test(
    'never spend more than the limit together',
    async () => {
      const place = await newPlace();
      const budget = { amount: 3, limit: 100, windowMs: 600_000 };
      const workers = Array.from({ length: 3 }, () => start('spend', place, { tries: 30, ...budget }));
      const said = (await finish(workers)) as { granted: number }[];
      // 33 times three: as much as fits, not less either.
      expect(said.reduce((sum, { granted }) => sum + granted, 0)).toBe(99);
    },
    PATIENCE_MS,
  );
});
