/** Answers to FETCH are taken off wherever the pieces of the stream end; imapflow gets all the rest unchanged. */
import { describe, expect, test } from '@jest/globals';
import { readFetchAnswer } from '../../src/mail/imap/fetch-answers.js';
import { readFetchItems, type RawAnswer } from '../../src/mail/imap/fetch-syntax.js';
import { FetchTap } from '../../src/mail/imap/fetch-tap.js';

const OTHERS = [
  '* 23 EXISTS\r\n',
  '* LIST () "/" {7}\r\nA FETCH\r\n',
  '* 5 EXPUNGE\r\n',
  '* 12 FETCHING (is none)\r\n',
  'A7 OK Fetch completed.\r\n',
];
const FETCHES = [
  '* 1 FETCH (UID 7 FLAGS (\\Seen $Forwarded) INTERNALDATE " 1-Feb-2026 10:00:00 +0100" RFC822.SIZE 44)\r\n',
  '* 2 FETCH (UID 8 BODY[] {13}\r\n* 9 FETCH (\r\n BODY[HEADER.FIELDS (DATE)]<0> "a \\"quote\\"")\r\n',
  '* 3 fetch (uid 9 body[1.MIME]<0> {0}\r\n BODY[2] NIL FLAGS ())\r\n',
];

async function through(
  text: string,
  pieceLength: number,
  takes = true,
): Promise<{ rest: string; answers: RawAnswer[] }> {
  const tap = new FetchTap(1000, undefined);
  const answers: RawAnswer[] = [];
  if (takes) tap.handTo({ answer: (answer) => answers.push(answer) });
  const bytes = Buffer.from(text, 'latin1');
  for (let at = 0; at < bytes.length; at += pieceLength) tap.write(bytes.subarray(at, at + pieceLength));
  tap.end();
  const rest: Buffer[] = [];
  for await (const chunk of tap) rest.push(chunk as Buffer);
  return { rest: Buffer.concat(rest).toString('latin1'), answers };
}

const mixed = OTHERS.flatMap((line, at) => [line, FETCHES[at] ?? '']).join('');

describe('what belongs to whom', () => {
  test.each([1, 2, 3, 5, 7, 11, 1000])('in pieces of %i bytes', async (length) => {
    const { rest, answers } = await through(mixed, length);
    expect(rest).toBe(OTHERS.join(''));
    expect(answers.map((answer) => readFetchAnswer(answer)?.uid)).toEqual([7, 8, 9]);
    expect(readFetchAnswer(answers[1] ?? { text: '', literals: [] })?.sections).toEqual(
      new Map([
        ['', Buffer.from('* 9 FETCH (\r\n')],
        ['HEADER.FIELDS (DATE)', Buffer.from('a "quote"')],
      ]),
    );
  });

  test('nothing is taken while no FETCH is under way', async () => {
    const { rest, answers } = await through(mixed, 5, false);
    expect(rest).toBe(mixed);
    expect(answers).toEqual([]);
  });

  test('literals go where they are wanted as they come', async () => {
    const tap = new FetchTap(1000, undefined);
    const pieces: string[] = [];
    const answers: RawAnswer[] = [];
    tap.handTo({ answer: (answer) => answers.push(answer), literal: (bytes) => pieces.push(String(bytes)) });
    for (const chunk of ['* 1 FETCH (UID 4 BODY[]<3> {6}\r\nab', 'cdef)', '\r\n']) tap.write(chunk);
    tap.end();
    await new Promise((resolve) => tap.resume().once('end', resolve));
    expect(pieces).toEqual(['ab', 'cdef']);
    expect(answers).toHaveLength(1);
  });

  test.each([
    ['a literal beyond the limit', '* 1 FETCH (UID 1 BODY[] {1001}\r\n', 'LiteralTooLarge'],
    ['a line without end', '* 1 FETCH (UID 1 '.padEnd(17 * 1024 * 1024, 'x'), 'LineTooLarge'],
  ])('%s ends the connection', async (_name, text, code) => {
    await expect(through(text, 1024 * 1024)).rejects.toMatchObject({ code });
  });
});

describe('syntax', () => {
  const items = (text: string, ...literals: string[]): unknown =>
    readFetchItems({ text, literals: literals.map((one) => Buffer.from(one)) });

  test('values of every kind', () => {
    expect(
      items('* 1 FETCH (BODYSTRUCTURE ("TEXT" NIL (("a\\\\b" nil)) 7 {3}\r\n ()) X ~{1}\r\n)', 'abc', 'z'),
    ).toEqual([
      {
        name: 'BODYSTRUCTURE',
        section: undefined,
        value: [
          { type: 'STRING', value: 'TEXT' },
          null,
          [[{ type: 'STRING', value: 'a\\b' }, null]],
          { type: 'ATOM', value: '7' },
          { type: 'LITERAL', value: Buffer.from('abc') },
          [],
        ],
      },
      { name: 'X', section: undefined, value: { type: 'LITERAL', value: Buffer.from('z') } },
    ]);
  });

  test.each([
    ['an end that does not come', '* 1 FETCH (UID 1'],
    ['a quoted string without end', '* 1 FETCH (X "abc)'],
    ['a literal that is missing', '* 1 FETCH (X {3}\r\n)'],
    ['a list without end', '* 1 FETCH (X (1 2'],
    ['a section without end', '* 1 FETCH (BODY[1 NIL)'],
    ['a name without value', '* 1 FETCH (UID )'],
    ['nesting without reason', `* 1 FETCH (X ${'('.repeat(100_000)})`],
  ])('%s is no answer', (_name, text) => {
    expect(() => items(text)).toThrow(SyntaxError);
    expect(readFetchAnswer({ text, literals: [] })).toBeUndefined();
  });
});
