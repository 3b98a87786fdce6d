/**
 * What an activity on a bad line comes to: Read Email with `take: new` and its settle(), run again until nothing comes, while
 * mail arrives and one connection is lost. The consumer recognises repeats by content key, as the host contract says.
 */
import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import {
  openConnector,
  openMemoryState,
  openVault,
  type Connector,
  type NetPolicy,
  type Resumed,
} from '../../../src/index.js';
import { messageWithAttachment, noise, plainMessage } from '../../support/messages.js';
import { startOneCut, type CutOptions, type Direction, type OneCut } from '../../support/one-cut.js';
import type { Person, TestTenant } from '../../support/tenant.js';

export const HOSTS = {
  imap: 'outlook.office365.com:993',
  pop3: 'outlook.office365.com:995',
  graph: 'graph.microsoft.com:443',
} as const;
export const LOGIN = 'login.microsoftonline.com:443';
const MAX_ROUNDS = 6;

export type Transport = keyof typeof HOSTS;
export type Action = 'none' | 'mark-read' | 'move' | 'copy' | 'delete' | 'delete-permanently';

export interface Plan {
  readonly transport: Transport;
  readonly action: Action;
  readonly person: Person;
  /** The line that is lost; default: to the mail server. */
  readonly host?: string;
  /** Nobody settles what the first run delivers, as after a crash. */
  readonly forgetsSettle?: boolean;
  /** What happens to the line; default: it is cut. */
  readonly how?: CutOptions['how'];
  readonly net?: Pick<NetPolicy, 'idleTimeoutMs'>;
  /** Bytes of the one attachment; default: 40,000. */
  readonly attached?: number;
}

export interface Course {
  readonly delivered: readonly string[];
  /** Subjects of records that the consumer took, repeats left out. */
  readonly consumed: readonly string[];
  readonly errors: readonly unknown[];
  /** Codes of failures that settle() told of single messages. */
  readonly refused: readonly string[];
  /** What the host was told of connections that were opened anew. */
  readonly resumed: readonly Resumed[];
  /** Whether each attachment that came was the one that was sent. */
  readonly intact: readonly boolean[];
  readonly wasCut: boolean;
  readonly pieces: OneCut['pieces'];
  /** Subjects in the folder and in the one that the action moves or copies to. */
  readonly left: readonly { readonly subject: string; readonly isRead: boolean }[];
  readonly target: readonly string[];
}

const subjectOf = (source: Buffer): string => /^Subject: (.*)$/mu.exec(source.toString())?.[1]?.trim() ?? '';

export async function course(
  tenant: TestTenant,
  {
    transport,
    action,
    person,
    host = HOSTS[transport],
    forgetsSettle = false,
    how = 'cut',
    net: patience = {},
    attached = 40_000,
  }: Plan,
  direction: Direction,
  after: number,
): Promise<Course> {
  const folder = transport === 'pop3' ? 'INBOX' : await tenant.freshFolder(person);
  if (transport === 'pop3') await tenant.clear(person, folder);
  const needsFolder = action === 'move' || action === 'copy';
  const target = needsFolder ? await tenant.freshFolder(person) : 'Deleted Items';
  const delivered: string[] = [];
  const arrives = async (message: (subject: string) => Buffer): Promise<void> => {
    const subject = `${String(delivered.length)} ${randomUUID()}`;
    delivered.push(subject);
    await tenant.deliver(person, folder, message(subject));
  };
  await arrives((subject) => plainMessage(subject));
  const content = noise(attached);
  await arrives((subject) => messageWithAttachment(subject, 'a.bin', content));
  await arrives((subject) => plainMessage(subject));

  const line = await startOneCut(tenant.net.hosts[host] ?? '', direction, after, { how });
  const store = { state: openMemoryState(), vault: openVault([Buffer.alloc(32, 7)]) };
  const net = { ...tenant.net, ...patience, hosts: { ...tenant.net.hosts, [host]: line.address } };
  const open = (): Connector => openConnector({ net, store });
  const connection = tenant.connection(person, transport);
  const config = {
    ...{ transport, folder, take: 'new', startAt: 'beginning', afterRead: action },
    ...(needsFolder ? { afterReadFolder: target } : {}),
  };
  const activity = randomUUID();
  const known = new Set<string>();
  const consumed: string[] = [];
  const errors: unknown[] = [];
  const refused: string[] = [];
  const resumed: Resumed[] = [];
  const intact: boolean[] = [];
  const calling = { onResume: (one: Resumed) => void resumed.push(one) };
  let connector = open();
  try {
    for (let round = 0, quiet = false; round < MAX_ROUNDS && !quiet; round += 1) {
      quiet = true;
      try {
        const run = connector.run('read-email', { connection, config, activity }, calling);
        for await (const { records, token, unreadable } of run) {
          errors.push(...unreadable);
          for (const { subject, contentKey, attachments } of records) {
            quiet = false;
            if (!known.has(contentKey)) consumed.push(subject);
            known.add(contentKey);
            for (const { content: came } of attachments)
              intact.push(
                came !== undefined && 'inline' in came && came.inline === content.toString('base64'),
              );
          }
          if (round === 0) await arrives((subject) => plainMessage(subject));
          if (round === 0 && forgetsSettle) continue;
          const outcomes = records.map(({ key }) => ({ key, outcome: 'done' as const }));
          const settled = await connector.settle(
            'read-email',
            { connection, config, token, outcomes },
            calling,
          );
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
  const left = (await tenant.stored(person, folder)).map(({ source, flags }) => ({
    subject: subjectOf(source),
    isRead: flags.includes('\\Seen'),
  }));
  const hasTarget = needsFolder || action === 'delete';
  const there = hasTarget ? (await tenant.stored(person, target)).map(({ source }) => subjectOf(source)) : [];
  const { done: wasCut, pieces } = line;
  const ours = there.filter((subject) => delivered.includes(subject));
  return { delivered, consumed, errors, refused, resumed, intact, wasCut, pieces, left, target: ours };
}

/** Where the action puts a message; a copy that nobody knows of may be there or not, once at most. */
function assertPlaced(action: Action, { delivered, left, target, refused }: Course): void {
  const isGone = action === 'move' || action === 'delete' || action === 'delete-permanently';
  expect(left.map(({ subject }) => subject).sort()).toEqual(isGone ? [] : [...delivered].sort());
  if (action === 'mark-read') expect(left.every(({ isRead }) => isRead)).toBe(true);
  if (action === 'move' || action === 'delete') expect([...target].sort()).toEqual([...delivered].sort());
  if (action === 'copy') {
    expect(new Set(target).size).toBe(target.length);
    expect(refused.every((code) => code === 'action-outcome-unknown')).toBe(true);
    expect(target.length).toBeGreaterThanOrEqual(delivered.length - refused.length);
  } else expect(refused).toEqual([]);
}

/** Nothing lost, nothing consumed twice, every message where the action puts it, and nobody was shown an error. */
export function assertWhole(action: Action, result: Course): void {
  expect(result.errors).toEqual([]);
  expect([...result.consumed].sort()).toEqual([...result.delivered].sort());
  assertPlaced(action, result);
}

/** Does the courses on a few lanes at the same time; those of one lane have a mailbox or folders to themselves. */
export async function inLanes<T>(
  lanes: readonly Person[],
  points: readonly number[],
  run: (person: Person, point: number) => Promise<T>,
): Promise<T[]> {
  const rest = [...points];
  const results: T[] = [];
  await Promise.all(
    lanes.map(async (person) => {
      for (let point = rest.shift(); point !== undefined; point = rest.shift())
        results.push(await run(person, point));
    }),
  );
  return results;
}
