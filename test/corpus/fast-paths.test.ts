/**
 * What is read the fast way is what the plain way gives: addresses against the library, the transfer decoders against
 * themselves byte by byte and against the rule as it stands in RFC 2045. Whole sources are taken for encoded bodies: most of
 * that is nonsense, and nonsense must not make a difference either.
 */
import addressparser from 'nodemailer/lib/addressparser';
import { expect, test } from '@jest/globals';
import { Base64Decoder } from '../../src/mail/mime/base64.js';
import { parseHeaderBlock, simpleAddresses } from '../../src/mail/mime/headers.js';
import { QuotedPrintableDecoder } from '../../src/mail/mime/quoted-printable.js';
import { foreignMessages } from './support/messages.js';

interface Decoder {
  push(piece: Buffer): Buffer;
  end(): Buffer;
}

function decoded(decoder: Decoder, input: Buffer, pieceSize: number): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < input.length; at += pieceSize)
    parts.push(Buffer.from(decoder.push(Buffer.from(input.subarray(at, at + pieceSize)))));
  return Buffer.concat([...parts, decoder.end()]);
}

/** RFC 2045 section 6.7: blanks at the end of a line are none; soft line breaks and escapes. */
function quotedPrintable(input: Buffer): Buffer {
  const text = input
    .toString('latin1')
    .replace(/=[ \t]*\r?\n|[ \t]+(?=\r?\n)|=([\da-f]{2})/giu, (_, hex: string | undefined) =>
      hex === undefined ? '' : String.fromCharCode(Number.parseInt(hex, 16)),
    );
  return Buffer.from(text, 'latin1');
}

/** The same every time. */
function* madeUp(count: number, alphabet: readonly string[]): Generator<string> {
  let state = 1;
  const next = (below: number): number => {
    state = (state * 48271) % 2147483647;
    return state % below;
  };
  for (let made = 0; made < count; made += 1)
    yield Array.from({ length: next(40) }, () => alphabet[next(alphabet.length)]).join('');
}

const sources = [
  ...foreignMessages(),
  ...Array.from(
    madeUp(5000, ['=', '=', '4', 'a', 'F', ' ', '\t', '\r', '\n', '\r\n', '=\r\n', '-', 'x'.repeat(40)]),
    (text) => ({ name: JSON.stringify(text), source: Buffer.from(text) }),
  ),
];
const differing = (differs: (source: Buffer) => boolean): string[] =>
  sources.filter(({ source }) => differs(source)).map(({ name }) => name);
const differsWhole = (decoder: () => Decoder, source: Buffer, expected: Buffer): boolean =>
  [source.length || 1, 1000, 7, 1].some((size) => !decoded(decoder(), source, size).equals(expected));

test('addresses are what the library makes of them', () => {
  const words = [
    'a',
    'b.c',
    '@',
    '@',
    ' ',
    ' ',
    ', ',
    ',',
    ';',
    ':',
    '"',
    '<',
    '>',
    '\\',
    '(',
    ')',
    '\t',
    'ü',
  ];
  const forms = ['x@y.z', 'a b', '"c, d" ', '<e@f.g>', ', '];
  const values = [
    ...foreignMessages().flatMap(({ source }) => parseHeaderBlock(source).map(({ value }) => value)),
    ...madeUp(50_000, words),
    ...madeUp(50_000, forms),
  ];
  const simple = values.flatMap((value) => {
    const fast = simpleAddresses(value);
    return fast === undefined ? [] : [{ value, fast }];
  });
  expect(simple.length).toBeGreaterThan(1000);
  for (const { value, fast } of simple) {
    const slow = addressparser(value, { flatten: true }).map(({ name, address }) => ({ name, address }));
    expect([value, fast]).toEqual([value, slow]);
  }
});

test('base64 is what one character after the other gives', () => {
  expect(
    differing((source) =>
      differsWhole(() => new Base64Decoder(), source, decoded(new Base64Decoder(), source, 3)),
    ),
  ).toEqual([]);
}, 120_000);

test('quoted-printable is what the rule says, however it is cut', () => {
  expect(
    differing((source) => differsWhole(() => new QuotedPrintableDecoder(), source, quotedPrintable(source))),
  ).toEqual([]);
}, 120_000);
