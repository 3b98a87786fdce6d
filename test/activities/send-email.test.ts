/**
 * Send Email, whoever plays the tenant: what arrives equals what was asked, what cannot be sent is refused before
 * a byte leaves, and what is not known is not claimed.
 */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  isFailure,
  openConnector,
  type Connector,
  type EmailRecord,
  type SendEmailResponse,
} from '../../src/index.js';
import { startCutProxy, type CutRules } from '../support/cut-proxy.js';
import { messageWithAttachment, noise } from '../support/messages.js';
import { openTenant, SEND_TRANSPORTS } from '../support/open-tenant.js';
import type { TestTenant } from '../support/tenant.js';
import { UNHURRIED } from '../support/unhurried.js';

const SMTP = 'smtp.office365.com:587';
let tenant: TestTenant;
let connector: Connector;
let ben: string;
let transport: (typeof SEND_TRANSPORTS)[number] = 'smtp';

beforeAll(async () => {
  tenant = await openTenant();
  connector = openConnector({ net: tenant.net, sendingLimits: UNHURRIED });
  ben = tenant.address('ben');
}, 30_000);
afterAll(() => tenant.stop());

async function send(
  requests: readonly unknown[],
  {
    config = {},
    connection = {},
    using = connector,
  }: { config?: object; connection?: object; using?: Connector } = {},
): Promise<SendEmailResponse[]> {
  const responses: SendEmailResponse[] = [];
  const input = {
    connection: {
      ...tenant.connection('anna', transport === 'graph' ? 'graph-sending' : 'smtp'),
      ...connection,
    },
    config: { transport, ...config },
    requests,
  };
  for await (const response of using.run('send-email', input)) responses.push(response);
  return responses;
}

async function inboxOfBen(messageId: string): Promise<EmailRecord> {
  const { uid } = await tenant.arrived('ben', messageId);
  const config = { folder: 'INBOX', readState: 'any', limit: 10_000 };
  for await (const { records } of connector.run('read-email', {
    connection: tenant.connection('ben'),
    config,
  })) {
    const found = records.find((record) => record.uid === uid);
    if (found !== undefined) return found;
  }
  throw new Error(`No record for ${messageId}`);
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const attached = (name: string, bytes: Buffer) => ({ name, content: { inline: bytes.toString('base64') } });

describe.each(SEND_TRANSPORTS)('over %s:', (own) => {
  beforeAll(() => {
    transport = own;
  });
  afterAll(() => {
    transport = 'smtp';
  });

  describe('a message', () => {
    test('arrives as it was asked, field by field, attachments byte for byte', async () => {
      const csv = Buffer.from('Größe;Preis\r\nXL;12 €\r\n');
      const binary = noise(300_000);
      const [response] = await send([
        {
          from: { name: 'Büro „Süd“, Contoso', address: tenant.address('anna') },
          to: [{ name: 'Schröder, Bernd', address: ben }],
          bcc: [{ address: tenant.address('anna') }],
          replyTo: [{ address: 'replies@contoso.example' }],
          subject: 'Übersicht für März – 日本語 ✓',
          text: 'Grüße\n\n.\n..two dots\nfrom the past\n',
          html: '<p>Grüße <b>✓</b></p><img src="cid:logo">',
          attachments: [
            attached('Übersicht März.csv', csv),
            attached('daten.bin', binary),
            { ...attached('logo.png', noise(500)), contentType: 'image/png', contentId: 'logo' },
            attached('leer.txt', Buffer.alloc(0)),
          ],
        },
      ]);
      expect(response).toMatchObject({
        index: 0,
        outcome: 'accepted',
        transport,
        mailbox: tenant.address('anna'),
        recipients: [
          { address: ben, outcome: 'accepted' },
          { address: tenant.address('anna'), outcome: 'accepted' },
        ],
      });
      const record = await inboxOfBen(response!.messageId!);
      expect(record).toMatchObject({
        messageId: response!.messageId,
        subject: 'Übersicht für März – 日本語 ✓',
        from: [{ name: 'Büro „Süd“, Contoso', address: tenant.address('anna') }],
        to: [{ name: 'Schröder, Bernd', address: ben }],
        cc: [],
        bcc: [],
        replyTo: [{ name: '', address: 'replies@contoso.example' }],
        html: '<p>Grüße <b>✓</b></p><img src="cid:logo">',
        warnings: [],
      });
      expect(record.text?.replaceAll('\r\n', '\n')).toBe('Grüße\n\n.\n..two dots\nfrom the past\n');
      expect(record.headers.map(({ name }) => name.toLowerCase())).not.toContain('bcc');
      const files = Object.fromEntries(record.attachments.map(({ name, sha256: hash }) => [name, hash]));
      expect(files).toEqual({
        'Übersicht März.csv': sha256(csv),
        'daten.bin': sha256(binary),
        'logo.png': sha256(noise(500)),
        'leer.txt': sha256(Buffer.alloc(0)),
      });
      expect(record.attachments.find(({ name }) => name === 'logo.png')).toMatchObject({
        disposition: 'inline',
        contentId: 'logo',
      });
    });

    test('takes from the activity what the record leaves out', async () => {
      const config = { to: [{ address: ben }], subject: 'From the form', text: 'Form text' };
      const [plain, own] = await send([{}, { subject: 'From the record' }], { config });
      expect(await inboxOfBen(plain!.messageId!)).toMatchObject({ subject: 'From the form' });
      expect(await inboxOfBen(own!.messageId!)).toMatchObject({
        subject: 'From the record',
        text: expect.stringContaining('Form text'),
      });
    });

    test('passes on an attachment of Read Email, inline or by reference', async () => {
      const folder = await tenant.freshFolder('anna');
      const content = noise(400_000);
      await tenant.deliver('anna', folder, messageWithAttachment('pass on', 'pass.bin', content));
      // Both with one connection: only its own references are opened.
      const reading = {
        connection: tenant.connection('anna', transport === 'graph' ? 'graph-sending' : 'imap'),
        config: { transport: transport === 'graph' ? 'graph' : 'imap', folder, inlineContentLimit: 1000 },
      };
      const attachments = [];
      for await (const { records } of connector.run('read-email', reading)) {
        for (const { name, content: handle } of records[0]!.attachments)
          attachments.push({ name, content: handle });
      }
      expect(attachments).toHaveLength(1);
      const [response] = await send([{ to: [{ address: ben }], subject: 'passed on', attachments }]);
      const record = await inboxOfBen(response!.messageId!);
      expect(record.attachments[0]).toMatchObject({ name: 'pass.bin', sha256: sha256(content) });
    });
  });

  describe('a record that cannot be sent', () => {
    const refused = {
      outcome: 'rejected',
      messageId: null,
      recipients: [],
      failure: { kind: 'input', code: 'input-invalid' },
    };
    const cases: readonly (readonly [string, Record<string, unknown>, string])[] = [
      [
        'a line break in an address',
        { to: [{ address: 'x@contoso.example>\r\nBcc: <y@contoso.example' }] },
        '/to/0/address',
      ],
      ['a second address in an address', { to: [{ address: 'a@b.example,c@d.example' }] }, '/to/0/address'],
      [
        'a line break in a name',
        { to: [{ name: 'x\r\nBcc: y@z.example', address: 'a@b.example' }] },
        '/to/0/name',
      ],
      [
        'a line break in the sender',
        { from: { name: 'x\nSubject: y', address: 'a@b.example' } },
        '/from/name',
      ],
      ['a line break in Reply-To', { replyTo: [{ address: 'a@b.example\nX: y' }] }, '/replyTo/0/address'],
      ['a line break in the subject', { subject: 'x\r\nBcc: y@z.example' }, '/subject'],
      ['a NUL in the subject', { subject: 'x\u0000y' }, '/subject'],
      [
        'folders in a file name',
        { attachments: [attached('../x', Buffer.from('x'))] },
        '/attachments/0/name',
      ],
      [
        'a line break in a file name',
        { attachments: [attached('a\r\nX: y', Buffer.from('x'))] },
        '/attachments/0/name',
      ],
      [
        'a line break in a media type',
        { attachments: [{ ...attached('a', Buffer.from('x')), contentType: 'text/x\r\nX: y' }] },
        '/attachments/0/contentType',
      ],
      [
        'a line break in a content id',
        { attachments: [{ ...attached('a', Buffer.from('x')), contentId: 'a>\r\nX: y' }] },
        '/attachments/0/contentId',
      ],
      [
        'content that is not base64',
        { attachments: [{ name: 'a', content: { inline: 'no base64!' } }] },
        '/attachments/0/content/inline',
      ],
      ['an unknown field', { headers: { 'X-Mine': 'y' } }, '/headers'],
    ];

    test.each(cases)(
      'because of %s is refused by field, and nothing leaves',
      async (_name, fields, pointer) => {
        const [response] = await send([{ to: [{ address: ben }], ...fields }]);
        expect(response).toMatchObject(refused);
        expect(response?.failure?.problems?.map((problem) => problem.pointer)).toContain(pointer);
        const readable = connector.explain(response!.failure, 'en');
        expect(readable.problems.join(' ')).not.toMatch(/must (?:match|be|have|NOT)/u);
      },
    );

    test('for want of a recipient is refused', async () => {
      const [response] = await send([{ subject: 'to nobody' }]);
      expect(response).toMatchObject({
        ...refused,
        failure: { problems: [{ pointer: '/to', rule: 'required' }] },
      });
    });

    test('does not stop those after it', async () => {
      const responses = await send([{ subject: 1 }, { to: [{ address: ben }], subject: 'next' }, 'nonsense']);
      expect(responses.map(({ index, outcome }) => [index, outcome])).toEqual([
        [0, 'rejected'],
        [1, 'accepted'],
        [2, 'rejected'],
      ]);
    });

    test('may not choose a sender or mailbox that the connection does not list', async () => {
      const request = { to: [{ address: ben }], subject: 'spoof' };
      const [from, mailbox] = await send([
        { ...request, from: { address: 'boss@contoso.example' } },
        { ...request, mailbox: ben },
      ]);
      for (const response of [from, mailbox]) {
        expect(response).toMatchObject({
          outcome: 'rejected',
          failure: { kind: 'input', code: 'override-not-allowed' },
        });
      }
    });
  });
});

describe('an attachment by reference', () => {
  async function referenced(folder: string): Promise<{ name: string; content: unknown }> {
    const input = {
      connection: tenant.connection('anna'),
      config: { folder, inlineContentLimit: 1000, readState: 'any' },
    };
    for await (const { records } of connector.run('read-email', input)) {
      const { name, content } = records[0]!.attachments[0]!;
      return { name, content };
    }
    throw new Error('Nothing to refer to.');
  }

  test('that was forged is refused before a byte leaves, and the next record is taken', async () => {
    const folder = await tenant.freshFolder('anna');
    await tenant.deliver('anna', folder, messageWithAttachment('forge', 'f.bin', noise(5000)));
    const { content } = await referenced(folder);
    const [payload = '', signature = ''] = (content as { ref: string }).ref.split('.');
    const place = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
    const forged = Buffer.from(JSON.stringify({ ...place, part: '1', folder: 'HR' })).toString('base64url');
    const [refused, next] = await send([
      { to: [{ address: ben }], attachments: [{ name: 'x', content: { ref: `${forged}.${signature}` } }] },
      { to: [{ address: ben }], subject: 'after a forged reference' },
    ]);
    expect(refused).toMatchObject({
      outcome: 'rejected',
      failure: { kind: 'input', code: 'content-reference-invalid' },
    });
    expect(next?.outcome).toBe('accepted');
  });

  test('that breaks off in the middle sends nothing, says why, and the next record is taken', async () => {
    const folder = await tenant.freshFolder('anna');
    await tenant.deliver('anna', folder, messageWithAttachment('break', 'b.bin', noise(6_000_000)));
    const attachment = await referenced(folder);
    const imap = 'outlook.office365.com:993';
    const proxy = await startCutProxy(tenant.net.hosts[imap] ?? '', { afterServerBytes: 4_000_000 });
    try {
      const using = openConnector({
        net: { ...tenant.net, hosts: { ...tenant.net.hosts, [imap]: proxy.address } },
      });
      const [broken, next] = await send(
        [
          { to: [{ address: ben }], subject: 'broken-reference', attachments: [attachment] },
          { to: [{ address: ben }], subject: 'after a broken reference' },
        ],
        { using, config: { attempts: 1 } },
      );
      expect(broken).toMatchObject({
        outcome: 'deferred',
        failure: { kind: 'transient', code: 'connection-lost' },
      });
      expect(next?.outcome).toBe('accepted');
    } finally {
      await proxy.stop();
    }
    const subjects = (await tenant.stored('ben', 'INBOX')).map(({ source }) =>
      source.toString('latin1').slice(0, 4000),
    );
    expect(subjects.join('\n')).not.toContain('broken-reference');
  }, 60_000);
});

describe('a file that claims to be a container', () => {
  test('arrives as the file it is', async () => {
    const [response] = await send([
      {
        to: [{ address: ben }],
        subject: 'container',
        attachments: [{ ...attached('a.bin', noise(100)), contentType: 'multipart/mixed' }],
      },
    ]);
    const record = await inboxOfBen(response!.messageId!);
    expect(record.attachments).toMatchObject([{ name: 'a.bin', sha256: sha256(noise(100)) }]);
  });
});

describe('what the server refuses', () => {
  test('is told per recipient; the others get the message', async () => {
    const [response] = await send([
      { to: [{ address: 'nobody@contoso.example' }, { address: ben }], subject: 'one of two' },
    ]);
    expect(response?.outcome).toBe('accepted');
    expect(response?.recipients).toMatchObject([
      {
        address: 'nobody@contoso.example',
        outcome: 'rejected',
        failure: { kind: 'input', code: 'recipient-refused' },
      },
      { address: ben, outcome: 'accepted' },
    ]);
    await tenant.arrived('ben', response!.messageId!);
  });

  test('is rejected when no recipient is left, and the session serves the next message', async () => {
    const [none, next] = await send([
      { to: [{ address: 'nobody@contoso.example' }], subject: 'none of one' },
      { to: [{ address: ben }], subject: 'next on the same session' },
    ]);
    expect(none).toMatchObject({ outcome: 'rejected', failure: { code: 'recipient-refused' } });
    expect(none?.recipients).toMatchObject([{ outcome: 'rejected' }]);
    expect(next?.outcome).toBe('accepted');
  });

  test('for the sender is a missing right', async () => {
    const other = 'anna.without.right@contoso.example';
    const [response] = await send(
      [{ from: { address: other }, to: [{ address: ben }], subject: 'send as' }],
      {
        connection: { allowedMailboxes: [other] },
      },
    );
    expect(response).toMatchObject({
      outcome: 'rejected',
      failure: { kind: 'permission', code: 'sender-not-permitted' },
    });
  });
});

describe('a connection lost while sending', () => {
  async function sendThrough(rules: CutRules, subject: string, bytes: number): Promise<SendEmailResponse> {
    const proxy = await startCutProxy(tenant.net.hosts[SMTP] ?? '', rules);
    try {
      const using = openConnector({
        net: { ...tenant.net, hosts: { ...tenant.net.hosts, [SMTP]: proxy.address } },
      });
      const request = { to: [{ address: ben }], subject, attachments: [attached('half.bin', noise(bytes))] };
      const [response] = await send([request], { using, config: { attempts: 1 } });
      return response!;
    } finally {
      await proxy.stop();
    }
  }
  const arrivedSubjects = async (): Promise<string> =>
    (await tenant.stored('ben', 'INBOX'))
      .map(({ source }) => source.toString('latin1').slice(0, 4000))
      .join('\n');

  // Larger than what the sockets on the way can hold: of a small message nobody can tell how much has left.
  test('before its end is deferred: nothing was sent', async () => {
    const response = await sendThrough({ afterClientBytes: 1_000_000 }, 'cut-in-the-middle', 16_000_000);
    expect(response).toMatchObject({ outcome: 'deferred', failure: { kind: 'transient', retryable: true } });
    expect(response.recipients).toMatchObject([{ address: ben, outcome: 'deferred' }]);
    expect(await arrivedSubjects()).not.toContain('cut-in-the-middle');
  }, 60_000);

  test('after its end is unknown, never claimed and never retryable', async () => {
    const response = await sendThrough({ replyLostAfterClientBytes: 250_000 }, 'reply-lost', 200_000);
    expect(response).toMatchObject({
      outcome: 'unknown',
      failure: {
        kind: 'conflict',
        code: 'acceptance-unknown',
        retryable: false,
        parameters: { messageId: response.messageId },
      },
    });
  });
});

describe('a whole run', () => {
  test('fails with the sign-in failure when no session comes about', async () => {
    const connection = tenant.connection('anna');
    const authentication = { ...(connection['authentication'] as object), clientSecret: 'wrong' };
    try {
      await send([{ to: [{ address: ben }] }], { connection: { authentication } });
    } catch (error) {
      expect(isFailure(error) && error.kind).toBe('auth');
      return;
    }
    throw new Error('It did not fail.');
  });
});
