/**
 * The Graph adapter of the reading port against the sandbox: folders, listing, positions, sources, and what is done to
 * messages.
 */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { asFailure } from '../../src/errors/index.js';
import type { ChangesPage, Json, MessageFacts, ReadingSession } from '../../src/mail/reading.js';
import { DEMO, startSandbox, type Sandbox, type SandboxMailbox } from '../../src/sandbox/index.js';
import { plainMessage } from '../support/messages.js';
import { collect, openGraph } from './support/graph-reading.js';

let sandbox: Sandbox;
let session: ReadingSession;
let mailbox: SandboxMailbox;

beforeEach(async () => {
  sandbox = await startSandbox({ seed: false });
  session = await openGraph(sandbox);
  mailbox = sandbox.mailbox(DEMO.people.anna.address);
});
afterEach(async () => {
  await session.close();
  await sandbox.stop();
  expect(sandbox.faults).toEqual([]);
});

const MINUTE = 60_000;
const BASE = Date.UTC(2026, 9, 1);

/** Puts numbered messages into a folder, a minute apart. */
function fill(folder: string, count: number, apart = MINUTE): void {
  for (let n = 0; n < count; n += 1) {
    mailbox.append(folder, plainMessage(`number ${String(n)}`), { internalDate: new Date(BASE + n * apart) });
  }
}

const failing = async (work: Promise<unknown>): Promise<unknown> => {
  try {
    await work;
    return undefined;
  } catch (error) {
    return asFailure(error).toJSON();
  }
};

async function allFacts(pageSize = 100): Promise<MessageFacts[]> {
  return (await collect(session.find({ conditions: [], order: 'oldest-first', pageSize }))).flat();
}

async function sourceOf(id: string): Promise<Buffer> {
  return Buffer.concat(await collect(session.source(id)));
}

describe('folders', () => {
  test('the tree has the inbox first, localized names, roles, and ids as values', async () => {
    const german = await openGraph(sandbox, { mailbox: DEMO.people.bernd.address });
    sandbox.mailbox(DEMO.people.bernd.address).createFolder('INBOX/Rechnungen/2026');
    const folders = await german.folders();
    await german.close();
    expect(folders.slice(0, 3).map(({ label, level, role }) => ({ label, level, role }))).toEqual([
      { label: 'Posteingang', level: 0, role: 'inbox' },
      { label: 'Rechnungen', level: 1, role: undefined },
      { label: '2026', level: 2, role: undefined },
    ]);
    expect(folders.find(({ label }) => label === 'Gesendete Elemente')?.role).toBe('sent');
    expect(folders.map(({ label }) => label)).not.toContain('Kalender');
    expect(folders.every(({ value }) => value.startsWith('id:'))).toBe(true);
  });

  test('more folders than a page holds are all there', async () => {
    for (let n = 0; n < 230; n += 1) mailbox.createFolder(`Many/${String(n)}`);
    const labels = (await session.folders()).filter(({ level }) => level === 1).map(({ label }) => label);
    expect(new Set(labels).size).toBe(230);
  });

  test('a folder opens by path, by the path of IMAP, by its well-known name and by its id, renamed or not', async () => {
    mailbox.createFolder('Projects/2026');
    fill('Projects/2026', 3);
    const opened = await session.openFolder('projects/2026', 'read');
    expect(opened).toMatchObject({ path: 'Projects/2026', generation: '', messages: 3 });
    expect((await session.openFolder('INBOX', 'read')).path).toBe('INBOX');
    expect((await session.openFolder('inbox', 'read')).path).toBe('INBOX');
    expect((await session.openFolder('deleteditems', 'read')).path).toBe('Deleted Items');
    mailbox.renameFolder(mailbox.folder('Projects/2026'), 'Projects/Old');
    const again = await session.openFolder(`id:${opened.id}`, 'read');
    expect(again).toMatchObject({ id: opened.id, messages: 3 });
  });

  test.each(['No such folder', 'id:AAAA', 'INBOX/none'])('%s is a missing folder', async (name) => {
    expect(await failing(session.openFolder(name, 'read'))).toMatchObject({
      code: 'folder-not-found',
      parameters: { folder: name },
    });
  });
});

describe('listing', () => {
  test.each(['oldest-first', 'newest-first'] as const)('%s, page by page, all once', async (order) => {
    fill('INBOX', 25);
    await session.openFolder('INBOX', 'read');
    const pages = await collect(session.find({ conditions: [], order, pageSize: 10 }));
    const times = pages.flat().map(({ receivedAt }) => receivedAt?.getTime() ?? 0);
    expect(times).toHaveLength(25);
    expect(new Set(pages.flat().map(({ id }) => id)).size).toBe(25);
    expect(times).toEqual([...times].sort((a, b) => (order === 'oldest-first' ? a - b : b - a)));
    expect(pages.every((page) => page.length <= 10)).toBe(true);
  });

  test('many messages of one second, and parts of seconds, lose and repeat nothing', async () => {
    for (let n = 0; n < 40; n += 1) {
      mailbox.append('INBOX', plainMessage(`burst ${String(n)}`), { internalDate: new Date(BASE + n * 40) });
    }
    await session.openFolder('INBOX', 'read');
    for (const order of ['oldest-first', 'newest-first'] as const) {
      const found = (await collect(session.find({ conditions: [], order, pageSize: 7 }))).flat();
      expect(found).toHaveLength(40);
      expect(new Set(found.map(({ id }) => id)).size).toBe(40);
    }
  });

  test('messages that leave the list while it is read push nobody out', async () => {
    fill('INBOX', 30);
    await session.openFolder('INBOX', 'change');
    const seen: string[] = [];
    const unread = { field: 'readState', is: 'unread' } as const;
    for await (const page of session.find({ conditions: [unread], order: 'oldest-first', pageSize: 10 })) {
      const ids = page.map(({ id }) => id);
      seen.push(...ids);
      await session.apply({ kind: 'mark-read' }, ids);
    }
    expect(new Set(seen).size).toBe(30);
  });

  test('facts tell read state, flags and arrival', async () => {
    mailbox.append('INBOX', plainMessage('x'), {
      flags: ['\\Seen', '\\Flagged'],
      internalDate: new Date(BASE),
    });
    await session.openFolder('INBOX', 'read');
    const [facts] = await allFacts();
    expect(facts).toMatchObject({ isRead: true, flags: ['\\Flagged', '\\Seen'], receivedAt: new Date(BASE) });
    expect(await session.facts([facts!.id, 'AAAA'])).toEqual([facts]);
  });
});

describe('positions', () => {
  async function changes(after: Json | undefined, pageSize = 10): Promise<ChangesPage[]> {
    return collect(session.changes({ after, conditions: [], pageSize }));
  }

  test('from the beginning, then only what is new, from any page on', async () => {
    fill('INBOX', 25);
    await session.openFolder('INBOX', 'read');
    const pages = await changes(undefined);
    expect(pages.map(({ messages }) => messages.length)).toEqual([10, 10, 5]);
    const rest = await changes(pages[0]!.position);
    expect(rest.flatMap(({ messages }) => messages)).toEqual(
      pages.slice(1).flatMap(({ messages }) => messages),
    );
    expect((await changes(pages.at(-1)!.position)).flatMap(({ messages }) => messages)).toEqual([]);
    mailbox.append('INBOX', plainMessage('new'));
    expect((await changes(pages.at(-1)!.position)).flatMap(({ messages }) => messages)).toHaveLength(1);
  });

  test('now is behind everything, and what is moved into the folder later is new', async () => {
    fill('INBOX', 3);
    mailbox.createFolder('Aside');
    fill('Aside', 1);
    await session.openFolder('INBOX', 'change');
    const now = await session.now();
    expect((await changes(now)).flatMap(({ messages }) => messages)).toEqual([]);
    await session.openFolder('Aside', 'change');
    const [aside] = await allFacts();
    await session.apply({ kind: 'move', folder: 'INBOX', create: false }, [aside!.id]);
    await session.openFolder('INBOX', 'read');
    expect((await changes(now)).flatMap(({ messages }) => messages.map(({ id }) => id))).toEqual([aside!.id]);
  });

  test('a server that gives more than a page may have loses nothing, and can be gone on with in between', async () => {
    fill('INBOX', 5);
    await session.openFolder('INBOX', 'read');
    const value = (await allFacts()).map(({ id }) => ({ id, receivedDateTime: '2026-10-01T00:00:00Z' }));
    const deltaLink = `https://graph.microsoft.com/v1.0/x/delta?$deltatoken=end`;
    const body = {
      value: [...value, { id: 'gone', '@removed': { reason: 'deleted' } }],
      '@odata.deltaLink': deltaLink,
    };
    sandbox.answers.graph({ on: 'delta', status: 200, body, times: 2 });
    const pages = await changes(undefined, 2);
    expect(pages.map(({ messages }) => messages.length)).toEqual([2, 2, 1]);
    const rest = await changes(pages[0]!.position, 2);
    expect(rest.flatMap(({ messages }) => messages.map(({ id }) => id))).toEqual(
      value.slice(2).map(({ id }) => id),
    );
  });

  test.each([17, { at: 'https://elsewhere.example/', done: [] }, { at: '/v2/x', done: [] }])(
    'a position that is none (%p) is refused and leads nowhere',
    async (after) => {
      await session.openFolder('INBOX', 'read');
      expect(await failing(changes(after))).toMatchObject({ parameters: { mailbox: expect.anything() } });
    },
  );

  test('a position that the server has forgotten is cursor-expired', async () => {
    await session.openFolder('INBOX', 'read');
    const now = await session.now();
    sandbox.directory.mailbox(DEMO.people.anna.address).graphSyncStateLost = true;
    expect(await failing(changes(now))).toMatchObject({ code: 'cursor-expired', kind: 'conflict' });
  });
});

describe('sources', () => {
  test('messages come whole and byte for byte, in order; those that have gone are left out', async () => {
    fill('INBOX', 6);
    await session.openFolder('INBOX', 'read');
    const facts = await allFacts();
    mailbox.folder('INBOX').remove(mailbox.folder('INBOX').find(3)!);
    const sources: Buffer[] = [];
    for await (const message of session.fetch(facts)) {
      if (message.kind !== 'whole') throw new Error('in parts');
      sources.push(Buffer.concat(await collect(message.pieces)));
    }
    expect(sources).toEqual(mailbox.messages('INBOX').map(({ source }) => source));
  });

  test('a consumer that stops in the middle, or takes no piece at all, leaves the session in order', async () => {
    mailbox.append('INBOX', Buffer.concat([plainMessage('large'), Buffer.alloc(8_000_000, 'x')]));
    fill('INBOX', 8);
    await session.openFolder('INBOX', 'read');
    const facts = await allFacts();
    for (let round = 0; round < 5; round += 1) {
      for await (const message of session.fetch(facts)) {
        if (round % 2 === 0 && message.kind === 'whole') {
          for await (const piece of message.pieces) if (piece.length > 0) break;
        }
        break;
      }
    }
    expect((await sourceOf(facts[1]!.id)).length).toBeGreaterThan(0);
  });

  test('outlines have the header, of small messages and of large ones', async () => {
    const small = plainMessage('small');
    const large = Buffer.concat([plainMessage('large'), Buffer.alloc(4_000_000, 'x')]);
    const bare = Buffer.from('Subject: nothing else');
    const headless = Buffer.from('\r\nonly a body');
    for (const [n, source] of [small, large, bare, headless].entries()) {
      mailbox.append('INBOX', source, { internalDate: new Date(BASE + n * MINUTE) });
    }
    await session.openFolder('INBOX', 'read');
    const outlines = await collect(session.outlines(await allFacts()));
    const head = (source: Buffer): string => source.toString('latin1').split('\r\n\r\n', 1)[0]!;
    expect(outlines.map(({ header }) => header.toString('latin1'))).toEqual([
      `${head(small)}\r\n`,
      `${head(large)}\r\n`,
      'Subject: nothing else',
      '',
    ]);
  });

  test('a message that is not there is message-gone; a cut in the middle is connection-lost', async () => {
    expect(await failing(sourceOf('AAAA'))).toMatchObject({ code: 'message-gone' });
    fill('INBOX', 1);
    await session.openFolder('INBOX', 'read');
    const [facts] = await allFacts();
    sandbox.answers.graph({ on: 'source', status: 200, cutAfterBytes: 20 });
    expect(await failing(sourceOf(facts!.id))).toMatchObject({ code: 'connection-lost' });
  });
});

describe('what is done to messages', () => {
  let ids: string[];
  beforeEach(async () => {
    fill('INBOX', 7);
    await session.openFolder('INBOX', 'change');
    ids = (await allFacts()).map(({ id }) => id);
  });

  const done = (outcomes: ReadonlyMap<string, unknown>): boolean =>
    outcomes.size === ids.length && [...outcomes.values()].every((one) => one === 'done');

  test('read, unread, flagged', async () => {
    const flags = (): string[][] => mailbox.messages('INBOX').map((message) => [...message.flags].sort());
    expect(done(await session.apply({ kind: 'mark-read' }, ids))).toBe(true);
    expect(flags()).toEqual(ids.map(() => ['\\Seen']));
    expect(done(await session.apply({ kind: 'flag' }, ids))).toBe(true);
    expect(done(await session.apply({ kind: 'mark-unread' }, ids))).toBe(true);
    expect(flags()).toEqual(ids.map(() => ['\\Flagged']));
  });

  test('moved into a folder that is made for it, where the id is still the same', async () => {
    const outcomes = await session.apply({ kind: 'move', folder: 'Done/2026/Autumn', create: true }, ids);
    expect(done(outcomes)).toBe(true);
    expect(mailbox.messages('INBOX')).toEqual([]);
    expect(mailbox.messages('Done/2026/Autumn')).toHaveLength(7);
    expect((await session.facts(ids)).map(({ id }) => id)).toEqual(ids);
    await session.openFolder('Done/2026/Autumn', 'read');
    expect((await allFacts()).map(({ id }) => id).sort()).toEqual([...ids].sort());
  });

  test('copied, deleted, deleted for good', async () => {
    mailbox.createFolder('Copies');
    expect(done(await session.apply({ kind: 'copy', folder: 'Copies', create: false }, ids))).toBe(true);
    expect(mailbox.messages('Copies')).toHaveLength(7);
    expect(done(await session.apply({ kind: 'delete' }, ids))).toBe(true);
    expect(mailbox.messages('INBOX')).toEqual([]);
    expect(mailbox.messages('Deleted Items')).toHaveLength(7);
    expect(done(await session.apply({ kind: 'delete-permanently' }, ids))).toBe(true);
    expect(mailbox.messages('Deleted Items')).toEqual([]);
  });

  test('a folder that is not there is a failure of all; a message that is not there is a failure of its own', async () => {
    const move = { kind: 'move', folder: 'Nowhere', create: false } as const;
    expect(await failing(session.apply(move, ids))).toMatchObject({ code: 'folder-not-found' });
    mailbox.folder('INBOX').remove(mailbox.folder('INBOX').find(2)!);
    const outcomes = await session.apply({ kind: 'mark-read' }, ids);
    expect(outcomes.get(ids[1]!)).toMatchObject({ code: 'message-gone' });
    expect([...outcomes.values()].filter((one) => one === 'done')).toHaveLength(6);
  });

  test('an answer that does not show the change is no success', async () => {
    const body = { id: ids[0], isRead: false };
    sandbox.answers.graph({ on: 'update-message', status: 200, body });
    const outcomes = await session.apply({ kind: 'mark-read' }, [ids[0]!]);
    expect(outcomes.get(ids[0]!)).toMatchObject({ code: 'server-answer-unexpected' });
  });
});
