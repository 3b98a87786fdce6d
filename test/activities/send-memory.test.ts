/**
 * Memory does not grow with what is sent: a child process with the built connector sends an attachment by the reference that
 * Read Email gave, nearly as large as what the process may take in all. And what the mailbox may not send is refused.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openConnector, parseMessageSource, type SendEmailResponse } from '../../src/index.js';
import { openSandboxTenant } from '../support/sandbox-tenant.js';

const WORKER = fileURLToPath(new URL('workers/send-records.mjs', import.meta.url));
const MAX_MEGABYTES = 200;
const PATIENCE_MS = 120_000;
const MB = 1024 * 1024;

let tenant: Awaited<ReturnType<typeof openSandboxTenant>>;
beforeAll(async () => {
  tenant = await openSandboxTenant();
}, 30_000);
afterAll(() => tenant.stop());

/** A line of 76 characters stands for 57 bytes. */
const LINE = Buffer.from('The same 57 bytes again and again, whatever the size is.\n');

function largeMessage(bytes: number): { source: Buffer; size: number; sha256: string } {
  const lines = Math.floor(bytes / LINE.length);
  const line = `${LINE.toString('base64')}\r\n`;
  const head =
    'From: a@x.example\r\nSubject: large\r\nMIME-Version: 1.0\r\nContent-Type: application/zip; name=large.zip\r\n' +
    'Content-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\n';
  const source = Buffer.alloc(head.length + lines * line.length, line);
  source.write(head, 'latin1');
  source.fill(line, head.length);
  const hash = createHash('sha256');
  for (let at = 0; at < lines; at += 1) hash.update(LINE);
  return { source, size: lines * LINE.length, sha256: hash.digest('hex') };
}

interface PassedOn {
  readonly responses: SendEmailResponse[];
  readonly peakMegabytes: number;
}

/** Sends from Carmen to Ben what lies in a folder of hers: read here, sent by the child, by its reference. */
async function passOn(transport: 'smtp' | 'graph', source: Buffer): Promise<PassedOn> {
  const folder = await tenant.freshFolder('carmen');
  await tenant.deliver('carmen', folder, source);
  const connection = tenant.connection('carmen', transport === 'graph' ? 'graph-sending' : 'smtp');
  const config = { transport: transport === 'graph' ? 'graph' : 'imap', folder, readState: 'any' };
  const attachments: object[] = [];
  for await (const { records } of openConnector({ net: tenant.net }).run('read-email', {
    connection,
    config,
  })) {
    for (const record of records)
      for (const { name, content } of record.attachments) attachments.push({ name, content });
  }
  expect(attachments).toMatchObject([{ content: { ref: expect.any(String) } }]);
  const child = spawn(process.execPath, [WORKER], { stdio: ['pipe', 'pipe', 'inherit'] });
  const to = [{ address: tenant.address('ben') }];
  const request = { to, subject: 'passed on', text: 'See below.', attachments };
  child.stdin.end(JSON.stringify({ net: tenant.net, connection, config: { transport }, request }));
  const passed = JSON.parse(await text(child.stdout)) as PassedOn;
  await tenant.clear('carmen', folder);
  process.stderr.write(`${transport}, peak ${passed.peakMegabytes.toFixed(0)} MB\n`);
  return passed;
}

function mayCarmenSend(megabytes: number): void {
  tenant.sandbox.cloud.findMailbox(tenant.address('carmen'))!.maxSendSizeBytes = megabytes * MB;
}

async function isBens(messageId: string, size: number, sha256: string): Promise<void> {
  const { source } = await tenant.arrived('ben', messageId);
  const record = await parseMessageSource(pieces(source));
  expect(record.attachments).toMatchObject([{ name: 'large.zip', size, sha256 }]);
  await tenant.clear('ben', 'INBOX');
}

async function* pieces(source: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < source.length; at += MB) yield await Promise.resolve(source.subarray(at, at + MB));
}

test(
  '110 MB over SMTP, where the mailbox may send 150',
  async () => {
    mayCarmenSend(151);
    const { source, size, sha256 } = largeMessage(110 * MB);
    const { responses, peakMegabytes } = await passOn('smtp', source);
    expect(responses).toMatchObject([{ outcome: 'accepted' }]);
    await isBens(responses[0]!.messageId!, size, sha256);
    expect(peakMegabytes).toBeLessThan(MAX_MEGABYTES);
  },
  PATIENCE_MS,
);

test(
  '36 MB where it may send 35: refused with what to do, and nothing arrives',
  async () => {
    mayCarmenSend(35);
    const { responses } = await passOn('smtp', largeMessage(36 * MB).source);
    expect(responses).toMatchObject([{ outcome: 'rejected', failure: { code: 'message-too-large' } }]);
    expect(await tenant.stored('ben', 'INBOX')).toEqual([]);
  },
  PATIENCE_MS,
);

test(
  '150 MB over Graph: into a draft, in ranges',
  async () => {
    mayCarmenSend(300);
    const { source, size, sha256 } = largeMessage(150 * MB);
    const before = spooled();
    const { responses, peakMegabytes } = await passOn('graph', source);
    expect(responses).toMatchObject([{ outcome: 'accepted' }]);
    await isBens(responses[0]!.messageId!, size, sha256);
    expect(peakMegabytes).toBeLessThan(MAX_MEGABYTES);
    expect(spooled()).toEqual(before);
  },
  PATIENCE_MS,
);

test(
  'over Graph, too, what the mailbox may not send is refused, and the draft is taken back',
  async () => {
    mayCarmenSend(35);
    const { responses } = await passOn('graph', largeMessage(36 * MB).source);
    expect(responses).toMatchObject([{ outcome: 'rejected', failure: { code: 'message-too-large' } }]);
    expect(await tenant.stored('ben', 'INBOX')).toEqual([]);
    const drafts = tenant.sandbox.mailbox(tenant.address('carmen')).findByRole('drafts');
    expect(drafts?.mails).toEqual([]);
  },
  PATIENCE_MS,
);

const spooled = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('m365-email-upload-'));
