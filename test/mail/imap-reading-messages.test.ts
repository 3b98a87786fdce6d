/**
 * What comes over the wire is what is stored, byte for byte, whole or in parts, and nothing is marked as read by it. The
 * same for the sandbox and for a real server.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type {
  FetchedMessage,
  LeafOutline,
  MessageFacts,
  ReadingSession,
  Wanted,
} from '../../src/mail/reading.js';
import { messageWithAttachment, noise, plainMessage, source } from '../support/messages.js';
import { openTenant } from '../support/open-tenant.js';
import type { TestTenant } from '../support/tenant.js';
import { openReading } from './support/imap-reading.js';
import { variedMessages } from './support/varied-mailbox.js';

const PIECE = 2 * 1024 * 1024;

let tenant: TestTenant;
let session: ReadingSession;
beforeAll(async () => {
  tenant = await openTenant();
  session = await openReading(tenant);
});
afterAll(async () => {
  await session.close();
  await tenant.stop();
});

/** Files the messages and opens their folder. */
async function filed(...sources: readonly Buffer[]): Promise<MessageFacts[]> {
  const folder = await tenant.freshFolder('anna');
  for (const bytes of sources) await tenant.deliver('anna', folder, bytes);
  await session.openFolder(folder, 'change');
  return everything();
}

async function everything(): Promise<MessageFacts[]> {
  const all: MessageFacts[] = [];
  for await (const page of session.find({ conditions: [], order: 'oldest-first', pageSize: 500 }))
    all.push(...page);
  return all;
}

async function whole(messages: AsyncIterable<FetchedMessage>): Promise<Buffer[]> {
  const sources: Buffer[] = [];
  for await (const message of messages) {
    if (message.kind !== 'whole') throw new Error('came in parts');
    sources.push(await bytesOf(message.pieces));
  }
  return sources;
}

async function bytesOf(pieces: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

async function kindsOf(messages: readonly MessageFacts[], wanted: Wanted): Promise<FetchedMessage[]> {
  const fetched: FetchedMessage[] = [];
  for await (const message of session.fetch(messages, wanted)) {
    if (message.kind === 'whole') await bytesOf(message.pieces);
    fetched.push(message);
  }
  return fetched;
}

/** A message of exactly so many bytes. */
function ofSize(bytes: number): Buffer {
  const head = plainMessage(`of ${String(bytes)}`, '');
  const line = `${'y'.repeat(76)}\r\n`;
  const body = line.repeat(Math.ceil(bytes / line.length)).slice(0, bytes - head.length - 2);
  return Buffer.concat([head, Buffer.from(body), Buffer.from('\r\n')]);
}

const those = (wanted: (leaf: LeafOutline) => boolean): Wanted => ({
  leaves: (leaves) => leaves.filter(wanted),
});
const TEXT = those(({ contentType }) => contentType.startsWith('text/'));

test('small and large messages come whole, in order, byte for byte, and stay unread', async () => {
  const small = variedMessages(60, 7).map((message) => message.source);
  const sizes = [0, 1, -1].flatMap((more) => [PIECE + more, 2 * PIECE + more]);
  const sources = [...small.slice(0, 30), ...sizes.map(ofSize), ...small.slice(30)];
  const messages = await filed(...sources);
  const fetched = await whole(session.fetch(messages));
  expect(fetched.map(({ length }) => length)).toEqual(sources.map(({ length }) => length));
  expect(fetched.every((bytes, at) => bytes.equals(sources[at]!))).toBe(true);
  const backwards = await whole(session.fetch([...messages].reverse()));
  expect(backwards.reverse().every((bytes, at) => bytes.equals(sources[at]!))).toBe(true);
  expect((await everything()).filter(({ isRead }) => isRead !== false)).toEqual([]);
}, 60_000);

test('the source of one message, and of one that is gone', async () => {
  const large = ofSize(PIECE + 5);
  const [facts] = await filed(large);
  expect((await bytesOf(session.source(facts!.id))).equals(large)).toBe(true);
  await expect(bytesOf(session.source('4000000'))).rejects.toMatchObject({ code: 'message-gone' });
  await expect(bytesOf(session.source('no uid'))).rejects.toMatchObject({ code: 'message-gone' });
});

test('of the parts only those that are wanted come, as they were transferred', async () => {
  const content = noise(300_000);
  const sources = [
    messageWithAttachment('one', 'a.bin', content),
    plainMessage('two'),
    messageWithAttachment('three', 'b.bin', noise(10)),
    source('Subject: four', 'Content-Type: application/pdf', '', 'JVBERi0='),
  ];
  const messages = await filed(...sources);
  const [one, two, three, four] = await kindsOf(messages, TEXT);
  // All of it was wanted, so there is nothing to save by asking for parts.
  expect(two?.kind).toBe('whole');
  for (const [message, at] of [
    [one, 0],
    [three, 2],
    [four, 3],
  ] as const) {
    if (message?.kind !== 'parts') throw new Error('came whole');
    const bytes = sources[at]!;
    const end = bytes.indexOf('\r\n\r\n') + 2;
    expect(message.header.equals(bytes.subarray(0, end))).toBe(true);
    expect(message.leaves.map(({ body }) => body?.toString())).toEqual(
      at === 3 ? [undefined] : ['See the file.', undefined],
    );
  }
  const files = await kindsOf(
    messages.slice(0, 1),
    those(({ disposition }) => disposition === 'attachment'),
  );
  const [file] = files[0]?.kind === 'parts' ? files[0].leaves.slice(1) : [];
  expect(Buffer.from(file?.body?.toString('latin1') ?? '', 'base64').equals(content)).toBe(true);
  expect(file?.body).toHaveLength(file?.statedSize ?? -1);
});

test('many messages in parts stay in order, whatever their structure', async () => {
  const sources = Array.from({ length: 90 }, (_, number) =>
    number % 3 === 0
      ? plainMessage(`n ${String(number)}`, `text ${String(number)}`)
      : messageWithAttachment(`n ${String(number)}`, 'a.bin', noise(number % 3 === 1 ? 20_000 : 50)),
  );
  const messages = await filed(...sources);
  const fetched = await kindsOf(messages, TEXT);
  expect(fetched.map(({ facts }) => facts.id)).toEqual(messages.map(({ id }) => id));
  expect(fetched.map(({ kind }) => kind)).toEqual(sources.map((_, at) => (at % 3 === 0 ? 'whole' : 'parts')));
});

test('outlines say what the server says, with names as they are on the wire', async () => {
  const nested = source(
    'Subject: outer',
    'Content-Type: multipart/mixed; boundary=a',
    '',
    '--a',
    'Content-Type: multipart/alternative; boundary=b',
    '',
    '--b',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: Quoted-Printable',
    '',
    'Gr=C3=BC=C3=9Fe',
    '--b',
    'Content-Type: TEXT/HTML; charset="utf-8"',
    '',
    '<p>x</p>',
    '--b--',
    '--a',
    'Content-Type: image/png',
    'Content-ID: <logo@x>',
    "Content-Disposition: Inline; filename*=utf-8''%E2%82%AC.png",
    'Content-Transfer-Encoding: base64',
    '',
    'AAAA',
    '--a',
    'Content-Type: message/rfc822',
    'Content-Disposition: attachment; filename="=?utf-8?Q?M=C3=BCller?="',
    '',
    'Subject: inner',
    'Content-Type: multipart/mixed; boundary=c',
    '',
    '--c',
    '',
    'inner text',
    '--c--',
    '--a--',
  );
  const single = source('Subject: s', 'Content-Type: text/plain; charset=koi8-r', '', 'x');
  const messages = await filed(nested, single);
  const outlines = [];
  for await (const outline of session.outlines(messages)) outlines.push(outline);
  expect(outlines.map(({ facts }) => facts)).toEqual(messages);
  expect(outlines[0]?.header.toString()).toBe(
    'Subject: outer\r\nContent-Type: multipart/mixed; boundary=a\r\n',
  );
  const leaf = (own: Partial<LeafOutline>): LeafOutline => ({
    part: '1',
    contentType: 'text/plain',
    parameters: {},
    disposition: undefined,
    dispositionParameters: {},
    contentId: undefined,
    encoding: '7bit',
    statedSize: 0,
    within: undefined,
    ...own,
  });
  expect(outlines[0]?.leaves).toEqual([
    leaf({
      part: '1.1',
      parameters: { charset: 'utf-8' },
      encoding: 'quoted-printable',
      statedSize: 15,
      within: 'alternative',
    }),
    leaf({
      part: '1.2',
      contentType: 'text/html',
      parameters: { charset: 'utf-8' },
      statedSize: 8,
      within: 'alternative',
    }),
    leaf({
      part: '2',
      contentType: 'image/png',
      disposition: 'inline',
      dispositionParameters: { 'filename*': "utf-8''%E2%82%AC.png" },
      contentId: '<logo@x>',
      encoding: 'base64',
      statedSize: 4,
      within: 'mixed',
    }),
    leaf({
      part: '3',
      contentType: 'message/rfc822',
      disposition: 'attachment',
      dispositionParameters: { filename: '=?utf-8?Q?M=C3=BCller?=' },
      statedSize: expect.any(Number) as unknown as number, // Dovecot counts the line end before the boundary
      within: 'mixed',
    }),
  ]);
  expect(outlines[1]?.leaves).toEqual([leaf({ parameters: { charset: 'koi8-r' }, statedSize: 3 })]);
});

test('a message that came along is one leaf, and can be had alone', async () => {
  const inner = source(
    'Subject: inner',
    'Content-Type: multipart/mixed; boundary=c',
    '',
    '--c',
    '',
    'text',
    '--c--',
  );
  const outer = source(
    'Subject: outer',
    'Content-Type: multipart/mixed; boundary=a',
    '',
    '--a',
    '',
    'See below.',
    '--a',
    'Content-Type: message/rfc822',
    '',
    inner.toString().trimEnd(),
    '--a--',
  );
  const [message] = await kindsOf(
    await filed(outer),
    those(({ contentType }) => contentType === 'message/rfc822'),
  );
  if (message?.kind !== 'parts') throw new Error('came whole');
  expect(message.leaves.map(({ body }) => body?.toString().trimEnd())).toEqual([
    undefined,
    inner.toString().trimEnd(),
  ]);
});

test('messages that have gone are left out everywhere', async () => {
  const sources = [plainMessage('a'), messageWithAttachment('b', 'b.bin', noise(50)), ofSize(PIECE + 1)];
  const messages = await filed(...sources, plainMessage('d'));
  await session.apply(
    { kind: 'delete-permanently' },
    messages.slice(0, 3).map(({ id }) => id),
  );
  expect(await whole(session.fetch(messages))).toEqual([plainMessage('d')]);
  expect((await kindsOf(messages, TEXT)).map(({ facts }) => facts.id)).toEqual([messages[3]!.id]);
  const outlines = [];
  for await (const { facts } of session.outlines(messages)) outlines.push(facts.id);
  expect(outlines).toEqual([messages[3]!.id]);
  expect(await session.facts(messages.map(({ id }) => id))).toEqual([messages[3]]);
});

test('who stops in the middle can go on with something else at once', async () => {
  const messages = await filed(ofSize(3 * PIECE), plainMessage('b'), ofSize(3 * PIECE), plainMessage('d'));
  for await (const message of session.fetch(messages)) {
    if (message.kind === 'whole') for await (const piece of message.pieces) if (piece.length > 0) break;
    break;
  }
  expect(await everything()).toHaveLength(4);
  expect(session.usable).toBe(true);
  // Unread pieces of a message do not get into the next one.
  const last: number[] = [];
  for await (const message of session.fetch(messages))
    if (message.facts.id === messages[3]!.id && message.kind === 'whole')
      last.push((await bytesOf(message.pieces)).length);
  expect(last).toEqual([plainMessage('d').length]);
}, 60_000);

test('a header larger than others is whole in the outline; one without bounds is cut, and its message comes whole', async () => {
  const long = (lines: number): Buffer =>
    source('Subject: long', ...Array.from({ length: lines }, () => `X-Filler: ${'z'.repeat(60)}`), '', 'x');
  const messages = await filed(long(2000), long(20_000));
  const outlines = [];
  for await (const outline of session.outlines(messages)) outlines.push(outline);
  expect(outlines[0]?.header).toHaveLength(long(2000).length - 5);
  expect(outlines[1]?.header).toHaveLength(1024 * 1024);
  const none = await kindsOf(
    messages,
    those(() => false),
  );
  expect(none.map(({ kind }) => kind)).toEqual(['parts', 'whole']);
}, 60_000);

test('an empty folder has nothing, and is no failure', async () => {
  expect(await filed()).toEqual([]);
  expect(await whole(session.fetch([]))).toEqual([]);
  expect(await session.facts(['1'])).toEqual([]);
  expect(await session.now()).toEqual({ uid: 0 });
  const pages = [];
  for await (const page of session.changes({ after: undefined, conditions: [], pageSize: 5 }))
    pages.push(page);
  expect(pages).toEqual([{ messages: [], position: { uid: 0 } }]);
});
