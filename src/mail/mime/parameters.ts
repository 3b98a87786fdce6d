/**
 * Structured values such as Content-Type and Content-Disposition (RFC 2045 section 5.1) with the parameters of RFC 2231.
 * Reads what senders write as well: blanks and quotes inside values, missing semicolons, encoded words (RFC 2047) in
 * names. Owns: where a parameter begins and ends. Must not: know what one means.
 */
import { decodeCharset, decodeUndeclared } from './charset.js';
import { decodeWords, type WordReport } from './encoded-words.js';

/** Media type or disposition with its parameters, names in lower case. */
export interface ParameterizedValue {
  readonly value: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** More of them, nobody reads. */
const MAX_PARAMETERS = 1000;

/** What is compared with bytes or labels is taken as it stands; only names for people are encoded. */
const AS_WRITTEN: ReadonlySet<string> = new Set(['boundary', 'charset']);
/** Unquoted file names may hold parentheses; elsewhere they enclose comments. */
const FILE_NAMES = /^(?:file)?name(?:\*|$)/u;

export function parseParameters(source: string, report?: WordReport): ParameterizedValue {
  const stop = source.search(/[;(\s]/u);
  const value = (stop < 0 ? source : source.slice(0, stop)).toLowerCase();
  if (stop < 0) return { value, parameters: {} };
  return { value, parameters: decodeParameters(new Scanner(source, stop).parameters(), report) };
}

type Written = readonly [name: string, value: string];

/** Decodes parameters that were taken apart already, by us or by a server. The first of a name counts. */
export function decodeParameters(written: Iterable<Written>, report?: WordReport): Record<string, string> {
  const plain = new Map<string, string>();
  const extended = new Map<string, Segment[]>();
  for (const [name, value] of written) {
    const star = name.indexOf('*');
    if (star <= 0) {
      if (!plain.has(name)) plain.set(name, value);
      continue;
    }
    const base = name.slice(0, star);
    const rest = name.slice(star + 1);
    const segments = extended.get(base) ?? [];
    segments.push({
      index: Number.parseInt(rest, 10) || 0,
      encoded: rest === '' || rest.endsWith('*'),
      value,
    });
    extended.set(base, segments);
  }
  const decoded = new Map<string, string>();
  for (const [name, value] of plain)
    decoded.set(name, AS_WRITTEN.has(name) ? value : readable(value, report));
  // The extended form is the better one where a sender writes both.
  for (const [name, segments] of extended) decoded.set(name, joined(segments, report));
  return Object.fromEntries(decoded);
}

interface Segment {
  readonly index: number;
  readonly encoded: boolean;
  readonly value: string;
}

/** Continuations in their order, percent signs decoded; characters may be split between segments. */
function joined(segments: Segment[], report: WordReport | undefined): string {
  segments.sort((one, other) => one.index - other.index);
  let charset: string | undefined;
  const bytes = segments.map(({ encoded, value }, at) => {
    if (!encoded) return Buffer.from(value, 'utf8');
    const prefix = at === 0 ? /^([^']{0,100})'[^']{0,100}'/u.exec(value) : null;
    charset ??= prefix?.[1];
    return percentDecoded(value.slice(prefix?.[0].length ?? 0));
  });
  const whole = Buffer.concat(bytes);
  if (charset === undefined || charset === '') return readable(decodeUndeclared(whole), report);
  const { text, warning } = decodeCharset(whole, charset);
  if (warning !== undefined) report?.(warning, charset);
  // What looks like an encoded word here is somebody's name for a file (RFC 2231 section 5).
  return text.replace(/[\r\n]+/gu, ' ');
}

function percentDecoded(value: string): Buffer {
  const bytes = Buffer.from(value, 'utf8');
  if (!value.includes('%')) return bytes;
  let length = 0;
  for (let at = 0; at < bytes.length; length += 1) {
    const hex = bytes[at] === 0x25 ? bytes.toString('latin1', at + 1, at + 3) : '';
    const escaped = /^[\da-f]{2}$/iu.test(hex);
    bytes[length] = escaped ? Number.parseInt(hex, 16) : (bytes[at] ?? 0);
    at += escaped ? 3 : 1;
  }
  return bytes.subarray(0, length);
}

function readable(value: string, report: WordReport | undefined): string {
  return decodeWords(value, report).replace(/[\r\n]+/gu, ' ');
}

class Scanner {
  readonly #source: string;
  #at: number;

  constructor(source: string, at: number) {
    this.#source = source;
    this.#at = at;
  }

  *parameters(): Generator<Written> {
    for (let count = 0; count < MAX_PARAMETERS; count += 1) {
      this.#skip(/[;,\s]*/uy);
      if (this.#source[this.#at] === '(') {
        this.#comment();
        continue;
      }
      if (this.#at >= this.#source.length) return;
      const name = this.#token(/[^=;\s(]*/uy).toLowerCase();
      this.#skip(/\s*/uy);
      if (this.#source[this.#at] !== '=') {
        // No parameter; and never stand still.
        if (name === '') this.#at += 1;
        continue;
      }
      this.#at += 1;
      this.#skip(/\s*/uy);
      const value = this.#source[this.#at] === '"' ? this.#quoted() : this.#unquoted(FILE_NAMES.test(name));
      if (name !== '') yield [name, value];
    }
  }

  #token(pattern: RegExp): string {
    const start = this.#at;
    this.#skip(pattern);
    return this.#source.slice(start, this.#at);
  }

  /** A sticky pattern that always fits. */
  #skip(pattern: RegExp): void {
    pattern.lastIndex = this.#at;
    if (pattern.test(this.#source)) this.#at = pattern.lastIndex;
  }

  #comment(): void {
    let depth = 0;
    for (; this.#at < this.#source.length; this.#at += 1) {
      const character = this.#source[this.#at];
      if (character === '\\') this.#at += 1;
      else if (character === '(') depth += 1;
      else if (character === ')') depth -= 1;
      if (depth === 0) break;
    }
    this.#at += 1;
  }

  #unquoted(isFileName: boolean): string {
    return this.#token(isFileName ? /[^;]*/uy : /[^;(]*/uy).trim();
  }

  /** A quote inside that is not written as a pair does not end the value: something must follow that can. */
  #quoted(): string {
    const start = this.#at + 1;
    const pieces: string[] = [];
    let from = start;
    for (let at = start; at < this.#source.length; at += 1) {
      const character = this.#source[at];
      const next = this.#source[at + 1];
      if (character === '\\' && (next === '"' || next === '\\')) {
        // Other backslashes stand for themselves, as in paths.
        pieces.push(this.#source.slice(from, at));
        from = at + 1;
        at += 1;
      } else if (character === '"' && this.#endsAt(at + 1)) {
        pieces.push(this.#source.slice(from, at));
        this.#at = at + 1;
        return pieces.join('');
      }
    }
    this.#at = this.#source.length;
    pieces.push(this.#source.slice(from));
    return this.#unended(pieces.join(''));
  }

  #endsAt(at: number): boolean {
    const end = /\s*(?:$|[;(])|\s+[\w*-]{1,100}\s*=/uy;
    end.lastIndex = at;
    return end.test(this.#source);
  }

  /** A value whose last quote is missing ends where the next parameter begins. */
  #unended(value: string): string {
    const stop = value.indexOf(';');
    return (stop < 0 ? value : value.slice(0, stop)).trim();
  }
}
