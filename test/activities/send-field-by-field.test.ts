/**
 * What arrives is what was asked, field by field, whichever way it went: one table of messages over every transport and
 * whoever plays the tenant, read back by Read Email and by Python's email package, which shares no code with it.
 *
 * What a transport may change, and nothing else:
 * - line ends of a body become CRLF, and one may be added at its end;
 * - the domain of an address is in ASCII;
 * - blind copy recipients are in no header;
 * - fields in front of the message (Received, Return-Path, Delivered-To …) are the servers' own;
 * - a field that was left out has the value that its description states (text made of HTML, type made of a file's name);
 * - a message as a file is of its type only where it can stand in the mail as it is; otherwise it is a file like any other;
 * - Read Email gives file names without what a file system refuses, and says so in a warning.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  openConnector,
  openMemoryState,
  openVault,
  type Connector,
  type EmailRecord,
  type SendEmailRequest,
  type SendEmailResponse,
} from '../../src/index.js';
import { messageWithAttachment, noise } from '../support/messages.js';
import { openTenant, SEND_TRANSPORTS } from '../support/open-tenant.js';
import type { StoredMessage, TestTenant } from '../support/tenant.js';
import { readByPython, valuesOf, type PythonMessage } from './support/python-mail.js';
import { fieldsIn, requestFields } from './support/request-fields.js';

/** As the table writes them: addresses of people for whom a tenant has its own. */
type Request = Omit<SendEmailRequest, 'to' | 'cc' | 'bcc' | 'replyTo' | 'from'> & {
  readonly [field in 'to' | 'cc' | 'bcc' | 'replyTo']?: readonly Named[];
} & { readonly from?: Named };
interface Named {
  readonly name?: string;
  readonly address: string;
}

interface World {
  readonly sender: string;
  readonly ben: string;
  readonly other: string;
  /** A file that Read Email has left behind a reference. */
  readonly ref: string;
}

function bytesOf(content: NonNullable<SendEmailRequest['attachments']>[number]['content']): Buffer {
  if ('inline' in content) return Buffer.from(content.inline, 'base64');
  return 'ref' in content ? REFERENCED : FILED;
}

const EVERY_BYTE = Buffer.from(Array.from({ length: 1024 }, (_, at) => at % 256));
const REFERENCED = noise(300_000);
const FILED = noise(200_001);
const CALENDAR = (method: string): string =>
  [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//contoso.example//test//DE',
    `METHOD:${method}`,
    'BEGIN:VEVENT',
    'UID:order-4711@contoso.example',
    'DTSTAMP:20261101T080000Z',
    'DTSTART:20261102T080000Z',
    'DTEND:20261102T090000Z',
    'SUMMARY:Übergabe – 引き渡し 🎌',
    'ORGANIZER:mailto:anna@contoso.example',
    'ATTENDEE:mailto:bernd@contoso.example',
    'END:VEVENT',
    'END:VCALENDAR',
    '',
  ].join('\r\n');

const file = (name: string, bytes: Buffer = EVERY_BYTE) => ({
  name,
  content: { inline: bytes.toString('base64') },
});

const LONG_GERMAN = `Rückmeldung zu Auftrag 4711: ${'Maßnahmenübersicht für die Geschäftsführung, '.repeat(15)}Ende`;

const MESSAGES: Readonly<Record<string, (world: World) => Request>> = {
  'the least there is': () => ({}),
  'German, text only': ({ sender }) => ({
    from: { name: 'Büro „Süd“, Contoso', address: sender },
    subject: 'Übersicht für März: größer, schöner & „billiger“ – 100 %',
    text: 'Sehr geehrte Damen und Herren,\n\nanbei die Übersicht.\n\n-- \nGrüße\n',
  }),
  'Spanish, HTML only': ({ sender }) => ({
    from: { name: 'María José Ñúñez', address: sender },
    subject: '¿Cuándo llega el envío nº 12? ¡Mañana!',
    html: '<!doctype html><html><body><p>¡Hola, señor Peña!</p>\n<p>Un año & medio &lt;más&gt;</p></body></html>',
  }),
  'Japanese, both bodies': ({ ben }) => ({
    to: [{ name: '山田 太郎（営業部）', address: ben }],
    subject: '見積書のご送付について　第三四半期',
    text: '山田様\n\nお世話になっております。\n',
    html: '<p>山田様</p><p>お世話になっております。</p>',
  }),
  'emoji of many code points': ({ ben }) => ({
    to: [{ name: '👩‍👩‍👧‍👦 Familie 🇩🇪', address: ben }],
    subject: '🎉 Done 👍🏽 👩‍💻🏴‍☠️ é n̂ — ﷽ 🎌'.repeat(8),
    text: '👩‍👩‍👧‍👦\n',
  }),
  'right to left': ({ ben }) => ({
    to: [{ name: 'محمد علي', address: ben }],
    subject: 'שלום עולם (2026) مرحبا',
    text: 'שלום\nمرحبا\n',
  }),
  'a long subject of short words': () => ({ subject: LONG_GERMAN }),
  'a long subject of one word': () => ({ subject: 'x'.repeat(900) }),
  'a long subject of one word that is not ASCII': () => ({ subject: '漢'.repeat(300) }),
  'a subject with blanks, tabs and signs of syntax': () => ({
    subject: 'Re: a  b\tc   "d" <e@f.example>; (g) \\h =?x?= =?utf-8?Q?i?= j:, k',
  }),
  'names with commas, quotes, comments and signs': ({ sender, ben, other }) => ({
    from: { name: 'Schröder, Bernd "Bernie" (Sales)', address: sender },
    to: [
      { name: 'O\'Neil, "Pat" \\ <x@y.example>', address: ben },
      { name: 'Sales; Marketing: (all)', address: other },
      { name: 'dot. dot. @ home', address: 'dot@fabrikam.example' },
    ],
    cc: [
      { name: '=?utf-8?Q?not_encoded?=', address: 'word@fabrikam.example' },
      { name: '日本, 太郎', address: 'taro@fabrikam.example' },
    ],
    replyTo: [{ name: 'Ops, 24/7', address: 'ops@contoso.example' }],
  }),
  'names of 320 characters': ({ sender, ben }) => ({
    from: { name: 'N'.repeat(320), address: sender },
    to: [{ name: 'Ü'.repeat(320), address: ben }],
    replyTo: [{ name: 'many words '.repeat(28).trim(), address: 'ops@contoso.example' }],
  }),
  'addresses with plus and other signs': ({ ben }) => ({
    to: [
      { address: ben },
      { address: 'anna+order-4711@fabrikam.example' },
      { address: "o'neil_x.y=z&a!b#c$d%e*f/g?h^i`j{k|l}~@fabrikam.example" },
    ],
    replyTo: [{ address: 'replies+4711@contoso.example' }],
  }),
  'a domain with letters of its own': ({ ben }) => ({
    to: [{ address: ben }, { name: 'Bücher GmbH', address: 'info@BÜCHER.fabrikam.example' }],
    cc: [{ address: 'hola@ñandú.fabrikam.example' }],
    replyTo: [{ address: 'info@日本語.example' }],
  }),
  'many recipients': ({ ben, other }) => ({
    to: [
      { address: ben },
      ...Array.from({ length: 120 }, (_, at) => ({
        name: `Empfänger ${String(at)}`,
        address: `to-${String(at)}@fabrikam.example`,
      })),
    ],
    cc: Array.from({ length: 60 }, (_, at) => ({ address: `cc-${String(at)}@fabrikam.example` })),
    bcc: [{ name: 'Hidden', address: other }],
  }),
  'blind copies only': ({ ben, sender }) => ({ to: [], bcc: [{ address: ben }], mailbox: sender }),
  'bodies with dots, long lines and blanks': () => ({
    subject: 'dots',
    text: `.\n..\n...x\nQUIT\n.\n${'x'.repeat(5000)}\n trailing blanks  \t\nFrom the past\n>quoted\n=3D=\n\n\n.`,
    html: `<p>.</p>\n.\n<p>${'ä'.repeat(3000)}</p>\n..`,
  }),
  'an image given by cid and one found by its name': () => ({
    html: '<p><img src="cid:logo@contoso"><img src=\'cid:found.png\'></p>',
    attachments: [
      { ...file('Logo für alle.png'), contentType: 'image/png', contentId: 'logo@contoso' },
      file('found.png', noise(2000)),
      file('beside.png', noise(100)),
    ],
  }),
  'files: empty, every byte, 1 MB, by reference, of a folder': ({ ref }) => ({
    text: 'Files\n',
    attachments: [
      file('leer.txt', Buffer.alloc(0)),
      file('bytes.bin'),
      file('groß.bin', noise(1_000_000)),
      { name: 'referenced.bin', content: { ref } },
      { name: 'file.bin', content: { file: 'Größe & Gewicht.bin' } },
      {
        ...file('mail-like.txt', Buffer.from('From x\n.\r\n..\rFrom y\n=3D\n\n')),
        contentType: 'text/plain',
      },
      { ...file('no-extension', noise(77)), contentType: 'application/x-own+zip' },
    ],
  }),
  'messages as files': () => ({
    text: 'See the messages.\n',
    attachments: [
      ['plain.eml', 'Subject: inner\r\nFrom: a@b.example\r\n\r\n.\r\nFrom x\r\n..\r\n'],
      ['accents.eml', 'Subject: inner\r\n\r\nGr\u00fc\u00dfe\r\n'],
      ['other line ends.eml', 'Subject: inner\n\nbody\n'],
      ['long.eml', `Subject: inner\r\n\r\n${'x'.repeat(1200)}\r\n`],
    ].map(([name = '', source = '']) => ({
      ...file(name, Buffer.from(source)),
      contentType: 'message/rfc822',
    })),
  }),
  'files with names of all kinds': () => ({
    attachments: [
      'Übersicht März – „neu“.pdf',
      "it's 100% \"quoted\"; a=b, c*'d' (1).txt",
      `${'L'.repeat(196)}.txt`,
      `${'漢'.repeat(196)}.txt`,
      'تقرير 2026.pdf',
      '📎👩‍💻.png',
      'CON.txt',
      '=?utf-8?Q?word?=.txt',
      'a\u202Etxt.exe',
      '  blanks  .txt ',
      '.hidden',
      'dots...',
      'colon:star*?.csv',
    ].map((name, at) => file(name, noise(10 + at))),
  }),
  'words of a template': () => ({ data: { kunde: 'Ñúñez & Söhne', zeilen: ['<eins>', '2'] } }),
  'an answer to a message': ({ sender, other }) => ({
    subject: 'My own words',
    text: 'Danke!\n',
    answerTo: {
      how: 'reply',
      quote: false,
      attachments: false,
      anyway: true,
      message: {
        messageId: '<answered@fabrikam.example>',
        inReplyTo: '<before@fabrikam.example>',
        references: ['<first@fabrikam.example>', '<before@fabrikam.example>'],
        mailbox: sender,
        subject: 'Frage',
        from: [{ name: 'Óscar', address: other }],
        replyTo: [{ name: '', address: other }],
        to: [{ name: '', address: sender }],
        cc: [{ name: 'Too', address: 'too@fabrikam.example' }],
        sentAt: '2026-11-01T08:00:00.000Z',
        receivedAt: '2026-11-01T08:00:01.000Z',
        text: 'Frage?\n',
        html: '<p>Frage?</p>',
        automatic: { mayBeAnswered: true, isAutomatic: false, signs: ['Precedence: list'] },
        report: null,
        attachments: [
          { name: 'a.bin', contentType: 'image/png', contentId: 'a', content: { inline: 'AAEC' } },
          { name: 'b.bin', content: { ref: 'of another run' } },
          { name: 'c.bin', file: '/of/another/machine' },
        ],
      },
    },
  }),
  'an invitation': () => ({
    subject: 'Einladung',
    text: 'Please come\n',
    html: '<p>Please come</p>',
    calendar: { method: 'REQUEST', content: CALENDAR('REQUEST') },
  }),
  'a cancellation with a file': () => ({
    text: 'Off\n',
    calendar: { method: 'CANCEL', content: CALENDAR('CANCEL') },
    attachments: [file('agenda.txt')],
  }),
  'marks of all kinds': ({ sender }) => ({
    mailbox: sender,
    idempotencyKey: 'order 4711 – Größe ✓',
    importance: 'high',
    sensitivity: 'confidential',
    categories: ['Aufträge', 'Red category', '重要', 'x'.repeat(255)],
    readReceipt: true,
    deliveryReceipt: true,
    inReplyTo: '<CAF=abc+def@mail.fabrikam.example>',
    references: ['<first@fabrikam.example>', `<${'r'.repeat(400)}@fabrikam.example>`],
    headers: [
      { name: 'X-Order', value: 'Größe: 日本; "q" (c) =?utf-8?Q?x?=' },
      { name: 'X-Long', value: 'v'.repeat(900) },
      { name: 'X-Words', value: 'words and more '.repeat(50).trim() },
      { name: 'List-Id', value: 'Orders <orders.contoso.example>' },
      { name: 'List-Unsubscribe', value: `<https://contoso.example/${'u'.repeat(800)}>` },
      { name: 'List-Unsubscribe-Post', value: 'List-Unsubscribe=One-Click' },
    ],
  }),
  'low importance, personal': () => ({ importance: 'low', sensitivity: 'personal' }),
  'normal importance, private': () => ({ importance: 'normal', sensitivity: 'private' }),
};

/** What the activity says to that message alone, and the words that come of it. */
const TEMPLATE = {
  template: true,
  subject: 'Für {{ kunde }}',
  html: '<p>{{ kunde }}: {% for zeile in zeilen %}[{{ zeile }}]{% endfor %}</p>',
};
const FILLED: Readonly<Record<string, Pick<Request, 'subject' | 'html'>>> = {
  'words of a template': {
    subject: 'Für Ñúñez & Söhne',
    html: '<p>Ñúñez &amp; Söhne: [&lt;eins&gt;][2]</p>',
  },
};

/** What follows from the message that is answered. */
const ANSWERED: Readonly<Record<string, Pick<Request, 'inReplyTo' | 'references'>>> = {
  'an answer to a message': {
    inReplyTo: '<answered@fabrikam.example>',
    references: ['<first@fabrikam.example>', '<before@fabrikam.example>'],
  },
};

/** A container is no file: only a message that can stand in another as it is keeps its type. */
const arrivesAs = (contentType: string, name: string): string =>
  contentType === 'message/rfc822' && name !== 'plain.eml' ? 'application/octet-stream' : contentType;

/** Names that Read Email gives otherwise, for files are written under them. */
const READ_AS: Readonly<Record<string, string>> = {
  "it's 100% \"quoted\"; a=b, c*'d' (1).txt": "it's 100% _quoted_; a=b, c_'d' (1).txt",
  'CON.txt': '_CON.txt',
  'a\u202Etxt.exe': 'atxt.exe',
  '=?utf-8?Q?word?=.txt': '=_utf-8_Q_word_=.txt',
  '  blanks  .txt ': 'blanks  .txt',
  'dots...': 'dots',
  'colon:star*?.csv': 'colon_star__.csv',
};

const folder = mkdtempSync(join(tmpdir(), 'field-by-field-'));
let tenant: TestTenant;
let connector: Connector;

beforeAll(async () => {
  tenant = await openTenant();
  writeFileSync(join(folder, 'Größe & Gewicht.bin'), FILED);
  connector = openConnector({
    net: tenant.net,
    sendFileFolders: [folder],
    store: { state: openMemoryState(), vault: openVault([Buffer.alloc(32, 7)]) },
  });
}, 30_000);
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await tenant.stop();
});

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const lines = (text: string | null): string => (text ?? '').replaceAll('\r\n', '\n').replace(/\n$/u, '');
/** A domain is in one form wherever it stands: ASCII, in lower case (RFC 5891). */
const ASCII: Readonly<Record<string, string>> = {
  'info@BÜCHER.fabrikam.example': 'info@xn--bcher-kva.fabrikam.example',
  'hola@ñandú.fabrikam.example': 'hola@xn--and-6ma2c.fabrikam.example',
  'info@日本語.example': 'info@xn--wgv71a119e.example',
};
const ascii = (address: string): string => ASCII[address] ?? address;
const named = ({ name = '', address }: Named) => ({ name, address: ascii(address) });
const pair = ({ name = '', address }: Named) => [name, ascii(address)];

/** A mailbox sends thirty messages a minute. */
const SENDERS = { smtp: 'anna', graph: 'cara' } as const;

function worldOf(transport: 'smtp' | 'graph', ref: string): World {
  const sender = SENDERS[transport];
  const other = sender === 'anna' ? 'cara' : 'anna';
  return { sender: tenant.address(sender), ben: tenant.address('ben'), other: tenant.address(other), ref };
}

interface Course {
  readonly world: World;
  readonly request: Request;
  readonly response: SendEmailResponse;
  readonly record: EmailRecord;
  readonly python: PythonMessage;
}

async function referenceFor(transport: 'smtp' | 'graph'): Promise<string> {
  const sender = SENDERS[transport];
  const folder = await tenant.freshFolder(sender);
  await tenant.deliver(sender, folder, messageWithAttachment('refer', 'r.bin', REFERENCED));
  const input = {
    connection: tenant.connection(sender, transport === 'graph' ? 'graph-sending' : 'imap'),
    config: { transport: transport === 'graph' ? 'graph' : 'imap', folder, inlineContentLimit: 1000 },
  };
  for await (const { records } of connector.run('read-email', input)) {
    const content = records[0]?.attachments[0]?.content;
    if (content !== undefined && 'ref' in content) return content.ref;
  }
  throw new Error('nothing to refer to');
}

/** Sends the whole table in one run, and reads it back in one. */
async function courses(transport: 'smtp' | 'graph'): Promise<Map<string, Course>> {
  const world = worldOf(transport, await referenceFor(transport));
  const requests = Object.entries(MESSAGES).map(
    ([name, make]) => [name, { to: [{ address: world.ben }], ...make(world) }] as const,
  );
  const sent = new Map<string, SendEmailResponse>();
  for (const isFilled of [false, true]) {
    const some = requests.filter(([name]) => name in FILLED === isFilled);
    const input = {
      connection: tenant.connection(SENDERS[transport], transport === 'graph' ? 'graph-sending' : 'smtp'),
      config: { transport, automatic: false, ...(isFilled ? TEMPLATE : {}) },
      activity: `table over ${transport}`,
      requests: some.map(([, request]) => request),
    };
    for await (const response of connector.run('send-email', input))
      sent.set(some[response.index]?.[0] ?? '', response);
  }
  const arrived = new Map<string, StoredMessage>();
  for (const [name, { outcome, messageId, failure }] of sent) {
    expect([name, outcome, failure?.code, failure?.problems]).toEqual([
      name,
      'accepted',
      undefined,
      undefined,
    ]);
    arrived.set(name, await tenant.arrived('ben', messageId ?? ''));
  }
  const records = new Map<string | null, EmailRecord>();
  const reading = { folder: 'INBOX', readState: 'any', limit: 10_000, inlineContentLimit: 2_000_000 };
  for await (const batch of connector.run('read-email', {
    connection: tenant.connection('ben'),
    config: reading,
  }))
    for (const record of batch.records) records.set(record.messageId, record);
  const python = readByPython(requests.map(([name]) => arrived.get(name)!.source));
  const found = new Map<string, Course>();
  requests.forEach(([name, asked], at) => {
    const request = { ...asked, ...FILLED[name], ...ANSWERED[name] };
    const response = sent.get(name)!;
    const record = records.get(response.messageId)!;
    found.set(name, { world, request, response, record, python: python[at]! });
  });
  return found;
}

test('the table has every field of a request', () => {
  const asked = new Set(
    Object.values(MESSAGES).flatMap((make) => [...fieldsIn(make(worldOf('smtp', 'ref')))]),
  );
  const missing = requestFields()
    .map(({ path }) => path)
    .filter((path) => !asked.has(path));
  expect(missing).toEqual([]);
});

/** Values of a field that both readers must have found. */
const IMPORTANCE = { low: ['low', '5'], normal: ['normal', '3'], high: ['high', '1'] } as const;
const SENSITIVITY = {
  normal: [],
  personal: ['Personal'],
  private: ['Private'],
  confidential: ['Company-Confidential'],
};

function acceptedForEverybody({ world, request, response }: Course): void {
  const everybody = [...(request.to ?? []), ...(request.cc ?? []), ...(request.bcc ?? [])];
  expect(response.recipients.map(({ address, outcome }) => [address, outcome])).toEqual(
    everybody.map(({ address }) => [ascii(address), 'accepted']),
  );
  expect(response.mailbox).toBe(world.sender);
  expect(response.deliveryReceipt).toBe(request.deliveryReceipt === true ? 'asked' : undefined);
}

function wellFormed({ python }: Course): void {
  const { defects, longestLine, loneLineEnds, eightBit } = python;
  expect({ defects, loneLineEnds, eightBit }).toEqual({ defects: [], loneLineEnds: 0, eightBit: 0 });
  expect(longestLine).toBeLessThanOrEqual(998);
}

function addressesAndSubject({ world, request, record, python }: Course): void {
  const from = request.from ?? { address: world.sender };
  const { to = [], cc = [], replyTo = [], subject = '' } = request;
  expect(record).toMatchObject({
    from: [named(from)],
    ...{ to: to.map(named), cc: cc.map(named), bcc: [], replyTo: replyTo.map(named), subject },
  });
  const { addresses } = python;
  const all = [addresses['from'], ...['to', 'cc', 'bcc', 'reply-to'].map((key) => addresses[key] ?? [])];
  expect(all).toEqual([[pair(from)], to.map(pair), cc.map(pair), [], replyTo.map(pair)]);
  expect(valuesOf(python, 'subject').join()).toBe(subject);
}

function bodies({ request, record, python }: Course): void {
  const bodies = python.parts.filter(({ disposition }) => disposition === null);
  const textOf = (type: string) => bodies.find((part) => part.type === type)?.text ?? null;
  expect(lines(record.html)).toBe(lines(request.html ?? null));
  expect(lines(textOf('text/html'))).toBe(lines(request.html ?? null));
  if (request.html === undefined || request.text !== undefined) {
    expect(lines(record.text)).toBe(lines(request.text ?? null));
    expect(lines(textOf('text/plain'))).toBe(lines(request.text ?? null));
  } else expect(lines(record.text)).toBe(lines(textOf('text/plain')));
  expect(record.warnings.filter(({ code }) => code !== 'attachment-name-changed')).toEqual([]);
}

function files({ request, record, python }: Course): void {
  const html = request.html ?? '';
  const asked = (request.attachments ?? []).map(({ name: title, contentType, contentId, content }) => ({
    title,
    contentType,
    cid: contentId ?? (html.includes(`cid:${title}`) ? title : null),
    sha256: sha256(bytesOf(content)),
  }));
  const inline = (cid: string | null) => (cid === null ? 'attachment' : 'inline');
  const byName = <T extends { readonly sha256: string | null }>(all: readonly T[]) =>
    [...all].sort((a, b) => ((a.sha256 ?? '') < (b.sha256 ?? '') ? -1 : 1));
  const files = python.parts.filter(({ disposition }) => disposition !== null);
  expect(byName(files).map((part) => [part.name, part.cid, part.disposition, part.sha256])).toEqual(
    byName(asked).map(({ title, cid, sha256: hash }) => [
      title,
      cid === null ? null : `<${cid}>`,
      inline(cid),
      hash,
    ]),
  );
  const received = record.attachments.filter(({ contentType }) => contentType !== 'text/calendar');
  expect(byName(received).map((one) => [one.contentId, one.disposition, one.sha256])).toEqual(
    byName(asked).map(({ cid, sha256: hash }) => [cid, inline(cid), hash]),
  );
  for (const { title, contentType, sha256: hash } of asked) {
    const one = received.find((candidate) => candidate.sha256 === hash)!;
    expect(one.name).toBe(READ_AS[title] ?? title);
    expect(one.contentType).toBe(contentType === undefined ? one.contentType : arrivesAs(contentType, title));
  }
  const changed = record.warnings.map(({ detail }) => detail).sort();
  expect(changed).toEqual(asked.flatMap(({ title }) => (title in READ_AS ? [title] : [])).sort());
}

function marks({ world, request, response, record, python }: Course): void {
  const { importance, sensitivity = 'normal', categories = [], readReceipt, inReplyTo } = request;
  const own = (field: string) => valuesOf(python, field);
  const references = [...(request.references ?? []), ...(inReplyTo === undefined ? [] : [inReplyTo])];
  expect({
    messageId: own('message-id'),
    importance: [...own('importance'), ...own('x-priority')],
    sensitivity: own('sensitivity'),
    keywords: own('keywords'),
    receipt: own('disposition-notification-to'),
    inReplyTo: own('in-reply-to'),
    references: own('references').join().split(/\s+/u).filter(Boolean),
  }).toEqual({
    messageId: [response.messageId],
    importance: importance === undefined ? [] : [...IMPORTANCE[importance]],
    sensitivity: [...SENSITIVITY[sensitivity]],
    keywords: categories.length === 0 ? [] : [categories.join(', ')],
    receipt: readReceipt === true ? [`<${world.sender}>`] : [],
    inReplyTo: inReplyTo === undefined ? [] : [inReplyTo],
    references,
  });
  expect(record).toMatchObject({
    messageId: response.messageId,
    importance: importance ?? 'normal',
    readReceiptTo: readReceipt === true ? [{ address: world.sender }] : [],
    inReplyTo: inReplyTo ?? null,
    references,
  });
  for (const { name: field, value } of request.headers ?? []) {
    expect([field, own(field.toLowerCase())]).toEqual([field, [value]]);
    const read = record.headers.filter((one) => one.name.toLowerCase() === field.toLowerCase());
    expect([field, read.map((one) => one.value)]).toEqual([field, [value]]);
  }
}

function invitation({ request, record, python }: Course): void {
  const parts = python.parts.filter(({ type }) => type === 'text/calendar');
  expect(parts.map(({ method, text }) => [method, text?.trimEnd()])).toEqual(
    request.calendar === undefined ? [] : [[request.calendar.method, request.calendar.content.trimEnd()]],
  );
  expect(record.calendar?.method).toBe(request.calendar?.method);
}

describe.each(SEND_TRANSPORTS)('over %s,', (transport) => {
  let table: Map<string, Course>;
  beforeAll(async () => {
    table = await courses(transport);
  }, 180_000);

  test.each(Object.keys(MESSAGES))('%s', (name) => {
    const course = table.get(name)!;
    acceptedForEverybody(course);
    wellFormed(course);
    addressesAndSubject(course);
    bodies(course);
    files(course);
    marks(course);
    invitation(course);
  });
});
