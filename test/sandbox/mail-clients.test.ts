// Libraries people really use, unmodified: what they make of the sandbox.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ImapFlow } from 'imapflow';
import type { Sandbox } from '../../src/sandbox/index.js';
import { startSandbox } from '../../src/sandbox/index.js';
import { address, ANNA, appToken, BERND } from './support/clients.js';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(async () => {
  expect(sandbox.faults).toEqual([]);
  await sandbox.stop();
});

async function openFlow(mailbox: string): Promise<ImapFlow> {
  const client = new ImapFlow({
    ...address(sandbox, 'outlook.office365.com:993'),
    servername: 'outlook.office365.com',
    secure: true,
    tls: { ca: sandbox.ca },
    auth: { user: mailbox, accessToken: await appToken(sandbox) },
    logger: false,
  });
  await client.connect();
  return client;
}

test('imapflow lists folders by role, reads, flags, moves and appends', async () => {
  const client = await openFlow(BERND);
  const folders = await client.list();
  expect(folders.find(({ specialUse }) => specialUse === '\\Sent')?.path).toBe('Gesendete Elemente');
  await client.mailboxOpen('INBOX');
  const all = await client.fetchAll('1:*', { envelope: true, bodyStructure: true, source: true, uid: true });
  expect(all.map(({ envelope }) => envelope?.subject)).toContain('Bestellung Nr. 5567 – bitte bestätigen');
  const { uid } = all.at(-1)!;
  expect(await client.messageFlagsAdd(`${uid}`, ['\\Flagged'], { uid: true })).toBe(true);
  const found = await client.search({ flagged: true }, { uid: true });
  expect(found).toEqual([uid]);
  await client.mailboxCreate('Erledigt/Märkte');
  const moved = await client.messageMove(`${uid}`, 'Erledigt/Märkte', { uid: true });
  expect(moved && [...(moved.uidMap ?? [])]).toEqual([[uid, 1]]);
  const appended = await client.append('Entwürfe', 'Subject: x\r\n\r\nx', ['\\Draft']);
  expect(appended).toMatchObject({ uid: 1 });
  const download = await client.download('1', '1');
  expect(download.content).toBeDefined();
  download.content?.resume();
  await client.logout();
});

test('imapflow is pushed new mail in IDLE', async () => {
  const client = await openFlow(ANNA);
  await client.mailboxOpen('Archive');
  const pushed = new Promise<{ count: number }>((resolve) => client.once('exists', resolve));
  const idling = client.idle();
  sandbox.mailbox(ANNA).append('Archive', Buffer.from('Subject: push\r\n\r\n'));
  expect((await pushed).count).toBe(1);
  await client.noop();
  await idling;
  await client.logout();
});

test('a large message goes in and out byte for byte', async () => {
  const big = Buffer.alloc(12_000_000, '0123456789abcdef\r\n');
  const client = await openFlow(ANNA);
  await client.append('Drafts', big);
  await client.mailboxOpen('Drafts');
  const fetched = await client.fetchOne('*', { source: true });
  expect(fetched && fetched.source?.equals(big)).toBe(true);
  await client.logout();
});
