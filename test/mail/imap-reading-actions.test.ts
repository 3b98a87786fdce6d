/**
 * What is done to messages is looked at with the tenant's side door, which is none of the product's code; what was not
 * done is a failure, and strangers stay where they are. The same for the sandbox and for a real server.
 */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { isFailure } from '../../src/errors/index.js';
import type { MailAction, ReadingSession } from '../../src/mail/reading.js';
import { plainMessage } from '../support/messages.js';
import { openTenant } from '../support/open-tenant.js';
import type { TestTenant } from '../support/tenant.js';
import { openReading } from './support/imap-reading.js';

let tenant: TestTenant;
let session: ReadingSession;
let folder: string;
let uids: number[];
beforeAll(async () => {
  tenant = await openTenant();
  session = await openReading(tenant);
});
afterAll(async () => {
  await session.close();
  await tenant.stop();
});
beforeEach(async () => {
  folder = await tenant.freshFolder('anna');
  for (const name of ['a', 'b', 'c', 'd']) await tenant.deliver('anna', folder, plainMessage(name));
  uids = (await tenant.stored('anna', folder)).map(({ uid }) => uid);
  await session.openFolder(folder, 'change');
});

const ids = (...places: number[]): string[] => places.map((place) => String(uids[place]));

/** done, or the code of the failure, by id. */
async function outcomes(action: MailAction, which: readonly string[]): Promise<Record<string, string>> {
  const map = await session.apply(action, which);
  return Object.fromEntries([...map].map(([id, one]) => [id, isFailure(one) ? one.code : one]));
}

async function subjects(path: string): Promise<string[]> {
  const stored = await tenant.stored('anna', path);
  return stored.map(({ source }) => /^Subject: (.*)\r$/mu.exec(source.toString())?.[1] ?? '').sort();
}

async function flags(): Promise<string[]> {
  return (await tenant.stored('anna', folder)).map((message) => [...message.flags].sort().join(' '));
}

test('marks as read, as unread, and flags', async () => {
  expect(await outcomes({ kind: 'mark-read' }, ids(0, 2))).toEqual({
    [uids[0]!]: 'done',
    [uids[2]!]: 'done',
  });
  expect(await flags()).toEqual(['\\Seen', '', '\\Seen', '']);
  expect(await outcomes({ kind: 'mark-unread' }, ids(0, 1))).toEqual({
    [uids[0]!]: 'done',
    [uids[1]!]: 'done',
  });
  expect(await outcomes({ kind: 'flag' }, ids(2))).toEqual({ [uids[2]!]: 'done' });
  expect(await flags()).toEqual(['', '', '\\Flagged \\Seen', '']);
});

test('moves into a folder, also into one that is made for it', async () => {
  const target = await tenant.freshFolder('anna');
  expect(await outcomes({ kind: 'move', folder: target, create: false }, ids(1))).toEqual({
    [uids[1]!]: 'done',
  });
  expect(await subjects(target)).toEqual(['b']);
  const made = `${target}/Erledigt & Größe`;
  const moved = await outcomes({ kind: 'move', folder: made, create: true }, ids(0, 3));
  expect(moved).toEqual({ [uids[0]!]: 'done', [uids[3]!]: 'done' });
  expect(await subjects(made)).toEqual(['a', 'd']);
  expect(await outcomes({ kind: 'move', folder: made, create: true }, ids(2))).toEqual({
    [uids[2]!]: 'done',
  });
  expect(await subjects(made)).toEqual(['a', 'c', 'd']);
  expect(await subjects(folder)).toEqual([]);
});

test('a folder that is not there is a failure, and nothing moves', async () => {
  for (const kind of ['move', 'copy'] as const) {
    await expect(
      session.apply({ kind, folder: `${folder}/none`, create: false }, ids(0)),
    ).rejects.toMatchObject({
      code: 'target-folder-not-found',
    });
  }
  expect(await subjects(folder)).toEqual(['a', 'b', 'c', 'd']);
});

test('moving a message to where it is changes nothing', async () => {
  expect(await outcomes({ kind: 'move', folder, create: false }, ids(0))).toEqual({ [uids[0]!]: 'done' });
  expect((await tenant.stored('anna', folder)).map(({ uid }) => uid)).toEqual(uids);
});

test('copies, and the message stays', async () => {
  const target = await tenant.freshFolder('anna');
  expect(await outcomes({ kind: 'copy', folder: target, create: false }, ids(0, 1))).toEqual({
    [uids[0]!]: 'done',
    [uids[1]!]: 'done',
  });
  expect(await subjects(target)).toEqual(['a', 'b']);
  expect(await subjects(folder)).toEqual(['a', 'b', 'c', 'd']);
});

test('deleting moves into Deleted Items, whatever it is called', async () => {
  const trash = (await session.folders()).find(({ role }) => role === 'trash')!.value;
  const before = await subjects(trash);
  expect(await outcomes({ kind: 'delete' }, ids(3))).toEqual({ [uids[3]!]: 'done' });
  expect(await subjects(folder)).toEqual(['a', 'b', 'c']);
  expect(await subjects(trash)).toEqual([...before, 'd'].sort());
});

test('deleting for good takes the message that was named, and none that others marked as deleted', async () => {
  await tenant.deliver('anna', folder, plainMessage('stranger'), { flags: ['\\Deleted'] });
  expect(await outcomes({ kind: 'delete-permanently' }, ids(0, 2))).toEqual({
    [uids[0]!]: 'done',
    [uids[2]!]: 'done',
  });
  expect(await subjects(folder)).toEqual(['b', 'd', 'stranger']);
});

test('moving takes none that others marked as deleted', async () => {
  await tenant.deliver('anna', folder, plainMessage('stranger'), { flags: ['\\Deleted'] });
  const target = await tenant.freshFolder('anna');
  await session.apply({ kind: 'move', folder: target, create: false }, ids(0));
  expect(await subjects(folder)).toEqual(['b', 'c', 'd', 'stranger']);
});

test('a message that is not there is a failure, and the others are done all the same', async () => {
  const target = await tenant.freshFolder('anna');
  const actions: MailAction[] = [
    { kind: 'mark-read' },
    { kind: 'mark-unread' },
    { kind: 'flag' },
    { kind: 'copy', folder: target, create: false },
    { kind: 'move', folder: target, create: false },
    { kind: 'delete' },
    { kind: 'delete-permanently' },
  ];
  for (const [at, action] of actions.entries()) {
    const id = at < 4 ? String(uids[0]) : String(uids[at - 4]);
    expect([action.kind, await outcomes(action, ['999999', id, 'no uid'])]).toEqual([
      action.kind,
      { 'no uid': 'message-gone', '999999': 'message-gone', [id]: 'done' },
    ]);
  }
  expect(await subjects(folder)).toEqual(['d']);
});

test('more messages than fit into one command', async () => {
  const many = await tenant.freshFolder('anna');
  for (let at = 0; at < 510; at += 1) await tenant.deliver('anna', many, plainMessage(String(at)));
  // Every other one, so that the set does not become a single range.
  const odd = (await tenant.stored('anna', many))
    .map(({ uid }) => String(uid))
    .filter((_, at) => at % 2 === 1);
  const all = (await tenant.stored('anna', many)).map(({ uid }) => String(uid));
  await session.openFolder(many, 'change');
  expect(new Set(Object.values(await outcomes({ kind: 'mark-read' }, all)))).toEqual(new Set(['done']));
  const result = await outcomes({ kind: 'delete-permanently' }, odd);
  expect(Object.keys(result)).toHaveLength(255);
  expect(await tenant.stored('anna', many)).toHaveLength(255);
}, 120_000);

test('without the right to change, nothing changes and it is told', async () => {
  await session.openFolder(folder, 'read');
  expect(await outcomes({ kind: 'mark-read' }, ids(0))).toEqual({ [uids[0]!]: 'mark-read-not-permitted' });
  expect(await outcomes({ kind: 'flag' }, ids(0))).toEqual({ [uids[0]!]: 'action-refused' });
  expect(await outcomes({ kind: 'delete-permanently' }, ids(0))).toEqual({ [uids[0]!]: 'action-refused' });
  expect(await outcomes({ kind: 'delete' }, ids(0))).toEqual({ [uids[0]!]: 'action-refused' });
  expect(await flags()).toEqual(['', '', '', '']);
});

test('folders are found by path and by well-known name, and by nothing else', async () => {
  for (const [name, role] of [
    ['inbox', 'inbox'],
    ['sentitems', 'sent'],
    ['deleteditems', 'trash'],
    ['drafts', 'drafts'],
    ['junkemail', 'junk'],
    ['archive', 'archive'],
  ] as const) {
    const path = (await session.folders()).find((one) => one.role === role)?.value;
    expect(await session.openFolder(name, 'read')).toMatchObject({ path, id: path });
  }
  const opened = await session.openFolder(folder, 'read');
  expect(opened).toEqual({
    id: folder,
    path: folder,
    generation: expect.stringMatching(/^\d+$/u),
    messages: 4,
  });
  for (const name of ['id:AAMk', 'No such folder', folder.slice(0, -1), ''])
    await expect(session.openFolder(name, 'read')).rejects.toMatchObject({ code: 'folder-not-found' });
});
