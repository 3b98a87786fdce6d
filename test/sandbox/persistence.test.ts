import { appendFile, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Sandbox } from '../../src/sandbox/index.js';
import { startSandbox } from '../../src/sandbox/index.js';
import { ANNA, appToken, ImapClient, xoauth2 } from './support/clients.js';

let dataDir: string;
let sandbox: Sandbox | undefined;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sandbox-'));
});
afterEach(async () => {
  await sandbox?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

async function restart(): Promise<Sandbox> {
  await sandbox?.stop();
  sandbox = await startSandbox({ dataDir });
  return sandbox;
}
const mailDir = (): string => join(dataDir, 'mailboxes', ANNA);

test('mail, flags, folders and UIDs survive a restart, and nothing is seeded twice', async () => {
  const first = await restart();
  const mailbox = first.mailbox(ANNA);
  mailbox.createFolder('Projekte/Größe');
  mailbox.append('Projekte/Größe', Buffer.from('caf\xe9\r\n\0', 'latin1'), {
    flags: ['\\Flagged'],
    internalDate: new Date(1e12),
  });
  const client = await ImapClient.open(first, ANNA, 'INBOX');
  await client.run('STORE 1 FLAGS (\\Answered)');
  await client.run('COPY 2 Archive');
  await client.run('MOVE 3 Archive');
  await client.run('RENAME "Projekte" "Altes"');
  await client.run('CREATE Temporary');
  await client.run('DELETE Temporary');
  client.close();
  const picture = (tenant: Sandbox): unknown =>
    tenant
      .mailbox(ANNA)
      .folders()
      .map((path) => [path, tenant.mailbox(ANNA).messages(path)]);
  const before = picture(first);
  const second = await restart();
  expect(picture(second)).toEqual(before);
  expect(second.mailbox(ANNA).folders()).toContain('Altes/Größe');
  const uid = second.mailbox(ANNA).append('INBOX', Buffer.from('x'));
  expect(uid).toBe(7);
});

test('the root and the token key survive a restart: a token issued before still opens the mailbox', async () => {
  const first = await restart();
  const token = await appToken(first);
  const { ca } = first;
  const second = await restart();
  expect(second.ca).toBe(ca);
  const client = await ImapClient.connect(second);
  expect(await client.run(`AUTHENTICATE XOAUTH2 ${xoauth2(ANNA, token)}`)).toMatch(/^T OK/u);
  client.close();
});

test('messages lie there as files that any mail program opens', async () => {
  const first = await restart();
  const files = (await readdir(mailDir())).filter((name) => name.endsWith('.eml'));
  expect(files).toHaveLength(7);
  const source = await readFile(join(mailDir(), files[0]!));
  expect(first.mailbox(ANNA).messages('INBOX')[0]?.source.equals(source)).toBe(true);
});

test('what a crash leaves behind does no harm: half a line, half a file, a file without entry', async () => {
  await restart();
  const count = sandbox!.mailbox(ANNA).messages('INBOX').length;
  await sandbox!.stop();
  sandbox = undefined;
  await appendFile(join(mailDir(), 'index.jsonl'), '{"op":"add","id":1,"uid":99,"fi');
  await writeFile(join(mailDir(), '00000099.eml'), 'orphan');
  await writeFile(join(mailDir(), '00000098.eml.tmp'), 'half');
  await truncate(join(mailDir(), '00000001.eml'), 10);
  const second = await restart();
  expect(second.mailbox(ANNA).messages('INBOX')).toHaveLength(count - 1);
  expect((await readdir(mailDir())).filter((name) => /0000009/u.test(name))).toEqual([]);
  second.mailbox(ANNA).append('INBOX', Buffer.from('after'));
  const third = await restart();
  expect(third.mailbox(ANNA).messages('INBOX').at(-1)?.source.toString()).toBe('after');
});

test('a deleted message takes its file along once no copy is left', async () => {
  const tenant = await restart();
  const client = await ImapClient.open(tenant, ANNA, 'INBOX');
  const files = async (): Promise<number> =>
    (await readdir(mailDir())).filter((name) => name.endsWith('.eml')).length;
  const before = await files();
  await client.run('COPY 1 Archive');
  await client.run('STORE 1 +FLAGS (\\Deleted)');
  await client.run('EXPUNGE');
  expect(await files()).toBe(before);
  await client.run('SELECT Archive');
  await client.run('STORE 1 +FLAGS (\\Deleted)');
  await client.run('EXPUNGE');
  expect(await files()).toBe(before - 1);
  client.close();
});
