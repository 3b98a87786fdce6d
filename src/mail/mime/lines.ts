/** Bytes that come in pieces, taken line by line. Owns: what is carried from one piece to the next, and that it stays small. */

const LF = 0x0a;
const CR = 0x0d;
const NOTHING = Buffer.alloc(0);

/** A longer line is given out in parts, each as if it were a line without its break. */
const MAX_LINE_BYTES = 8192;

export interface Line {
  /** With its line break. */
  readonly whole: Buffer;
  /** Without it. */
  readonly content: Buffer;
}

export class LineReader {
  #carry: Buffer = NOTHING;

  *push(piece: Buffer): Generator<Line> {
    const input = this.#carry.length === 0 ? piece : Buffer.concat([this.#carry, piece]);
    let at = 0;
    for (;;) {
      const newline = input.indexOf(LF, at);
      if (newline < 0) break;
      yield lineOf(input.subarray(at, newline + 1));
      at = newline + 1;
    }
    for (; input.length - at > MAX_LINE_BYTES; at += MAX_LINE_BYTES) {
      yield lineOf(input.subarray(at, at + MAX_LINE_BYTES));
    }
    this.#carry = Buffer.from(input.subarray(at));
  }

  /** The last line, when it has no break; empty when there is none. */
  rest(): Line {
    const rest = this.#carry;
    this.#carry = NOTHING;
    return lineOf(rest);
  }
}

function lineOf(whole: Buffer): Line {
  let end = whole.length;
  if (whole[end - 1] === LF) end -= whole[end - 2] === CR ? 2 : 1;
  return { whole, content: whole.subarray(0, end) };
}
