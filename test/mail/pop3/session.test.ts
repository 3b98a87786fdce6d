/**
 * The POP3 adapter of the reading port, with servers that do what the standard allows and with some that do not.
 */
import { inspect } from 'node:util';
import { afterEach, describe, expect, test } from '@jest/globals';
import { isFailure } from '../../../src/errors/index.js';
import { explainPop3 } from '../../../src/mail/pop3/explain.js';
import { openPop3Session } from '../../../src/mail/index.js';
import type { ChangesPage, Condition, Json, ReadingSession } from '../../../src/mail/reading.js';
import { routeTo } from '../../../src/net/index.js';
import {
  mailboxScript,
  startScriptedPop3,
  type Pop3Script,
  type ScriptedPop3,
} from '../../support/scripted-pop3.js';

const TOKEN = 'secret-token-that-nobody-may-see-0123456789';
const CONTEXT = {
  host: 'outlook.office365.com',
  port: 995,
  mailbox: 'anna@contoso.example',
  signedIn: 'app x',
  trustee: 'x',
};

let server: ScriptedPop3 | undefined;
let session: ReadingSession | undefined;
afterEach(async () => {
  await session?.close();
  session = undefined;
  await server?.stop();
});

async function open(script: Pop3Script, signal?: AbortSignal): Promise<ReadingSession> {
  server = await startScriptedPop3(script);
  session = await openPop3Session(routeTo(server.net, CONTEXT.host, CONTEXT.port), TOKEN, CONTEXT, signal);
  return session;
}

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const gathered: T[] = [];
  for await (const value of values) gathered.push(value);
  return gathered;
}

const text = async (pieces: AsyncIterable<Buffer>): Promise<string> =>
  Buffer.concat(await all(pieces)).toString('latin1');

async function everything(from: ReadingSession): Promise<string[]> {
  const bodies: string[] = [];
  for await (const page of from.find({ conditions: [], order: 'oldest-first', pageSize: 100 })) {
    for await (const message of from.fetch(page)) {
      if (message.kind === 'whole') bodies.push(await text(message.pieces));
    }
  }
  return bodies;
}

async function caught(work: Promise<unknown>): Promise<Error & { code?: string }> {
  try {
    await work;
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

const MESSAGES = [
  'Subject: one\r\n\r\n1\r\n',
  'Subject: two\r\n\r\n.2\r\n',
  'Subject: three\r\n\r\n\xe4\r\n',
];

describe('signing in', () => {
  const refusing =
    (...answers: string[]): Pop3Script =>
    (command) =>
      command === 'GREETING' ? '+OK ready\r\n' : command.startsWith('AUTH') ? '+ \r\n' : answers.shift();

  test.each([
    ['at once', ['-ERR Authentication failure: unknown user name or bad password.\r\n']],
    [
      'with a reason in base64 first',
      [`+ ${Buffer.from('{"status":"401"}').toString('base64')}\r\n`, '-ERR [AUTH] no\r\n'],
    ],
  ])('a refusal %s names neither token nor response', async (_how, answers) => {
    const failure = await caught(open(refusing(...answers)));
    expect(failure).toMatchObject({ code: 'pop3-sign-in-refused', kind: 'permission' });
    const shown =
      inspect(failure, { depth: 10, showHidden: true }) + JSON.stringify(failure) + inspect(failure.cause);
    expect(shown).not.toContain(TOKEN);
    expect(shown).not.toContain(Buffer.from(TOKEN).toString('base64').slice(4, -4));
    expect(server!.commands.slice(0, 2)).toEqual(['AUTH XOAUTH2', 'RESPONSE']);
  });

  test.each([
    ['a server that is away', () => '-ERR Server Unavailable. 21\r\nclose', 'server-unavailable'],
    ['a server that hangs up', () => 'close', 'connection-lost'],
    ['a server that says nothing', () => undefined, 'host-timed-out'],
    ['a server of another protocol', () => 'HTTP/1.1 400 Bad Request\r\n', 'server-answer-unexpected'],
    [
      'a server that hangs up on the token',
      (command: string) => ({ GREETING: '+OK\r\n', RESPONSE: 'close' })[command] ?? '+ \r\n',
      'connection-lost',
    ],
    ['a sign-in without a challenge', () => '+OK\r\n', 'server-answer-unexpected'],
  ])('%s', async (_what, script, code) => {
    expect(await caught(open(script))).toMatchObject({ code });
  });

  test('a server without CAPA can what the standard asks for', async () => {
    const opened = await open(
      mailboxScript(MESSAGES, (command) => (command === 'CAPA' ? '-ERR what?\r\n' : undefined)),
    );
    expect(await opened.openFolder('Inbox', 'read')).toMatchObject({ path: 'INBOX', messages: 3 });
    expect(await everything(opened)).toEqual(MESSAGES);
  });

  test('an abort ends it with the caller’s own reason', async () => {
    const controller = new AbortController();
    const opening = open(() => undefined, controller.signal);
    opening.catch(() => undefined);
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await caught(opening)).toBe(reason);
  });
});

describe('reading', () => {
  test('there is the inbox and nothing else', async () => {
    const opened = await open(mailboxScript(MESSAGES));
    expect(await opened.folders()).toMatchObject([{ value: 'INBOX', role: 'inbox', level: 0 }]);
    expect(await caught(opened.openFolder('Archive', 'read'))).toMatchObject({ code: 'folder-not-found' });
  });

  test('facts, headers and sources come byte for byte, and numbers never leave the session', async () => {
    const opened = await open(mailboxScript(MESSAGES));
    const [page = []] = await all(opened.find({ conditions: [], order: 'newest-first', pageSize: 10 }));
    expect(
      page.map(({ id, isRead, receivedAt, statedSize }) => [id, isRead, receivedAt, statedSize]),
    ).toEqual([3, 2, 1].map((number) => [`uidl-${number}`, null, null, MESSAGES[number - 1]!.length]));
    const outlines = await all(opened.outlines(page));
    expect(outlines.map(({ header, leaves }) => [header.toString(), leaves])).toEqual([
      ['Subject: three\r\n', undefined],
      ['Subject: two\r\n', undefined],
      ['Subject: one\r\n', undefined],
    ]);
    expect(await everything(opened)).toEqual(MESSAGES);
    expect(await text(opened.source('uidl-2'))).toBe(MESSAGES[1]);
    expect(await caught(all(opened.source('uidl-9')))).toMatchObject({ code: 'message-gone' });
    expect(await opened.facts(['uidl-3', 'uidl-9'])).toMatchObject([{ id: 'uidl-3' }]);
  });

  test('pages are no larger than was asked for', async () => {
    const opened = await open(mailboxScript(MESSAGES));
    const pages = await all(opened.find({ conditions: [], order: 'oldest-first', pageSize: 2 }));
    expect(pages.map((page) => page.map(({ id }) => id))).toEqual([['uidl-1', 'uidl-2'], ['uidl-3']]);
  });

  test('only sizes are judged by the server, and estimates cost no message', async () => {
    const conditions: Condition[] = [
      { field: 'size', minBytes: 20_000 },
      { field: 'subject', contains: 'x' },
    ];
    expect(explainPop3(conditions, 'find')).toEqual([
      { condition: conditions[0], where: 'both', because: 'estimated-size', asked: 'LIST' },
      { condition: conditions[1], where: 'local', because: 'not-in-protocol' },
    ]);
    const sizes = [100, 19_500, 60_000];
    const opened = await open(mailboxScript(sizes.map((size) => 'x'.repeat(size))));
    const ids = async (condition: Condition): Promise<string[]> =>
      (await all(opened.find({ conditions: [condition], order: 'oldest-first', pageSize: 9 })))
        .flat()
        .map(({ id }) => id);
    expect(await ids({ field: 'size', minBytes: 20_000 })).toEqual(['uidl-2', 'uidl-3']);
    expect(await ids({ field: 'size', maxBytes: 19_000 })).toEqual(['uidl-1', 'uidl-2']);
  });

  test('a server without TOP is asked for the whole and read no further than the header', async () => {
    const opened = await open(
      mailboxScript(MESSAGES, (command) =>
        command.startsWith('TOP') ? '-ERR unknown command\r\n' : undefined,
      ),
    );
    const headers = await all(opened.outlines(await opened.facts(['uidl-1', 'uidl-2'])));
    expect(headers.map(({ header }) => header.toString())).toEqual(['Subject: one\r\n', 'Subject: two\r\n']);
    expect(await everything(opened)).toEqual(MESSAGES);
  });

  test('messages that have gone are left out; one that is refused for another reason tells its reader, and the rest comes', async () => {
    const opened = await open(
      mailboxScript([...MESSAGES, ...MESSAGES], (command) => {
        if (command === 'RETR 1') return "-ERR There's no message 1.\r\n";
        return command === 'RETR 3' ? '-ERR The moon is in the wrong house.\r\n' : undefined;
      }),
    );
    const outcomes: string[] = [];
    const page = (await all(opened.find({ conditions: [], order: 'oldest-first', pageSize: 9 }))).flat();
    for await (const message of opened.fetch(page)) {
      if (message.kind !== 'whole') continue;
      outcomes.push(
        await text(message.pieces).then(
          () => message.facts.id,
          (error: unknown) => `${message.facts.id}: ${isFailure(error) ? error.code : 'no failure'}`,
        ),
      );
    }
    expect(outcomes).toEqual(['uidl-2', 'uidl-3: server-answer-unexpected', 'uidl-4', 'uidl-5', 'uidl-6']);
    expect(opened.usable).toBe(true);
  });

  test('a message that nobody reads, or reads to the end, is no obstacle to the next', async () => {
    const long = `Subject: long\r\n\r\n${'x'.repeat(2_000_000)}\r\n`;
    const opened = await open(mailboxScript([long, long, MESSAGES[0]!]));
    const page = (await all(opened.find({ conditions: [], order: 'oldest-first', pageSize: 9 }))).flat();
    const ids: string[] = [];
    for await (const message of opened.fetch(page)) {
      ids.push(message.facts.id);
      if (ids.length === 2 && message.kind === 'whole')
        for await (const piece of message.pieces) if (piece.length > 0) break;
    }
    expect(ids).toEqual(['uidl-1', 'uidl-2', 'uidl-3']);
    expect(await text(opened.source('uidl-3'))).toBe(MESSAGES[0]);
  });

  test('whoever stops in the middle of a message does not wait for its end', async () => {
    const opened = await open(
      mailboxScript(MESSAGES, (command) => (command === 'RETR 1' ? '+OK\r\nSubject: endl' : undefined)),
    );
    for await (const piece of opened.source('uidl-1')) if (piece.length > 0) break;
    await opened.close();
    expect(server!.commands.at(-1)).toBe('RETR 1');
  });

  test('with PIPELINING the next messages are asked for ahead, without it never', async () => {
    const many = Array.from({ length: 50 }, (_, index) => `Subject: ${index}\r\n\r\n${index}\r\n`);
    await everything(await open(mailboxScript(many)));
    expect(server!.ahead.most).toBe(1);
    await session!.close();
    await server!.stop();
    const capabilities = '+OK\r\nTOP\r\nUIDL\r\nPIPELINING\r\n.\r\n';
    const piped = await open(
      mailboxScript(many, (command) => (command === 'CAPA' ? capabilities : undefined)),
    );
    expect(await everything(piped)).toEqual(many);
    expect(server!.ahead.most).toBeGreaterThan(1);
  });

  test.each([
    ['closes in the middle of a message', '+OK\r\nSubject: two\r\n\r\nhalclose', 'connection-lost'],
    ['stalls in the middle of a message', '+OK\r\nSubject: two\r\n\r\nhal', 'host-timed-out'],
    ['closes instead of an answer', 'close', 'connection-lost'],
  ])('a server that %s: nothing looks whole, and the session is over', async (_what, words, code) => {
    const opened = await open(
      mailboxScript(MESSAGES, (command) => (command === 'RETR 2' ? words : undefined)),
    );
    expect(await caught(everything(opened))).toMatchObject({ code, kind: 'transient' });
    expect(opened.usable).toBe(false);
    expect(await caught(opened.facts(['uidl-1']))).toMatchObject({ code: 'connection-lost' });
  });
});

describe('ids', () => {
  test('messages that share one are told apart, and stay so when one goes', async () => {
    const opened = await open(
      mailboxScript(MESSAGES, undefined, (number) => (number === 3 ? 'other' : 'same')),
    );
    const [page = []] = await all(opened.find({ conditions: [], order: 'oldest-first', pageSize: 9 }));
    expect(page.map(({ id }) => id)).toEqual(['same', 'same 2', 'other']);
    expect(await text(opened.source('same 2'))).toBe(MESSAGES[1]);
  });

  test.each([
    [
      'a message without one',
      (command: string) => (command === 'UIDL' ? '+OK\r\n1 a\r\n3 c\r\n.\r\n' : undefined),
      ['a', 'header:', 'c'],
    ],
    [
      'a server without any',
      (command: string) => (command === 'CAPA' ? '+OK\r\nTOP\r\n.\r\n' : undefined),
      ['header:', 'header:', 'header:'],
    ],
  ])('%s is known by its header', async (_what, own, expected) => {
    const opened = await open(mailboxScript(MESSAGES, own));
    const [page = []] = await all(opened.find({ conditions: [], order: 'oldest-first', pageSize: 9 }));
    expect(page.map(({ id }) => id.slice(0, 7))).toEqual(expected);
    expect(new Set(page.map(({ id }) => id)).size).toBe(3);
    expect(await everything(opened)).toEqual(MESSAGES);
  });

  test('a list that is none is no empty mailbox', async () => {
    const opened = await open(
      mailboxScript(MESSAGES, (command) => (command === 'LIST' ? '+OK\r\nnone\r\n.\r\n' : undefined)),
    );
    expect(await caught(opened.now())).toMatchObject({ code: 'server-answer-unexpected' });
  });
});

describe('positions', () => {
  const ids = (page: ChangesPage): string[] => page.messages.map(({ id }) => id);
  const changes = (from: ReadingSession, after: Json | undefined, pageSize = 10): Promise<ChangesPage[]> =>
    all(from.changes({ after, conditions: [], pageSize }));

  /** Their order says nothing. */
  const digests = (position: Json): string[] => {
    const { seen } = position as { seen: string };
    return (Buffer.from(seen, 'base64').toString('hex').match(/.{16}/gu) ?? []).sort();
  };

  test('only what is new comes, in pages that can each be the last', async () => {
    const first = await open(mailboxScript(MESSAGES));
    const pages = await changes(first, undefined, 2);
    expect(pages.map(ids)).toEqual([['uidl-1', 'uidl-2'], ['uidl-3']]);
    expect((await changes(first, pages[0]!.position)).map(ids)).toEqual([['uidl-3']]);
    expect((await changes(first, pages[1]!.position)).map(ids)).toEqual([[]]);
    expect((await changes(first, await first.now())).map(ids)).toEqual([[]]);
    await first.close();
    await server!.stop();
    // Numbers have moved, one message is gone, and another came in between.
    const names = ['uidl-2', 'between', 'uidl-3', 'new'];
    const second = await open(
      mailboxScript([...MESSAGES, 'a\r\n\r\n'], undefined, (number) => names[number - 1] ?? ''),
    );
    const [page] = await changes(second, JSON.parse(JSON.stringify(pages[1]!.position)) as Json);
    expect(ids(page!)).toEqual(['between', 'new']);
    // Whoever has gone is forgotten.
    expect(digests(page!.position)).toEqual(digests(await second.now()));
    expect(digests(page!.position)).toHaveLength(4);
  });

  test('messages that do not fit the sizes asked for are behind the position all the same', async () => {
    const opened = await open(mailboxScript(['x'.repeat(50), 'x'.repeat(90_000)]));
    const [page] = await all(
      opened.changes({ after: undefined, conditions: [{ field: 'size', minBytes: 80_000 }], pageSize: 5 }),
    );
    expect(ids(page!)).toEqual(['uidl-2']);
    expect((await changes(opened, page!.position)).map(ids)).toEqual([[]]);
  });

  test.each([
    ['text'],
    [{ format: 'uidl-sha256-8', seen: 'AAAA' }],
    [{ seen: '' }],
    [[1]],
    [null],
    [{ uidNext: 7 }],
  ])('what is no position is refused: %j', async (position: Json) => {
    const opened = await open(mailboxScript(MESSAGES));
    expect(await caught(changes(opened, position))).toMatchObject({
      code: 'cursor-expired',
      kind: 'conflict',
    });
  });

  test('100,000 messages are listed in pages, and a position of them is small', async () => {
    const opened = await open(mailboxScript(Array.from({ length: 100_000 }, () => 'a\r\n\r\n')));
    let found = 0;
    let last: Json = null;
    for await (const page of opened.changes({ after: undefined, conditions: [], pageSize: 10_000 })) {
      found += page.messages.length;
      last = page.position;
    }
    expect(found).toBe(100_000);
    expect(JSON.stringify(last).length).toBeLessThan(1_100_000);
    expect((await changes(opened, last)).map(ids)).toEqual([[]]);
  });
});

describe('after reading', () => {
  const remove = { kind: 'delete-permanently' } as const;

  test.each([
    [{ kind: 'mark-read' }],
    [{ kind: 'flag' }],
    [{ kind: 'delete' }],
    [{ kind: 'move', folder: 'Archive', create: false }],
  ] as const)('%j is not possible, and nothing is asked', async (action) => {
    const opened = await open(mailboxScript(MESSAGES));
    const asked = server!.commands.length;
    const failure = await caught(opened.apply(action, ['uidl-1']));
    expect(failure).toMatchObject({
      code: 'action-not-on-transport',
      kind: 'config',
      facts: { parameters: { transport: 'pop3', action: action.kind } },
    });
    expect(server!.commands).toHaveLength(asked);
  });

  test('a deletion is done when QUIT was answered, and ends the session', async () => {
    const opened = await open(mailboxScript(MESSAGES));
    const outcomes = await opened.apply(remove, ['uidl-3', 'uidl-1', 'gone']);
    expect(
      [...outcomes].map(([id, outcome]) => [id, isFailure(outcome) ? outcome.code : outcome]).sort(),
    ).toEqual([
      ['gone', 'message-gone'],
      ['uidl-1', 'done'],
      ['uidl-3', 'done'],
    ]);
    expect(server!.commands.slice(-3)).toEqual(['DELE 3', 'DELE 1', 'QUIT']);
    expect(opened.usable).toBe(false);
  });

  test('nothing to delete ends nothing', async () => {
    const opened = await open(mailboxScript(MESSAGES));
    expect([...(await opened.apply(remove, ['gone'])).values()]).toMatchObject([{ code: 'message-gone' }]);
    expect(opened.usable).toBe(true);
  });

  test('a refused DELE keeps its own reason', async () => {
    const opened = await open(
      mailboxScript(MESSAGES, (command) => (command === 'DELE 2' ? '-ERR [SYS/TEMP] locked\r\n' : undefined)),
    );
    const outcomes = await opened.apply(remove, ['uidl-1', 'uidl-2']);
    expect(outcomes.get('uidl-1')).toBe('done');
    expect(outcomes.get('uidl-2')).toMatchObject({ code: 'server-unavailable' });
  });

  test.each([
    ['refuses QUIT', '-ERR some deleted messages not removed\r\n', 'server-answer-unexpected'],
    ['is lost at QUIT', 'close', 'connection-lost'],
    ['is silent at QUIT', 'silence', 'host-timed-out'],
  ])('when the server %s, a new session looks what became of it', async (_what, words, code) => {
    const opened = await open(
      mailboxScript(MESSAGES, (command, connection) => {
        if (connection === 1) return command === 'QUIT' ? words : undefined;
        return command === 'UIDL' ? '+OK\r\n1 uidl-2\r\n2 uidl-3\r\n.\r\n' : undefined;
      }),
    );
    const outcomes = await opened.apply(remove, ['uidl-1', 'uidl-2']);
    expect(outcomes.get('uidl-1')).toBe('done');
    expect(outcomes.get('uidl-2')).toMatchObject({ code });
  });

  test('when nobody can look, nothing is called done', async () => {
    const opened = await open(
      mailboxScript(MESSAGES, (command, connection) =>
        connection > 1 || command === 'QUIT' ? 'close' : undefined,
      ),
    );
    const outcomes = await opened.apply(remove, ['uidl-1']);
    expect([...outcomes.values()]).toMatchObject([{ code: 'connection-lost', kind: 'transient' }]);
  });

  test('when the connection is lost before QUIT, nothing was deleted, and that is thrown', async () => {
    const opened = await open(
      mailboxScript(MESSAGES, (command) => (command === 'DELE 2' ? 'close' : undefined)),
    );
    expect(await caught(opened.apply(remove, ['uidl-1', 'uidl-2', 'uidl-3']))).toMatchObject({
      code: 'connection-lost',
    });
    expect(server!.commands).not.toContain('QUIT');
  });
});
