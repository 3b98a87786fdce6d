/**
 * The syntax of a FETCH answer (RFC 3501 sections 7.4.2 and 9): text with its literals apart, to values. Owns: what is
 * refused. Must not: know what the items mean.
 */
import type { ImapValue } from './connect.js';

/** One answer as it stands on the wire, without the bytes of its literals. */
export interface RawAnswer {
  /** One character per byte, line breaks behind literal marks included. */
  readonly text: string;
  readonly literals: readonly Buffer[];
}

/** An item of the answer: BODY[1.2]<0> has the section '1.2'. */
export interface FetchItem {
  readonly name: string;
  readonly section: string | undefined;
  readonly value: ImapValue;
}

/** A structure that is nested deeper is none that a mail program made. */
const MAX_DEPTH = 200;

const START = /^\* \d{1,10} FETCH \(/iu;
const NAME = /[^\s()[\]<]+/uy;
const PARTIAL = /<\d{1,20}>/uy;
const ATOM = /[^\s()"]+/uy;
const LITERAL = /~?\{\d{1,20}\+?\}\r?\n/uy;
const NOT_ASCII = /[^\0-\x7f]/u;

/** Whether a line begins an answer to FETCH. */
export function beginsFetchAnswer(line: Buffer): boolean {
  return line[0] === 0x2a && START.test(line.toString('latin1', 0, 24));
}

/** @throws SyntaxError for what is no such answer */
export function readFetchItems(answer: RawAnswer): FetchItem[] {
  return new AnswerReader(answer).items();
}

class AnswerReader {
  readonly #text: string;
  readonly #literals: readonly Buffer[];
  #at: number;
  #literal = 0;

  constructor({ text, literals }: RawAnswer) {
    this.#text = text;
    this.#literals = literals;
    this.#at = START.exec(text)?.[0].length ?? this.#fail();
  }

  items(): FetchItem[] {
    const items: FetchItem[] = [];
    for (;;) {
      this.#skipSpaces();
      if (this.#text[this.#at] === ')') return items;
      const name = this.#take(NAME).toUpperCase();
      const section = this.#section();
      items.push({ name, section, value: this.#value(0) });
    }
  }

  #section(): string | undefined {
    if (this.#text[this.#at] !== '[') return undefined;
    const end = this.#text.indexOf(']', this.#at);
    if (end < 0) this.#fail();
    const section = this.#text.slice(this.#at + 1, end).toUpperCase();
    this.#at = end + 1;
    if (this.#text[this.#at] === '<') this.#take(PARTIAL);
    return section;
  }

  #value(depth: number): ImapValue {
    this.#skipSpaces();
    switch (this.#text[this.#at]) {
      case '(':
        return this.#list(depth + 1);
      case '"':
        return this.#quoted();
      case '{':
      case '~': {
        this.#take(LITERAL);
        const value = this.#literals[this.#literal] ?? this.#fail();
        this.#literal += 1;
        return { type: 'LITERAL', value };
      }
      default: {
        const value = this.#take(ATOM);
        return value.length === 3 && value.toUpperCase() === 'NIL' ? null : { type: 'ATOM', value };
      }
    }
  }

  #list(depth: number): ImapValue {
    if (depth > MAX_DEPTH) this.#fail();
    const values: ImapValue[] = [];
    this.#at += 1;
    for (;;) {
      this.#skipSpaces();
      if (this.#text[this.#at] === ')') break;
      values.push(this.#value(depth));
    }
    this.#at += 1;
    return values;
  }

  /** Bytes beyond US-ASCII stay bytes: what they stand for is not said here. */
  #quoted(): ImapValue {
    const start = this.#at + 1;
    let end = start;
    let escaped = false;
    for (;;) {
      const character = this.#text[end] ?? this.#fail();
      if (character === '"') break;
      if (character === '\\') {
        escaped = true;
        end += 1;
      }
      end += 1;
    }
    this.#at = end + 1;
    const written = this.#text.slice(start, end);
    const value = escaped ? written.replace(/\\(.)/gsu, '$1') : written;
    return { type: 'STRING', value: NOT_ASCII.test(value) ? Buffer.from(value, 'latin1') : value };
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const [found] = pattern.exec(this.#text) ?? this.#fail();
    this.#at += found.length;
    return found;
  }

  #skipSpaces(): void {
    while (this.#text[this.#at] === ' ') this.#at += 1;
  }

  #fail(): never {
    throw new SyntaxError('This is no answer to FETCH');
  }
}
