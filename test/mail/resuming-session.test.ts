/**
 * A session that is opened anew when it breaks: whatever the method and whenever the break, what is delivered is what an
 * unbroken session would have delivered, once.
 */
import { describe, expect, test } from '@jest/globals';
import { Failure, isFailure } from '../../src/errors/index.js';
import type { MessageFacts, ReadingSession } from '../../src/mail/reading.js';
import { resumingSession, type ResumeOptions } from '../../src/mail/resuming-session.js';
import { BreakingServer, sourceOf } from './support/breaking-session.js';

const noPause = (): Promise<void> => Promise.resolve();
const lost = (): Failure => new Failure('connection-lost');
const openOn = (server: BreakingServer, options: ResumeOptions = {}): ReadingSession =>
  resumingSession('imap', server.open, { pause: noPause, openingTries: 4, ...options });

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

const text = async (pieces: AsyncIterable<Buffer>): Promise<string> =>
  Buffer.concat(await all(pieces)).toString();
const FIND = { conditions: [], order: 'oldest-first', pageSize: 2 } as const;
const CHANGES = { after: undefined, conditions: [], pageSize: 2 } as const;
const MOVE = { kind: 'move', folder: 'Done', create: false } as const;

/** As a consumer does it: a message that broke in the middle is asked for again. */
async function sources(session: ReadingSession, messages: readonly MessageFacts[]): Promise<string[]> {
  const read: string[] = [];
  let rest = messages;
  while (rest.length > 0) {
    try {
      for await (const message of session.fetch(rest)) {
        rest = messages.slice(messages.indexOf(message.facts));
        read.push(message.kind === 'whole' ? await text(message.pieces) : 'parts');
        rest = rest.slice(1);
      }
      break;
    } catch (error) {
      if (!isFailure(error) || !error.retryable) throw error;
    }
  }
  return read;
}

const facts = async (session: ReadingSession): Promise<MessageFacts[]> =>
  (await all(session.find(FIND))).flat();

const USES: Readonly<Record<string, (session: ReadingSession) => Promise<unknown>>> = {
  folders: (session) => session.folders(),
  find: (session) => all(session.find(FIND)),
  changes: (session) => all(session.changes(CHANGES)),
  now: (session) => session.now(),
  facts: (session) => session.facts(['2', '9', '5']),
  outlines: async (session) => all(session.outlines(await facts(session))),
  fetch: async (session) => sources(session, await facts(session)),
  source: (session) => text(session.source('3')),
  move: async (session) => [...(await session.apply(MOVE, ['2', '4', '9']))],
  'mark-read': async (session) => [...(await session.apply({ kind: 'mark-read' }, ['2', '4', '9']))],
  'find with fetch in between': async (session) => {
    const read: string[][] = [];
    for await (const page of session.find(FIND)) read.push(await sources(session, page));
    return read;
  },
  'changes with fetch in between': async (session) => {
    const read: string[][] = [];
    for await (const { messages } of session.changes(CHANGES)) read.push(await sources(session, messages));
    return read;
  },
};

async function outcomeOf(use: string, server: BreakingServer): Promise<unknown> {
  const session = openOn(server);
  const opened = await session.openFolder('INBOX', 'change');
  const answer = await USES[use]?.(session);
  await session.close();
  return JSON.parse(JSON.stringify({ opened, answer, ids: server.ids }));
}

describe.each(Object.keys(USES))('%s', (use) => {
  test.each([1, 2, 3])('broken at every moment, %d times in a row', async (times) => {
    const unbroken = new BreakingServer();
    const expected = await outcomeOf(use, unbroken);
    expect(unbroken.opened).toBe(1);
    for (let at = 1; at <= unbroken.moment; at += 1) {
      const server = new BreakingServer();
      server.breakAt = (moment) => (moment >= at && moment < at + times ? lost() : undefined);
      expect({ at, ...((await outcomeOf(use, server)) as object) }).toEqual({ at, ...(expected as object) });
      expect(server.opened).toBeGreaterThan(1);
      expect(server.underWay).toBe(0);
    }
  });
});

describe('a connection that ends after every few moments', () => {
  const tired = async (): Promise<{ server: BreakingServer; session: ReadingSession }> => {
    const server = new BreakingServer();
    const session = openOn(server);
    await session.openFolder('INBOX', 'read');
    // Opening and finding the place again takes four moments, a page two more.
    server.breakAt = (moment) => (moment % 7 === 0 ? lost() : undefined);
    return { server, session };
  };

  test('is borne as long as something is delivered', async () => {
    const { server, session } = await tired();
    const pages = await all(session.changes({ ...CHANGES, pageSize: 1 }));
    expect(pages.flatMap(({ messages }) => messages).map(({ id }) => id)).toEqual(server.ids);
    expect(server.opened).toBeGreaterThan(4);
  });

  test('is given up when only the same is delivered again and again', async () => {
    const { server, session } = await tired();
    const pages = all(session.find({ ...FIND, pageSize: 1 }));
    await expect(pages).rejects.toMatchObject({ code: 'connection-lost' });
    expect(server.opened).toBeLessThan(6);
  });
});

test('a consumer that goes on after a broken message gets the others, for one wait', async () => {
  const server = new BreakingServer();
  let waits = 0;
  const session = openOn(server, { pause: () => Promise.resolve(void (waits += 1)) });
  await session.openFolder('INBOX', 'read');
  const messages = await facts(session);
  const at = server.moment + 5; // in the second piece of the first message
  server.breakAt = (moment) => (moment === at ? lost() : undefined);
  const read: string[] = [];
  for await (const message of session.fetch(messages)) {
    if (message.kind === 'whole') read.push(await text(message.pieces).catch(() => 'broken'));
  }
  expect(read).toEqual(['broken', ...server.ids.slice(1).map(sourceOf)]);
  expect(waits).toBe(1);
});

describe('a copy', () => {
  test('whose outcome nobody knows is not made again', async () => {
    const server = new BreakingServer();
    const session = openOn(server);
    await session.openFolder('INBOX', 'change');
    const at = server.moment + 2;
    server.breakAt = (moment) => (moment === at ? lost() : undefined);
    const outcomes = await session.apply({ kind: 'copy', folder: 'Done', create: false }, ['1', '2']);
    expect([...outcomes.values()]).toMatchObject(
      Array(2).fill({ code: 'action-outcome-unknown', kind: 'conflict' }),
    );
    expect(server.copied).toEqual(['1', '2']);
    expect(await session.now()).toBe(7);
  });
});

describe('a move', () => {
  test('of a message that was gone before is told as such, however often it is tried', async () => {
    const server = new BreakingServer();
    const session = openOn(server);
    await session.openFolder('INBOX', 'change');
    const at = server.moment + 4; // facts has two moments; the server moves, and its answer is lost
    server.breakAt = (moment) => (moment === at ? lost() : undefined);
    const outcomes = await session.apply(MOVE, ['1', '99']);
    expect(outcomes.get('1')).toBe('done');
    expect(outcomes.get('99')).toMatchObject({ code: 'message-gone' });
    expect(server.ids).not.toContain('1');
  });

  test('of which nothing is known throws, and keeps what the server said of waiting', async () => {
    const server = new BreakingServer();
    const session = openOn(server);
    await session.openFolder('INBOX', 'change');
    server.breakAt = () => new Failure('connection-lost', { retryAfterMs: 11 });
    await expect(session.apply(MOVE, ['1'])).rejects.toMatchObject({ facts: { retryAfterMs: 11 } });
  });
});

describe('limits', () => {
  test('after three resumes in a row the failure is told', async () => {
    const server = new BreakingServer();
    const waits: number[] = [];
    const told: [string, number][] = [];
    const session = openOn(server, {
      pause: (ms) => Promise.resolve(void waits.push(ms)),
      onResume: ({ code }, ms) => void told.push([code, ms]),
    });
    await session.openFolder('INBOX', 'read');
    server.breakAt = lost;
    await expect(session.now()).rejects.toMatchObject({ code: 'connection-lost' });
    expect(server.opened).toBe(4);
    for (const [index, least] of [200, 1000, 5000].entries()) {
      expect(waits[index]).toBeGreaterThanOrEqual(least);
      expect(waits[index]).toBeLessThanOrEqual(least * 1.5);
    }
    expect(told).toEqual(waits.map((ms) => ['connection-lost', ms]));
  });

  test('a stated back-off is kept to', async () => {
    const server = new BreakingServer();
    const waits: number[] = [];
    const session = openOn(server, { pause: (ms) => Promise.resolve(void waits.push(ms)) });
    await session.openFolder('INBOX', 'read');
    const at = server.moment + 1;
    server.breakAt = (moment) =>
      moment === at ? new Failure('server-throttled', { retryAfterMs: 7000 }) : undefined;
    expect(await session.now()).toBe(7);
    expect(waits).toEqual([7000]);
  });

  test('two minutes of waiting in all are enough, and the time to wait goes on to the host', async () => {
    const server = new BreakingServer();
    let waited = 0;
    const session = openOn(server, { pause: (ms) => Promise.resolve(void (waited += ms)) });
    await session.openFolder('INBOX', 'read');
    let next = 0;
    server.breakAt = (moment) => {
      if (moment < next) return undefined;
      next = moment + 7;
      return new Failure('server-throttled', { retryAfterMs: 50_000 });
    };
    const failure = new Failure('server-throttled', { retryAfterMs: 50_000 });
    const reads = async (): Promise<void> => {
      for (let read = 0; read < 20; read += 1) await session.now();
    };
    await expect(reads()).rejects.toMatchObject({ code: failure.code, facts: failure.facts });
    expect(waited).toBe(100_000);
  });

  test.each(['folder-not-found', 'imap-sign-in-refused'] as const)('%s is told at once', async (code) => {
    const server = new BreakingServer();
    const session = openOn(server);
    await session.openFolder('INBOX', 'read');
    server.breakAt = () => new Failure(code);
    await expect(session.now()).rejects.toMatchObject({ code });
    expect(server.opened).toBe(1);
  });
});

describe('the first session', () => {
  test('is asked for when it is needed', async () => {
    const server = new BreakingServer();
    const session = openOn(server);
    expect(server.opened).toBe(0);
    await session.folders();
    expect(server.opened).toBe(1);
  });

  test('that is throttled or cannot be reached is the failure of the run', async () => {
    for (const code of ['authority-throttled', 'host-refused'] as const) {
      const server = new BreakingServer();
      server.breakAt = () => new Failure(code, { retryAfterMs: 1000 });
      await expect(openOn(server).folders()).rejects.toMatchObject({ code, facts: { retryAfterMs: 1000 } });
      expect(server.opened).toBe(1);
    }
  });
});

test('in a folder that was numbered anew, the ids at work mean nothing', async () => {
  const server = new BreakingServer();
  const session = openOn(server);
  await session.openFolder('INBOX', 'change');
  const at = server.moment + 1;
  server.breakAt = (moment) => (moment === at ? lost() : undefined);
  server.generation = '2';
  await expect(session.apply(MOVE, ['1'])).rejects.toMatchObject({ code: 'folder-renewed' });
  expect(server.ids).toContain('1');
});

test('a source that is rendered anew is not put together from two', async () => {
  const server = new BreakingServer();
  server.rendersAnew = true;
  const session = openOn(server);
  await session.openFolder('INBOX', 'read');
  const at = server.moment + 3;
  server.breakAt = (moment) => (moment === at ? lost() : undefined);
  await expect(text(session.source('1'))).rejects.toMatchObject({ code: 'connection-lost' });
});

test('a consumer that leaves early leaves nothing under way, and the next call works', async () => {
  const server = new BreakingServer();
  const session = openOn(server);
  await session.openFolder('INBOX', 'read');
  for await (const message of session.fetch(await facts(session))) {
    if (message.kind === 'whole') for await (const piece of message.pieces) if (piece.length > 0) break;
    break;
  }
  expect(server.underWay).toBe(0);
  expect(await text(session.source('2'))).toBe(sourceOf('2'));
  expect(server.opened).toBe(1);
});

describe('a signal', () => {
  test('ends the wait, and no session is opened after it', async () => {
    const server = new BreakingServer();
    const stop = new AbortController();
    const session = resumingSession('imap', server.open, { signal: stop.signal });
    await session.openFolder('INBOX', 'read');
    server.breakAt = () => new Failure('server-throttled', { retryAfterMs: 60_000 });
    const answer = session.now();
    setImmediate(() => stop.abort(new Error('enough')));
    await expect(answer).rejects.toThrow('enough');
    expect(server.opened).toBe(1);
  });

  test('that fired is told instead of what broke', async () => {
    const server = new BreakingServer();
    const stop = new AbortController();
    const session = openOn(server, { signal: stop.signal });
    await session.openFolder('INBOX', 'read');
    server.breakAt = () => {
      stop.abort(new Error('enough'));
      return lost();
    };
    await expect(session.now()).rejects.toThrow('enough');
    expect(server.opened).toBe(1);
  });
});
