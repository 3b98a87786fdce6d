/**
 * Memory does not grow with the size of a message: a child process with the built connector reads one that is larger than
 * what the process may take in all, attached to a message and to one that was forwarded with it. On the sandbox, and on
 * real servers under `npm run test:live`. M365_EMAIL_LARGE_BYTES sets another size (.ci/run --full: 1 GB).
 */
import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ReceivedAttachment } from '../../src/index.js';
import { openTenant } from '../support/open-tenant.js';
import type { Person, TestTenant } from '../support/tenant.js';

const WORKER = fileURLToPath(new URL('workers/read-to-folder.mjs', import.meta.url));
const MAX_MEGABYTES = 200;
const PATIENCE_MS = 280_000;

/** A line of 76 characters stands for 57 bytes. */
const LINE = Buffer.from('The same 57 bytes again and again, whatever the size is.\n');
const BYTES = Number(process.env['M365_EMAIL_LARGE_BYTES'] ?? 150 * 1024 * 1024);
const LINES = Math.ceil(BYTES / LINE.length);

const HOSTS = {
  imap: 'outlook.office365.com:993',
  pop3: 'outlook.office365.com:995',
  graph: 'graph.microsoft.com:443',
} as const;
/** POP3 knows the inbox only, and nobody else shall find such messages in theirs. */
type Transport = keyof typeof HOSTS;

const PERSON: Person = 'carmen';

let tenant: TestTenant;
const delivered = new Set<string>();
const run = randomUUID();
const files = mkdtempSync(join(tmpdir(), 'read-memory-'));

beforeAll(async () => {
  tenant = await openTenant();
}, PATIENCE_MS);
afterAll(async () => {
  rmSync(files, { recursive: true, force: true });
  await tenant.stop();
});

const entity = (head: string, boundary: string): string =>
  `${head}Content-Type: multipart/mixed; boundary=${boundary}\r\n\r\n` +
  `--${boundary}\r\nContent-Type: text/plain\r\n\r\nSee below.\r\n--${boundary}\r\n`;

const INNER = entity('From: b@x.example\r\nSubject: large\r\nMIME-Version: 1.0\r\n', 'inner');
const FORWARDED =
  'Content-Type: message/rfc822; name=forwarded.eml\r\nContent-Disposition: attachment\r\n\r\n';

/** A message with a large file, or a message with a message with a large file; made where it stays, since it is large. */
function largeMessage(subject: string, isForwarded: boolean): Buffer {
  const outer = entity(`From: a@x.example\r\nSubject: ${subject}\r\nMIME-Version: 1.0\r\n`, 'outer');
  const file =
    'Content-Type: application/zip; name=large.zip\r\nContent-Disposition: attachment\r\n' +
    'Content-Transfer-Encoding: base64\r\n\r\n';
  const head = isForwarded ? `${outer}${FORWARDED}${INNER}${file}` : `${outer}${file}`;
  const tail = isForwarded ? '--inner--\r\n\r\n--outer--\r\n' : '--outer--\r\n';
  const line = `${LINE.toString('base64')}\r\n`;
  const end = head.length + LINES * line.length;
  const source = Buffer.allocUnsafe(end + tail.length);
  source.write(head, 'latin1');
  source.fill(line, head.length, end);
  source.write(tail, end, 'latin1');
  return source;
}

interface Reading {
  readonly attachments: ReceivedAttachment[];
  readonly peakMegabytes: number;
  readonly seconds: number;
}

async function readInChild(transport: Transport, config: Record<string, unknown>): Promise<Reading> {
  const child = spawn(process.execPath, [WORKER], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(
    JSON.stringify({
      net: tenant.net,
      connection: tenant.connection(PERSON, transport),
      config: { transport, folder: 'INBOX', readState: 'any', attachmentFolder: files, ...config },
    }),
  );
  return JSON.parse(await text(child.stdout)) as Reading;
}

async function digestOfFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

const LARGE = { name: 'large.zip', size: LINES * LINE.length };
const LINE_BYTES = LINE.toString('base64').length + 2;

const SHAPES = [
  { shape: 'attached', forwarded: false, nestedMessages: 'attachment', expected: [LARGE] },
  {
    shape: 'within a forwarded message that stays closed',
    forwarded: true,
    nestedMessages: 'attachment',
    expected: [{ name: 'forwarded.eml', contentType: 'message/rfc822' }],
  },
  {
    shape: 'within a forwarded message that is opened',
    forwarded: true,
    nestedMessages: 'expand',
    expected: [{ name: 'forwarded.eml', contentType: 'message/rfc822' }, LARGE],
  },
] as const;
/** Real servers take longer: in an ordinary run they show one shape. */
const isShort =
  process.env['M365_EMAIL_TENANT'] === 'live' && process.env['M365_EMAIL_LARGE_BYTES'] === undefined;

describe.each(SHAPES.slice(0, isShort ? 1 : undefined))(
  'a file larger than the memory, $shape,',
  ({ forwarded, nestedMessages, expected }) => {
    const subject = forwarded ? `forwarded ${run}` : `large ${run}`;

    beforeAll(async () => {
      if (delivered.has(subject)) return;
      delivered.add(subject);
      await tenant.deliver(PERSON, 'INBOX', largeMessage(subject, forwarded));
    }, PATIENCE_MS);

    test.each(['imap', 'graph', 'pop3'] as const)(
      'is read over %s',
      async (transport) => {
        if (tenant.net.hosts[HOSTS[transport]] === undefined) {
          // What the tenant does not offer is said, not passed over.
          expect([tenant.kind, transport]).toEqual(['live', 'graph']);
          return;
        }
        const { attachments, peakMegabytes, seconds } = await readInChild(transport, {
          subject,
          nestedMessages,
        });
        process.stderr.write(
          `${tenant.kind}, ${transport}, ${String(Math.round(BYTES / 1024 / 1024))} MB: ` +
            `peak ${peakMegabytes.toFixed(0)} MB, ${seconds.toFixed(1)} s\n`,
        );
        expect(attachments).toMatchObject(expected);
        for (const { file = '', sha256, size } of attachments) {
          expect(statSync(file).size).toBe(size);
          expect(await digestOfFile(file)).toBe(sha256);
          rmSync(file);
        }
        const [{ size }] = attachments as [ReceivedAttachment];
        if (forwarded) expect(size).toBeGreaterThan(LINES * LINE_BYTES);
        expect(peakMegabytes).toBeLessThan(MAX_MEGABYTES);
      },
      PATIENCE_MS,
    );
  },
);
