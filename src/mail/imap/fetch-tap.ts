/**
 * Sits between the socket and imapflow, takes the answers to a FETCH of ours off, and hands on all the rest. imapflow
 * renders every answer for its log, literals and all; that takes longer than reading the mail in it.
 * Owns: what belongs to which of the two, within limits. Must not: understand an answer.
 */
import { Transform, type TransformCallback } from 'node:stream';
import { beginsFetchAnswer, type RawAnswer } from './fetch-syntax.js';

/** What becomes of the answers while a FETCH is under way. */
export interface FetchTaker {
  answer(answer: RawAnswer): void;
  /** Takes the bytes of literals as they come, instead of having them in the answer. */
  readonly literal?: ((bytes: Buffer) => void) | undefined;
}

/** A line may hold a structure of thousands of parts. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;
const MARK = /\{(\d{1,20})\+?\}\r?\n$/u;
/** Digits, braces and the line break. */
const MAX_MARK_BYTES = 25;
const LF = 0x0a;
const CURLY_CLOSE = 0x7d;
const NOTHING = Buffer.alloc(0);

interface OpenAnswer {
  text: string;
  readonly literals: Buffer[];
}

export class FetchTap extends Transform {
  readonly #maxLiteralBytes: number;
  readonly #listen: ((bytes: Buffer) => void) | undefined;
  #taker: FetchTaker | undefined;
  #answer: OpenAnswer | undefined;
  /** The beginning of a line whose end has not come. */
  #line: Buffer[] = [];
  #lineBytes = 0;
  #literalLeft = 0;
  /** Where the bytes of the literal go that is coming; without one they are imapflow's, or the taker's. */
  #literal: Buffer | undefined;

  /** @param listen told of everything that comes */
  constructor(maxLiteralBytes: number, listen: ((bytes: Buffer) => void) | undefined) {
    super();
    this.#maxLiteralBytes = maxLiteralBytes;
    this.#listen = listen;
  }

  /** Answers to FETCH go there from now on; one that has begun is finished as it began. */
  handTo(taker: FetchTaker | undefined): void {
    this.#taker = taker;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#listen?.(chunk);
    let at = 0;
    while (at < chunk.length) {
      if (this.#literalLeft > 0) {
        const end = Math.min(chunk.length, at + this.#literalLeft);
        this.#takeLiteral(chunk.subarray(at, end));
        at = end;
        continue;
      }
      const newline = chunk.indexOf(LF, at);
      const end = newline < 0 ? chunk.length : newline + 1;
      this.#line.push(chunk.subarray(at, end));
      this.#lineBytes += end - at;
      at = end;
      if (this.#lineBytes > MAX_LINE_BYTES) {
        done(Object.assign(new Error('The server sent a line without end'), { code: 'LineTooLarge' }));
        return;
      }
      if (newline >= 0 && !this.#takeLine()) {
        done(
          Object.assign(new Error('The server announced a literal beyond the limit'), {
            code: 'LiteralTooLarge',
          }),
        );
        return;
      }
    }
    done();
  }

  /** False when it announces a literal beyond the limit. */
  #takeLine(): boolean {
    const line = this.#line.length === 1 ? (this.#line[0] ?? NOTHING) : Buffer.concat(this.#line);
    this.#line = [];
    this.#lineBytes = 0;
    if (this.#answer === undefined && this.#taker !== undefined && beginsFetchAnswer(line))
      this.#answer = { text: '', literals: [] };
    const size = literalMark(line);
    if (size !== undefined && size > this.#maxLiteralBytes) return false;
    this.#literalLeft = size ?? 0;
    if (this.#answer === undefined) {
      this.push(line);
      return true;
    }
    this.#answer.text += line.toString('latin1');
    if (this.#answer.text.length > MAX_LINE_BYTES) return false;
    if (size === undefined) {
      const answer = this.#answer;
      this.#answer = undefined;
      this.#taker?.answer(answer);
      return true;
    }
    this.#literal = undefined;
    if (size === 0 || this.#taker?.literal !== undefined) this.#answer.literals.push(NOTHING);
    return true;
  }

  #takeLiteral(bytes: Buffer): void {
    if (this.#answer === undefined) this.push(bytes);
    else if (this.#taker?.literal !== undefined) this.#taker.literal(bytes);
    else this.#keepLiteral(bytes, this.#answer.literals);
    this.#literalLeft -= bytes.length;
  }

  #keepLiteral(bytes: Buffer, literals: Buffer[]): void {
    if (this.#literal === undefined) {
      // Nearly all are short and came at once: no copy is made of them.
      this.#literal = bytes.length === this.#literalLeft ? bytes : Buffer.allocUnsafeSlow(this.#literalLeft);
      literals.push(this.#literal);
    }
    if (this.#literal !== bytes) bytes.copy(this.#literal, this.#literal.length - this.#literalLeft);
  }
}

/** The size of the literal that a line announces. */
function literalMark(line: Buffer): number | undefined {
  const end = line[line.length - 2] === 0x0d ? line.length - 3 : line.length - 2;
  if (line[end] !== CURLY_CLOSE) return undefined;
  const size = MARK.exec(line.toString('latin1', Math.max(0, line.length - MAX_MARK_BYTES)))?.[1];
  return size === undefined ? undefined : Number(size);
}
