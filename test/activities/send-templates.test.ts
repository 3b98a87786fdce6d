/**
 * Subject, text and HTML of an activity filled from a record, whoever plays the tenant: what arrives, what no value of a
 * record can do, and how a template that does not fit is named.
 */
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  openConnector,
  parseMessageSource,
  type Check,
  type Connector,
  type FailureReport,
  type ParsedRecord,
  type SendEmailResponse,
  type SendPreview,
} from '../../src/index.js';
import { openTenant, SEND_TRANSPORTS } from '../support/open-tenant.js';
import type { TestTenant } from '../support/tenant.js';

let tenant: TestTenant;
let connector: Connector;
let ben: string;

beforeAll(async () => {
  tenant = await openTenant();
  connector = openConnector({ net: tenant.net });
  ben = tenant.address('ben');
}, 30_000);
afterAll(() => tenant.stop());

type Words = Readonly<Partial<Record<'subject' | 'text' | 'html', string>>>;

async function* oneOf(source: Buffer): AsyncGenerator<Buffer> {
  yield await Promise.resolve(source);
}

async function previewed(words: Words, request: object): Promise<SendPreview & { record?: ParsedRecord }> {
  const config = { template: true, ...words };
  const input = {
    connection: tenant.connection('anna'),
    config,
    requests: [{ to: 'ben@x.example', ...request }],
  };
  for await (const preview of connector.sending.preview(input)) {
    if (preview.outcome !== 'would-send') return preview;
    const pieces: Buffer[] = [];
    for await (const piece of preview.source) pieces.push(piece);
    return { ...preview, record: await parseMessageSource(oneOf(Buffer.concat(pieces))) };
  }
  throw new Error('No preview.');
}

async function filled(words: Words, data: object): Promise<ParsedRecord> {
  const preview = await previewed(words, { data });
  if (preview.outcome !== 'would-send') throw new Error(JSON.stringify(preview.failure));
  return preview.record!;
}

async function refused(words: Words, request: object): Promise<FailureReport> {
  const preview = await previewed(words, request);
  if (preview.outcome !== 'would-refuse') throw new Error('It would be sent.');
  return preview.failure;
}

describe.each(SEND_TRANSPORTS)('over %s:', (transport) => {
  async function send(config: object, requests: readonly object[]): Promise<SendEmailResponse[]> {
    const connection = tenant.connection('anna', transport === 'graph' ? 'graph-sending' : 'smtp');
    const input = { connection, config: { transport, ...config }, requests, activity: `filled-${transport}` };
    const responses: SendEmailResponse[] = [];
    for await (const response of connector.run('send-email', input)) responses.push(response);
    return responses;
  }

  test('each record makes a message of its own of the same templates', async () => {
    const config = {
      template: true,
      subject: 'Auftrag {{ order.number }}',
      text: 'Grüße an {{ customer | default: "alle" }}',
      html: '{% for line in order.lines %}<p>{{ line.name }}: {{ line.price | number: "de-DE", 2 }} €</p>{% endfor %}',
    };
    const lines = [
      { name: 'Öl & <Fett>', price: 1234.5 },
      { name: 'Tuch', price: 1 },
    ];
    const responses = await send(config, [
      { to: ben, data: { order: { number: 4711, lines }, customer: 'Jürgen' } },
      { to: ben, data: { order: { number: 4712, lines: [] } } },
    ]);
    const records: ParsedRecord[] = [];
    for (const { outcome, messageId } of responses) {
      expect(outcome).toBe('accepted');
      records.push(await parseMessageSource(oneOf((await tenant.arrived('ben', messageId!)).source)));
    }
    expect(records.map(({ subject, text }) => [subject, text?.trim()])).toEqual([
      ['Auftrag 4711', 'Grüße an Jürgen'],
      ['Auftrag 4712', 'Grüße an alle'],
    ]);
    expect(records[0]!.html).toContain('<p>Öl &amp; &lt;Fett&gt;: 1.234,50 €</p><p>Tuch: 1,00 €</p>');
  });

  test('what makes a message the same under a key is what the record made of it', async () => {
    const request = { to: ben, idempotencyKey: 'filled 1', data: { n: 1 } };
    const config = { template: true, subject: 'Nummer {{ n }}' };
    const [first, again, other] = [
      ...(await send(config, [request])),
      ...(await send(config, [request])),
      ...(await send(config, [{ ...request, data: { n: 2 } }])),
    ];
    expect(first).toMatchObject({ outcome: 'accepted' });
    expect(again).toMatchObject({ outcome: 'accepted', repeated: true, messageId: first!.messageId });
    expect(other).toMatchObject({ outcome: 'rejected', failure: { code: 'key-reused' } });
  });

  test('a record that lacks a value is refused, and the next one is sent', async () => {
    const config = { template: true, subject: 'An {{ name }}' };
    const [lacking, whole] = await send(config, [
      { to: ben, data: {} },
      { to: ben, data: { name: 'Ana' } },
    ]);
    expect(lacking).toMatchObject({
      outcome: 'rejected',
      failure: {
        kind: 'input',
        code: 'template-data-missing',
        parameters: { field: 'subject', variable: 'name' },
      },
    });
    expect(whole).toMatchObject({ outcome: 'accepted' });
  });
});

describe('a value of a record', () => {
  const HOSTILE = `<img src=x onerror="alert('x')">&`;

  test('is escaped in HTML, and nowhere else', async () => {
    const record = await filled(
      { subject: '{{ v }}', text: '{{ v }}', html: '<p title="{{ v }}">{{ v }}</p>' },
      { v: HOSTILE },
    );
    const escaped = '&lt;img src=x onerror=&#34;alert(&#39;x&#39;)&#34;&gt;&amp;';
    expect(record.html?.trim()).toBe(`<p title="${escaped}">${escaped}</p>`);
    expect(record.text?.trim()).toBe(HOSTILE);
    expect(record.subject).toBe(HOSTILE);
  });

  test.each([
    ['escape', '&lt;b&gt;'],
    ['newline_to_br', '&lt;b&gt;'],
    ['upcase', '&lt;B&gt;'],
    ['json', '&#34;&lt;b&gt;&#34;'],
    ['append: "<i>"', '&lt;b&gt;&lt;i&gt;'],
    ['raw', '<b>'],
  ])('is escaped once behind the filter %s, and only raw leaves it as it is', async (filter, expected) => {
    const { html } = await filled({ html: `[{{ v | ${filter} }}]` }, { v: '<b>' });
    expect(html?.trim()).toBe(`[${expected}]`);
  });

  test('keeps its lines in HTML where the template asks for it', async () => {
    const { html } = await filled({ html: '{{ v | newline_to_br }}' }, { v: 'Weg 1\n<Ort>' });
    expect(html?.replaceAll(/\s/gu, '')).toBe('Weg1<br/>&lt;Ort&gt;');
  });

  test.each(['\r\nBcc: x@y.example', '\n\tfolded', '\u0000', '\u2028line', '\u0085next'])(
    'with the control characters of %j stays in the one line of the subject',
    async (v) => {
      const record = await filled({ subject: 'A {{ v }} z' }, { v });
      expect(record.subject).toMatch(/^A [^\p{Cc}\u2028]* z$/u);
      expect(record.headers.map(({ name }) => name.toLowerCase())).not.toContain('bcc');
    },
  );

  test('is no template itself', async () => {
    const v = '{{ secret }}{% if true %}x{% endif %}';
    const { text } = await filled({ text: '{{ v }}' }, { v, secret: 'hidden' });
    expect(text?.trim()).toBe(v);
  });

  test('that the record gives as subject or body is no template and takes the place of one', async () => {
    const preview = await previewed(
      { subject: '{{ missing }}', text: '{{ missing }}', html: '{{ missing }}' },
      { subject: 'Rabatt {{ 10 }} %', text: '{{ literal }}' },
    );
    expect(preview).toMatchObject({ outcome: 'would-send', record: { subject: 'Rabatt {{ 10 }} %' } });
    expect(preview.record?.text?.trim()).toBe('{{ literal }}');
    expect(preview.record?.html).toBeNull();
  });

  test.each(['constructor', '__proto__', 'v.constructor', 'v.__proto__.polluted', 'toString'])(
    'is the record’s own: %s is missing',
    async (variable) => {
      const failure = await refused({ text: `{{ ${variable} }}` }, { data: { v: {} } });
      expect(failure.code).toBe('template-data-missing');
    },
  );

  test('that is an object is not sent as one', async () => {
    const failure = await refused({ text: 'An\n{{ customer }}' }, { data: { customer: { name: 'Ana' } } });
    expect(failure).toMatchObject({
      code: 'template-data-unusable',
      parameters: { field: 'text', line: 2, column: 1 },
    });
  });

  test('that fits no filter is named by its place, and is in no failure', async () => {
    const failure = await refused({ html: '{{ v | number: "de-DE" }}' }, { data: { v: 'geheim' } });
    expect(failure.code).toBe('template-data-unusable');
    expect(JSON.stringify(failure)).not.toContain('geheim');
  });
});

describe('a template', () => {
  test.each<[string, string, { line: number; column: number }]>([
    ['a bracket is left open', 'Hallo\n  {{ name', { line: 2, column: 3 }],
    ['a tag is not known', '{% nix %}', { line: 1, column: 1 }],
    ['a filter is not known', '{{ name | nix }}', { line: 1, column: 1 }],
    ['a condition has no end', '{% if name %}x', { line: 1, column: 1 }],
    ['a file is included', '{% include "/etc/passwd" %}', { line: 1, column: 1 }],
    ['a file is rendered', '{% render "connector.json" %}', { line: 1, column: 1 }],
    ['a layout is asked for', '{% layout "x" %}', { line: 1, column: 1 }],
  ])('in which %s is refused before the first record is taken', async (_name, text, place) => {
    let taken = 0;
    function* requests() {
      taken += 1;
      yield { to: ben };
    }
    const input = {
      connection: tenant.connection('anna'),
      config: { template: true, text },
      requests: requests(),
    };
    const failure = {
      kind: 'config',
      code: 'template-invalid',
      facts: { parameters: { field: 'text', ...place } },
    };
    await expect(connector.run('send-email', input).next()).rejects.toMatchObject(failure);
    await expect(connector.sending.preview(input).next()).rejects.toMatchObject(failure);
    expect(taken).toBe(0);
  });

  test('is judged by the test of the settings', async () => {
    const checks: Check[] = [];
    const connection = tenant.connection('anna');
    const checked = (html: string) => ({ id: 'send-email', config: { template: true, html } });
    for await (const check of connector.check({
      connection,
      activities: [checked('{{ a'), checked('{{ a }}')],
    }))
      checks.push(check);
    expect(checks[0]).toMatchObject({
      stage: 'settings',
      status: 'failed',
      failure: { code: 'template-invalid', parameters: { field: 'html' } },
    });
  });

  test.each([
    [
      'runs for ever',
      '{% for a in (1..9999) %}{% for b in (1..9999) %}{% for c in (1..9999) %}{% endfor %}{% endfor %}{% endfor %}',
    ],
    ['counts to no end', '{% for a in (1..999999999) %}x{% endfor %}'],
    ['doubles what it holds', `{% assign s = v %}${'{% assign s = s | append: s %}'.repeat(40)}{{ s }}`],
    [
      'puts out more than a mail holds',
      '{% for a in (1..1000) %}{% for b in (1..500) %}{{ v }}{% endfor %}{% endfor %}',
    ],
  ])('that %s is stopped', async (_name, text) => {
    const failure = await refused({ text }, { data: { v: 'x'.repeat(1000) } });
    expect(failure).toMatchObject({
      kind: 'limit',
      code: 'template-limit-reached',
      parameters: { field: 'text' },
    });
  });

  test('takes times without a zone as UTC, whatever the machine says, and other zones where it names them', () => {
    const text =
      '{{ a | date: "%d.%m.%Y %H:%M" }}, {{ a | date: "%H:%M", "Europe/Berlin" }}, {{ b | date: "%H:%M" }}, {{ c | date: "%d. %B" }}';
    const data = { a: '2026-03-01 12:00', b: '2026-03-01T12:00:00+02:00', c: '2026-03-01' };
    const input = {
      connection: tenant.connection('anna'),
      config: { template: true, text },
      requests: [{ to: ben, data }],
    };
    // A process of its own: the zone of this one is fixed once it runs.
    const program = `
      const { openConnector } = await import(${JSON.stringify(pathToFileURL(resolve('dist/index.js')).href)});
      console.log(new Date(2026, 2, 1).getTimezoneOffset());
      for await (const { source } of openConnector().sending.preview(${JSON.stringify(input)}))
        for await (const piece of source) process.stdout.write(piece);`;
    const env = { ...process.env, TZ: 'America/New_York' };
    const printed = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
      env,
    }).toString();
    expect(printed.split('\n')[0]).toBe('300');
    expect(printed).toContain('\r\n01.03.2026 12:00, 13:00, 10:00, 01. March');
  });

  test('may ask for what is missing, and leave brackets to others', async () => {
    const { text } = await filled(
      {
        text: '[name] {% if a.b %}x{% endif %}{{ a.c | default: "-" }} {% raw %}{{ x }}{% endraw %} {{ n }}',
      },
      { a: {}, n: null },
    );
    expect(text?.trim()).toBe('[name] - {{ x }}');
  });

  test('whose subject becomes too long is refused by field', async () => {
    const failure = await refused({ subject: '{{ v }}' }, { data: { v: 'x'.repeat(901) } });
    expect(failure).toMatchObject({
      code: 'input-invalid',
      problems: [{ pointer: '/data', rule: 'too-long' }],
    });
  });
});

test('data for an activity that is not filled is refused: the places would be sent as they stand', async () => {
  const connection = tenant.connection('anna');
  const input = { connection, config: { text: '{{ n }}' }, requests: [{ to: ben, data: { n: 1 } }] };
  for await (const preview of connector.sending.preview(input))
    expect(preview).toMatchObject({
      outcome: 'would-refuse',
      failure: { code: 'input-invalid', problems: [{ pointer: '/data', rule: 'without-template' }] },
    });
  expect.assertions(1);
});
