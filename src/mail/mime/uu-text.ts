/**
 * Takes uuencoded files out of plain text, piece by piece: mail from before MIME, and of programs that still send it so.
 * Owns: where such a file begins and ends. A file begins with a `begin` line and a whole line of uuencode behind it;
 * everything else is text and stays it.
 */
import { LineReader, type Line } from './lines.js';
import { isUuEnd, isWholeUuLine, uuBegin, uuLine } from './uuencode.js';

export interface UuTextHandler {
  text(bytes: Buffer): void;
  fileStart(name: string): void;
  file(bytes: Buffer): void;
  /** `complete` is false when the file breaks off without its `end`. */
  fileEnd(complete: boolean): void;
}

const BEGIN = Buffer.from('begin ');
const NOTHING = Buffer.alloc(0);
const LF = 0x0a;

export class UuTextSplitter {
  readonly #handler: UuTextHandler;
  /** Reads lines from the first one that may begin a file on; undefined as long as there is none. */
  #lines: LineReader | undefined;
  #carry: Buffer = NOTHING;
  #atLineStart = true;
  #begin: { readonly name: string; readonly line: Buffer } | undefined;
  #inFile = false;

  constructor(handler: UuTextHandler) {
    this.#handler = handler;
  }

  push(piece: Buffer): void {
    if (this.#lines !== undefined) this.#takeLines(this.#lines.push(piece));
    else this.#lookForBegin(piece);
  }

  end(): void {
    if (this.#lines !== undefined) this.#take(this.#lines.rest());
    else this.#text(this.#carry);
    if (this.#begin !== undefined) this.#text(this.#begin.line);
    if (this.#inFile) this.#handler.fileEnd(false);
  }

  /** Nearly no text has such a line, so nothing is taken line by line before one was seen. */
  #lookForBegin(piece: Buffer): void {
    const input = this.#carry.length === 0 ? piece : Buffer.concat([this.#carry, piece]);
    let found = input.indexOf(BEGIN);
    while (found > 0 && input[found - 1] !== LF) found = input.indexOf(BEGIN, found + 1);
    if (found === 0 && !this.#atLineStart) found = input.indexOf(Buffer.from('\nbegin ')) + 1 || -1;
    if (found >= 0) {
      this.#text(input.subarray(0, found));
      this.#carry = NOTHING;
      this.#lines = new LineReader();
      this.#takeLines(this.#lines.push(input.subarray(found)));
      return;
    }
    // A line that has only just begun may still turn out to be one.
    const lineStart = input.lastIndexOf(LF) + 1;
    const tail = input.subarray(lineStart);
    const possible = (lineStart > 0 || this.#atLineStart) && BEGIN.subarray(0, tail.length).equals(tail);
    const keep = possible ? tail.length : 0;
    this.#carry = Buffer.from(input.subarray(input.length - keep));
    this.#text(input.subarray(0, input.length - keep));
    if (input.length > keep) this.#atLineStart = input[input.length - keep - 1] === LF;
  }

  #takeLines(lines: Iterable<Line>): void {
    const decoded: Buffer[] = [];
    for (const line of lines) this.#take(line, decoded);
    this.#file(decoded);
  }

  #take(line: Line, decoded: Buffer[] = []): void {
    const begin = this.#begin;
    if (begin !== undefined) {
      this.#begin = undefined;
      if (isWholeUuLine(line.content)) {
        this.#inFile = true;
        this.#handler.fileStart(begin.name);
      } else {
        this.#text(begin.line);
      }
    }
    if (this.#inFile) {
      const bytes = uuLine(line.content);
      if (bytes !== undefined) {
        decoded.push(bytes);
        if (decoded.length >= 1000) this.#file(decoded);
        return;
      }
      this.#file(decoded);
      this.#inFile = false;
      const complete = isUuEnd(line.content);
      this.#handler.fileEnd(complete);
      if (complete) return;
    }
    const next = uuBegin(line.content);
    // What is kept must outlive the piece it came in.
    if (next === undefined) this.#text(line.whole);
    else this.#begin = { name: next.name, line: Buffer.from(line.whole) };
  }

  #file(decoded: Buffer[]): void {
    if (decoded.length > 0) this.#handler.file(Buffer.concat(decoded));
    decoded.length = 0;
  }

  #text(bytes: Buffer): void {
    if (bytes.length > 0) this.#handler.text(bytes);
  }
}
