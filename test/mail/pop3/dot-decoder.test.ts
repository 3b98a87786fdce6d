/**
 * Bytes come out as they went in, however they are cut: compared with the plainest possible encoder over thousands of
 * bodies that are made of what matters here. The seed is fixed; a failure names the body.
 */
import { describe, expect, test } from '@jest/globals';
import { DotDecoder } from '../../../src/mail/pop3/dot-decoder.js';

/** RFC 1939 section 3, line by line. */
function encode(body: string): string {
  const lines = body.split('\r\n');
  if (lines.at(-1) === '') lines.pop();
  const stuffed = lines.map((line) => (line.startsWith('.') ? `.${line}\r\n` : `${line}\r\n`));
  return `${stuffed.join('')}.\r\n`;
}

/** Decodes chunk by chunk; a chunk is a copy, since the decoder rewrites it. */
function decode(chunks: readonly string[]): { body: string; rest: string | undefined } {
  const decoder = new DotDecoder();
  let body = '';
  for (const chunk of chunks) {
    const { data, rest } = decoder.push(Buffer.from(chunk, 'latin1'));
    if (data.length > 2) throw new Error(`${data.length} pieces`);
    body += Buffer.concat(data).toString('latin1');
    if (rest !== undefined) return { body, rest: rest.toString('latin1') };
  }
  return { body, rest: undefined };
}

/** mulberry32 */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

test.each([
  ['nothing at all', ''],
  ['one line', 'a\r\n'],
  ['a line of one dot', '.\r\n'],
  ['lines of dots', '.\r\n..\r\n...\r\n'],
  ['a dot, a CR and more', '.\rx\r\n'],
  ['a dot and two CR', '.\r\r\n'],
  ['bare line ends around dots', 'a\n.\nb\r.\rc\r\n'],
  ['bytes above 127', '\xff\x80.\xe4\r\n.\xfc\r\n'],
  ['NUL', '\0.\0\r\n.\0\r\n'],
])('%s survives every cut in two', (_what, body) => {
  const wire = `${encode(body)}+OK next`;
  for (let at = 0; at <= wire.length; at += 1) {
    const { body: decoded, rest = '' } = decode([wire.slice(0, at), wire.slice(at)].filter(Boolean));
    expect([at, decoded]).toEqual([at, body]);
    expect('+OK next').toContain(rest);
  }
});

test('5,000 random bodies in random pieces come out byte for byte', () => {
  const next = random(20_261_123);
  const letters = ['.', '.', '\r\n', '\r\n', '\r', '\n', 'a', '\xe4', '\r\n.', '\r\n..', '.\r\n'];
  for (let round = 0; round < 5000; round += 1) {
    let body = '';
    const parts = Math.floor(next() * 40);
    for (let part = 0; part < parts; part += 1) body += letters[Math.floor(next() * letters.length)] ?? '';
    if (body !== '' && !body.endsWith('\r\n')) body += '\r\n';
    const wire = `${encode(body)}+OK`;
    const chunks: string[] = [];
    const longest = next() < 0.3 ? 1 : 1 + Math.floor(next() * 12);
    for (let at = 0; at < wire.length;) {
      const size = 1 + Math.floor(next() * longest);
      chunks.push(wire.slice(at, at + size));
      at += size;
    }
    const decoded = decode(chunks);
    if (decoded.body !== body) throw new Error(`round ${round}: ${JSON.stringify([body, chunks])}`);
    if (!'+OK'.startsWith(decoded.rest ?? 'never ended')) throw new Error(`round ${round}: no end`);
  }
});

describe('what is no end', () => {
  test.each(['\n.\n', '\n.\r\n', '\r.\r\n', 'x.\r\n', '\r\n.x\r\n', '\r\n..\r\n'])('%j', (bytes) => {
    expect(decode([`a${bytes}`]).rest).toBeUndefined();
  });
});
