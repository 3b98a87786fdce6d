/**
 * Read Email in a process that is killed (SIGKILL) at every write to its state, and on its line to the mail server, between
 * noting an action and doing it, and after. The next process has the same state file and nothing else: no message is lost,
 * none that was noted as done comes again, and no action is forgotten or done twice.
 */
import { spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openDatabaseState } from '../../src/state/index.js';
import { plainMessage } from '../support/messages.js';
import { stagesOf, startOneCut, type OneCut } from '../support/one-cut.js';
import { openTenant } from '../support/open-tenant.js';
import type { TestTenant } from '../support/tenant.js';
import { HOSTS, inLanes, type Action, type Transport } from './support/cut-course.js';

const WORKER = fileURLToPath(new URL('workers/read-and-settle.mjs', import.meta.url));
const IS_LIVE = process.env['M365_EMAIL_TENANT'] === 'live';
/** Kills on the line, for each action. */
const LINE_POINTS = 2;
const PATIENCE_MS = 240_000;

type Moment = { readonly write: number; readonly when: 'before' | 'after' } | { readonly bytes: number };

interface Said {
  readonly took: readonly { readonly contentKey: string; readonly subject: string }[];
  readonly refused: readonly string[];
  /** Writes to the state; undefined when it was killed. */
  readonly writes: number | undefined;
  readonly ended: number | NodeJS.Signals;
}

interface Course {
  readonly delivered: readonly string[];
  readonly first: Said;
  /** Undefined when nobody was killed. */
  readonly second: Said | undefined;
  /** What the killed process had noted: content keys that are done, messages with an action due. */
  readonly doneBefore: readonly string[];
  readonly dueBefore: number;
  /** Copies that it was about to make, or had made. */
  readonly begunBefore: number;
  /** How many messages had been acted upon when it was killed. */
  readonly actedBefore: number;
  readonly dueAfter: number;
  readonly left: readonly { readonly subject: string; readonly isRead: boolean }[];
  readonly target: readonly string[];
  readonly pieces: OneCut['pieces'];
}

let tenant: TestTenant;
let places: string;
beforeAll(async () => {
  places = mkdtempSync(join(tmpdir(), 'm365-email-kills-'));
  tenant = await openTenant();
}, 30_000);
afterAll(async () => {
  await tenant.stop();
  rmSync(places, { recursive: true, force: true });
});

const subjectOf = (source: Buffer): string => /^Subject: (.*)$/mu.exec(source.toString())?.[1]?.trim() ?? '';

/** @param onStart given the means to kill it */
function work(task: object, onStart: (kill: () => void) => void = () => undefined): Promise<Said> {
  const child = spawn(process.execPath, [WORKER]);
  onStart(() => child.kill('SIGKILL'));
  let text = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  child.stdin.on('error', () => undefined);
  child.stdin.end(JSON.stringify(task));
  return new Promise((resolve) => {
    child.on('close', (code, signal) => {
      expect(errors).toBe('');
      const lines = text
        .split('\n')
        .slice(0, -1)
        .map(
          (line) => JSON.parse(line) as { took?: Said['took'][number]; refused?: string; writes?: number },
        );
      resolve({
        took: lines.flatMap(({ took }) => (took === undefined ? [] : [took])),
        refused: lines.flatMap(({ refused }) => (refused === undefined ? [] : [refused])),
        writes: lines.at(-1)?.writes,
        ended: signal ?? code ?? 0,
      });
    });
  });
}

async function noted(database: string): Promise<{ done: string[]; due: number; begun: number }> {
  const state = await openDatabaseState({ file: database });
  try {
    const all = async (collection: string) => state.list(collection, { prefix: '', limit: 500 });
    const done = (await all('read-done')).map(
      ({ value }) => (value as unknown as { readonly contentKey: string }).contentKey,
    );
    const due = (await all('read-due'))
      .map(({ value }) => (value as unknown as { readonly stage?: string }).stage)
      .filter((stage) => stage !== 'over');
    return { done, due: due.length, begun: due.filter((stage) => stage === 'begun').length };
  } finally {
    await state.close();
  }
}

async function course(transport: Transport, action: Action, moment?: Moment): Promise<Course> {
  const person = transport === 'pop3' ? 'cara' : 'anna';
  const folder = transport === 'pop3' ? 'INBOX' : await tenant.freshFolder(person);
  if (transport === 'pop3') await tenant.clear(person, folder);
  const needsFolder = action === 'move' || action === 'copy';
  const target = needsFolder ? await tenant.freshFolder(person) : undefined;
  const delivered = ['a', 'b', 'c'].map((name) => `${name} ${randomUUID()}`);
  for (const subject of delivered) await tenant.deliver(person, folder, plainMessage(subject));

  const seen = async () => {
    const left = (await tenant.stored(person, folder)).map(({ source, flags }) => ({
      subject: subjectOf(source),
      isRead: flags.includes('\\Seen'),
    }));
    const there = target === undefined ? [] : await tenant.stored(person, target);
    return { left, target: there.map(({ source }) => subjectOf(source)) };
  };
  const host = HOSTS[transport];
  let kill = (): void => undefined;
  const after = moment !== undefined && 'bytes' in moment ? moment.bytes : Infinity;
  const line = await startOneCut(tenant.net.hosts[host] ?? '', 'fromClient', after, {
    how: 'swallow',
    onDone: () => kill(),
  });
  const database = join(places, `${randomUUID()}.db`);
  const task = {
    net: { ...tenant.net, hosts: { ...tenant.net.hosts, [host]: line.address } },
    connection: tenant.connection(person, transport),
    config: {
      ...{ transport, folder, take: 'new', startAt: 'beginning', afterRead: action },
      ...(target === undefined ? {} : { afterReadFolder: target }),
    },
    activity: randomUUID(),
    database,
    key: randomBytes(32).toString('base64'),
  };
  try {
    const dieAt = moment !== undefined && 'write' in moment ? { dieAt: moment } : {};
    const first = await work({ ...task, ...dieAt }, (how) => (kill = how));
    const before = await noted(database);
    const { left, target: there } = await seen();
    const isGone = action !== 'mark-read' && action !== 'copy';
    const acted = isGone
      ? delivered.length - left.length
      : action === 'copy'
        ? there.length
        : left.filter(({ isRead }) => isRead).length;
    const second = first.ended === 'SIGKILL' ? await work(task) : undefined;
    return {
      ...{ delivered, first, second, actedBefore: acted },
      ...{
        doneBefore: before.done,
        dueBefore: before.due,
        begunBefore: before.begun,
        dueAfter: (await noted(database)).due,
      },
      ...(await seen()),
      pieces: line.pieces,
    };
  } finally {
    await line.stop();
  }
}

function assertWhole(action: Action, result: Course): void {
  const { delivered, first, second, doneBefore } = result;
  const last = second ?? first;
  expect(last).toMatchObject({ ended: 0, refused: [] });
  const took = [...first.took, ...(second?.took ?? [])];
  const once = new Map(took.map(({ contentKey, subject }) => [contentKey, subject]));
  expect([...once.values()].sort()).toEqual([...delivered].sort());
  if (second !== undefined)
    expect(second.took.filter(({ contentKey }) => doneBefore.includes(contentKey))).toEqual([]);
  const left = result.left.map(({ subject }) => subject).sort();
  expect(left).toEqual(action === 'mark-read' || action === 'copy' ? [...delivered].sort() : []);
  if (action === 'mark-read') expect(result.left.filter(({ isRead }) => !isRead)).toEqual([]);
  if (action === 'move') expect([...result.target].sort()).toEqual([...delivered].sort());
  if (action === 'copy') {
    // Whether one was made that had begun, nobody can know: it is not made again.
    expect(new Set(result.target).size).toBe(result.target.length);
    if (result.begunBefore === 0) expect([...result.target].sort()).toEqual([...delivered].sort());
    else expect([0, delivered.length]).toContain(result.target.length);
  }
  expect(result.dueAfter).toBe(0);
}

/** On real servers what cannot be done twice without being seen. */
const ACTIONS: Readonly<Record<Transport, readonly Action[]>> = {
  imap: IS_LIVE ? ['move'] : ['mark-read', 'move', 'copy'],
  pop3: ['delete-permanently'],
  graph: ['move'],
};

describe.each(['imap', 'pop3', 'graph'] as const)('over %s', (transport) => {
  test.each(ACTIONS[transport])(
    '%s is done once to each message, whenever the process is killed',
    async (action) => {
      if (tenant.net.hosts[HOSTS[transport]] === undefined) {
        expect([tenant.kind, transport]).toEqual(['live', 'graph']);
        return;
      }
      const clean = await course(transport, action);
      assertWhole(action, clean);
      const { writes = 0 } = clean.first;
      expect(writes).toBeGreaterThan(3);
      // The first keeps the token: the lease of a process that is killed there has to end before another one asks for it.
      const moments: Moment[] = Array.from({ length: writes - 1 }, (_, at) => at + 2).flatMap((write) => [
        { write, when: 'before' },
        { write, when: 'after' },
      ]);
      for (const bytes of stagesOf(clean.pieces.fromClient, LINE_POINTS)) moments.push({ bytes });
      // Over POP3 there is one folder; and real servers are not to be crowded.
      const lanes = transport === 'pop3' || IS_LIVE ? (['cara'] as const) : (['anna', 'anna'] as const);
      const at = moments.map((_, index) => index);
      const results = await inLanes(lanes, at, async (_person, index) => {
        const moment = moments[index];
        const result = await course(transport, action, moment);
        try {
          assertWhole(action, result);
        } catch (cause) {
          throw new Error(`killed at ${JSON.stringify(moment)}`, { cause });
        }
        return result;
      });
      const killed = results.filter(({ second }) => second !== undefined);
      // The last pieces of one dialogue may be missing in the next.
      expect(killed.length).toBeGreaterThanOrEqual(moments.length * 0.7);
      // It was killed between noting and doing, and between doing and striking out the note.
      const between = killed.filter(({ dueBefore }) => dueBefore > 0);
      expect(between.some(({ actedBefore }) => actedBefore === 0)).toBe(true);
      expect(between.some(({ actedBefore }) => actedBefore > 0)).toBe(true);
    },
    PATIENCE_MS,
  );
});
