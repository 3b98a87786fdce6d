/**
 * Reads a command's arguments from left to right: atoms, strings, literals, lists.
 * Text is one character per byte. Whatever is malformed is a BAD, thrown as CommandFailure.
 */
import { badArgument } from './command-failure.js';

const MAX_LIST_DEPTH = 16;
const ATOM_END = /[\s"(){\\\]]/u;

export class ArgumentReader {
  readonly #text: string;
  readonly #literals: readonly Buffer[];
  #at = 0;
  #literal = 0;
  #depth = 0;

  /** `literals` are the bytes for the `{n}CRLF` marks in the text, in order. */
  constructor(text: string, literals: readonly Buffer[] = []) {
    this.#text = text;
    this.#literals = literals;
  }

  isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  peek(): string {
    return this.#text.charAt(this.#at);
  }

  /** Takes exactly this text (regardless of case) or nothing. */
  take(expected: string): boolean {
    const found = this.#text.slice(this.#at, this.#at + expected.length);
    if (found.toLowerCase() !== expected.toLowerCase()) return false;
    this.#at += expected.length;
    return true;
  }

  expect(expected: string): void {
    if (!this.take(expected)) throw badArgument();
  }

  /** At least one space. */
  space(): void {
    this.expect(' ');
    while (this.take(' ')) continue;
  }

  end(): void {
    while (this.take(' ')) continue;
    if (!this.isAtEnd()) throw badArgument();
  }

  /** Everything the sticky pattern matches from here; may be empty. */
  takeWhile(isWanted: (char: string) => boolean): string {
    const start = this.#at;
    while (!this.isAtEnd() && isWanted(this.peek())) this.#at++;
    return this.#text.slice(start, this.#at);
  }

  atom(): string {
    const atom = this.takeWhile((char) => !ATOM_END.test(char) || char === '\\');
    if (atom === '') throw badArgument();
    return atom;
  }

  /** An atom, a quoted string or a literal, as text. */
  aString(): string {
    const next = this.peek();
    if (next === '"') return this.#quoted();
    if (next === '{') return this.literal().toString('latin1');
    // ']' may be part of an astring.
    const text = this.takeWhile((char) => !/[\s"(){]/u.test(char));
    if (text === '') throw badArgument();
    return text;
  }

  literal(): Buffer {
    this.expect('{');
    this.takeWhile((char) => char !== '\n');
    this.expect('\n');
    const bytes = this.#literals[this.#literal++];
    if (bytes === undefined) throw badArgument();
    return bytes;
  }

  number(): number {
    const digits = this.takeWhile((char) => char >= '0' && char <= '9');
    if (digits === '' || digits.length > 10) throw badArgument();
    return Number(digits);
  }

  /** '(' items ')' with single spaces; the list may be empty. */
  list<T>(readItem: () => T): T[] {
    if (++this.#depth > MAX_LIST_DEPTH) throw badArgument();
    this.expect('(');
    const items: T[] = [];
    while (!this.take(')')) {
      if (items.length > 0) this.space();
      items.push(readItem());
    }
    this.#depth--;
    return items;
  }

  #quoted(): string {
    this.expect('"');
    let value = '';
    for (;;) {
      if (this.isAtEnd()) throw badArgument();
      const char = this.#text.charAt(this.#at++);
      if (char === '"') return value;
      value += char === '\\' ? this.#text.charAt(this.#at++) : char;
    }
  }
}
