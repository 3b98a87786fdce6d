/**
 * The wire under node-pop3 where node-pop3's own wire corrupts messages, waits for ever, ends the process or tells the
 * token. The socket is a puppet: every piece arrives exactly as cut.
 */
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Pop3Client } from '../../../src/mail/pop3/client.js';
import { Pop3Nonsense, Pop3Refusal, Pop3Wire, type Answer } from '../../../src/mail/pop3/wire.js';

class Puppet extends Duplex {
  readonly sent: string[] = [];
  timeoutMs: number | undefined;

  override _read(): void {
    // Pieces come from outside.
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.sent.push(chunk.toString('latin1'));
    done();
  }

  setTimeout(milliseconds: number): this {
    this.timeoutMs = milliseconds;
    return this;
  }

  /** Each text is a piece of its own. */
  async says(...pieces: string[]): Promise<void> {
    await turn(); // whoever is about to ask has asked
    for (const piece of pieces) {
      this.push(Buffer.from(piece, 'latin1'));
      await turn();
    }
  }
}

let socket: Puppet;
let wire: Pop3Wire;
beforeEach(() => {
  socket = new Puppet();
  wire = new Pop3Wire(socket as unknown as Socket, 1000);
});
afterEach(() => void socket.destroy());

async function textOf({ body }: Answer): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces).toString('latin1');
}

async function retrieve(...pieces: string[]): Promise<string> {
  const answer = wire.ask('RETR 1', 'lines');
  await socket.says(...pieces);
  return textOf(await answer);
}

describe('framing', () => {
  test.each([
    ['the status line in two pieces', ['+OK 49', '44 octets\r\na\r\n.\r\n'], 'a\r\n'],
    ['the status line in single bytes', Array.from('+OK\r\na\r\n.\r\n'), 'a\r\n'],
    ['the status line in a piece of its own', ['+OK 4944 octets\r\n', 'a\r\n.\r\n'], 'a\r\n'],
    ['a piece that is a dot', ['+OK\r\na\r\n', '.', 'b\r\n.\r\n'], 'a\r\nb\r\n'],
    [
      'a piece that is a stuffed dot and a line end',
      ['+OK\r\na\r\n.', '.\r\n', 'b\r\n.\r\n'],
      'a\r\n.\r\nb\r\n',
    ],
    ['the end cut before its last line end', ['+OK\r\na\r\n.', '\r\n'], 'a\r\n'],
    ['the end cut in its last line end', ['+OK\r\na\r\n.\r', '\n'], 'a\r\n'],
    ['a stuffed line', ['+OK\r\n..a\r\n.\r\n'], '.a\r\n'],
    ['8-bit text', ['+OK\r\n\xe4\xff\xc3\r\n.\r\n'], '\xe4\xff\xc3\r\n'],
    ['an empty message', ['+OK\r\n.\r\n'], ''],
  ])('%s', async (_what, pieces, expected) => {
    expect(await retrieve(...pieces)).toBe(expected);
    expect(wire.usable).toBe(true);
  });

  test('answers to commands asked at once are told apart, one command at a time', async () => {
    const list = wire.ask('LIST', 'lines');
    const stat = wire.ask('STAT');
    await turn();
    expect(socket.sent).toEqual(['LIST\r\n']);
    await socket.says('+OK\r\n1 20\r\n.\r\n');
    expect(await textOf(await list)).toBe('1 20\r\n');
    expect(socket.sent).toEqual(['LIST\r\n', 'STAT\r\n']);
    await socket.says('+OK 1 20\r\n');
    expect((await stat).text).toBe('1 20');
  });

  test('with PIPELINING they are sent at once, and answered in order', async () => {
    wire.pipelining = true;
    const answers = ['RETR 1', 'RETR 2', 'RETR 3'].map((command) => wire.ask(command, 'lines'));
    await turn();
    expect(socket.sent).toEqual(['RETR 1\r\nRETR 2\r\nRETR 3\r\n']);
    answers[1]?.catch(() => undefined);
    await socket.says('+OK\r\none\r\n.\r\n-ERR no such message\r\n+OK\r\nth', 'ree\r\n.\r\n');
    expect(await textOf(await answers[0]!)).toBe('one\r\n');
    await expect(answers[1]).rejects.toThrow('no such message');
    expect(await textOf(await answers[2]!)).toBe('three\r\n');
  });

  test('a command that was not sent yet can be withdrawn', async () => {
    const first = wire.ask('NOOP');
    const second = wire.ask('QUIT');
    second.catch(() => undefined);
    wire.withdraw();
    await expect(second).rejects.toThrow('withdrawn');
    await socket.says('+OK\r\n');
    expect((await first).text).toBe('');
    expect(socket.sent).toEqual(['NOOP\r\n']);
  });

  test('a body that nobody wants is thrown away, and the next answer is found', async () => {
    const answer = wire.ask('RETR 1', 'lines');
    await socket.says('+OK\r\nfirst\r\n');
    (await answer).body.discard();
    const next = wire.ask('NOOP');
    await socket.says('second\r\n.\r\n');
    expect(socket.sent.at(-1)).toBe('NOOP\r\n');
    await socket.says('+OK fine\r\n');
    expect((await next).text).toBe('fine');
  });

  test('a command with a line end in it is never sent', () => {
    expect(() => wire.ask('RETR 1\r\nDELE 1')).toThrow(TypeError);
    expect(socket.sent).toEqual([]);
  });
});

describe('pace', () => {
  test('the server waits while nobody reads, and that is no silence of the server', async () => {
    const answer = wire.ask('RETR 1', 'lines');
    await socket.says('+OK\r\n', ...Array.from({ length: 20 }, () => 'x'.repeat(64 * 1024)));
    expect(socket.isPaused()).toBe(true);
    socket.emit('timeout');
    expect(wire.usable).toBe(true);
    const reading = textOf(await answer);
    await turn();
    expect(socket.isPaused()).toBe(false);
    await socket.says('\r\n.\r\n');
    expect(await reading).toHaveLength(20 * 64 * 1024 + 2);
  });

  test('many small answers that nobody reads hold the server back as well', async () => {
    wire.pipelining = true;
    const answers = Array.from({ length: 40 }, (_, index) => wire.ask(`RETR ${index + 1}`, 'lines'));
    for (const answer of answers) answer.catch(() => undefined); // most are never answered
    const message = `+OK\r\n${'y'.repeat(20_000)}\r\n.\r\n`;
    for (let sent = 0; sent < 40 && !socket.isPaused(); sent += 1) await socket.says(message);
    expect(socket.isPaused()).toBe(true);
    for (const answer of answers.slice(0, 20)) (await answer).body.discard();
    expect(socket.isPaused()).toBe(false);
  });
});

describe('a connection that ends', () => {
  test.each([
    ['closes after the command', [], 'close'],
    ['closes within the status line', ['+O'], 'close'],
    ['closes within the message', ['+OK\r\nhalf a'], 'close'],
    ['is reset within the message', ['+OK\r\nhalf a'], 'reset'],
    ['is reset after the command', [], 'reset'],
  ] as const)('%s: the command rejects', async (_what, pieces, end) => {
    const reading = wire.ask('RETR 1', 'lines').then(textOf);
    reading.catch(() => undefined);
    await socket.says(...pieces);
    if (end === 'close') socket.push(null);
    else socket.destroy(Object.assign(new Error('reset'), { code: 'ECONNRESET' }));
    await expect(reading).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(wire.usable).toBe(false);
    await expect(wire.ask('NOOP')).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test('what was answered whole before the end is good', async () => {
    const answer = wire.ask('RETR 1', 'lines');
    await socket.says('+OK\r\nall\r\n.\r\n');
    socket.push(null);
    await turn();
    expect(await textOf(await answer)).toBe('all\r\n');
  });

  test.each([
    ['before the answer', []],
    ['within the message', ['+OK\r\nhalf a']],
  ])('a stall %s ends at the deadline', async (_what, pieces) => {
    const reading = wire.ask('RETR 1', 'lines').then(textOf);
    reading.catch(() => undefined);
    await socket.says(...pieces);
    expect(socket.timeoutMs).toBe(1000);
    socket.emit('timeout');
    await expect(reading).rejects.toMatchObject({ code: 'ETIMEDOUT' });
    expect(socket.destroyed).toBe(true);
  });

  test('silence while nothing was asked is nothing', () => {
    socket.emit('timeout');
    expect(wire.usable).toBe(true);
  });

  test('-ERR while idle ends the connection with these words', async () => {
    await socket.says('-ERR Server Unavailable. 21\r\n');
    expect(wire.usable).toBe(false);
    await expect(wire.ask('STAT')).rejects.toBeInstanceOf(Pop3Refusal);
    await expect(wire.ask('STAT')).rejects.toThrow('Server Unavailable. 21');
  });

  test.each([['HTTP/1.1 400 Bad Request\r\n'], ['\r\n'], ['+ go on\r\n'], ['x'.repeat(10_000)]])(
    'what is no answer ends it: %.20j',
    async (words) => {
      const answer = wire.ask('STAT');
      answer.catch(() => undefined);
      await socket.says(words);
      await expect(answer).rejects.toBeInstanceOf(Pop3Nonsense);
      expect(wire.usable).toBe(false);
    },
  );

  test('the greeting has a deadline of its own', async () => {
    jest.useFakeTimers();
    try {
      const greeting = wire.greeting(50);
      greeting.catch(() => undefined);
      jest.advanceTimersByTime(51);
      await expect(greeting).rejects.toMatchObject({ code: 'ETIMEDOUT' });
    } finally {
      jest.useRealTimers();
    }
  });
});

describe('node-pop3 on it', () => {
  const client = (): Pop3Client => new Pop3Client(wire, 'outlook.office365.com', 995);

  test('its commands get their answers', async () => {
    const library = client();
    const stat = library.STAT();
    await socket.says('+OK 2 320\r\n');
    expect(await stat).toBe('2 320');
    const list = library.UIDL();
    await socket.says('+OK\r\n1 AAMk', '\r\n2 AAMl\r\n.\r\n');
    expect(await list).toEqual([
      ['1', 'AAMk'],
      ['2', 'AAMl'],
    ]);
    const quit = library.QUIT();
    await socket.says('+OK bye\r\n');
    expect(await quit).toBe('bye');
  });

  test('a refusal rejects, and the next command gets its own answer', async () => {
    const library = client();
    const refused = library.DELE(9);
    refused.catch(() => undefined);
    await socket.says('-ERR no such message\r\n');
    await expect(refused).rejects.toThrow('-ERR no such message');
    const stat = library.STAT();
    await socket.says('+OK 0 0\r\n');
    expect(await stat).toBe('0 0');
    expect([library.listenerCount('response'), library.listenerCount('error')]).toEqual([0, 0]);
  });

  test('it never signs in again by itself', async () => {
    const library = client();
    socket.push(null);
    await turn();
    await expect(library.UIDL()).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(socket.sent).toEqual([]);
  });
});
