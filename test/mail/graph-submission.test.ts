/**
 * Sending over Graph, on the sandbox: which way a message takes, that files arrive byte for byte, and that what is not
 * known is not claimed.
 */
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import {
  openGraphSubmission,
  parseMessage,
  type OutgoingAttachment,
  type OutgoingMessage,
  type ParsedMessage,
  type Submission,
  type SubmissionSession,
} from '../../src/mail/index.js';
import { routeTo, type NetPolicy } from '../../src/net/index.js';
import { DEMO, startSandbox, type Sandbox } from '../../src/sandbox/index.js';
import { noise } from '../support/messages.js';
import { appTokens, HOST, netOf, PORT } from './support/graph-reading.js';
import { startGraphWire } from './support/graph-wire.js';

const anna = DEMO.people.anna.address;
const ben = DEMO.people.bernd.address;
let sandbox: Sandbox;
let session: SubmissionSession;

beforeAll(async () => {
  sandbox = await startSandbox({ seed: false });
  sandbox.directory.grantAppRole(DEMO.graph.clientId, 'Mail.Send');
  session = await open(netOf(sandbox));
}, 30_000);
afterAll(async () => {
  session.close();
  await sandbox.stop();
});
afterEach(() => {
  expect(drafts()).toBe(0);
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith('m365-email-upload-'))).toEqual([]);
  expect(sandbox.faults).toEqual([]);
});

function open(net: NetPolicy, signal?: AbortSignal): Promise<SubmissionSession> {
  const context = {
    host: HOST,
    port: PORT,
    mailbox: anna,
    signedIn: 'Contoso Graph connector',
    trustee: DEMO.graph.clientId,
    uploadRoute: (host: string) => routeTo(net, host, 443),
  };
  return openGraphSubmission(routeTo(net, HOST, PORT), appTokens(sandbox), context, signal);
}

let sent = 0;
const message = (own: Partial<OutgoingMessage> = {}): OutgoingMessage => ({
  messageId: `<graph-${String(++sent)}@contoso.example>`,
  date: new Date('2026-03-01T10:00:00Z'),
  from: { address: anna },
  to: [{ name: 'Schröder, Ben', address: ben }],
  cc: [],
  bcc: [],
  replyTo: [],
  subject: 'Übersicht ✓',
  text: 'Grüße\n',
  attachments: [],
  ...own,
});
const submit = (one: OutgoingMessage, over = session): Promise<Submission> =>
  over.submit({ from: one.from.address, to: [...one.to, ...one.bcc].map(({ address }) => address) }, one);
const drafts = (): number => sandbox.mailbox(anna).findByRole('drafts')!.mails.length;
const sources = (address: string, folder: 'inbox' | 'sent', id: string): Buffer[] =>
  sandbox
    .mailbox(address)
    .findByRole(folder)!
    .mails.map(({ source }) => source.read())
    .filter((source) => source.includes(id));
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

async function arrived(address: string, { messageId }: OutgoingMessage): Promise<ParsedMessage> {
  const found = sources(address, 'inbox', messageId);
  expect(found).toHaveLength(1);
  return parseMessage(pieceOf(found[0]!), { keepAttachmentBytes: 0 });
}
async function* pieceOf(source: Buffer): AsyncGenerator<Buffer> {
  yield await Promise.resolve(source);
}

test('a small message goes as it is: Message-ID kept, blind copies delivered and hidden, a copy in Sent Items', async () => {
  const carmen = DEMO.people.carmen.address;
  const one = message({ bcc: [{ address: carmen }], html: '<p>Grüße</p>' });
  expect(await submit(one)).toMatchObject({
    outcome: 'accepted',
    recipients: [{ address: ben }, { address: carmen }],
  });
  const { text, html, headers } = await arrived(ben, one);
  expect({ text, html }).toEqual({ text: 'Grüße\n', html: '<p>Grüße</p>' });
  expect(headers.map(({ name }) => name.toLowerCase())).not.toContain('bcc');
  expect(headers.find(({ name }) => name === 'Subject')?.value).toBe('Übersicht ✓');
  await arrived(carmen, one);
  expect(sources(anna, 'sent', one.messageId)).toHaveLength(1);
});

test('files of every size arrive byte for byte, in their order; a large one in ranges', async () => {
  const files = [
    { name: 'Größe.csv', bytes: noise(1200) },
    { name: 'mittel.bin', bytes: noise(3_100_000) },
    { name: 'groß.bin', bytes: noise(9_000_001) },
    { name: 'gestreamt.bin', bytes: noise(4_000_000) },
  ];
  const attachments: OutgoingAttachment[] = files.map(({ name, bytes }, index) => ({
    name,
    content:
      index < 3 ? bytes : () => Readable.from([bytes.subarray(0, 1_000_000), bytes.subarray(1_000_000)]),
  }));
  const one = message({ attachments });
  expect((await submit(one)).outcome).toBe('accepted');
  const parsed = await arrived(ben, one);
  expect(parsed.text).toBe('Grüße\n');
  expect(parsed.attachments.map(({ name, sha256: digest }) => [name, digest])).toEqual(
    files.map(({ name, bytes }) => [name, sha256(bytes)]),
  );
});

test('somebody else as author needs the right for it; a draft that cannot be sent is taken back', async () => {
  const one = message({ from: { name: 'Ben', address: ben } });
  expect(await submit(one)).toMatchObject({
    outcome: 'rejected',
    failure: { code: 'sender-not-permitted' },
  });
  expect(sources(ben, 'inbox', one.messageId)).toEqual([]);
});

test('delivery receipts are a property of the draft, which MIME cannot say', async () => {
  const wire = await startGraphWire(sandbox, () => 'passed');
  const over = await open(wire.net);
  const one = message({ marks: { automatic: true, deliveryReceipt: true } });
  expect(await submit(one, over)).toMatchObject({ outcome: 'accepted', deliveryReceipt: 'asked' });
  expect(
    wire.exchanges.map(({ method, path, body }) => [
      method,
      path.split('/').at(-1),
      method === 'PATCH' ? (JSON.parse(body) as unknown) : undefined,
    ]),
  ).toEqual([
    ['POST', 'messages', undefined],
    ['PATCH', expect.any(String), { isDeliveryReceiptRequested: true }],
    ['POST', 'send', undefined],
  ]);
  over.close();
  await wire.stop();
  expect(drafts()).toBe(0);
  const { headers } = await arrived(ben, one);
  expect(headers.find(({ name }) => name === 'X-Auto-Response-Suppress')?.value).toBe('OOF, AutoReply');
});

test('a file that breaks off sends nothing', async () => {
  async function* broken(): AsyncGenerator<Buffer> {
    yield await Promise.resolve(noise(4_000_000));
    throw new Error('the disk is gone');
  }
  const one = message({ attachments: [{ name: 'x', content: () => Readable.from(broken()) }] });
  await expect(submit(one)).rejects.toThrow('the disk is gone');
  expect(sources(ben, 'inbox', one.messageId)).toEqual([]);
});

test('a refusal is a rejection, a busy service a deferral, and an answer that says nothing is not taken for either', async () => {
  const refuse = (status: number, code: string): void =>
    sandbox.answers.graph({ on: 'send-mail', status, error: { code, message: code } });
  refuse(413, 'RequestEntityTooLarge');
  expect(await submit(message())).toMatchObject({
    outcome: 'rejected',
    failure: { code: 'message-too-large' },
  });
  sandbox.answers.graph({
    on: 'send-mail',
    status: 429,
    retryAfterSeconds: 120,
    error: { code: 'ApplicationThrottled', message: 'Wait.' },
  });
  expect(await submit(message())).toMatchObject({
    outcome: 'deferred',
    failure: { facts: { retryAfterMs: 120_000 } },
  });
  sandbox.answers.graph({ on: 'send-mail', status: 503, retryAfterSeconds: 7 });
  expect(await submit(message())).toMatchObject({
    outcome: 'unknown',
    failure: { code: 'acceptance-unknown', facts: { retryAfterMs: 7000 } },
  });
  refuse(400, 'ErrorInvalidRecipients');
  expect(await submit(message())).toMatchObject({
    outcome: 'rejected',
    failure: { code: 'recipient-refused', facts: { parameters: { recipient: ben, sender: anna } } },
  });
});

describe('a run that is given up', () => {
  const large = (): OutgoingMessage =>
    message({ attachments: [{ name: 'x.bin', content: noise(3_100_000) }] });

  /** What it comes to when it is given up as a call arrives. */
  async function givenUpAt(call: RegExp, one: OutgoingMessage): Promise<Submission> {
    const control = new AbortController();
    const wire = await startGraphWire(sandbox, (arrived) => {
      if (call.test(arrived)) control.abort(new Error('enough'));
      return 'passed';
    });
    const over = await open(wire.net, control.signal);
    try {
      return await submit(one, over);
    } finally {
      over.close();
      await wire.stop();
    }
  }

  test('before the draft is complete leaves no draft, and nothing was sent', async () => {
    for (const call of [/POST \S+\/messages$/u, /createUploadSession$/u]) {
      const one = large();
      expect(await givenUpAt(call, one)).toMatchObject({
        outcome: 'deferred',
        failure: { code: 'connection-lost', facts: { serverText: 'the run was given up' } },
      });
      expect(drafts()).toBe(0);
      expect(sources(ben, 'inbox', one.messageId)).toEqual([]);
    }
  });

  test('while the call that sends has no answer does not know whether the message was taken', async () => {
    for (const [call, one] of [
      [/\/sendMail$/u, message()],
      [/\/send$/u, large()],
    ] as const) {
      expect(await givenUpAt(call, one)).toMatchObject({
        outcome: 'unknown',
        failure: { code: 'acceptance-unknown' },
      });
      await arrived(ben, one);
    }
  });
});

test('a draft whose making was not answered is found and taken back for good', async () => {
  const before = sandbox.mailbox(anna).findByRole('trash')!.mails.length;
  const foreign = sandbox.mailbox(anna).append('Drafts', Buffer.from('Subject: not ours\r\n\r\n'));
  const wire = await startGraphWire(sandbox, (call) =>
    /POST \S+\/messages$/u.test(call) ? 'lost' : 'passed',
  );
  const over = await open(wire.net);
  const one = message({ from: { address: ben } });
  expect(await submit(one, over)).toMatchObject({
    outcome: 'deferred',
    failure: { code: 'connection-lost' },
  });
  expect(wire.exchanges.map(({ method, status }) => `${method} ${String(status)}`)).toEqual([
    'POST 201',
    'GET 200',
    'POST 204',
  ]);
  over.close();
  await wire.stop();
  const { mails } = sandbox.mailbox(anna).findByRole('drafts')!;
  expect(mails.map(({ source }) => source.read().toString())).toEqual(['Subject: not ours\r\n\r\n']);
  expect(sandbox.mailbox(anna).findByRole('trash')!.mails).toHaveLength(before);
  expect(foreign).toBeDefined();
  for (const mail of [...mails]) sandbox.mailbox(anna).findByRole('drafts')!.remove(mail);
});

test('where nothing is deleted for good, a draft goes to Deleted Items', async () => {
  const trash = sandbox.mailbox(anna).findByRole('trash')!;
  const before = trash.mails.length;
  const refused = { status: 400, error: { code: 'BadRequest', message: 'Not known here.' } };
  sandbox.answers.graph({ on: 'permanent-delete', ...refused });
  await submit(message({ from: { address: ben } }));
  expect(drafts()).toBe(0);
  expect(trash.mails).toHaveLength(before + 1);
});

test('many messages go over one connection, and leave no listener behind', async () => {
  const warnings: Error[] = [];
  const listen = (warning: Error): void => void warnings.push(warning);
  process.on('warning', listen);
  const wire = await startGraphWire(sandbox);
  const over = await open(wire.net);
  for (let n = 0; n < 12; n += 1)
    expect((await submit(message({ holdsEnd: true }), over)).outcome).toBe('accepted');
  expect(wire.connections()).toBe(1);
  over.close();
  await wire.stop();
  process.off('warning', listen);
  expect(warnings).toEqual([]);
});
