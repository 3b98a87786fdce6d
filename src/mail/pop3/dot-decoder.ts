/**
 * Finds the end of a multi-line answer and undoes dot-stuffing (RFC 1939 section 3) while the bytes come in, however
 * they are cut. Owns: those few bytes of state. Must not: copy, or look at lines that begin with no dot.
 *
 * Only CRLF ends a line: a bare LF before a dot ends nothing.
 */

const CR = 0x0d;
const LF = 0x0a;
const DOT = 0x2e;
const LONE_CR = Buffer.from('\r');

export interface DecodedChunk {
  /** At most two pieces. They share the memory of the chunk, which is rewritten. */
  readonly data: readonly Buffer[];
  /** Bytes after the final dot; undefined while the answer goes on. */
  readonly rest: Buffer | undefined;
}

export class DotDecoder {
  #state: 'line-start' | 'text' | 'cr' | 'dot' | 'dot-cr' = 'line-start';

  push(chunk: Buffer): DecodedChunk {
    const before: Buffer[] = [];
    // What is kept moves to the front of the chunk: a message of nothing but dots must not become a million pieces.
    let kept = 0;
    let start = 0;
    let at = 0;
    const keep = (end: number): void => {
      if (kept !== start) chunk.copyWithin(kept, start, end);
      kept += end - start;
    };
    const decoded = (rest: Buffer | undefined): DecodedChunk => ({
      data: kept === 0 ? before : [...before, chunk.subarray(0, kept)],
      rest,
    });
    while (at < chunk.length) {
      switch (this.#state) {
        case 'line-start':
          if (chunk[at] === DOT) {
            keep(at);
            at += 1;
            start = at;
            this.#state = 'dot';
          } else {
            this.#state = 'text';
          }
          break;
        case 'dot':
          if (chunk[at] === CR) {
            at += 1;
            this.#state = 'dot-cr';
          } else {
            this.#state = 'text';
          }
          break;
        case 'dot-cr':
          if (chunk[at] === LF) return decoded(chunk.subarray(at + 1));
          // The CR after the dot was text; it may have come with the chunk before.
          if (at === 0) before.push(LONE_CR);
          this.#state = chunk[at] === CR ? 'cr' : 'text';
          at += 1;
          break;
        case 'cr':
          this.#state = chunk[at] === LF ? 'line-start' : 'text';
          if (chunk[at] === LF) at += 1;
          break;
        case 'text':
          at = this.#skipText(chunk, at);
          break;
      }
    }
    // A CR that may be half of the end is held back; it comes out with the next chunk if it was text.
    const end = this.#state === 'dot-cr' && start < chunk.length ? chunk.length - 1 : chunk.length;
    if (start < end) keep(end);
    return decoded(undefined);
  }

  /** Position of the next dot at the start of a line, or the end of the chunk. */
  #skipText(chunk: Buffer, from: number): number {
    // Dots are looked for first: line breaks are much more frequent.
    let dot = chunk.indexOf(DOT, from + 2);
    while (dot >= 0) {
      if (chunk[dot - 1] === LF && chunk[dot - 2] === CR) {
        this.#state = 'line-start';
        return dot;
      }
      do dot += 1;
      while (chunk[dot] === DOT);
      dot = chunk.indexOf(DOT, dot);
    }
    const last = chunk[chunk.length - 1];
    if (last === CR) this.#state = 'cr';
    else if (last === LF && chunk.length - 2 >= from && chunk[chunk.length - 2] === CR)
      this.#state = 'line-start';
    return chunk.length;
  }
}
