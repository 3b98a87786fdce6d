/**
 * Cuts a stream of bytes into lines, and knows IMAP's literals (RFC 9051 section 4.3): their bytes are counted and
 * dropped, never kept. Must not: hold more than one line.
 */

/** What is longer is cut: no line of interest is. */
const MAX_LINE_BYTES = 16 * 1024;
const KIND =
  /^(?:\* (?:\d{1,10} )?|[\dA-Z]{1,6} )(?:OK|NO|BAD|BYE|FETCH|LIST|LSUB|SEARCH|ID|UID|CAPABILITY) /u;
const LITERAL = /\{(?<size>\d{1,12})\+?\}$/u;

export class LineSplitter {
  #line = '';
  #overlong = 0;
  #literalBytes = 0;
  readonly #emit: (line: string) => void;

  /** @param emit is given a whole line, the literals in it as `{N}` followed by a blank */
  constructor(emit: (line: string) => void) {
    this.#emit = emit;
  }

  push(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#literalBytes > 0) {
        const dropped = Math.min(this.#literalBytes, rest.length);
        this.#literalBytes -= dropped;
        rest = rest.subarray(dropped);
        continue;
      }
      const end = rest.indexOf(0x0a);
      const part = end === -1 ? rest : rest.subarray(0, end);
      const room = Math.max(0, MAX_LINE_BYTES - this.#line.length);
      this.#line += part.subarray(0, room).toString('latin1');
      this.#overlong += Math.max(0, part.length - room);
      if (end === -1) return;
      rest = rest.subarray(end + 1);
      this.#lineEnded();
    }
  }

  #lineEnded(): void {
    const line = this.#line.replace(/\r$/u, '');
    const size = this.#overlong === 0 ? LITERAL.exec(line)?.groups?.['size'] : undefined;
    if (size !== undefined) {
      this.#literalBytes = Number(size);
      this.#line = `${line} `;
      return;
    }
    this.#line = '';
    // A cut may leave half of something that could no longer be recognised for what it is: only its kind is told.
    this.#emit(this.#overlong > 0 ? `${KIND.exec(line)?.[0] ?? ''}<cut>` : line);
    this.#overlong = 0;
  }
}
