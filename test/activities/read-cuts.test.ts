/**
 * Read Email with `take: new` over IMAP, the connection lost once at byte N of a run, of its settle(), or of the run after it,
 * for many N in both directions, while new mail arrives. The consumer recognises repeats by content key, as the host
 * contract says. Nothing is lost, nothing is delivered twice, every message ends where the action puts it, and nobody is
 * shown an error.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openConnector, openMemoryState, openVault, type Connector } from '../../src/index.js';
import { messageWithAttachment, plainMessage } from '../support/messages.js';
import { startOneCut, type Direction } from '../support/one-cut.js';
import { openTenant } from '../support/open-tenant.js';
import type { TestTenant } from '../support/tenant.js';

const IMAP = 'outlook.office365.com:993';
const POINTS_PER_DIRECTION = 6;
/** Scenarios at the same time; a mailbox of Exchange Online lets an app have 20 connections. */
const AT_A_TIME = 4;
const MAX_ROUNDS = 6;

let tenant: TestTenant;
beforeAll(async () => {
  tenant = await openTenant();
}, 30_000);
afterAll(() => tenant.stop());

type Action = 'mark-read' | 'move' | 'copy' | 'delete-permanently';

interface Course {
  readonly delivered: readonly string[];
  /** Subjects of records that the consumer took, repeats left out. */
  readonly consumed: readonly string[];
  readonly errors: readonly unknown[];
  /** Codes of failures that settle() told of single messages. */
  readonly refused: readonly string[];
  readonly wasCut: boolean;
  readonly bytes: Readonly<Record<Direction, number>>;
  /** Subjects in the folder and in the one that the action moves or copies to. */
  readonly left: readonly { readonly subject: string; readonly isRead: boolean }[];
  readonly target: readonly string[];
}

async function course(
  action: Action,
  direction: Direction,
  after: number,
  { forgetsSettle = false } = {},
): Promise<Course> {
  const folder = await tenant.freshFolder('anna');
  const target = await tenant.freshFolder('anna');
  const delivered: string[] = [];
  const arrives = async (message: (subject: string) => Buffer): Promise<void> => {
    const subject = `${String(delivered.length)} ${randomUUID()}`;
    delivered.push(subject);
    await tenant.deliver('anna', folder, message(subject));
  };
  await arrives((subject) => plainMessage(subject));
  await arrives((subject) => messageWithAttachment(subject, 'a.bin', Buffer.alloc(40_000, 7)));
  await arrives((subject) => plainMessage(subject));

  const line = await startOneCut(tenant.net.hosts[IMAP] ?? '', direction, after);
  const store = { state: openMemoryState(), vault: openVault([Buffer.alloc(32, 7)]) };
  const net = { ...tenant.net, hosts: { ...tenant.net.hosts, [IMAP]: line.address } };
  const open = (): Connector => openConnector({ net, store });
  const connection = tenant.connection('anna');
  const needsFolder = action === 'move' || action === 'copy';
  const config = {
    ...{ transport: 'imap', folder, take: 'new', startAt: 'beginning', afterRead: action },
    ...(needsFolder ? { afterReadFolder: target } : {}),
  };
  const activity = randomUUID();
  const known = new Set<string>();
  const consumed: string[] = [];
  const errors: unknown[] = [];
  const refused: string[] = [];
  let connector = open();
  try {
    for (let round = 0, quiet = false; round < MAX_ROUNDS && !quiet; round += 1) {
      quiet = true;
      try {
        for await (const { records, token } of connector.run('read-email', {
          connection,
          config,
          activity,
        })) {
          for (const { subject, contentKey } of records) {
            quiet = false;
            if (!known.has(contentKey)) consumed.push(subject);
            known.add(contentKey);
          }
          if (round === 0) await arrives((subject) => plainMessage(subject));
          if (round === 0 && forgetsSettle) continue;
          const outcomes = records.map(({ key }) => ({ key, outcome: 'done' as const }));
          const settled = await connector.settle('read-email', { connection, config, token, outcomes });
          refused.push(...settled.flatMap(({ failure }) => (failure === undefined ? [] : [failure.code])));
        }
      } catch (error) {
        quiet = false;
        errors.push(error);
      }
      if (forgetsSettle) connector = open(); // all that is left of the last one is its state
    }
  } finally {
    await line.stop();
  }
  const subjectOf = (source: Buffer): string =>
    /^Subject: (.*)$/mu.exec(source.toString())?.[1]?.trim() ?? '';
  const left = (await tenant.stored('anna', folder)).map(({ source, flags }) => ({
    subject: subjectOf(source),
    isRead: flags.includes('\\Seen'),
  }));
  const there = (await tenant.stored('anna', target)).map(({ source }) => subjectOf(source));
  const { seen: bytes, done: wasCut } = line;
  return { delivered, consumed, errors, refused, wasCut, bytes, left, target: there };
}

/** Where the action puts a message; a copy that nobody knows of may be there or not, once at most. */
function assertPlaced(action: Action, { delivered, left, target, refused }: Course): void {
  const isGone = action === 'move' || action === 'delete-permanently';
  expect(left.map(({ subject }) => subject).sort()).toEqual(isGone ? [] : [...delivered].sort());
  if (action === 'mark-read') expect(left.every(({ isRead }) => isRead)).toBe(true);
  if (action === 'move') expect([...target].sort()).toEqual([...delivered].sort());
  if (action === 'copy') {
    expect(new Set(target).size).toBe(target.length);
    expect(refused.every((code) => code === 'action-outcome-unknown')).toBe(true);
    expect(target.length).toBeGreaterThanOrEqual(delivered.length - refused.length);
  } else expect(refused).toEqual([]);
}

function assertWhole(action: Action, result: Course): void {
  expect(result.errors).toEqual([]);
  expect([...result.consumed].sort()).toEqual([...result.delivered].sort());
  assertPlaced(action, result);
}

describe.each(['mark-read', 'move', 'copy', 'delete-permanently'] as const)('%s', (action) => {
  test.each(['fromServer', 'fromClient'] as const)(
    `is done once to each message, cut at ${String(POINTS_PER_DIRECTION)} points %s`,
    async (direction) => {
      const clean = await course(action, direction, Infinity);
      assertWhole(action, clean);
      const total = clean.bytes[direction];
      const points = Array.from({ length: POINTS_PER_DIRECTION }, (_, at) =>
        Math.floor((total * (at + 0.5)) / POINTS_PER_DIRECTION),
      );
      let cuts = 0;
      for (let at = 0; at < points.length; at += AT_A_TIME) {
        const some = points.slice(at, at + AT_A_TIME);
        const results = await Promise.all(some.map((after) => course(action, direction, after)));
        for (const result of results) {
          assertWhole(action, result);
          if (result.wasCut) cuts += 1;
        }
      }
      expect(cuts).toBe(points.length);
    },
    120_000,
  );
});

test.each(['mark-read', 'move', 'delete-permanently'] as const)(
  'a consumer that ends between batch and settle gets the batch again, and %s is done once',
  async (action) => {
    const result = await course(action, 'fromServer', Infinity, { forgetsSettle: true });
    assertWhole(action, result);
  },
  30_000,
);
