/**
 * Answers to messages that were read, and forwarded ones, whoever plays the tenant: read, answered, and read again where they
 * arrived.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  openConnector,
  parseMessageSource,
  type Connector,
  type EmailRecord,
  type ParsedRecord,
  type SendEmailResponse,
} from '../../src/index.js';
import { openTenant, SEND_TRANSPORTS } from '../support/open-tenant.js';
import type { TestTenant } from '../support/tenant.js';

let tenant: TestTenant;
let connector: Connector;
let anna: string;
let ben: string;
let cara: string;

beforeAll(async () => {
  tenant = await openTenant();
  connector = openConnector({ net: tenant.net });
  anna = tenant.address('anna');
  ben = tenant.address('ben');
  cara = tenant.address('cara');
}, 30_000);
afterAll(() => tenant.stop());

async function* oneOf(source: Buffer): AsyncGenerator<Buffer> {
  yield await Promise.resolve(source);
}

type Fields = Readonly<Record<string, string>>;

describe.each(SEND_TRANSPORTS)('over %s:', (transport) => {
  const connection = () => tenant.connection('anna', transport === 'graph' ? 'graph-sending' : 'smtp');

  /** A message from Ben as anna has it. */
  async function received(
    fields: Fields = {},
    body = 'Hallo,\r\n> alt\r\nwie weit?\r\n',
  ): Promise<EmailRecord> {
    const folder = await tenant.freshFolder('anna');
    const header = {
      From: `Ben <${ben}>`,
      To: `anna <${anna}>, Cara <${cara}>`,
      Subject: 'Frage',
      'Message-ID': `<${randomUUID()}@x.example>`,
      Date: 'Mon, 02 Nov 2026 08:30:00 +0100',
      'MIME-Version': '1.0',
      'Content-Type': 'text/plain; charset=utf-8',
      ...fields,
    };
    const lines = Object.entries(header).map(([name, value]) => `${name}: ${value}`);
    await tenant.deliver('anna', folder, Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`));
    for await (const { records } of connector.run('read-email', {
      // As it sends: only its own references are opened.
      connection: connection(),
      config: { transport: transport === 'graph' ? 'graph' : 'imap', folder, inlineContentLimit: 10 },
    }))
      for (const record of records) return record;
    throw new Error('Nothing was read.');
  }

  async function send(request: object, config: object = {}): Promise<SendEmailResponse> {
    // One correspondent gets many answers from these tests.
    const settled = { transport, answersPerCorrespondent: 1000, ...config };
    for await (const response of connector.run('send-email', {
      connection: connection(),
      config: settled,
      requests: [request],
    }))
      return response;
    throw new Error('No answer.');
  }

  async function arrived(response: SendEmailResponse, settings: object = {}): Promise<ParsedRecord> {
    expect(response).toMatchObject({ outcome: 'accepted' });
    const { source } = await tenant.arrived('ben', response.messageId!);
    return parseMessageSource(oneOf(source), { ...settings });
  }

  test('a reply goes to its author, in its conversation, with the message below', async () => {
    const message = await received({
      References: '<0@x.example> <1@x.example>',
      'In-Reply-To': '<1@x.example>',
    });
    const response = await send({ answerTo: { how: 'reply', message }, text: 'Fast fertig.' });
    const answer = await arrived(response, { uniqueBody: true });
    expect(answer).toMatchObject({
      subject: 'Re: Frage',
      to: [{ name: 'Ben', address: ben }],
      cc: [],
      inReplyTo: message.messageId,
      references: ['<0@x.example>', '<1@x.example>', message.messageId],
      uniqueText: 'Fast fertig.',
      automatic: { autoSubmitted: 'auto-replied' },
    });
    expect(answer.text?.trim()).toBe(
      [
        'Fast fertig.',
        '',
        `From: Ben <${ben}>`,
        'Date: 2026-11-02 07:30 UTC',
        'Subject: Frage',
        `To: anna <${anna}>, Cara <${cara}>`,
        '',
        '> Hallo,',
        '>> alt',
        '> wie weit?',
      ].join('\n'),
    );
    expect(answer.html).toBeNull();
  });

  test('a reply to all leaves out the mailbox and names nobody twice', async () => {
    const message = await received({
      'Reply-To': `${ben}, Team <team@x.example>`,
      Cc: `TEAM@x.example, ${anna.toUpperCase()}, hidden:;, Dora <dora@x.example>`,
    });
    const { preview } = await previewed({ answerTo: { how: 'reply-all', message } });
    expect(preview).toMatchObject({ recipients: [ben, 'team@x.example', cara, 'dora@x.example'] });
    const one = await previewed({ answerTo: { how: 'reply', message } });
    expect(one.preview).toMatchObject({ recipients: [ben, 'team@x.example'] });
  });

  test('a message is forwarded with its files, to those whom the record names', async () => {
    const boundary = 'b0und';
    const body = [
      `--${boundary}`,
      'Content-Type: text/plain',
      '',
      'Bitte sehr.',
      `--${boundary}`,
      'Content-Type: application/pdf; name="Größe.pdf"',
      'Content-Disposition: attachment; filename="liste.pdf"',
      'Content-Transfer-Encoding: base64',
      '',
      Buffer.alloc(2000, 'x').toString('base64'),
      `--${boundary}--`,
      '',
    ].join('\r\n');
    const message = await received(
      { 'Content-Type': `multipart/mixed; boundary=${boundary}`, Precedence: 'bulk' },
      body,
    );
    expect(message.attachments[0]?.content).toHaveProperty('ref');
    const response = await send({ to: ben, answerTo: { how: 'forward', message }, text: 'Zur Info' });
    const forwarded = await arrived(response);
    expect(forwarded).toMatchObject({
      subject: 'Fwd: Frage',
      inReplyTo: null,
      references: [message.messageId],
      automatic: { autoSubmitted: 'auto-generated' },
      attachments: [{ name: 'liste.pdf', contentType: 'application/pdf', size: 2000 }],
    });
    expect(forwarded.text).toContain('Zur Info\n\n---------- Forwarded message ----------\nFrom: Ben');
    expect(forwarded.text).toContain('\n\nBitte sehr.');
    const lost = { ...message.attachments[0]!, omitted: 'too-large' as const };
    delete lost.content;
    await expect(
      send({ to: ben, answerTo: { how: 'forward', message: { ...message, attachments: [lost] } } }),
    ).resolves.toMatchObject({
      outcome: 'rejected',
      failure: { code: 'answer-attachment-missing', parameters: { name: 'liste.pdf' } },
    });
  });

  test('a quote in HTML stands inside the own document, with the images that it shows', async () => {
    const boundary = 'b0und';
    const image = (id: string) => [
      `--${boundary}`,
      'Content-Type: image/png; name="x.png"',
      `Content-ID: <${id}>`,
      'Content-Transfer-Encoding: base64',
      '',
      'AAECAw==',
    ];
    const theirs =
      '<!DOCTYPE html><html><head><title>T</title><base href="https://evil.example/"><style>p{color:red}</style></head>' +
      '<body onload="x()"><p>Bild <img src="cid:shown@x"></p></blockquote></div><script>alert(1)</script><b>offen</body></html><!-- ';
    const body = [
      `--${boundary}`,
      'Content-Type: text/html; charset=utf-8',
      '',
      theirs,
      ...image('shown@x'),
      ...image('other@x'),
      `--${boundary}--`,
      '',
    ].join('\r\n');
    const message = await received({ 'Content-Type': `multipart/related; boundary=${boundary}` }, body);
    const html = '<html><body><p>Danke &amp; Gruß</p></body></html>';
    const answer = await arrived(await send({ answerTo: { how: 'reply', message }, html }));
    const sent = (answer.html ?? '').replaceAll(/\s+/gu, ' ').trim();
    expect(sent).toMatch(/^<html><body><p>Danke &amp; Gruß<\/p> <br> <div><b>From:<\/b> Ben &lt;/u);
    expect(sent).toMatch(
      /<blockquote type="cite"[^>]*><table[^>]*><tbody><tr><td><style>p\{color:red\}<\/style><p>Bild <img src="cid:shown@x"><\/p><b>offen<\/b><\/td><\/tr><\/tbody><\/table><\/blockquote> <\/body><\/html>$/u,
    );
    expect(answer.attachments).toMatchObject([{ contentId: 'shown@x', disposition: 'inline' }]);
    expect(answer.text).toContain('Danke & Gruß');
    expect(answer.text).toContain('offen');
  });

  test('own words as text are HTML where the message has nothing else', async () => {
    const message = await received({ 'Content-Type': 'text/html' }, '<p>Nur <i>HTML</i></p>');
    const answer = await arrived(await send({ answerTo: { how: 'reply', message }, text: 'a < b\nc' }));
    expect(answer.html).toContain('<div>a &lt; b<br>');
    expect(answer.text).toContain('a < b\nc');
    expect(answer.text).toContain('Nur HTML');
  });

  test('what the record or the activity says goes before what follows from the message', async () => {
    const message = await received();
    const answerTo = { how: 'reply', message, quote: false };
    const { record } = await previewed(
      { answerTo, to: 'x@x.example', references: ['<own@x.example>'], text: 'kurz' },
      { subject: 'Ticket 7', to: [{ address: 'never@x.example' }] },
    );
    expect(record).toMatchObject({
      subject: 'Ticket 7',
      to: [{ address: 'x@x.example' }],
      references: ['<own@x.example>', message.messageId],
    });
    expect(record.text?.trim()).toBe('kurz');
  });

  test.each([
    ['AW: Frage', 'AW: Frage', 'Fwd: AW: Frage'],
    ['RE[2]: Frage', 'RE[2]: Frage', 'Fwd: RE[2]: Frage'],
    ['WG: Frage', 'Re: WG: Frage', 'WG: Frage'],
    ['RV: Pregunta', 'Re: RV: Pregunta', 'RV: Pregunta'],
    ['Rechnung: 5', 'Re: Rechnung: 5', 'Fwd: Rechnung: 5'],
    ['', 'Re:', 'Fwd:'],
  ])('the subject %j becomes %j and %j', async (subject, reply, forward) => {
    const message = { ...(await sample()), subject };
    const [answered, forwarded] = [
      await previewed({ answerTo: { how: 'reply', message } }),
      await previewed({ to: ben, answerTo: { how: 'forward', message } }),
    ];
    expect([answered.record.subject, forwarded.record.subject]).toEqual([reply, forward]);
  });

  test('a long conversation keeps its beginning and its end', async () => {
    const references = Array.from({ length: 300 }, (_none, n) => `<${String(n)}@x.example>`);
    const message = {
      ...(await sample()),
      references: [...references, 'not one', '<a b@x>', '<x@y>\r\nBcc: <z@z>'],
    };
    const { record } = await previewed({ answerTo: { how: 'reply', message } });
    expect(record.references).toEqual(['<0@x.example>', ...references.slice(-38), message.messageId]);
  });

  async function sample(): Promise<EmailRecord> {
    return (known ??= await received());
  }
  let known: EmailRecord | undefined;

  async function previewed(request: object, config: object = {}) {
    const input = { connection: connection(), config: { transport, ...config }, requests: [request] };
    for await (const preview of connector.sending.preview(input)) {
      if (preview.outcome !== 'would-send') throw new Error(JSON.stringify(preview.failure));
      const pieces: Buffer[] = [];
      for await (const piece of preview.source) pieces.push(piece);
      return { preview, record: await parseMessageSource(oneOf(Buffer.concat(pieces))) };
    }
    throw new Error('No preview.');
  }

  describe('no storms:', () => {
    test.each<[string, Fields, string]>([
      ['an automatic answer', { 'Auto-Submitted': 'auto-replied' }, 'automatic'],
      ['a sender who asks for silence', { 'X-Auto-Response-Suppress': 'OOF' }, 'automatic'],
      ['bulk mail', { Precedence: 'bulk' }, 'list-or-bulk'],
      ['junk', { Precedence: 'junk' }, 'list-or-bulk'],
      ['a list', { 'List-Id': '<l.x.example>' }, 'list-or-bulk'],
      ['an empty return path', { 'Return-Path': '<>' }, 'null-return-path'],
      ['own mail', { From: 'Anna <ANNA_ADDRESS>' }, 'own-mail'],
    ])(
      '%s is answered only where the record says so, and never without a return path',
      async (_name, fields, reason) => {
        const own = Object.fromEntries(
          Object.entries(fields).map(([name, value]) => [name, value.replace('ANNA_ADDRESS', anna)]),
        );
        const message = await received(own);
        const refused = {
          outcome: 'rejected',
          failure: { kind: 'input', code: 'answer-not-wanted', parameters: { reason } },
        };
        await expect(send({ answerTo: { how: 'reply', message } })).resolves.toMatchObject(refused);
        await expect(send({ answerTo: { how: 'reply-all', message } })).resolves.toMatchObject(refused);
        const anyway = send({ to: ben, answerTo: { how: 'reply', message, anyway: true } });
        await expect(anyway).resolves.toMatchObject(
          reason === 'null-return-path' ? refused : { outcome: 'accepted' },
        );
      },
    );

    test('a delivery report is not answered', async () => {
      const body = [
        '--b',
        '',
        'Failed.',
        '--b',
        'Content-Type: message/delivery-status',
        '',
        'Reporting-MTA: dns; x.example',
        '',
        'Final-Recipient: rfc822; z@x.example',
        'Action: failed',
        'Status: 5.1.1',
        '',
        '--b--',
        '',
      ].join('\r\n');
      const message = await received(
        { 'Content-Type': 'multipart/report; report-type=delivery-status; boundary=b' },
        body,
      );
      await expect(send({ answerTo: { how: 'reply', message } })).resolves.toMatchObject({
        outcome: 'rejected',
        failure: { code: 'answer-not-wanted', parameters: { reason: 'report' } },
      });
    });

    test('one address gets so many automatic answers a day from a mailbox; tries and repeats are none', async () => {
      const message = await sample();
      const own = openConnector({ net: tenant.net });
      const all = async (requests: readonly object[], config: object = {}): Promise<SendEmailResponse[]> => {
        const settled = { transport, answersPerCorrespondent: 2, ...config };
        const responses: SendEmailResponse[] = [];
        for await (const one of own.run('send-email', {
          connection: connection(),
          config: settled,
          requests,
          activity: 'capped',
        }))
          responses.push(one);
        return responses;
      };
      const answer = (idempotencyKey: string) => ({ idempotencyKey, answerTo: { how: 'reply', message } });
      const responses = await all([answer('1'), answer('1'), answer('2'), answer('3')]);
      expect(responses.map(({ outcome }) => outcome)).toEqual([
        'accepted',
        'accepted',
        'accepted',
        'rejected',
      ]);
      expect(responses[3]).toMatchObject({
        failure: { kind: 'limit', code: 'answer-limit-reached', parameters: { address: ben, limit: 2 } },
      });
      const [byHand] = await all([{ to: ben, inReplyTo: message.messageId }]);
      expect(byHand).toMatchObject({ outcome: 'rejected', failure: { code: 'answer-limit-reached' } });
      const others = await all([
        { to: cara, answerTo: { how: 'reply', message } },
        { to: ben, subject: 'new' },
      ]);
      expect(others.map(({ outcome }) => outcome)).toEqual(['accepted', 'accepted']);
      const [person] = await all([answer('4')], { automatic: false });
      expect(person).toMatchObject({ outcome: 'accepted' });
    });
  });

  test('an answer to nobody is refused, even where a copy would go somewhere', async () => {
    const message = { ...(await sample()), from: [{ name: 'Ben', address: '' }] };
    const response = await send({ bcc: cara, answerTo: { how: 'reply', message } });
    expect(response).toMatchObject({
      outcome: 'rejected',
      failure: { code: 'input-invalid', problems: [{ pointer: '/answerTo/message/from' }] },
    });
  });

  test('without the signs of a machine nothing is answered', async () => {
    const { automatic, ...message } = await sample();
    expect(automatic.mayBeAnswered).toBe(true);
    const response = await send({ answerTo: { how: 'reply', message } });
    expect(response).toMatchObject({
      outcome: 'rejected',
      failure: { code: 'input-invalid', problems: [{ pointer: '/answerTo/message/automatic' }] },
    });
  });
});
