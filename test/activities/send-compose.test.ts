/**
 * What Send Email makes of a record, whoever plays the tenant: looked at in the bytes that the mailbox holds, and as
 * Python's email package reads them.
 */
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openConnector, type Connector, type SendEmailResponse } from '../../src/index.js';
import { openTenant, SEND_TRANSPORTS } from '../support/open-tenant.js';
import type { TestTenant } from '../support/tenant.js';

let tenant: TestTenant;
let connector: Connector;
let ben: string;
let transport: (typeof SEND_TRANSPORTS)[number];

beforeAll(async () => {
  tenant = await openTenant();
  connector = openConnector({ net: tenant.net, sendingLimits: UNHURRIED });
  ben = tenant.address('ben');
}, 30_000);
afterAll(() => tenant.stop());

async function send(request: object, config: object = {}): Promise<SendEmailResponse> {
  const connection = tenant.connection('anna', transport === 'graph' ? 'graph-sending' : 'smtp');
  const input = { connection, config: { transport, ...config }, requests: [{ to: ben, ...request }] };
  for await (const response of connector.run('send-email', input)) return response;
  throw new Error('No answer.');
}

interface Judged {
  /** Name in lower case and value, decoded, in order. */
  readonly headers: readonly (readonly [string, string])[];
  /** Type, disposition, file name, content id and text of each part, in order. */
  readonly parts: readonly {
    readonly type: string;
    readonly disposition: string | null;
    readonly name: string | null;
    readonly cid: string | null;
    readonly method: string | null;
    readonly text: string;
  }[];
  readonly addresses: Readonly<Record<string, readonly (readonly [string, string])[]>>;
  readonly longestLine: number;
}

const JUDGE = `
import sys, json, email, email.policy
raw = sys.stdin.buffer.read()
m = email.message_from_bytes(raw, policy=email.policy.default)
parts = []
for p in m.walk():
    b = p.get_payload(decode=True) or b''
    parts.append(dict(type=p.get_content_type(), disposition=p.get_content_disposition(), name=p.get_filename(),
        cid=p['content-id'], method=p.get_param('method'), text=b.decode('utf-8', 'replace')))
addresses = {n: [[a.display_name, a.addr_spec] for a in m[n].addresses] for n in ('from', 'to', 'cc', 'reply-to') if m[n]}
print(json.dumps(dict(headers=[[k.lower(), str(v)] for k, v in m.items()], parts=parts, addresses=addresses,
    longestLine=max(len(l) for l in raw.replace(b'\\r\\n', b'\\n').split(b'\\n')))))
`;
import { UNHURRIED } from '../support/unhurried.js';

/** As the mailbox holds the message, read by Python. */
async function judged(response: SendEmailResponse): Promise<Judged> {
  expect(response).toMatchObject({ outcome: 'accepted' });
  const { source } = await tenant.arrived('ben', response.messageId!);
  return JSON.parse(execFileSync('python3', ['-c', JUDGE], { input: source }).toString()) as Judged;
}

const values = ({ headers }: Judged, name: string): string[] =>
  headers.filter(([key]) => key === name).map(([, value]) => value);

describe.each(SEND_TRANSPORTS)('over %s:', (own) => {
  beforeAll(() => {
    transport = own;
  });

  describe('recipients as text', () => {
    test('are those of the list, names included, whatever separates them', async () => {
      const cara = tenant.address('cara');
      const message = await judged(
        await send({
          to: `"Schröder, Bernd" <${ben}>; ${cara}`,
          replyTo: 'Ops <ops@contoso.example>, <x@contoso.example>',
        }),
      );
      expect(message.addresses).toMatchObject({
        to: [
          ['Schröder, Bernd', ben],
          ['', cara],
        ],
        'reply-to': [
          ['Ops', 'ops@contoso.example'],
          ['', 'x@contoso.example'],
        ],
      });
    });

    test.each([
      ['without an address', 'Bernd', '/to/0/address'],
      ['with two addresses and nothing between', 'a@contoso.example b@contoso.example', '/to'],
      ['with an address in a remark', 'a@contoso.example (and b@contoso.example)', '/to'],
      ['with a line break', 'a@contoso.example,\r\nBcc: b@contoso.example', '/to'],
      [
        'with a line break in an encoded word',
        '=?utf-8?Q?x=0D=0ABcc=3A?= <a@b@contoso.example>',
        '/to/0/address',
      ],
      ['with a quote left open', '"Bernd, b@contoso.example', '/to/0/address'],
    ])('%s are refused', async (_name, to, pointer) => {
      const response = await send({ to });
      expect(response).toMatchObject({ outcome: 'rejected', failure: { code: 'input-invalid' } });
      expect(response.failure?.problems?.map((problem) => problem.pointer)).toContain(pointer);
    });
  });

  describe('a body', () => {
    test('of HTML alone gets a text made of it', async () => {
      const { parts } = await judged(await send({ html: '<h1>Grüße</h1><p>Ihr <b>Konto</b></p>' }));
      expect(parts.map(({ type }) => type)).toEqual(['multipart/alternative', 'text/plain', 'text/html']);
      expect(parts[1]!.text.replaceAll('\r\n', '\n').trim()).toBe('Grüße\n\nIhr Konto');
    });

    test('of the record stands alone: the activity’s in the other form is not shown beside it', async () => {
      const { parts } = await judged(await send({ text: 'own' }, { html: '<p>form</p>', text: 'form' }));
      expect(parts.map(({ type, text }) => [type, text.trim()])).toEqual([['text/plain', 'own']]);
    });

    test('shows a file that it calls by name, and leaves the others attached', async () => {
      const file = (name: string) => ({ name, content: { inline: 'AAEC' } });
      const { parts } = await judged(
        await send({
          html: 'Logo <img src="cid:logo.png">',
          attachments: [file('logo.png'), file('other.png')],
        }),
      );
      expect(parts.map(({ type, disposition, cid }) => [type, disposition, cid])).toEqual([
        ['multipart/mixed', null, null],
        ['multipart/alternative', null, null],
        ['text/plain', null, null],
        ['multipart/related', null, null],
        ['text/html', null, null],
        ['image/png', 'inline', '<logo.png>'],
        ['image/png', 'attachment', null],
      ]);
    });
  });

  describe('what is said about a message', () => {
    test('is in its header, each once', async () => {
      const message = await judged(
        await send({
          importance: 'high',
          sensitivity: 'confidential',
          categories: ['Orders', 'März'],
          readReceipt: true,
          inReplyTo: '<2@contoso.example>',
          references: ['<1@contoso.example>'],
          headers: [
            { name: 'X-Order', value: 'Größe; =?utf-8?Q?x?=' },
            { name: 'X-Priority', value: '2' },
            { name: 'List-Unsubscribe', value: `<https://contoso.example/${'u'.repeat(800)}>` },
          ],
        }),
      );
      const expected = {
        importance: 'high',
        sensitivity: 'Company-Confidential',
        keywords: 'Orders, März',
        'disposition-notification-to': `<${tenant.address('anna')}>`,
        'in-reply-to': '<2@contoso.example>',
        references: '<1@contoso.example> <2@contoso.example>',
        'x-order': 'Größe; =?utf-8?Q?x?=',
        'x-priority': '2',
        'auto-submitted': 'auto-replied',
        'x-auto-response-suppress': 'OOF, AutoReply',
      };
      for (const [name, value] of Object.entries(expected))
        expect([name, values(message, name)]).toEqual([name, [value]]);
      expect(message.longestLine).toBeLessThanOrEqual(998);
    });

    test('is that a program sent it, unless the activity says otherwise', async () => {
      const [usual, personal] = [
        await judged(await send({})),
        await judged(await send({}, { automatic: false })),
      ];
      expect(values(usual, 'auto-submitted')).toEqual(['auto-generated']);
      expect(values(usual, 'x-auto-response-suppress')).toEqual(['All']);
      expect(personal.headers.map(([name]) => name)).not.toContain('auto-submitted');
      expect(personal.headers.map(([name]) => name)).not.toContain('x-auto-response-suppress');
    });

    test('an invitation is an alternative of its own, with its method', async () => {
      const content = 'BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nEND:VCALENDAR\r\n';
      const { parts } = await judged(await send({ text: 'Off', calendar: { method: 'CANCEL', content } }));
      expect(parts.map(({ type, method }) => [type, method])).toEqual([
        ['multipart/alternative', null],
        ['text/plain', null],
        ['text/calendar', 'CANCEL'],
      ]);
      expect(parts[2]!.text.trim()).toBe(content.trim());
    });
  });

  describe('a foreign value', () => {
    const header = (name: string, value: string) => ({ headers: [{ name, value }] });
    const CALENDAR = 'BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nEND:VCALENDAR\r\n';
    test.each([
      ['a line break in a header', header('X-A', 'x\r\nBcc: y@z.example'), '/headers/0/value'],
      ['a NUL in a header', header('X-A', 'x\u0000'), '/headers/0/value'],
      ['a header that is too long', header('X-A', 'x'.repeat(901)), '/headers/0/value'],
      ['a header of the message itself', header('Bcc', 'y@z.example'), '/headers/0/name'],
      ['a colon in the name of a header', header('X-A: x\r\nBcc', 'y@z.example'), '/headers/0/name'],
      ['a line break in a message id', { inReplyTo: '<a@b>\r\nBcc: <y@z.example>' }, '/inReplyTo'],
      ['two message ids in one', { references: ['<a@b> <c@d>'] }, '/references/0'],
      ['a line break in a category', { categories: ['a\r\nBcc: b'] }, '/categories/0'],
      [
        'another method in the text',
        { calendar: { method: 'REQUEST', content: CALENDAR } },
        '/calendar/content',
      ],
      ['a method of its own', { calendar: { method: 'X; x=\r\ny', content: CALENDAR } }, '/calendar/method'],
      ['a lone CR in the subject', { subject: 'x\rBcc: y@z.example' }, '/subject'],
      ['a NUL in an address', { to: [{ address: 'a\u0000@b.example' }] }, '/to/0/address'],
      ['a command in an address', { to: [{ address: 'a@b.example> NOTIFY=NEVER' }] }, '/to/0/address'],
      ['a remark in an address', { to: [{ address: 'a(x)@b.example' }] }, '/to/0/address'],
    ])('with %s is refused by field', async (_name, fields, pointer) => {
      const response = await send(fields);
      expect(response).toMatchObject({ outcome: 'rejected', failure: { code: 'input-invalid' } });
      expect(response.failure?.problems?.map((problem) => problem.pointer)).toContain(pointer);
    });

    test.each([
      ['quotes and backslashes', 'x" <y@z.example>, "\\'],
      ['a remark', 'x (y@z.example) (('],
      ['separators', 'x; y@z.example, : <>'],
      ['a long word', 'x'.repeat(320)],
    ])('with %s in a name adds nobody', async (_name, name) => {
      const { addresses, longestLine } = await judged(
        await send({ to: [{ name, address: ben }], from: { name, address: tenant.address('anna') } }),
      );
      expect(addresses).toEqual({ to: [[name, ben]], from: [[name, tenant.address('anna')]] });
      expect(longestLine).toBeLessThanOrEqual(998);
    });

    test('with dots, commands and lines without end in a body stays a body', async () => {
      const text = `.\r\n..\r\nQUIT\r\n.\r\nMAIL FROM:<x@y.example>\r\n${'x'.repeat(5000)}\r\n.`;
      const message = await judged(await send({ text, html: `<p>${'y'.repeat(5000)}</p>` }));
      expect(message.parts[1]!.text.trimEnd()).toBe(text);
      expect(message.longestLine).toBeLessThanOrEqual(998);
    });
  });

  test('a name that looks like an encoded word arrives as it is written', async () => {
    const to = [
      { name: '=?utf-8?Q?boss?=', address: ben },
      { name: 'Ben, "x"', address: ben },
    ];
    const { addresses } = await judged(
      await send({ to, from: { name: '=?x?=', address: tenant.address('anna') } }),
    );
    expect(addresses['to']).toEqual([
      ['=?utf-8?Q?boss?=', ben],
      ['Ben, "x"', ben],
    ]);
    expect(addresses['from']).toEqual([['=?x?=', tenant.address('anna')]]);
  });

  test('a subject that looks like an encoded word arrives as it is written', async () => {
    const subject = '=?utf-8?Q?Grüße?= =?utf-8?B?eA==?=';
    expect(values(await judged(await send({ subject })), 'subject')).toEqual([subject]);
    const plain = '=?utf-8?Q?plain?=';
    expect(values(await judged(await send({ subject: plain })), 'subject')).toEqual([plain]);
  });
});
