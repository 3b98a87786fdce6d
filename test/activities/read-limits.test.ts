/**
 * What the rules for attachments leave out: the same whatever the transport, and over IMAP its bytes do not travel.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openConnector, type EmailRecord, type ReceivedAttachment } from '../../src/index.js';
import { startCutProxy } from '../support/cut-proxy.js';
import { noise, source } from '../support/messages.js';
import { startOneCut } from '../support/one-cut.js';
import { openTenant } from '../support/open-tenant.js';
import type { Person, TestTenant } from '../support/tenant.js';

const HOSTS = {
  imap: 'outlook.office365.com:993',
  pop3: 'outlook.office365.com:995',
  graph: 'graph.microsoft.com:443',
} as const;
type Transport = keyof typeof HOSTS;

/** POP3 knows the inbox only, and nobody else shall find such messages in theirs. */
const PERSON: Person = 'carmen';
const MEGABYTE = 1024 * 1024;
/** Signing in, headers, structures, TLS. */
const BESIDES = 100_000;

let tenant: TestTenant;
const folder = mkdtempSync(join(tmpdir(), 'read-limits-'));
beforeAll(async () => {
  tenant = await openTenant();
}, 30_000);
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await tenant.stop();
});

interface File {
  readonly name: string;
  readonly content: Buffer;
}

const encoded = (content: Buffer): string =>
  (content.toString('base64').match(/.{1,76}/gu) ?? []).join('\r\n');
const encodedBytes = (...files: readonly File[]): number =>
  files.reduce((sum, { content }) => sum + Math.ceil(content.length / 57) * 78, 0);

function entity(head: readonly string[], text: string, parts: readonly (readonly string[])[]): string[] {
  const boundary = randomUUID();
  return [
    ...head,
    'MIME-Version: 1.0',
    `Content-Type: multipart/mixed; boundary="${boundary}"`,
    '',
    `--${boundary}`,
    'Content-Type: text/plain',
    '',
    text,
    ...parts.flatMap((part) => [`--${boundary}`, part.join('\r\n')]),
    `--${boundary}--`,
  ];
}

const filePart = ({ name, content }: File): readonly string[] => [
  `Content-Type: application/octet-stream; name="${name}"`,
  `Content-Disposition: attachment; filename="${name}"`,
  'Content-Transfer-Encoding: base64',
  '',
  encoded(content),
];

const head = (subject: string): string[] => [
  'From: a@x.example',
  `Subject: ${subject}`,
  `Message-ID: <${randomUUID()}@x.example>`,
];

const withFiles = (subject: string, files: readonly File[], text = 'See the files.'): Buffer =>
  Buffer.from(`${entity(head(subject), text, files.map(filePart)).join('\r\n')}\r\n`);

const file = (name: string, bytes: number, seed = bytes): File => ({ name, content: noise(bytes, seed) });

/** Files the messages under a subject of their own. */
async function filed(...make: readonly ((subject: string) => Buffer)[]): Promise<string> {
  const subject = randomUUID();
  for (const one of make) await tenant.deliver(PERSON, 'INBOX', one(subject));
  return subject;
}

async function read(
  transport: Transport,
  config: Record<string, unknown>,
  net: TestTenant['net'] = tenant.net,
): Promise<EmailRecord[]> {
  const records: EmailRecord[] = [];
  const connector = openConnector({ net, fileFolders: [folder] });
  const batches = connector.run('read-email', {
    connection: tenant.connection(PERSON, transport),
    config: { transport, folder: 'INBOX', readState: 'any', ...config },
  });
  for await (const batch of batches) {
    expect(batch.unreadable).toEqual([]);
    records.push(...batch.records);
  }
  return records;
}

/** Over IMAP, with the bytes that the server sent. */
async function measured(
  config: Record<string, unknown>,
): Promise<{ records: EmailRecord[]; fromServer: number }> {
  const proxy = await startCutProxy(tenant.net.hosts[HOSTS.imap] ?? '', {});
  try {
    const hosts = { ...tenant.net.hosts, [HOSTS.imap]: proxy.address };
    const records = await read('imap', config, { ...tenant.net, hosts });
    return { records, fromServer: proxy.seen.fromServer };
  } finally {
    await proxy.stop();
  }
}

const transports = (): Transport[] =>
  (['imap', 'graph', 'pop3'] as const).filter((one) => tenant.net.hosts[HOSTS[one]] !== undefined);

const outcome = ({ name, omitted }: ReceivedAttachment): string => `${name} ${omitted ?? 'delivered'}`;
const outcomes = (records: readonly EmailRecord[]): string[][] =>
  records.map(({ attachments }) => attachments.map(outcome));
const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

async function everywhere(config: Record<string, unknown>, expected: readonly string[][]): Promise<void> {
  for (const transport of transports())
    expect([transport, ...outcomes(await read(transport, config))]).toEqual([transport, ...expected]);
}

describe('of a message with a wanted and an unwanted file, both large,', () => {
  const wanted = file('wanted.pdf', 10 * MEGABYTE);
  const small = file('small.pdf', 1000);
  const unwanted = file('unwanted.zip', 20 * MEGABYTE);
  let subject: string;
  beforeAll(async () => {
    subject = await filed((own) => withFiles(own, [wanted, unwanted, small]));
  }, 30_000);

  test('only the wanted one travels, as a file and byte for byte', async () => {
    const config = { subject, attachmentsOnly: '*.pdf', attachmentFolder: folder, inlineContentLimit: 0 };
    const { records, fromServer } = await measured(config);
    expect(outcomes(records)).toEqual([['wanted.pdf delivered', 'unwanted.zip name', 'small.pdf delivered']]);
    const [first, , last] = records[0]!.attachments;
    expect(readFileSync(first?.file ?? '').equals(wanted.content)).toBe(true);
    expect(readFileSync(last?.file ?? '').equals(small.content)).toBe(true);
    expect(first).toMatchObject({ size: wanted.content.length, sha256: digest(wanted.content) });
    expect(fromServer).toBeGreaterThan(encodedBytes(wanted));
    expect(fromServer).toBeLessThan(encodedBytes(wanted, small) + BESIDES);
    rmSync(first?.file ?? '');
    rmSync(last?.file ?? '');
  }, 60_000);

  test('it comes whole when the connection is lost in its middle', async () => {
    const proxy = await startOneCut(tenant.net.hosts[HOSTS.imap] ?? '', 'fromServer', 7 * MEGABYTE);
    const hosts = { ...tenant.net.hosts, [HOSTS.imap]: proxy.address };
    const config = { subject, attachmentsOnly: '*.pdf', attachmentFolder: folder };
    const [record] = await read('imap', config, { ...tenant.net, hosts });
    await proxy.stop();
    expect(proxy.done).toBe(true);
    expect(record?.attachments[0]).toMatchObject({ sha256: digest(wanted.content) });
    // Nothing is left of the first try.
    expect(readdirSync(folder)).toEqual(['wanted.pdf']);
    rmSync(join(folder, 'wanted.pdf'));
  }, 60_000);

  test('the outcome is the same over every transport', async () => {
    await everywhere({ subject, attachmentsOnly: '*.pdf' }, [
      ['wanted.pdf delivered', 'unwanted.zip name', 'small.pdf delivered'],
    ]);
  }, 60_000);
});

describe('caps', () => {
  const first = file('first.bin', MEGABYTE, 1);
  const second = file('second.bin', MEGABYTE, 2);
  const third = file('third.bin', 300_000, 3);

  test('of a message: what does not fit is listed, does not travel, and takes no room', async () => {
    const subject = await filed((own) => withFiles(own, [first, second, third]));
    const config = { subject, messageMaxBytes: MEGABYTE + 300_000 };
    const expected = [['first.bin delivered', 'second.bin message-limit', 'third.bin delivered']];
    const { records, fromServer } = await measured(config);
    expect(outcomes(records)).toEqual(expected);
    expect(fromServer).toBeLessThan(encodedBytes(first, third) + BESIDES);
    await everywhere(config, expected);
  }, 60_000);

  test('of a run: messages take their share in their order', async () => {
    const subject = await filed(
      (own) => withFiles(own, [first]),
      (own) => withFiles(own, [second]),
      (own) => withFiles(own, [first, third]),
      (own) => withFiles(own, [second]),
    );
    const config = { subject, runMaxBytes: 2 * MEGABYTE + 300_000 };
    const expected = [
      ['first.bin delivered'],
      ['second.bin delivered'],
      ['first.bin run-limit', 'third.bin delivered'],
      ['second.bin run-limit'],
    ];
    const { records, fromServer } = await measured(config);
    expect(outcomes(records)).toEqual(expected);
    expect(fromServer).toBeLessThan(encodedBytes(first, second, third) + BESIDES);
    await everywhere(config, expected);
  }, 60_000);

  test('of a run: a message that is not delivered takes no share', async () => {
    const subject = await filed(
      (own) => withFiles(own, [first], 'not this one'),
      (own) => withFiles(own, [second], 'but that'),
    );
    await everywhere({ subject, body: 'that', runMaxBytes: MEGABYTE }, [['second.bin delivered']]);
  }, 60_000);

  test('are exact to the byte, although the server tells sizes as encoded only', async () => {
    const sizes = [MEGABYTE - 1, MEGABYTE, MEGABYTE + 1, 3 * MEGABYTE];
    const files = sizes.map((bytes, at) => file(`${String(at)}.bin`, bytes, at + 9));
    const subject = await filed((own) => withFiles(own, files));
    const config = { subject, attachmentMaxBytes: MEGABYTE };
    const expected = [['0.bin delivered', '1.bin delivered', '2.bin too-large', '3.bin too-large']];
    const { records, fromServer } = await measured(config);
    expect(outcomes(records)).toEqual(expected);
    expect(fromServer).toBeLessThan(encodedBytes(...files.slice(0, 3)) + BESIDES);
    await everywhere(config, expected);
  }, 60_000);

  test('leave no file behind of what was downloaded and is not delivered', async () => {
    const subject = await filed((own) => withFiles(own, [first, second, third]));
    for (const transport of transports()) {
      for (const limits of [{ attachmentMaxBytes: 500_000 }, { messageMaxBytes: MEGABYTE + 300_000 }]) {
        const config = { subject, ...limits, inlineContentLimit: 0, attachmentFolder: folder };
        const delivered = (await read(transport, config))[0]!.attachments.filter((one) => !one.omitted);
        expect(readdirSync(folder).sort()).toEqual(delivered.map(({ name }) => name));
        for (const one of delivered) rmSync(one.file ?? '');
      }
    }
  }, 60_000);
});

test('a forwarded message that is opened is fetched for what is in it, whatever the rules say of itself', async () => {
  const inside = file('inside.pdf', 50_000);
  const beside = file('beside.zip', 200_000);
  const subject = await filed((own) =>
    source(
      ...entity(head(own), 'See below.', [
        [
          'Content-Type: message/rfc822; name="forwarded.eml"',
          '',
          ...entity(head('inner'), 'Inner.', [filePart(inside)]),
        ],
        filePart(beside),
      ]),
    ),
  );
  const config = { subject, nestedMessages: 'expand', attachmentsOnly: '*.pdf' };
  await everywhere(config, [['forwarded.eml name', 'inside.pdf delivered', 'beside.zip name']]);
  const { fromServer } = await measured(config);
  expect(fromServer).toBeLessThan(encodedBytes(inside) + BESIDES);
}, 60_000);
