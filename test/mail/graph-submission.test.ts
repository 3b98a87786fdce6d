/**
 * Sending over Graph, on the sandbox: which way a message takes, that files arrive byte for byte, and that what is not
 * known is not claimed.
 */
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import {
  openGraphSubmission,
  parseMessage,
  type OutgoingAttachment,
  type OutgoingMessage,
  type ParsedMessage,
  type Submission,
  type SubmissionSession,
} from '../../src/mail/index.js';
import { routeTo } from '../../src/net/index.js';
import { DEMO, startSandbox, type Sandbox } from '../../src/sandbox/index.js';
import { noise } from '../support/messages.js';
import { appTokens, HOST, netOf, PORT } from './support/graph-reading.js';

const anna = DEMO.people.anna.address;
const ben = DEMO.people.bernd.address;
let sandbox: Sandbox;
let session: SubmissionSession;

beforeAll(async () => {
  sandbox = await startSandbox({ seed: false });
  sandbox.directory.grantAppRole(DEMO.graph.clientId, 'Mail.Send');
  const net = netOf(sandbox);
  session = await openGraphSubmission(routeTo(net, HOST, PORT), appTokens(sandbox), {
    host: HOST,
    port: PORT,
    mailbox: anna,
    signedIn: 'Contoso Graph connector',
    trustee: DEMO.graph.clientId,
    uploadRoute: (host) => routeTo(net, host, 443),
  });
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
const submit = (one: OutgoingMessage): Promise<Submission> =>
  session.submit({ from: one.from.address, to: [...one.to, ...one.bcc].map(({ address }) => address) }, one);
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
  refuse(504, 'UnknownError');
  expect(await submit(message())).toMatchObject({
    outcome: 'unknown',
    failure: { code: 'acceptance-unknown' },
  });
  refuse(400, 'ErrorInvalidRecipients');
  expect(await submit(message())).toMatchObject({
    outcome: 'rejected',
    failure: { code: 'recipient-refused', facts: { parameters: { recipient: ben, sender: anna } } },
  });
});
