/**
 * Finds the end of a message and undoes dot-stuffing (RFC 5321 section 4.5.2) while the bytes come in, however they
 * are cut. Only CRLF ends a line: a bare LF before a dot must not end the message, or a second one can be smuggled in.
 */

const LF = 0x0a;
const CR = 0x0d;
const DOT = 0x2e;
const LONE_CR = Buffer.from('\r');

export interface DecodedChunk {
  readonly data: readonly Buffer[];
  /** Bytes after the final dot; undefined while the message goes on. */
  readonly rest: Buffer | undefined;
}

export class DotDecoder {
  #state: 'line-start' | 'text' | 'dot' | 'dot-cr' = 'line-start';
  #endedWithCr = false;

  push(chunk: Buffer): DecodedChunk {
    const data: Buffer[] = [];
    let start = 0;
    let at = 0;
    while (at < chunk.length) {
      switch (this.#state) {
        case 'line-start':
          if (chunk[at] === DOT) {
            data.push(chunk.subarray(start, at));
            start = ++at;
            this.#state = 'dot';
          } else {
            this.#state = 'text';
          }
          break;
        case 'dot':
          if (chunk[at] === CR) {
            start = ++at;
            this.#state = 'dot-cr';
          } else {
            this.#state = 'text';
          }
          break;
        case 'dot-cr':
          if (chunk[at] === LF) return { data, rest: chunk.subarray(at + 1) };
          data.push(LONE_CR);
          this.#state = 'text';
          break;
        case 'text':
          at = this.#skipLine(chunk, at);
          break;
      }
    }
    data.push(chunk.subarray(start));
    this.#endedWithCr = chunk.at(-1) === CR;
    return { data, rest: undefined };
  }

  /** Position after the next line ending, or the end of the chunk. */
  #skipLine(chunk: Buffer, from: number): number {
    const lf = chunk.indexOf(LF, from);
    if (lf === -1) return chunk.length;
    const isCrLf = lf === 0 ? this.#endedWithCr : chunk[lf - 1] === CR;
    if (isCrLf) this.#state = 'line-start';
    return lf + 1;
  }
}
