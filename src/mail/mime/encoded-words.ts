/**
 * Encoded words in header fields (RFC 2047, with the language of RFC 2231 section 5). Reads what senders write as well as
 * what the RFC allows: words inside quotes, blanks inside words, characters split between words, no charset.
 * What is no word, or is of a charset nobody knows, stays as it is written.
 */
import { Base64Decoder } from './base64.js';
import { decodeCharset } from './charset.js';
import { QuotedPrintableDecoder } from './quoted-printable.js';

export type WordReport = (code: 'charset-unknown' | 'charset-mismatch', charset: string) => void;

interface Word {
  readonly charset: string;
  readonly bytes: Buffer;
  /** As written, behind the blanks that the word before it has swallowed. */
  readonly source: string;
  readonly end: number;
}

const MAX_CHARSET = 100;

/** Looks for the next place of a mark; places are asked for in ascending order, so that the whole is searched once. */
class Finder {
  readonly #value: string;
  readonly #mark: string;
  #found = -2;

  constructor(value: string, mark: string) {
    this.#value = value;
    this.#mark = mark;
  }

  from(at: number): number {
    if (this.#found !== -1 && this.#found < at) this.#found = this.#value.indexOf(this.#mark, at);
    return this.#found;
  }
}

export function decodeWords(value: string, report?: WordReport): string {
  if (!value.includes('=?')) return value;
  const starts = new Finder(value, '=?');
  const ends = new Finder(value, '?=');
  const inner = new Finder(value, '=?');
  const texts: string[] = [];
  let pending: Word[] = [];
  let literal = 0;
  const flush = (): void => {
    if (pending.length > 0) texts.push(decodeRun(pending, report));
    pending = [];
  };
  for (let at = starts.from(0); at >= 0;) {
    const word = wordAt(value, at, ends, inner);
    if (word === undefined) {
      at = starts.from(at + 2);
      continue;
    }
    const gap = value.slice(literal, at);
    const blank = pending.length > 0 && gap.trim() === '';
    // Blanks between words mean nothing; words of one charset are one text, split anywhere.
    if (blank && pending[0]?.charset === word.charset) {
      pending.push({ ...word, source: gap + word.source });
    } else {
      flush();
      if (!blank) texts.push(gap);
      pending = [word];
    }
    literal = word.end;
    at = starts.from(word.end);
  }
  flush();
  texts.push(value.slice(literal));
  return texts.join('');
}

function wordAt(value: string, start: number, ends: Finder, inner: Finder): Word | undefined {
  const charsetEnd = value.slice(start + 2, start + 3 + MAX_CHARSET).indexOf('?');
  if (charsetEnd < 0) return undefined;
  const encodingAt = start + 2 + charsetEnd + 1;
  const encoding = value[encodingAt]?.toLowerCase();
  if ((encoding !== 'b' && encoding !== 'q') || value[encodingAt + 1] !== '?') return undefined;
  const textAt = encodingAt + 2;
  const end = ends.from(textAt);
  if (end < 0) return undefined;
  // The end belongs to a word that begins later: this one has lost its own.
  const next = inner.from(textAt);
  if (next >= 0 && next + 1 < end) return undefined;
  const stated = value.slice(start + 2, encodingAt - 1);
  const charset = (stated.split('*')[0] ?? '').trim().toLowerCase();
  if (/[^\w.:+()-]/u.test(charset)) return undefined;
  const text = value.slice(textAt, end);
  const bytes = encoding === 'b' ? base64(text) : quotedPrintable(text);
  return { charset, bytes, source: value.slice(start, end + 2), end: end + 2 };
}

function base64(text: string): Buffer {
  const decoder = new Base64Decoder();
  return Buffer.concat([decoder.push(Buffer.from(text, 'latin1')), decoder.end()]);
}

/** The Q encoding: blanks are written as underscores, and none is lost at the end. */
function quotedPrintable(text: string): Buffer {
  if (!text.includes('=')) return Buffer.from(text.replaceAll('_', ' '), 'utf8');
  const decoder = new QuotedPrintableDecoder();
  return Buffer.concat([decoder.push(Buffer.from(text.replaceAll('_', '=20'), 'utf8')), decoder.end()]);
}

function decodeRun(words: readonly Word[], report: WordReport | undefined): string {
  const charset = words[0]?.charset ?? '';
  const { text, warning } = decodeCharset(Buffer.concat(words.map(({ bytes }) => bytes)), charset);
  if (warning !== undefined) report?.(warning, charset);
  // An unknown charset cannot be read; the words themselves can at least be seen.
  return warning === 'charset-unknown' ? words.map(({ source }) => source).join('') : text;
}
