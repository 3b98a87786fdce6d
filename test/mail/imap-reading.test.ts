/**
 * Every condition that IMAP declares, against a mailbox of varied messages: what find() yields never misses a message
 * that fulfils it, and is no more than explain() says. The same for the sandbox and for a real server.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { explainImap } from '../../src/mail/imap/explain.js';
import type { ChangesPage, Condition, MessageFacts, ReadingSession } from '../../src/mail/reading.js';
import { openTenant } from '../support/open-tenant.js';
import type { TestTenant } from '../support/tenant.js';
import { fulfils, parseAll, type JudgedMessage } from './support/brute-force.js';
import { openReading } from './support/imap-reading.js';
import { fileMessages, MIDNIGHT, variedMessages } from './support/varied-mailbox.js';

let tenant: TestTenant;
let session: ReadingSession;
let mailbox: readonly JudgedMessage[];

beforeAll(async () => {
  tenant = await openTenant();
  const { folder, filed } = await fileMessages(tenant, 'anna', variedMessages());
  mailbox = await parseAll(filed);
  session = await openReading(tenant);
  await session.openFolder(folder, 'read');
}, 60_000);
afterAll(async () => {
  await session.close();
  await tenant.stop();
});

const at = (seconds: number, days = 0): Date => new Date(MIDNIGHT + days * 86_400_000 + seconds * 1000);

/** Text conditions with words in them; the last entries have none that a server could be asked for. */
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
  { field: 'from', contains: 'nobody at all' },
  { field: 'to', contains: 'ben@contoso' },
  { field: 'to', contains: 'Carla, Ruiz' },
  { field: 'cc', contains: 'Archive, Legal' },
  { field: 'subject', contains: 'invoice' },
  { field: 'subject', contains: '4711 for October' },
  { field: 'subject', contains: 'Invoice 4712' },
  { field: 'subject', contains: '[Ticket#99]' },
  { field: 'subject', contains: '"quoted" and \\backslashed\\' },
  { field: 'subject', contains: 'Müller GmbH' },
  { field: 'subject', contains: 'Grüße' },
  { field: 'subject', contains: ']' },
  { field: 'body', contains: 'total' },
  { field: 'body', contains: 'The total amount' },
  { field: 'body', contains: 'Freitag, Grüße' },
  { field: 'header', name: 'X-Order', contains: '' },
  { field: 'header', name: 'X-Order', contains: 'a-3' },
  { field: 'header', name: 'x-order', contains: 'Müller GmbH' },
  { field: 'header', name: 'X-Nothing', contains: 'x' },
  { field: 'header', name: 'No such:field', contains: 'x' },
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
  { field: 'hasAttachment', is: true },
  { field: 'attachment', name: 'a.pdf' },
  { field: 'size', minBytes: 7000 },
  { field: 'size', maxBytes: 500 },
  { field: 'size', minBytes: 400, maxBytes: 700 },
  { field: 'size' },
  { field: 'importance', is: 'high' },
  { field: 'importance', is: 'normal' },
  { field: 'importance', is: 'low' },
  { field: 'conversation', messageId: '<t3@test.example>' },
  { field: 'conversation', messageId: '<m7@test.example>' },
  { field: 'conversation', messageId: '<nobody@test.example>' },
];

async function found(conditions: readonly Condition[], pageSize = 1000): Promise<number[]> {
  const uids: number[] = [];
  for await (const page of session.find({ conditions, order: 'oldest-first', pageSize }))
    uids.push(...page.map(({ id }) => Number(id)));
  return uids;
}

async function changed(
  conditions: readonly Condition[],
  after?: ChangesPage['position'],
  pageSize = 1000,
): Promise<ChangesPage[]> {
  const pages: ChangesPage[] = [];
  for await (const page of session.changes({ after, conditions, pageSize })) pages.push(page);
  return pages;
}

const uidsOf = (pages: readonly ChangesPage[]): number[] =>
  pages.flatMap(({ messages }) => messages.map(({ id }) => Number(id)));

test.each(CONDITIONS.map((condition) => [JSON.stringify(condition), condition] as const))(
  '%s',
  async (_, condition) => {
    const [plan] = explainImap([condition], 'find');
    const uids = await found([condition]);
    const fulfilling = mailbox.filter((message) => fulfils(condition, message)).map(({ uid }) => uid);
    const all = mailbox.map(({ uid }) => uid);
    if (plan?.where === 'server') expect(uids).toEqual(fulfilling);
    if (plan?.where === 'local') expect(uids).toEqual(all);
    if (plan?.where === 'both') {
      expect(fulfilling.filter((uid) => !uids.includes(uid))).toEqual([]);
      expect(uids.length).toBeLessThan(all.length);
    }
    expect(uidsOf(await changed([condition]))).toEqual(uids);
  },
);

test('most conditions are fulfilled by some messages and not by others', () => {
  const counts = CONDITIONS.map(
    (condition) => mailbox.filter((message) => fulfils(condition, message)).length,
  );
  expect(counts.filter((count) => count > 0 && count < mailbox.length).length).toBeGreaterThan(
    CONDITIONS.length - 8,
  );
});

test('every condition that is declared is tried, and is judged where it is declared to be', () => {
  const { transports } = JSON.parse(readFileSync('catalogue/transports.json', 'utf8')) as {
    transports: { id: string; conditions: Record<string, string> }[];
  };
  const declared = transports.find(({ id }) => id === 'imap')!.conditions;
  const tried: Condition[] = [...CONDITIONS, { field: 'raw', expression: 'ALL' }];
  const RANK = ['local', 'both', 'server'];
  for (const [field, where] of Object.entries(declared)) {
    const places = tried
      .filter((one) => one.field === field)
      .map((one) => explainImap([one], 'find')[0]!.where);
    // Single values may be left to us (letters beyond ASCII); never is more claimed than is declared.
    expect([field, places.sort((a, b) => RANK.indexOf(b) - RANK.indexOf(a))[0]]).toEqual([field, where]);
  }
});

describe('an expert’s keys', () => {
  const flag = (name: string) => (message: JudgedMessage) => message.flags.includes(name);
  test.each<[string, (message: JudgedMessage) => boolean]>([
    ['UNSEEN', (message) => !flag('\\Seen')(message)],
    ['OR SEEN FLAGGED', (message) => flag('\\Seen')(message) || flag('\\Flagged')(message)],
    ['NOT (SEEN FLAGGED)', (message) => !(flag('\\Seen')(message) && flag('\\Flagged')(message))],
    [
      'HEADER "X-Order" "A-3"',
      (message) => fulfils({ field: 'header', name: 'X-Order', contains: 'A-3' }, message),
    ],
  ])('%s', async (expression, judge) => {
    expect(await found([{ field: 'raw', expression }])).toEqual(mailbox.filter(judge).map(({ uid }) => uid));
    const both = await found([
      { field: 'raw', expression },
      { field: 'readState', is: 'read' },
    ]);
    expect(both).toEqual(mailbox.filter((one) => judge(one) && flag('\\Seen')(one)).map(({ uid }) => uid));
  });

  test.each([
    'FROBNICATE',
    'OR SEEN',
    'SUBJECT "Müller"',
    'SEEN) (DELETED',
    'SUBJECT {4}',
    'SEEN\r\nx LOGOUT',
    '"open',
    '',
  ])('that are none are refused: %j', async (expression) => {
    await expect(found([{ field: 'raw', expression }])).rejects.toMatchObject({
      code: 'search-expression-invalid',
    });
    expect(session.usable).toBe(true);
    expect(await found([])).toHaveLength(mailbox.length);
  });
});

test('conditions together: all must hold', async () => {
  const some = CONDITIONS.filter((_, index) => index % 5 === 0);
  for (const [index, first] of some.entries()) {
    const conditions = [first, some[(index + 3) % some.length]!, some[(index + 7) % some.length]!];
    const uids = await found(conditions);
    const fulfilling = mailbox.filter((message) => conditions.every((one) => fulfils(one, message)));
    expect(fulfilling.filter(({ uid }) => !uids.includes(uid))).toEqual([]);
  }
});

test('facts are those of the stored message', async () => {
  const pages: MessageFacts[] = [];
  for await (const page of session.find({ conditions: [], order: 'oldest-first', pageSize: 50 }))
    pages.push(...page);
  expect(pages.map(({ id, flags, isRead, receivedAt }) => ({ id, flags, isRead, receivedAt }))).toEqual(
    mailbox.map(({ uid, flags, internalDate }) => ({
      id: String(uid),
      flags: [...flags].sort(),
      isRead: flags.includes('\\Seen'),
      receivedAt: internalDate,
    })),
  );
  expect(await session.facts(['999999', pages[3]!.id, 'x', pages[1]!.id])).toEqual([pages[3], pages[1]]);
});

test('pages are full up to the last one, in either order', async () => {
  for (const order of ['oldest-first', 'newest-first'] as const) {
    const pages: number[][] = [];
    for await (const page of session.find({ conditions: [], order, pageSize: 30 }))
      pages.push(page.map(({ id }) => Number(id)));
    expect(pages.map(({ length }) => length)).toEqual([30, 30, 30, 30, 30, 30, 20]);
    const all = mailbox.map(({ uid }) => uid);
    expect(pages.flat()).toEqual(order === 'oldest-first' ? all : all.reverse());
  }
});

test('from the position of any page, the rest follows', async () => {
  const conditions: Condition[] = [{ field: 'flagged', is: true }];
  const pages = await changed(conditions, undefined, 7);
  expect(pages.every(({ messages }) => messages.length <= 7)).toBe(true);
  for (const [index, { position }] of pages.entries()) {
    expect(uidsOf(await changed(conditions, position, 7))).toEqual(uidsOf(pages.slice(index + 1)));
  }
  expect(pages.at(-1)?.position).toEqual(await session.now());
});

test('after now there is nothing, until something arrives; n:* does not bring the last message back', async () => {
  const folder = await tenant.freshFolder('anna');
  const reader = await openReading(tenant);
  try {
    await reader.openFolder(folder, 'read');
    expect(await collect(reader, undefined)).toEqual([]);
    await tenant.deliver('anna', folder, variedMessages(1)[0]!.source);
    const first = await collect(reader, undefined);
    expect(first).toHaveLength(1);
    const now = await reader.now();
    expect(await collect(reader, now)).toEqual([]);
    await tenant.deliver('anna', folder, variedMessages(1)[0]!.source);
    expect(await collect(reader, now)).toHaveLength(1);
  } finally {
    await reader.close();
  }
});

test('a position does not go back when the newest message is deleted', async () => {
  const folder = await tenant.freshFolder('anna');
  for (const { source } of variedMessages(3)) await tenant.deliver('anna', folder, source);
  const reader = await openReading(tenant);
  try {
    await reader.openFolder(folder, 'change');
    const now = await reader.now();
    const last = (await tenant.stored('anna', folder)).at(-1)!.uid;
    await reader.apply({ kind: 'delete-permanently' }, [String(last)]);
    await reader.openFolder(folder, 'read');
    expect(await reader.now()).toEqual(now);
  } finally {
    await reader.close();
  }
});

async function collect(
  reader: ReadingSession,
  after: ChangesPage['position'] | undefined,
): Promise<string[]> {
  const ids: string[] = [];
  for await (const { messages } of reader.changes({ after, conditions: [], pageSize: 10 }))
    ids.push(...messages.map(({ id }) => id));
  return ids;
}
