/**
 * Servers that answer strangely, lack an extension, or vanish: no message is taken for another, for shorter than it is or
 * for done, and what went wrong is told.
 */
import { afterEach, describe, expect, test } from '@jest/globals';
import { isFailure } from '../../src/errors/index.js';
import { openImapReading } from '../../src/mail/index.js';
import type {
  FetchedMessage,
  MailAction,
  MessageFacts,
  ReadingSession,
  Wanted,
} from '../../src/mail/reading.js';
import { routeTo } from '../../src/net/index.js';
import { startScriptedImap, type ImapScript, type ScriptedImap } from '../support/scripted-imap.js';

let server: ScriptedImap | undefined;
let session: ReadingSession | undefined;
afterEach(async () => {
  await session?.close();
  await server?.stop();
});

async function open(
  script: ImapScript,
  options: Parameters<typeof startScriptedImap>[1] = {},
): Promise<ReadingSession> {
  server = await startScriptedImap(script, options);
  const route = routeTo(server.net, 'outlook.office365.com', 993);
  const context = {
    host: 'outlook.office365.com',
    port: 993,
    mailbox: 'a@x.example',
    signedIn: 'app',
    trustee: 'app',
  };
  session = await openImapReading(route, 'token', context);
  await session.openFolder('INBOX', 'change');
  return session;
}

const facts = (uid: number, statedSize = 10): MessageFacts => ({
  id: String(uid),
  isRead: false,
  flags: [],
  receivedAt: null,
  statedSize,
});

const literal = (name: string, text: string): string => `${name} {${String(text.length)}}\r\n${text}`;

async function wholeOf(messages: AsyncIterable<FetchedMessage>): Promise<string[]> {
  const texts: string[] = [];
  for await (const message of messages) {
    let text = `${message.kind} `;
    if (message.kind === 'whole') for await (const piece of message.pieces) text += piece.toString('latin1');
    else text += message.leaves.map(({ body }) => body?.toString('latin1') ?? '-').join('|');
    texts.push(text);
  }
  return texts;
}

describe('parts that are not what the server said of them', () => {
  const TEXT: Wanted = {
    leaves: (leaves) => leaves.filter(({ contentType }) => contentType === 'text/plain'),
  };
  const structure = (octets: number | string): string =>
    `(("TEXT" "PLAIN" NIL NIL NIL "7BIT" ${String(octets)} 1 NIL NIL NIL NIL)("APPLICATION" "PDF" NIL NIL NIL "BASE64" 4 NIL NIL NIL NIL) "MIXED" NIL NIL NIL NIL)`;
  const header = literal('BODY[HEADER]<0>', 'Subject: x\r\n\r\n');
  const serve =
    (bodyStructure: string, part: string): ImapScript =>
    (command) => {
      if (command.includes('BODYSTRUCTURE')) {
        return `* 1 FETCH (UID 1 ${bodyStructure === '' ? '' : `BODYSTRUCTURE ${bodyStructure} `}${header})\r\nOK done`;
      }
      if (command.includes('BODY.PEEK[HEADER]')) return `* 1 FETCH (UID 1 ${header})\r\nOK done`;
      if (command.includes('BODY.PEEK[1]')) return `* 1 FETCH (UID 1 ${part})\r\nOK done`;
      if (command.includes('BODY.PEEK[]'))
        return `* 1 FETCH (UID 1 ${literal('BODY[]<0>', 'the whole')})\r\nOK done`;
      return undefined;
    };

  test.each([
    ['as said', structure(5), literal('BODY[1]<0>', 'hello'), 'parts hello|-'],
    ['longer', structure(5), literal('BODY[1]<0>', 'hello!'), 'whole the whole'],
    ['shorter', structure(5), literal('BODY[1]<0>', 'hell'), 'whole the whole'],
    ['NIL', structure(5), 'BODY[1] NIL', 'whole the whole'],
    ['another part', structure(5), literal('BODY[2]<0>', 'hello'), 'whole the whole'],
    ['a string', structure(5), 'BODY[1] "hello"', 'parts hello|-'],
    ['no structure', '', literal('BODY[1]<0>', 'hello'), 'whole the whole'],
    ['NIL for a structure', 'NIL', literal('BODY[1]<0>', 'hello'), 'whole the whole'],
    ['a structure of nothing', '(NIL "MIXED")', literal('BODY[1]<0>', 'hello'), 'whole the whole'],
    ['no size', structure('NIL'), literal('BODY[1]<0>', 'hello'), 'whole the whole'],
    [
      'deeper than anybody reads',
      `${'('.repeat(40)}"TEXT" "PLAIN" NIL NIL NIL "7BIT" 5 1${') "MIXED"'.repeat(39)})`,
      literal('BODY[1]<0>', 'hello'),
      'whole the whole',
    ],
  ])('%s', async (_, bodyStructure, part, expected) => {
    const reading = await open(serve(bodyStructure, part));
    expect(await wholeOf(reading.fetch([facts(1)], TEXT))).toEqual([expected]);
  });
});

describe('a part too large to be held, of which more or less comes than the server said', () => {
  const SIZE = 9_000_000;
  const WINDOW = 16 * 1024 * 1024;
  const TEXT: Wanted = {
    leaves: (leaves) => leaves.filter(({ contentType }) => contentType === 'text/plain'),
  };
  const structure = `(("TEXT" "PLAIN" NIL NIL NIL "7BIT" ${String(SIZE)} 1 NIL NIL NIL NIL)("APPLICATION" "PDF" NIL NIL NIL "BASE64" 4 NIL NIL NIL NIL) "MIXED" NIL NIL NIL NIL)`;

  /** @param end what the server answers when asked for the last byte */
  async function read(end: string, bytes: number): Promise<{ kind: string; bytes: number }> {
    const reading = await open((command) => {
      const fetched = (items: string): string => `* 1 FETCH (UID 1 ${items})\r\nOK done`;
      if (command.includes('BODYSTRUCTURE'))
        return fetched(`BODYSTRUCTURE ${structure} ${literal('BODY[HEADER]<0>', 'Subject: x\r\n\r\n')}`);
      if (command.includes(`BODY.PEEK[1]<${String(SIZE - 1)}.`)) return fetched(end);
      if (command.includes(`BODY.PEEK[1]<0.${String(WINDOW)}>`))
        return fetched(literal('BODY[1]<0>', 'x'.repeat(bytes)));
      return command.includes('BODY.PEEK[]') ? fetched(literal('BODY[]<0>', 'the whole')) : undefined;
    });
    let kind = '';
    let size = 0;
    for await (const message of reading.fetch([facts(1)], TEXT)) {
      kind = message.kind;
      const pieces = message.kind === 'whole' ? message.pieces : message.leaves[0]?.pieces;
      for await (const piece of pieces ?? []) size += piece.length;
    }
    return { kind, bytes: size };
  }

  const last = (bytes: string): string => literal(`BODY[1]<${String(SIZE - 1)}>`, bytes);
  test.each([
    ['as said', last('x'), { kind: 'parts', bytes: SIZE }],
    ['longer', last('xy'), { kind: 'whole', bytes: 9 }],
    ['shorter', last(''), { kind: 'whole', bytes: 9 }],
    ['NIL', 'BODY[1] NIL', { kind: 'whole', bytes: 9 }],
    ['all of it, whatever was asked for', last('x'.repeat(100)), { kind: 'whole', bytes: 9 }],
  ])('%s', async (_, end, expected) => {
    expect(await read(end, SIZE)).toEqual(expected);
  });

  test('a server that says one thing and then does another is told of', async () => {
    await expect(read(last('x'), SIZE - 1)).rejects.toMatchObject({ code: 'server-answer-unexpected' });
  });
});

test('sizes that are wrong by far change nothing in what arrives', async () => {
  const text = 'x'.repeat(300_000);
  const reading = await open((command) => {
    const [, start, length] = /BODY\.PEEK\[\]<(\d+)\.(\d+)>/u.exec(command) ?? [];
    if (start === undefined) return undefined;
    const piece = text.slice(Number(start), Number(start) + Number(length));
    return `* 1 FETCH (UID 1 ${literal(`BODY[]<${start}>`, piece)})\r\nOK done`;
  });
  for (const size of [0, 300_000, 900_000_000])
    expect(await wholeOf(reading.fetch([facts(1, size)]))).toEqual([`whole ${text}`]);
});

test('flags that others change, expunges and answers for other messages in between are no answers', async () => {
  const reading = await open((command) =>
    command.includes('BODY.PEEK[]')
      ? `* 1 EXPUNGE\r\n* 1 FETCH (UID 2 FLAGS (\\Seen))\r\n* 2 FETCH (UID 9 ${literal('BODY[]<0>', 'nine')})\r\n` +
        `* 1 FETCH (UID 2 ${literal('BODY[]<0>', 'two')})\r\n* 1 FETCH (FLAGS ())\r\nOK done`
      : undefined,
  );
  expect(await wholeOf(reading.fetch([facts(1), facts(2), facts(3)]))).toEqual(['whole two']);
});

test('a message that vanishes between two pieces is a failure, not a shorter message', async () => {
  const reading = await open((command) => {
    const [, start, length] = /BODY\.PEEK\[\]<(\d+)\.(\d+)>/u.exec(command) ?? [];
    if (start === '0')
      return `* 1 FETCH (UID 1 ${literal('BODY[]<0>', 'x'.repeat(Number(length)))})\r\nOK done`;
    return start === undefined ? undefined : 'NO Some of the requested messages no longer exist.';
  });
  await expect(wholeOf(reading.fetch([facts(1)]))).rejects.toMatchObject({ code: 'message-gone' });
});

describe('the connection is lost', () => {
  const cut =
    (said: string): ImapScript =>
    (command) =>
      command.includes('BODY.PEEK[]') || command.startsWith('UID SEARCH') ? said : undefined;

  test.each([
    ['in the middle of a literal', '* 1 FETCH (UID 1 BODY[]<0> {100}\r\nabcclose', 'connection-lost'],
    ['before an answer', 'close', 'connection-lost'],
    ['with a BYE', '* BYE Session invalidated - AccessTokenExpired\r\nclose', 'session-expired'],
    [
      'after an answer that is not complete',
      `* 1 FETCH (UID 1 ${literal('BODY[]<0>', 'abc')})\r\nclose`,
      'connection-lost',
    ],
  ])('%s', async (_, said, code) => {
    const reading = await open(cut(said));
    await expect(wholeOf(reading.fetch([facts(1), facts(2)]))).rejects.toMatchObject({ code });
    expect(reading.usable).toBe(false);
    await expect(reading.facts(['1'])).rejects.toMatchObject({ kind: 'transient' });
    await expect(reading.apply({ kind: 'flag' }, ['1'])).rejects.toMatchObject({ kind: 'transient' });
  });

  test('a literal that never comes ends with the longest silence that is allowed', async () => {
    const reading = await open(cut('* 1 FETCH (UID 1 BODY[]<0> {100}\r\nabc'), { idleTimeoutMs: 300 });
    await expect(wholeOf(reading.fetch([facts(1)]))).rejects.toMatchObject({ kind: 'transient' });
  });

  test('a search that is cut off is no empty mailbox', async () => {
    const reading = await open(cut('* SEARCH 1 2close'));
    const pages = reading.find({ conditions: [], order: 'oldest-first', pageSize: 10 });
    await expect(pages[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'connection-lost' });
  });
});

describe('actions', () => {
  /** A mailbox of UIDs 1 to 3 from which `removed` are gone once a command that fits has been sent. */
  const mailbox = (
    after: RegExp,
    removed: readonly number[],
    replies: Readonly<Record<string, string>> = {},
  ): ImapScript => {
    let isAfter = false;
    return (command) => {
      if (command.startsWith('UID SEARCH')) {
        const there = [1, 2, 3].filter((uid) => !(isAfter && removed.includes(uid)));
        return `* SEARCH ${there.join(' ')}\r\nOK done`;
      }
      if (after.test(command)) isAfter = true;
      return replies[command.split(' ').slice(0, 2).join(' ')];
    };
  };
  const outcomes = async (reading: ReadingSession, action: MailAction): Promise<Record<string, string>> =>
    Object.fromEntries(
      [...(await reading.apply(action, ['1', '2']))].map(([id, one]) => [
        id,
        isFailure(one) ? one.code : one,
      ]),
    );
  const MOVE: MailAction = { kind: 'move', folder: 'Trash', create: false };
  const sent = (): string[] =>
    server!.commands.filter((command) => /^UID (?!SEARCH)|^EXPUNGE/u.test(command));

  test('a move that the server takes and does not do is a failure', async () => {
    const reading = await open(mailbox(/MOVE/u, []));
    expect(await outcomes(reading, MOVE)).toEqual({ 1: 'action-refused', 2: 'action-refused' });
  });

  test('a move that is refused in part: what went is done, what stayed is a failure', async () => {
    const reading = await open(
      mailbox(/MOVE/u, [1], { 'UID MOVE': '* OK [COPYUID 9 1 5] x\r\nNO The rest is locked.' }),
    );
    expect(await outcomes(reading, MOVE)).toEqual({ 1: 'done', 2: 'action-refused' });
  });

  test('a message that somebody else took away at the same time was not moved by us', async () => {
    const reading = await open(mailbox(/MOVE/u, [1, 2], { 'UID MOVE': '* OK [COPYUID 9 1 5] x\r\nOK done' }));
    expect(await outcomes(reading, MOVE)).toEqual({ 1: 'done', 2: 'message-gone' });
  });

  test('without MOVE it is copied, then removed by its UID', async () => {
    const reading = await open(mailbox(/EXPUNGE/u, [1, 2], { 'UID COPY': 'OK [COPYUID 9 1:2 5:6] done' }), {
      capabilities: 'UIDPLUS',
    });
    expect(await outcomes(reading, MOVE)).toEqual({ 1: 'done', 2: 'done' });
    expect(sent()).toEqual([
      'UID COPY 1:2 "Trash"',
      'UID STORE 1:2 +FLAGS.SILENT (\\Deleted)',
      'UID EXPUNGE 1:2',
    ]);
  });

  test('without MOVE, what was not copied is not removed', async () => {
    const reading = await open(mailbox(/EXPUNGE/u, [1], { 'UID COPY': 'OK [COPYUID 9 1 5] done' }), {
      capabilities: 'UIDPLUS',
    });
    expect(await outcomes(reading, MOVE)).toEqual({ 1: 'done', 2: 'message-gone' });
    expect(sent().slice(1)).toEqual(['UID STORE 1 +FLAGS.SILENT (\\Deleted)', 'UID EXPUNGE 1']);
  });

  test.each<[MailAction]>([[MOVE], [{ kind: 'delete' }], [{ kind: 'delete-permanently' }]])(
    'without MOVE and UIDPLUS nothing is sent that could take others along: %j',
    async (action) => {
      const reading = await open(mailbox(/./u, []), { capabilities: '' });
      expect(await outcomes(reading, action)).toEqual({
        1: 'deletion-would-touch-others',
        2: 'deletion-would-touch-others',
      });
      expect(sent()).toEqual([]);
    },
  );

  test('a deletion that is refused does not leave its mark behind', async () => {
    const reading = await open(mailbox(/EXPUNGE/u, [1], { 'UID EXPUNGE': 'NO Not now.' }));
    const map = await reading.apply({ kind: 'delete-permanently' }, ['1', '2']);
    expect(map.get('2')).toMatchObject({ code: 'action-refused', facts: { serverText: 'Not now.' } });
    expect(sent().at(-1)).toBe('UID STORE 2 -FLAGS.SILENT (\\Deleted)');
  });

  test('a folder that goes away in the moment of the move is told as that', async () => {
    const reading = await open(mailbox(/x/u, [], { 'UID MOVE': 'NO [TRYCREATE] No such folder.' }));
    expect(await outcomes(reading, MOVE)).toEqual({
      1: 'target-folder-not-found',
      2: 'target-folder-not-found',
    });
  });

  test('a server without a place for deleted messages', async () => {
    const reading = await open((command) =>
      command.startsWith('LIST') ? '* LIST () "/" INBOX\r\nOK done' : undefined,
    );
    await expect(reading.apply({ kind: 'delete' }, ['1'])).rejects.toMatchObject({
      code: 'target-folder-not-found',
    });
  });

  test('what is known of earlier messages is kept when the connection is lost at later ones', async () => {
    const many = Array.from({ length: 600 }, (_, at) => String(at + 1));
    const reading = await open((command) => {
      if (command.startsWith('UID SEARCH UID 501')) return 'close';
      return command.startsWith('UID SEARCH') ? `* SEARCH ${many.join(' ')}\r\nOK done` : undefined;
    });
    const map = await reading.apply({ kind: 'flag' }, many);
    expect(map.get('500')).toBe('done');
    expect(map.get('501')).toMatchObject({ code: 'connection-lost' });
    expect(map.size).toBe(600);
  });
});

test('a server that throttles says for how long', async () => {
  const reading = await open((command) =>
    command.startsWith('UID SEARCH')
      ? 'BAD Request is throttled. Suggested Backoff Time: 300 milliseconds'
      : undefined,
  );
  await expect(reading.now()).rejects.toMatchObject({ kind: 'throttled', facts: { retryAfterMs: 300 } });
});

test('cancelling ends what is under way', async () => {
  server = await startScriptedImap((command) =>
    command.startsWith('UID FETCH') ? '* OK still working' : undefined,
  );
  const abort = new AbortController();
  const context = {
    host: 'outlook.office365.com',
    port: 993,
    mailbox: 'a@x.example',
    signedIn: 'app',
    trustee: 'app',
  };
  session = await openImapReading(routeTo(server.net, context.host, 993), 'token', context, abort.signal);
  await session.openFolder('INBOX', 'read');
  const pending = session.facts(['1']);
  abort.abort(new Error('stopped by hand'));
  await expect(pending).rejects.toThrow('stopped by hand');
});
