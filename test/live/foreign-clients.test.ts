/**
 * Foreign clients (Python's imaplib, poplib and smtplib, curl, mbsync) against our sandbox: what they read must be what it holds, byte
 * for byte, and what they send must be what it then holds. The same clients run against Dovecot and Postfix as a
 * control: where they get along with those but not with the sandbox, the sandbox is wrong.
 */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DEMO } from '../../src/sandbox/index.js';
import { openLiveTenant } from '../support/live-tenant.js';

import { openSandboxTenant } from '../support/sandbox-tenant.js';
import type { Person, TestTenant } from '../support/tenant.js';
import { addressOf, appToken, type Reach } from './support/loopback-https.js';
import { mbsync, pulledMessages } from './support/mbsync.js';
import { curl, python, type ProgramResult } from './support/run-client.js';

const IMAP = 'outlook.office365.com:993';
const POP3 = 'outlook.office365.com:995';
const SMTP = 'smtp.office365.com:587';

interface SeenMessage {
  uid: number;
  flags: string[];
  length: number;
  sha256: string;
}

interface ImapReport {
  folders: string[];
  exists: number;
  messages: SeenMessage[];
  unseen: number[];
  bySubject: number[];
  larger: number[];
  expunged: number[];
  after: SeenMessage[];
}

interface PopMessage {
  uidl: string;
  stated: number;
  length: number;
  sha256: string;
  header: string;
}

interface PopReport {
  capabilities: string[];
  stat: [number, number];
  before: PopMessage[];
  after: PopMessage[];
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const freshId = (): string => `<${randomUUID()}@contoso.example>`;

/** A message with all that text-minded software spoils: 8-bit bytes, lines of dots, long lines, trailing blanks. */
function awkward(subject: string, id = freshId(), body = ''): Buffer {
  const head =
    `From: anna@contoso.example\r\nTo: ben@contoso.example\r\nSubject: ${subject}\r\nMessage-ID: ${id}\r\n` +
    'Date: Wed, 5 Jun 2024 07:08:09 +0200\r\nMIME-Version: 1.0\r\n' +
    'Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\n';
  const lines = [
    '.',
    '..',
    '.dot first',
    'Gr\xfc\xdfe \xa0\xff',
    ') closing A1 OK {3}',
    '  blanks  ',
    'x'.repeat(990),
    '',
    '.',
    'end',
  ];
  return Buffer.from(`${head}${lines.join('\r\n')}\r\n${body}`, 'latin1');
}

/** More than any socket buffer, so that literals come in many pieces. */
const bulk = (): string => `${randomBytes(57).toString('base64')}\r\n`.repeat(20_000);

/** The sandbox's app reads over IMAP; here it may over POP3 as well. */
async function openSandbox(): Promise<TestTenant> {
  const tenant = await openSandboxTenant();
  tenant.sandbox.directory.grantAppRole(DEMO.daemon.clientId, 'POP.AccessAsApp');
  return tenant;
}

describe.each([
  ['the sandbox', openSandbox],
  ['Dovecot and Postfix (control)', openLiveTenant],
])('%s', (_player, open) => {
  let tenant: TestTenant;
  let reach: Reach;
  let folder: string;

  beforeAll(async () => {
    tenant = await open();
    reach = { hosts: tenant.net.hosts, ca: tenant.net.trustedRoots.join('\n') };
    folder = await mkdtemp(join(tmpdir(), 'm365-email-foreign-'));
    await writeFile(join(folder, 'ca.pem'), reach.ca);
  });
  afterAll(async () => {
    await tenant.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function signedIn(person: Person): Promise<{ user: string; token: string }> {
    const { tenant: tenantId, authentication } = tenant.connection(person) as {
      tenant: string;
      authentication: { clientId: string; clientSecret: string };
    };
    return { user: tenant.address(person), token: await appToken(reach, { tenantId, ...authentication }) };
  }

  const pythonCase = async (person: Person, host: string, more: object): Promise<object> => ({
    ...(await signedIn(person)),
    ca: reach.ca,
    address: addressOf(reach, host),
    ...more,
  });

  async function curlWith(
    person: Person,
    host: string,
    options: Record<string, string | true>,
  ): Promise<ProgramResult> {
    const { user, token } = await signedIn(person);
    const { host: ip, port } = addressOf(reach, host);
    return curl({
      cacert: join(folder, 'ca.pem'),
      'connect-to': `${host}:${ip}:${port}`,
      user: `${user}:`,
      'oauth2-bearer': token,
      ...options,
    });
  }

  /** Trace headers may be put in front; the message itself must follow unchanged, to its last byte. */
  function expectDelivered(stored: Buffer, sent: Buffer): void {
    expect(sha256(stored.subarray(-sent.length))).toBe(sha256(sent));
    const added = stored.subarray(0, stored.length - sent.length).toString('latin1');
    expect(added).toMatch(/^(?:[\w-]+:[^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*)*$/u);
  }

  test.each([
    ['with an initial response', true],
    ['without an initial response', false],
  ])('imaplib reads and changes a folder, signing in %s', async (_how, initialResponse) => {
    const path = await tenant.freshFolder('anna');
    const otherFolder = await tenant.freshFolder('anna');
    const sources = [awkward('first'), awkward('the second one'), awkward('third', freshId(), bulk())];
    const [first, second, third] = sources as [Buffer, Buffer, Buffer];
    await tenant.deliver('anna', path, first);
    await tenant.deliver('anna', path, second, { flags: ['\\Seen'] });
    await tenant.deliver('anna', path, third);
    const uids = (await tenant.stored('anna', path)).map(({ uid }) => uid);
    const appended = awkward('appended');

    const report = (await python(
      'imap_client',
      await pythonCase('anna', IMAP, {
        initialResponse,
        folder: path,
        otherFolder,
        append: appended.toString('base64'),
      }),
    )) as ImapReport;

    expect(report.folders).toEqual(expect.arrayContaining(['INBOX', 'Sent Items', 'Deleted Items', path]));
    expect(report.exists).toBe(3);
    expect(report.messages.map(({ flags, ...rest }) => ({ ...rest, flags: real(flags) }))).toEqual(
      sources.map((source, index) => ({
        uid: uids[index],
        flags: index === 1 ? ['\\Seen'] : [],
        length: source.length,
        sha256: sha256(source),
      })),
    );
    expect(report.unseen).toEqual([uids[0], uids[2]]);
    expect(report.bySubject).toEqual([uids[1]]);
    expect(report.larger).toEqual([uids[2]]);
    expect(report.expunged).toEqual([3]);

    const stored = await tenant.stored('anna', path);
    expect(stored.map(({ flags, source }) => [real(flags), sha256(source)])).toEqual([
      [['\\Flagged', '\\Seen'], sha256(first)],
      [[], sha256(second)],
      [['\\Answered', '\\Seen'], sha256(appended)],
    ]);
    expect(report.after.map(({ uid, sha256: digest, flags }) => [uid, digest, real(flags)])).toEqual(
      stored.map(({ uid, source, flags }) => [uid, sha256(source), real(flags)]),
    );
    const copies = await tenant.stored('anna', otherFolder);
    expect(copies.map(({ source }) => sha256(source))).toEqual([sha256(second)]);
  });

  test('poplib reads the inbox and deletes a message, for good at QUIT', async () => {
    const sources = [awkward('first'), awkward('doomed'), awkward('third', freshId(), bulk())];
    for (const source of sources) await tenant.deliver('anna', 'INBOX', source);
    const doomed = sha256(sources[1]!);

    const report = (await python('pop_client', await pythonCase('anna', POP3, { doomed }))) as PopReport;

    expect(report.capabilities).toEqual(expect.arrayContaining(['SASL', 'TOP', 'UIDL']));
    expect(report.stat[0]).toBe(report.before.length);
    // Others may have put messages into the same inbox.
    const digests = sources.map(sha256);
    const ours = report.before.filter(({ sha256: digest }) => digests.includes(digest));
    expect(ours.map(({ sha256: digest, length, stated }) => [digest, length, stated])).toEqual(
      sources.map((source) => [sha256(source), source.length, source.length]),
    );
    expect(ours.map(({ header }) => header)).toEqual(
      sources.map((source) => sha256(source.subarray(0, source.indexOf('\r\n\r\n') + 4))),
    );
    const left = report.before.filter(({ sha256: digest }) => digest !== doomed);
    expect(report.after).toEqual(expect.arrayContaining(left));
    expect(report.after.map(({ sha256: digest }) => digest)).not.toContain(doomed);
    const stored = await tenant.stored('anna', 'INBOX');
    expect(stored.map(({ source }) => sha256(source))).not.toContain(doomed);
  });

  test.each([
    ['with an initial response', true],
    ['without an initial response', false],
  ])('smtplib sends 8-bit text and lines of dots, signing in %s', async (_how, initialResponse) => {
    const id = freshId();
    const sent = awkward('by smtplib', id);
    const report = await python(
      'smtp_client',
      await pythonCase('anna', SMTP, {
        initialResponse,
        recipients: [tenant.address('ben')],
        message: sent.toString('base64'),
      }),
    );
    expect(report).toMatchObject({
      mechanisms: expect.arrayContaining(['XOAUTH2']) as unknown,
      beforeTls: expect.not.arrayContaining(['auth']) as unknown,
      authCode: 235,
      refused: [],
    });
    expectDelivered((await tenant.arrived('ben', id)).source, sent);
  });

  test('curl lists the folders', async () => {
    const path = await tenant.freshFolder('anna');
    const { code, stdout, stderr } = await curlWith('anna', IMAP, { url: `imaps://${IMAP}/` });
    expect([code, stderr]).toEqual([0, '']);
    const names = stdout
      .toString('latin1')
      .trimEnd()
      .split('\r\n')
      .map((line) => /^\* LIST \([^)]*\) "?\/"? "?([^"]*)"?$/u.exec(line)?.[1]);
    expect(names).toEqual(expect.arrayContaining(['INBOX', 'Sent Items', 'Junk Email', path]));
  });

  test('curl fetches messages, small and large', async () => {
    const path = await tenant.freshFolder('anna');
    for (const source of [awkward('small'), awkward('large', freshId(), bulk())]) {
      await tenant.deliver('anna', path, source);
      const uid = (await tenant.stored('anna', path)).at(-1)?.uid;
      const url = `imaps://${IMAP}/${encodeURIComponent(path)};UID=${String(uid)}`;
      const { code, stdout, stderr } = await curlWith('anna', IMAP, { url });
      expect([code, stderr, stdout.length]).toEqual([0, '', source.length]);
      expect(sha256(stdout)).toBe(sha256(source));
    }
  });

  test('curl lists the inbox and fetches a message over POP3', async () => {
    const source = awkward('by POP3', freshId(), bulk());
    await tenant.deliver('anna', 'INBOX', source);
    const listed = await curlWith('anna', POP3, { url: `pop3s://${POP3}/` });
    expect([listed.code, listed.stderr]).toEqual([0, '']);
    const lines = listed.stdout.toString('latin1').trimEnd().split('\r\n');
    const number = lines.findLast((line) => line.endsWith(` ${source.length}`))?.split(' ')[0];
    const { code, stdout, stderr } = await curlWith('anna', POP3, {
      url: `pop3s://${POP3}/${String(number)}`,
    });
    expect([code, stderr, stdout.length]).toEqual([0, '', source.length]);
    expect(sha256(stdout)).toBe(sha256(source));
  });

  test('mbsync pulls a folder', async () => {
    const path = await tenant.freshFolder('anna');
    const sources = [awkward('first'), awkward('second'), awkward('third', freshId(), bulk())];
    for (const source of sources) await tenant.deliver('anna', path, source);
    const box = await mkdtemp(join(folder, 'mbsync-'));

    const { user, token } = await signedIn('anna');
    const { code, stdout, stderr } = await mbsync(box, {
      user,
      token,
      path,
      ca: join(folder, 'ca.pem'),
      ...addressOf(reach, IMAP),
    });

    // The plug-in tells its steps.
    const complaints = stderr.split('\n').filter((line) => !line.startsWith('[SASL-XOAUTH2]'));
    expect([code, complaints, stdout.toString()]).toEqual([0, [''], '']);
    // It keeps lines as Unix does, and adds a header field of its own.
    const kept = (await pulledMessages(box)).map((one) =>
      one.toString('latin1').replace(/^X-TUID: .*\n/mu, ''),
    );
    const unix = sources.map((source) => source.toString('latin1').replaceAll('\r\n', '\n'));
    const digests = (texts: readonly string[]): string[] =>
      texts.map((one) => sha256(Buffer.from(one, 'latin1'))).sort();
    expect(digests(kept)).toEqual(digests(unix));
  });

  test('curl appends a message', async () => {
    const path = await tenant.freshFolder('anna');
    const sent = awkward('by curl', freshId(), bulk());
    await writeFile(join(folder, 'append.eml'), sent);
    const { code, stderr } = await curlWith('anna', IMAP, {
      url: `imaps://${IMAP}/${encodeURIComponent(path)}`,
      'upload-file': join(folder, 'append.eml'),
    });
    expect([code, stderr]).toEqual([0, '']);
    const stored = await tenant.stored('anna', path);
    expect(stored.map(({ source }) => sha256(source))).toEqual([sha256(sent)]);
  });

  test('curl sends over STARTTLS', async () => {
    const id = freshId();
    const sent = awkward('by curl', id, bulk());
    await writeFile(join(folder, 'sent.eml'), sent);
    const { code, stderr } = await curlWith('anna', SMTP, {
      url: `smtp://${SMTP}/foreign.example`,
      'ssl-reqd': true,
      'mail-from': tenant.address('anna'),
      'mail-rcpt': tenant.address('ben'),
      'upload-file': join(folder, 'sent.eml'),
    });
    expect([code, stderr]).toEqual([0, '']);
    expectDelivered((await tenant.arrived('ben', id)).source, sent);
  });

  test('curl is refused with a token that was tampered with', async () => {
    const { token } = await signedIn('anna');
    const at = token.length - 40; // Within the signature, if it has one.
    const tampered = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
    const { code } = await curlWith('anna', IMAP, { url: `imaps://${IMAP}/`, 'oauth2-bearer': tampered });
    expect(code).toBe(67); // CURLE_LOGIN_DENIED
  });
});

/** Flags that a client sets: a server may add \Recent for the session that sees a message first. */
function real(flags: readonly string[]): string[] {
  return flags.filter((flag) => flag !== '\\Recent').sort();
}
