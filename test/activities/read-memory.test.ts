/**
 * Memory does not grow with the size of a message: a child process with the built connector reads one that is larger than
 * what the process may take in all. M365_EMAIL_LARGE_BYTES sets another size (.ci/run --full: 1 GB).
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ReceivedAttachment } from '../../src/index.js';
import { openSandboxTenant } from '../support/sandbox-tenant.js';
import type { TestTenant } from '../support/tenant.js';

const WORKER = fileURLToPath(new URL('workers/read-to-folder.mjs', import.meta.url));
const MAX_MEGABYTES = 200;
const PATIENCE_MS = 280_000;

/** A line of 76 characters stands for 57 bytes. */
const LINE = Buffer.from('The same 57 bytes again and again, whatever the size is.\n');
const LINES = Math.ceil(Number(process.env['M365_EMAIL_LARGE_BYTES'] ?? 150 * 1024 * 1024) / LINE.length);

let tenant: TestTenant;
const files = mkdtempSync(join(tmpdir(), 'read-memory-'));

beforeAll(async () => {
  tenant = await openSandboxTenant();
  await tenant.deliver('anna', 'INBOX', largeMessage());
}, PATIENCE_MS);
afterAll(async () => {
  rmSync(files, { recursive: true, force: true });
  await tenant.stop();
});

function largeMessage(): Buffer {
  const head =
    'From: a@x.example\r\nSubject: large\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n' +
    '--b\r\nContent-Type: text/plain\r\n\r\nSee the file.\r\n' +
    '--b\r\nContent-Type: application/zip; name=large.zip\r\nContent-Disposition: attachment\r\n' +
    'Content-Transfer-Encoding: base64\r\n\r\n';
  const line = `${LINE.toString('base64')}\r\n`;
  return Buffer.concat([
    Buffer.from(head),
    Buffer.alloc(LINES * line.length, line),
    Buffer.from('--b--\r\n'),
  ]);
}

async function readInChild(
  transport: 'imap' | 'pop3' | 'graph',
): Promise<{ attachments: ReceivedAttachment[]; peakMegabytes: number }> {
  const child = spawn(process.execPath, [WORKER], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(
    JSON.stringify({
      net: tenant.net,
      connection: tenant.connection('anna', transport),
      config: { transport, folder: 'INBOX', attachmentFolder: files },
    }),
  );
  return JSON.parse(await text(child.stdout)) as Awaited<ReturnType<typeof readInChild>>;
}

async function digestOfFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

// POP3 last: Exchange takes what was fetched over it for read, and the sandbox does as well.
test.each(['imap', 'graph', 'pop3'] as const)(
  'an attachment larger than the memory is read over %s',
  async (transport) => {
    const { attachments, peakMegabytes } = await readInChild(transport);
    expect(attachments).toMatchObject([{ name: 'large.zip', size: LINES * LINE.length }]);
    const [{ file = '', sha256 }] = attachments as [ReceivedAttachment];
    expect(await digestOfFile(file)).toBe(sha256);
    expect(peakMegabytes).toBeLessThan(MAX_MEGABYTES);
    rmSync(file);
  },
  PATIENCE_MS,
);
