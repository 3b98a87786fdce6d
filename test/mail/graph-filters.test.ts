/**
 * Every condition that Graph declares, against a mailbox of varied messages: what find() yields never misses a message
 * that fulfils it, and is what explain() says.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { explainGraph } from '../../src/mail/graph/explain.js';
import type { Condition, ReadingSession } from '../../src/mail/reading.js';
import { openSandboxTenant } from '../support/sandbox-tenant.js';
import { fulfils, parseAll, type JudgedMessage } from './support/brute-force.js';
import { collect, openGraph } from './support/graph-reading.js';
import { fileMessages, MIDNIGHT, variedMessages } from './support/varied-mailbox.js';

let tenant: Awaited<ReturnType<typeof openSandboxTenant>>;
let session: ReadingSession;
let mailbox: readonly JudgedMessage[];
/** By the bytes of the message, for Graph knows no UID. */
const uidOf = new Map<string, number>();

beforeAll(async () => {
  tenant = await openSandboxTenant();
  const { folder, filed } = await fileMessages(tenant, 'anna', variedMessages());
  mailbox = await parseAll(filed);
  session = await openGraph(tenant.sandbox);
  await session.openFolder(folder, 'read');
  const bySource = new Map(filed.map(({ source, uid }) => [source.toString('latin1'), uid]));
  const all = (await collect(session.find({ conditions: [], order: 'oldest-first', pageSize: 1000 }))).flat();
  for await (const message of session.fetch(all)) {
    if (message.kind !== 'whole') throw new Error('in parts');
    const source = Buffer.concat(await collect(message.pieces)).toString('latin1');
    uidOf.set(message.facts.id, bySource.get(source)!);
  }
  expect(new Set(uidOf.values()).size).toBe(filed.length);
}, 60_000);
afterAll(async () => {
  await session.close();
  await tenant.stop();
});

const at = (seconds: number, days = 0): Date => new Date(MIDNIGHT + days * 86_400_000 + seconds * 1000);

const CONDITIONS: readonly Condition[] = [
  { field: 'readState', is: 'read' },
  { field: 'readState', is: 'unread' },
  { field: 'flagged', is: true },
  { field: 'flagged', is: false },
  { field: 'from', contains: 'Schmidt' },
  { field: 'from', contains: 'fabrikam, purch' },
  { field: 'from', contains: 'John "JD"' },
  { field: 'from', contains: 'ivan.nunez@northwind.example' },
  { field: 'from', contains: 'Jürgen Müller <juergen' },
  { field: 'from', contains: "O'Brien" },
  { field: 'from', contains: 'nobody at all' },
  { field: 'to', contains: 'ben@contoso' },
  { field: 'cc', contains: 'Archive, Legal' },
  { field: 'subject', contains: 'invoice' },
  { field: 'subject', contains: '4711 for October' },
  { field: 'subject', contains: '[Ticket#99]' },
  { field: 'subject', contains: '"quoted" and \\backslashed\\' },
  { field: 'subject', contains: "it's" },
  { field: 'subject', contains: 'Müller GmbH' },
  { field: 'subject', contains: 'Grüße' },
  { field: 'subject', contains: ') or (isRead eq true' },
  { field: 'body', contains: 'total' },
  { field: 'header', name: 'X-Order', contains: 'a-3' },
  ...[-3600, -1, 0, 1, 3600].flatMap((seconds): Condition[] => [
    { field: 'received', since: at(seconds) },
    { field: 'received', before: at(seconds) },
    { field: 'received', since: at(seconds), before: at(seconds, 1) },
    { field: 'sent', since: at(seconds) },
    { field: 'sent', before: at(seconds) },
    { field: 'sent', since: at(seconds), before: at(seconds, 1) },
  ]),
  { field: 'received', since: new Date(0), before: new Date(8.64e15) },
  { field: 'received' },
  { field: 'sent' },
  { field: 'hasAttachment', is: true },
  { field: 'attachment', name: 'a.pdf' },
  { field: 'size', minBytes: 7000 },
  { field: 'importance', is: 'high' },
  { field: 'importance', is: 'normal' },
  { field: 'importance', is: 'low' },
  { field: 'conversation', messageId: '<t3@test.example>' },
];

async function found(conditions: readonly Condition[], pageSize = 1000): Promise<number[]> {
  const pages = await collect(session.find({ conditions, order: 'oldest-first', pageSize }));
  return pages.flat().map(({ id }) => uidOf.get(id)!);
}

const sorted = (uids: readonly number[]): number[] => [...uids].sort((a, b) => a - b);
const uids = (messages: readonly JudgedMessage[]): number[] => sorted(messages.map(({ uid }) => uid));

test.each(CONDITIONS.map((condition) => [JSON.stringify(condition), condition] as const))(
  '%s',
  async (_, condition) => {
    const { where } = explainGraph([condition], 'find')[0]!;
    const yielded = sorted(await found([condition]));
    const fulfilling = uids(mailbox.filter((message) => fulfils(condition, message)));
    if (where === 'server') expect(yielded).toEqual(fulfilling);
    else if (where === 'local') expect(yielded).toEqual(uids(mailbox));
    else {
      expect(fulfilling.filter((uid) => !yielded.includes(uid))).toEqual([]);
      expect(yielded.length).toBeLessThan(mailbox.length);
    }
    expect(sorted(await found([condition], 13))).toEqual(yielded);
  },
);

test('every condition that is declared is tried, and is judged where it is declared to be', () => {
  const { transports } = JSON.parse(readFileSync('catalogue/transports.json', 'utf8')) as {
    transports: { id: string; conditions: Record<string, string> }[];
  };
  const declared = transports.find(({ id }) => id === 'graph')!.conditions;
  const tried: Condition[] = [...CONDITIONS, { field: 'raw', expression: 'isRead eq true' }];
  const RANK = ['local', 'both', 'server'];
  for (const [field, where] of Object.entries(declared)) {
    const places = tried
      .filter((one) => one.field === field)
      .map((one) => explainGraph([one], 'find')[0]!.where);
    expect([field, places.sort((a, b) => RANK.indexOf(b) - RANK.indexOf(a))[0]]).toEqual([field, where]);
  }
});

test('explain says why Graph is not asked, and what it is asked', () => {
  for (const condition of CONDITIONS) {
    for (const purpose of ['find', 'changes'] as const) {
      const { where, because, asked } = explainGraph([condition], purpose)[0]!;
      if (where !== 'server') expect(because).toBeDefined();
      if (where === 'both') expect(asked).toBeDefined();
      if (purpose === 'changes' && condition.field !== 'received') expect(where).toBe('local');
    }
  }
});

test('changes() takes no account of conditions', async () => {
  const conditions = [{ field: 'readState', is: 'read' }] as const;
  const pages = await collect(session.changes({ after: undefined, conditions, pageSize: 50 }));
  expect(pages.flatMap(({ messages }) => messages)).toHaveLength(mailbox.length);
});

test('conditions together: all must hold', async () => {
  const some = CONDITIONS.filter((_, index) => index % 3 === 0);
  for (const [index, first] of some.entries()) {
    const conditions = [first, some[(index + 3) % some.length]!, some[(index + 7) % some.length]!];
    const yielded = await found(conditions);
    const fulfilling = mailbox.filter((message) => conditions.every((one) => fulfils(one, message)));
    expect(fulfilling.filter(({ uid }) => !yielded.includes(uid))).toEqual([]);
  }
});

test('what only preselects is left out when Graph finds the whole too complex; the rest still holds', async () => {
  const unread = { field: 'readState', is: 'unread' } as const;
  const subject = { field: 'subject', contains: 'invoice' } as const;
  tenant.sandbox.answers.graph({
    on: 'list-messages',
    status: 400,
    error: {
      code: 'InefficientFilter',
      message: 'The restriction or sort order is too complex for this operation.',
    },
  });
  expect(sorted(await found([unread, subject]))).toEqual(uids(mailbox.filter((one) => fulfils(unread, one))));
});

describe('an expert’s filter', () => {
  const flag = (name: string) => (message: JudgedMessage) => message.flags.includes(name);
  test.each<[string, (message: JudgedMessage) => boolean]>([
    ['isRead eq false', (message) => !flag('\\Seen')(message)],
    [
      "isRead eq true or flag/flagStatus eq 'flagged'",
      (message) => flag('\\Seen')(message) || flag('\\Flagged')(message),
    ],
    [
      "not contains(subject,'invoice')",
      (message) => !fulfils({ field: 'subject', contains: 'invoice' }, message),
    ],
  ])('%s', async (expression, judge) => {
    const raw = { field: 'raw', expression } as const;
    expect(sorted(await found([raw]))).toEqual(uids(mailbox.filter(judge)));
    const both = await found([raw, { field: 'readState', is: 'read' }]);
    expect(sorted(both)).toEqual(uids(mailbox.filter((one) => judge(one) && flag('\\Seen')(one))));
  });

  test.each([
    'frobnicate',
    'isRead eq',
    'isRead eq true)',
    "subject eq 'open",
    '',
    'isRead eq true) or (isRead eq false',
  ])('that is none is refused: %j', async (expression) => {
    await expect(found([{ field: 'raw', expression }])).rejects.toMatchObject({
      code: 'search-expression-invalid',
    });
  });
});
