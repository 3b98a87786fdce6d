/**
 * What foreign data can do to a message and to the dialogue that carries it: nothing. Every text of a request is given every
 * hostile value, in every way that it can stand there. Either the field is refused by name, and not a byte about it is said;
 * or the plain bytes on the wire are those of an ordinary message from which Python's email package reads the value back.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { domainToASCII } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  openConnector,
  type Connector,
  type SendEmailRequest,
  type SendEmailResponse,
} from '../../src/index.js';
import { openTenant, SEND_TRANSPORTS } from '../support/open-tenant.js';
import { startRecordingWire, type RecordingWire, type Said } from '../support/recording-wire.js';
import type { TestTenant } from '../support/tenant.js';
import { readByPython, valuesOf, type PythonMessage } from './support/python-mail.js';
import { requestFields } from './support/request-fields.js';

const EVIL = 'evil@fabrikam.example';
const VALUES: Readonly<Record<string, string>> = {
  CR: 'a\rb',
  LF: 'a\nb',
  'CR, and a field': `a\rBcc: ${EVIL}`,
  'LF, and a field': `a\nBcc: ${EVIL}`,
  'CRLF, and a field': `a\r\nBcc: ${EVIL}`,
  'CRLF, blank, and text': 'a\r\n b',
  'an end of the header': 'a\r\n\r\nbody',
  'an end of the message': `a\r\n.\r\nRCPT TO:<${EVIL}>\r\n`,
  'an end of the message with LF alone': `a\n.\nMAIL FROM:<${EVIL}>\n`,
  'an end of the message with CR alone': `a\r.\rQUIT\r`,
  NUL: 'a\u0000b',
  VT: 'a\u000bb',
  FF: 'a\u000cb',
  ESC: 'a\u001b[31mb',
  DEL: 'a\u007fb',
  'information separators': 'a\u001c\u001d\u001e\u001fb',
  tab: 'a\tb',
  NEL: `a\u0085Bcc: ${EVIL}`,
  'line separator': `a\u2028Bcc: ${EVIL}`,
  'paragraph separator': `a\u2029Bcc: ${EVIL}`,
  'code points whose last byte is CR and LF': `a\u010d\u010aBcc: ${EVIL}`,
  'a high surrogate alone': 'a\ud800b',
  'a low surrogate alone': 'a\udc00b',
  'a dot': '.',
  'dots in front': '..a',
  'blanks around': '  a  ',
  'a blank': ' ',
  'a no-break space': '\u00a0a\u00a0',
  'a remark': `(${EVIL})`,
  'a remark left open': 'a (((',
  'quotes and backslashes': 'a"b\\"c\\',
  'a quote left open': '"a',
  'angle brackets': `a> <${EVIL}`,
  'an empty path': '<>',
  'an encoded word': '=?utf-8?Q?a?=',
  'an encoded line break': `=?utf-8?Q?a=0D=0ABcc:_${EVIL}?=`,
  'an encoded word in base64': '=?utf-8?B?DQpCY2M6IGV2aWw=?=',
  'an encoded word left open': '=?utf-8?Q?a',
  'encoded words between blanks': 'a =?utf-8?Q?b?= =?utf-8?Q?c?= d',
  'percent signs': "utf-8''a%0D%0ABcc:%20evil",
  'a parameter of RCPT': 'a@fabrikam.example> NOTIFY=NEVER',
  'a parameter of MAIL': 'a@fabrikam.example SIZE=1',
  'two addresses': `a@fabrikam.example,${EVIL}`,
  'two addresses with a semicolon': `a@fabrikam.example;${EVIL}`,
  'an address with a route': `@fabrikam.example:${EVIL}`,
  'a group': `a:${EVIL};`,
  'a literal domain': 'a@[127.0.0.1]',
  'a fullwidth sign of an address': 'evil＠fabrikam.example',
  'a parameter of a type': 'text/plain; name="x\r\n',
  'a parameter of a type on one line': 'text/plain; charset=utf-7',
  'a field': 'X-A: b',
  'a field of the message': 'Bcc',
  folders: '../../a\\b',
  'a change of direction': 'a\u202eb\u202c',
  'a byte order mark': '\ufeffa',
  'letters that fold to others': 'ſK',
  'letters of many bytes': '漢😀é',
  'a long word': 'x'.repeat(999),
  'a long word of many bytes': '漢'.repeat(999),
  'a line of a megabyte': 'y'.repeat(1_000_000),
  'a path of Object': '__proto__',
};

/** One way in which a value can stand in a field. */
interface Way {
  /** As the schema names it. */
  readonly field: string;
  readonly pointer: string;
  readonly request: (value: string) => Record<string, unknown>;
  /** What Python must say of the message. */
  readonly found: (message: PythonMessage, value: string) => unknown;
  readonly asked?: (value: string) => unknown;
}

const ADDRESSES = ['to', 'cc', 'bcc', 'replyTo'] as const;
const HEADER = { from: 'from', to: 'to', cc: 'cc', bcc: 'bcc', replyTo: 'reply-to' } as const;
const SAFE = 'safe@fabrikam.example';
/** Blanks around a field's value mean nothing. */
const trimmed = (text: string): string => text.replace(/^[\t ]+|[\t ]+$/gu, '');
/** A domain is in one form, lower case and ASCII. */
const ascii = (address: string): string => address.replace(/[^@]+$/u, (domain) => domainToASCII(domain));
const lines = (text: string): string => text.replace(/\r\n|\r/gu, '\n').replace(/\n$/u, '');
const file = { name: 'a.bin', content: { inline: 'AAEC' } };
const CALENDAR = (value: string): string =>
  `BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nX-A:${value}\r\nEND:VCALENDAR\r\n`;

const fileWay = (key: 'name' | 'contentType' | 'contentId', asked: (value: string) => string): Way => ({
  field: `/attachments/*/${key}`,
  pointer: `/attachments/0/${key}`,
  request: (value) => ({ text: 'a', attachments: [{ ...file, [key]: asked(value) }] }),
  found: ({ parts }) => {
    const part = parts.find(({ disposition }) => disposition !== null);
    return key === 'name' ? part?.name : key === 'contentType' ? part?.type : part?.cid;
  },
  asked: (value) =>
    key === 'name' ? asked(value) : key === 'contentType' ? asked(value).toLowerCase() : `<${asked(value)}>`,
});

/** A text of recipients: whoever gets the message was named in it. */
const textWay = (key: (typeof ADDRESSES)[number], text: (value: string) => string): Way => ({
  field: `/${key}`,
  pointer: `/${key}`,
  request: (value) => ({ [key]: text(value) }),
  found: ({ addresses }, value) =>
    (addresses[HEADER[key]] ?? []).every(([, address]) => text(value).includes(address)),
  asked: () => true,
});

const addressWay = (key: (typeof ADDRESSES)[number], address: (value: string) => string): Way => ({
  field: `/${key}/*/address`,
  pointer: `/${key}/0/address`,
  request: (value) => ({ [key]: [{ address: address(value) }] }),
  found: ({ addresses }) => (key === 'bcc' ? undefined : addresses[HEADER[key]]),
  asked: (value) => (key === 'bcc' ? undefined : [['', ascii(address(value))]]),
});

const idWay = (key: 'inReplyTo' | 'references', id: (value: string) => string): Way => ({
  field: key === 'references' ? '/references/*' : '/inReplyTo',
  pointer: key === 'references' ? '/references/0' : '/inReplyTo',
  request: (value) => ({ [key]: key === 'references' ? [id(value)] : id(value) }),
  found: (message) => valuesOf(message, key === 'references' ? 'references' : 'in-reply-to').join(),
  asked: id,
});

/** Postfix of the live tests refuses the recipients of companies that it does not know. */
const TAKES_ANY_DOMAIN = process.env['M365_EMAIL_TENANT'] !== 'live';

const OWN_WAYS: readonly Way[] = [
  {
    field: '/mailbox',
    pointer: '/mailbox',
    request: (mailbox) => ({ mailbox }),
    found: () => 'never',
  },
  {
    field: '/from/name',
    pointer: '/from/name',
    request: (name) => ({ from: { name, address: 'SENDER' } }),
    found: ({ addresses }) => addresses['from']?.map(([name]) => name),
    asked: (name) => [trimmed(name)],
  },
  {
    field: '/from/address',
    pointer: '/from/address',
    request: (address) => ({ from: { address } }),
    found: () => 'never',
  },
  ...ADDRESSES.flatMap((key) => [
    textWay(key, (value) => value),
    textWay(key, (value) => `Name <${SAFE}> ${value}`),
    textWay(key, (value) => `${value} <${SAFE}>`),
    textWay(key, (value) => `"${value}" <${SAFE}>`),
    addressWay(key, (value) => value),
    addressWay(key, (value) => `a${value}@fabrikam.example`),
    ...(TAKES_ANY_DOMAIN
      ? [
          addressWay(key, (value) => `a@${value}fabrikam.example`),
          addressWay(key, (value) => `${SAFE}${value}`),
        ]
      : []),
    {
      field: `/${key}/*/name`,
      pointer: `/${key}/0/name`,
      request: (name: string) => ({ [key]: [{ name, address: SAFE }] }),
      found: ({ addresses }: PythonMessage) => (key === 'bcc' ? undefined : addresses[HEADER[key]]),
      asked: (name: string) => (key === 'bcc' ? undefined : [[trimmed(name), SAFE]]),
    },
  ]),
  {
    field: '/subject',
    pointer: '/subject',
    request: (subject) => ({ subject }),
    found: (message) => valuesOf(message, 'subject').join(),
    asked: trimmed,
  },
  {
    field: '/text',
    pointer: '/text',
    request: (text) => ({ text }),
    found: ({ parts }) => lines(parts.find(({ type }) => type === 'text/plain')?.text ?? ''),
    asked: lines,
  },
  {
    field: '/html',
    pointer: '/html',
    request: (html) => ({ html }),
    found: ({ parts }) => lines(parts.find(({ type }) => type === 'text/html')?.text ?? ''),
    asked: lines,
  },
  fileWay('name', (value) => value),
  fileWay('name', (value) => `${value}.txt`),
  fileWay('contentType', (value) => value),
  fileWay('contentType', (value) => `text/${value}`),
  fileWay('contentType', (value) => `text/plain${value}`),
  fileWay('contentId', (value) => value),
  fileWay('contentId', (value) => `a@b${value}`),
  {
    field: '/attachments/*/content/inline',
    pointer: '/attachments/0/content/inline',
    request: (inline) => ({ text: 'a', attachments: [{ ...file, content: { inline } }] }),
    found: ({ parts }) => parts.find(({ disposition }) => disposition !== null)?.size,
    asked: (inline) => Buffer.from(inline, 'base64').length,
  },
  {
    field: '/attachments/*/content/ref',
    pointer: '',
    request: (ref) => ({ attachments: [{ ...file, content: { ref } }] }),
    found: () => 'never',
  },
  {
    field: '/attachments/*/content/file',
    pointer: '/attachments/0/content',
    request: (path) => ({ attachments: [{ ...file, content: { file: path } }] }),
    found: () => 'never',
  },
  {
    field: '/idempotencyKey',
    pointer: '/idempotencyKey',
    request: (key) => ({ idempotencyKey: key }),
    found: (message) => valuesOf(message, 'message-id').length,
    asked: () => 1,
  },
  {
    field: '/categories/*',
    pointer: '/categories/0',
    request: (category) => ({ categories: [category] }),
    found: (message) => valuesOf(message, 'keywords').join(),
    asked: trimmed,
  },
  idWay('inReplyTo', (value) => value),
  idWay('inReplyTo', (value) => `<${value}>`),
  idWay('inReplyTo', (value) => `<a@b.example>${value}`),
  idWay('references', (value) => value),
  idWay('references', (value) => `<${value}>`),
  idWay('references', (value) => `<a@b.example>${value}`),
  ...[(value: string) => value, CALENDAR].map((content): Way => ({
    field: '/calendar/content',
    pointer: '/calendar/content',
    request: (value) => ({ calendar: { method: 'CANCEL', content: content(value) } }),
    found: ({ parts }) => lines(parts.find(({ type }) => type === 'text/calendar')?.text ?? ''),
    asked: (value) => lines(content(value)),
  })),
  ...[(value: string) => value, (value: string) => `X-${value}`].map((name): Way => ({
    field: '/headers/*/name',
    pointer: '/headers/0/name',
    request: (value) => ({ headers: [{ name: name(value), value: 'b' }] }),
    found: (message, value) => valuesOf(message, name(value).toLowerCase()),
    asked: () => ['b'],
  })),
  {
    field: '/headers/*/value',
    pointer: '/headers/0/value',
    request: (value) => ({ headers: [{ name: 'X-Value', value }] }),
    found: (message) => valuesOf(message, 'x-value').join(),
    asked: trimmed,
  },
];

/** A message that is answered is foreign, and what comes of it is ours to choose: harmless is all that is asked. */
const ANSWERED = {
  messageId: '<a@fabrikam.example>',
  inReplyTo: '<b@fabrikam.example>',
  references: ['<c@fabrikam.example>'],
  mailbox: 'anna@contoso.example',
  subject: 'a',
  from: [{ name: 'a', address: 'a@fabrikam.example' }],
  replyTo: [{ name: 'b', address: 'b@fabrikam.example' }],
  to: [{ name: 'c', address: 'c@fabrikam.example' }],
  cc: [{ name: 'd', address: 'd@fabrikam.example' }],
  sentAt: '2026-11-01T08:00:00Z',
  receivedAt: '2026-11-01T08:00:00Z',
  text: 'a',
  html: '<p>a</p>',
  automatic: { mayBeAnswered: true, isAutomatic: false, signs: ['a'] },
  attachments: [
    {
      name: 'a.bin',
      contentType: 'application/x-a',
      contentId: 'a',
      content: { inline: 'AAEC' },
    },
  ],
};

/** The same with a value in one place. */
function placed(whole: unknown, path: readonly string[], value: string): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return value;
  if (Array.isArray(whole)) return whole.map((one: unknown) => placed(one, rest, value));
  const own = whole as Record<string, unknown>;
  return { ...own, [name]: placed(own[name], rest, value) };
}

const FORWARDED = '/answerTo/message';
const answerWays = (): Way[] =>
  requestFields()
    .filter(({ path, isText }) => isText && path.startsWith(FORWARDED))
    .map(({ path }) => ({
      field: path,
      pointer: '',
      request: (value) => ({
        answerTo: {
          how: 'forward',
          // A larger one would go as a draft and its files beside it.
          message: placed(ANSWERED, path.slice(FORWARDED.length + 1).split('/'), value.slice(0, 100_000)),
        },
      }),
      found: () => true,
      asked: () => true,
    }));

const WAYS: readonly Way[] = [...OWN_WAYS, ...answerWays()];

let tenant: TestTenant;
beforeAll(async () => {
  tenant = await openTenant();
}, 30_000);
afterAll(() => tenant.stop());

test('every text of a request is given hostile values', () => {
  const covered = new Set(WAYS.map(({ field }) => field));
  const missing = requestFields()
    .filter(({ path, isText }) => isText && !covered.has(path))
    .map(({ path }) => path);
  expect(missing).toEqual([]);
});

/** Names of fields that a message may have, whatever is asked. */
const OWN_FIELDS = new Set(
  (
    'from to cc reply-to subject message-id date mime-version content-type content-transfer-encoding ' +
    'auto-submitted x-auto-response-suppress importance x-priority sensitivity keywords in-reply-to references ' +
    'disposition-notification-to x-value'
  ).split(' '),
);
const PART_FIELDS = ['content-type', 'content-transfer-encoding', 'content-disposition', 'content-id'];

const isInternational = ({ recipients }: SendEmailResponse): boolean =>
  recipients.some(({ address }) => Buffer.byteLength(address) !== address.length);

/** Where a value leaves no recipient, that is what is said. */
const NOBODY = '/to';
/** What opens and ends a session. */
const SESSION = /^(?:EHLO \S+|STARTTLS|AUTH XOAUTH2 [\w+/=]+|QUIT)$/u;

const idOf = (source: Buffer): string | undefined =>
  /^Message-ID: ?(?:\r\n )?(<[^>]*>)\r$/mu.exec(source.toString('latin1'))?.[1];

/** What the client said on one connection of SMTP: its commands, and its messages as they were, dots and all. */
function dialogueOf(said: readonly Said[]): { commands: string[]; messages: Buffer[] } {
  const commands: string[] = [];
  const messages: Buffer[] = [];
  let rest = Buffer.concat(said.filter(({ by }) => by === 'client').map(({ bytes }) => bytes));
  const goAheads = Buffer.concat(said.filter(({ by }) => by === 'server').map(({ bytes }) => bytes))
    .toString('latin1')
    .split(/^354 /mu).length;
  let awaited = goAheads - 1;
  while (rest.length > 0) {
    const end = rest.indexOf('\r\n');
    if (end === -1) break;
    const line = rest.toString('latin1', 0, end);
    commands.push(line);
    rest = rest.subarray(end + 2);
    if (line !== 'DATA' || awaited === 0) continue;
    awaited -= 1;
    const dot = rest.indexOf('\r\n.\r\n');
    expect(dot).toBeGreaterThan(0);
    messages.push(rest.subarray(0, dot + 2));
    rest = rest.subarray(dot + 5);
  }
  expect(rest.length).toBe(0);
  return { commands: commands.map((one) => Buffer.from(one, 'latin1').toString()), messages };
}

/** Without the dots that the wire needs; a line that needed one and had none is not of this message. */
function unstuffed(message: Buffer): Buffer {
  const text = message.toString('latin1');
  expect(text).not.toMatch(/^\.(?!\.)/mu);
  return Buffer.from(text.replaceAll('\r\n..', '\r\n.'), 'latin1');
}

/** What a message takes over Graph: one call with all of it in base64; a large one is a draft first. */
const CALL = /^POST \/v1\.0\/users\/[\w%.@-]+\/(?:sendMail|messages|messages\/[\w%-]+\/send) HTTP\/1\.1$/u;

/** The messages in what was said on one connection over HTTPS. */
function mimeOf(said: readonly Said[]): Buffer[] {
  const calls: Buffer[] = [];
  let rest = Buffer.concat(said.filter(({ by }) => by === 'client').map((one) => one.bytes));
  while (rest.length > 0) {
    const end = rest.indexOf('\r\n\r\n');
    const head = rest.toString('latin1', 0, end);
    expect(head.split('\r\n')[0]).toMatch(CALL);
    const length = Number(/^content-length: (\d+)$/imu.exec(head)?.[1] ?? 0);
    const body = rest.toString('latin1', end + 4, end + 4 + length);
    if (length > 0) calls.push(Buffer.from(body, 'base64'));
    rest = rest.subarray(end + 4 + length);
  }
  return calls;
}

interface Given {
  readonly way: Way;
  readonly value: string;
  readonly request: Partial<SendEmailRequest>;
  readonly response: SendEmailResponse;
}

describe.each(SEND_TRANSPORTS)('over %s,', (transport) => {
  const host = transport === 'smtp' ? 'smtp.office365.com:587' : 'graph.microsoft.com:443';
  const folder = mkdtempSync(join(tmpdir(), 'wire-'));
  let wire: RecordingWire;
  let connector: Connector;

  beforeAll(async () => {
    wire = await startRecordingWire({
      target: tenant.net.hosts[host] ?? '',
      trustedRoots: tenant.net.trustedRoots,
      serverName: host.split(':')[0] ?? '',
      startTls: transport === 'smtp',
    });
    connector = openConnector({
      net: {
        hosts: { ...tenant.net.hosts, [host]: wire.address },
        trustedRoots: [...tenant.net.trustedRoots, wire.root],
      },
      sendFileFolders: [folder],
      sendingLimits: { messagesPerMinute: 10_000 },
    });
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await wire.stop();
  });

  /** Each way with that value, in one run. */
  async function give(value: string): Promise<Given[]> {
    const requests = WAYS.map(({ request }) => {
      const { from, ...asked } = request(value) as Partial<SendEmailRequest>;
      const sender = from?.address === 'SENDER' ? { ...from, address: tenant.address('anna') } : from;
      const hasRecipient = 'to' in asked || 'cc' in asked || 'bcc' in asked;
      return {
        ...(hasRecipient ? {} : { to: [{ address: SAFE }] }),
        ...asked,
        ...(sender === undefined ? {} : { from: sender }),
      };
    });
    const input = {
      connection: tenant.connection('anna', transport === 'graph' ? 'graph-sending' : 'smtp'),
      config: { transport, attempts: 1, automatic: false },
      activity: `wire ${transport}`,
      requests,
    };
    const given: Given[] = [];
    for await (const response of connector.run('send-email', input)) {
      const { index } = response;
      given.push({ way: WAYS[index]!, value, request: requests[index]!, response });
    }
    return given;
  }

  /** What is wrong about a refusal; empty when it names the field. */
  function faultsOfRefusal({ way, response: { failure } }: Given): unknown[] {
    if (failure?.code === 'international-address-not-taken' && transport === 'graph') return [];
    if (failure?.code === 'content-reference-invalid' && way.field.endsWith('/ref')) return [];
    if (failure?.code === 'override-not-allowed' && /^\/(?:mailbox|from\/address)$/u.test(way.field))
      return [];
    if (failure?.code === 'attachment-file-unreadable' && way.field.endsWith('/file')) return [];
    if (failure?.code === 'attachment-file-not-allowed' && way.field.endsWith('/file')) return [];
    const pointers = failure?.problems?.map(({ pointer }) => pointer) ?? [];
    return pointers.some((pointer) => pointer.startsWith(way.pointer) || pointer === NOBODY)
      ? []
      : [failure?.code, pointers];
  }

  /** What is wrong about a message on the wire; empty for an ordinary one that says what was asked. */
  function faultsOf(
    { way, value, request, response }: Given,
    wired: Buffer,
    message: PythonMessage,
  ): unknown[] {
    const faults: unknown[] = response.outcome === 'accepted' ? [] : [response.outcome];
    const names = message.headers.map(([name]) => name);
    const asked = (request.headers ?? []).map(({ name }) => name.toLowerCase());
    for (const [at, name] of names.entries()) {
      const isOwn = OWN_FIELDS.has(name) || asked.includes(name) || (name === 'bcc' && transport === 'graph');
      if (!isOwn || names.indexOf(name) !== at) faults.push(['field', name]);
    }
    for (const name of message.parts.slice(1).flatMap(({ fields }) => fields))
      if (!PART_FIELDS.includes(name)) faults.push(['field of a part', name]);
    const { defects, longestLine, loneLineEnds, eightBit } = message;
    if (defects.length > 0) faults.push(defects);
    // The server was told of it with MAIL.
    if (loneLineEnds > 0 || (eightBit > 0 && !isInternational(response)) || wired.includes(0))
      faults.push({ loneLineEnds, eightBit });
    if (longestLine > 998) faults.push({ longestLine });
    const files = message.parts.filter(({ disposition }) => disposition !== null).length;
    if (files !== (request.attachments ?? request.answerTo?.message.attachments ?? []).length)
      faults.push({ files });
    const found = way.found(message, value);
    const expected = way.asked === undefined ? value : way.asked(value);
    if (JSON.stringify(found) !== JSON.stringify(expected)) faults.push({ found, expected });
    return faults;
  }

  test.each(Object.keys(VALUES))(
    '%s: refused or harmless',
    async (name) => {
      wire.take();
      const given = await give(VALUES[name]!);
      const said = wire.take();
      expect(given).toHaveLength(WAYS.length);
      const sent = given.filter(({ response }) => response.outcome !== 'rejected');

      const dialogues = transport === 'smtp' ? said.map(dialogueOf) : [];
      const messages =
        transport === 'smtp' ? dialogues.flatMap((one) => one.messages.map(unstuffed)) : said.flatMap(mimeOf);
      const byId = new Map(messages.map((one) => [idOf(one), one]));
      expect([messages.length, byId.size]).toEqual([sent.length, sent.length]);
      const read = readByPython(sent.map(({ response }) => byId.get(response.messageId ?? '')!));

      const faults = given.flatMap((one) => {
        const at = sent.indexOf(one);
        const own =
          at === -1
            ? faultsOfRefusal(one)
            : faultsOf(one, byId.get(one.response.messageId ?? '')!, read[at]!);
        return own.map((fault) => JSON.stringify([one.way.field, one.way.request('…'), fault]).slice(0, 500));
      });
      expect(faults).toEqual([]);

      if (transport === 'smtp') {
        const commands = dialogues.flatMap((one) => one.commands).filter((one) => !SESSION.test(one));
        const expected = sent.flatMap(({ response }) => [
          `MAIL FROM:<${tenant.address('anna')}>${isInternational(response) ? ' SMTPUTF8' : ''}`,
          ...response.recipients.map(({ address }) => `RCPT TO:<${address}>`),
          'DATA',
        ]);
        expect([...commands].sort()).toEqual([...expected].sort());
      }
    },
    60_000,
  );
});
