/**
 * What a record with an idempotency key comes to on a bad line: it is given once while one connection is lost, and once more
 * over a good line, with the same state. Owns: where a dialogue is cut so that each stretch of it has its share.
 */
import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import { openConnector, openMemoryState, openVault, type SendEmailResponse } from '../../../src/index.js';
import { startOneCut, type Direction, type OneCut } from '../../support/one-cut.js';
import type { Person, TestTenant } from '../../support/tenant.js';
import { inLanes } from './cut-course.js';

export const SEND_HOSTS = {
  login: 'login.microsoftonline.com:443',
  smtp: 'smtp.office365.com:587',
  graph: 'graph.microsoft.com:443',
  upload: 'outlook.office.com:443',
} as const;
const READING = ['outlook.office365.com:993', 'graph.microsoft.com:443'] as const;
const NOWHERE = '127.0.0.1:1';
/** Bytes at both ends of DATA that are cut at one by one, and the step between them. */
const EDGE = 64;
const STEP = 512;
/** Bytes of a turn that carries more than a call. */
const LARGE_TURN = 10_000;

export interface SendPlan {
  readonly transport: 'smtp' | 'graph';
  /** The line that is lost. */
  readonly host: keyof typeof SEND_HOSTS;
  /** Whether a copy in Sent Items can be looked for. */
  readonly reads: boolean;
  /** Characters of the text. */
  readonly text: number;
  /** Bytes of an attachment. */
  readonly attached?: number;
}

export interface SendCourse {
  readonly subject: string;
  /** Undefined when the line was lost before a record was taken up. */
  readonly first: SendEmailResponse | undefined;
  readonly second: SendEmailResponse;
  readonly wasCut: boolean;
  readonly line: Pick<OneCut, 'seen' | 'pieces' | 'turns'>;
}

export interface CutPoint {
  readonly way: Direction;
  readonly after: number;
}

/** A stretch of a dialogue, and every place where it can be cut. */
export interface Stretch {
  readonly name: 'before' | 'data' | 'end' | 'reply' | 'after';
  readonly points: readonly CutPoint[];
}

export async function sendCourse(
  tenant: TestTenant,
  person: Person,
  { transport, host, reads, text, attached }: SendPlan,
  { way, after }: CutPoint,
): Promise<SendCourse> {
  const subject = randomUUID();
  const state = openMemoryState();
  const target = tenant.net.hosts[SEND_HOSTS[host]] ?? '';
  const line = await startOneCut(target, way, after);
  const content = { inline: Buffer.alloc(attached ?? 0, 'a').toString('base64') };
  const request = {
    ...{ idempotencyKey: subject, subject, text: 'x'.repeat(text) },
    to: [{ address: tenant.address('ben') }],
    ...(attached === undefined ? {} : { attachments: [{ name: 'a.bin', content }] }),
  };
  const unread = READING.filter((name) => !reads && name !== SEND_HOSTS[transport]);
  const send = async (address: string): Promise<SendEmailResponse> => {
    const hosts = {
      ...tenant.net.hosts,
      [SEND_HOSTS[host]]: address,
      ...Object.fromEntries(unread.map((name) => [name, NOWHERE])),
    };
    const store = { state, vault: openVault([Buffer.alloc(32, 7)]) };
    const connector = openConnector({ net: { ...tenant.net, hosts }, store });
    const connection = tenant.connection(person, transport === 'graph' ? 'graph-sending' : 'smtp');
    const input = { connection, config: { transport }, activity: 'a', requests: [request] };
    for await (const response of connector.run('send-email', input)) return response;
    throw new Error('a run without an answer');
  };
  try {
    const first = await send(line.address).catch(() => undefined);
    const { done: wasCut, seen, pieces, turns } = line;
    return { subject, first, second: await send(target), wasCut, line: { seen, pieces, turns } };
  } finally {
    await line.stop();
  }
}

/** Every byte of an SMTP dialogue in both directions; inside DATA, its longest turn, both ends and every 512th. */
export function stretchesOf(turns: OneCut['turns']): Stretch[] {
  const data = turns.reduce((longest, turn) =>
    turn.way === 'fromClient' && turn.bytes > longest.bytes ? turn : longest,
  );
  const at = turns.indexOf(data);
  const each = (some: OneCut['turns']): CutPoint[] =>
    some.flatMap(({ way, start, bytes }) =>
      Array.from({ length: bytes }, (_, byte) => ({ way, after: start + byte })),
    );
  const ofData = (isTried: (byte: number) => boolean): CutPoint[] =>
    each([data]).filter(({ after }) => isTried(after - data.start));
  const end = data.bytes - EDGE;
  return [
    { name: 'before', points: each(turns.slice(0, at)) },
    { name: 'data', points: ofData((byte) => byte < end && (byte < EDGE || byte % STEP === 0)) },
    { name: 'end', points: ofData((byte) => byte >= end) },
    { name: 'reply', points: each(turns.slice(at + 1, at + 2)) },
    { name: 'after', points: each(turns.slice(at + 2)) },
  ];
}

/**
 * Every byte of calls and answers in both directions; of a turn that carries a file both ends and every 512th. The last call is
 * the one that sends.
 */
export function callStretchesOf(turns: OneCut['turns']): Stretch[] {
  const sends = turns.findLastIndex(({ way }) => way === 'fromClient');
  const call = turns[sends];
  if (call === undefined) throw new Error('nothing was called');
  const each = (some: OneCut['turns']): CutPoint[] =>
    some.flatMap(({ way, start, bytes }) =>
      Array.from({ length: bytes }, (_, byte) => byte)
        .filter((byte) => bytes < LARGE_TURN || byte < EDGE || byte >= bytes - EDGE || byte % STEP === 0)
        .map((byte) => ({ way, after: start + byte })),
    );
  const ofCall = each([call]);
  const isEnd = ({ after }: CutPoint): boolean => after - call.start >= call.bytes - EDGE;
  return [
    { name: 'before', points: each(turns.slice(0, sends)) },
    { name: 'data', points: ofCall.filter((point) => !isEnd(point)) },
    { name: 'end', points: ofCall.filter(isEnd) },
    { name: 'reply', points: each(turns.slice(sends + 1)) },
  ];
}

/** Some of them, evenly, and not at the ends, for no dialogue is as long as the next; all where there are no more. */
export function sampleOf<T>(all: readonly T[], most: number): T[] {
  if (all.length <= most) return [...all];
  const some = Array.from({ length: most }, (_, at) => all[Math.floor((all.length * (at + 0.5)) / most)]);
  return some.filter((one) => one !== undefined);
}

type CutCourse = SendCourse & { readonly point: CutPoint };

/** A mailbox has three connections. */
const LANES: Readonly<Record<TestTenant['kind'], readonly Person[]>> = {
  live: ['anna', 'anna'],
  sandbox: ['anna', 'ben', 'cara', 'anna', 'ben', 'cara', 'anna', 'ben'],
};

async function copiesBySubject(tenant: TestTenant): Promise<Map<string, number>> {
  const copies = new Map<string, number>();
  for (const { source } of await tenant.stored('ben', 'INBOX')) {
    const subject = /^Subject: (.*)\r$/mu.exec(source.toString('latin1'))?.[1] ?? '';
    copies.set(subject, (copies.get(subject) ?? 0) + 1);
  }
  return copies;
}

/** Nothing twice, nothing claimed, and a second try ends in one of two ways. */
async function assertOnce(tenant: TestTenant, courses: readonly CutCourse[]): Promise<void> {
  // The sandbox has delivered what it accepted.
  for (const { second } of courses)
    if (tenant.kind === 'live' && second.outcome === 'accepted')
      await tenant.arrived('ben', second.messageId ?? '');
  const copies = await copiesBySubject(tenant);
  for (const { subject, first, second, point } of courses) {
    const arrived = copies.get(subject) ?? 0;
    const told = { point, first: first?.outcome, second: second.outcome, failure: second.failure?.code };
    expect({ ...told, arrived }).toEqual({ ...told, arrived: arrived === 0 ? 0 : 1 });
    expect(['accepted', 'unknown']).toContain(second.outcome);
    if (first?.outcome === 'accepted' || second.outcome === 'accepted')
      expect({ ...told, arrived }).toEqual({ ...told, arrived: 1 });
    if (first?.outcome === 'accepted') expect(second).toMatchObject({ outcome: 'accepted', repeated: true });
  }
}

/** Each on a line and with a state of its own. @returns what they came to, once it was found to be right */
export async function cutAt(
  tenant: TestTenant,
  plan: SendPlan,
  points: readonly CutPoint[],
): Promise<CutCourse[]> {
  const at = points.map((_, index) => index);
  const courses = await inLanes(LANES[tenant.kind], at, async (person, index) => {
    const point = points[index] ?? { way: 'fromClient', after: 0 };
    return { ...(await sendCourse(tenant, person, plan, point)), point };
  });
  await assertOnce(tenant, courses);
  return courses;
}
