/**
 * A multi-line answer on its way: pieces in order, handed over as they are asked for. Owns: what has arrived and was
 * not taken yet. Must not: know a protocol.
 */

/** Is told how many bytes are held no longer, so that the connection can be read on. */
export type Released = (bytes: number) => void;

const NOTHING = Buffer.alloc(0);
/** What comes is put together up to this size: many small pieces take longer to work on. */
const PIECE_BYTES = 128 * 1024;

export class Body implements AsyncIterable<Buffer> {
  #pieces: Buffer[] = [];
  #bytes = 0;
  #state: 'arriving' | 'complete' | 'discarded' | { readonly error: unknown } = 'arriving';
  #wake: (() => void) | undefined;
  readonly #released: Released;

  constructor(released: Released) {
    this.#released = released;
  }

  push(piece: Buffer): void {
    if (this.#state === 'arriving') {
      this.#pieces.push(piece);
      this.#bytes += piece.length;
      if (this.#bytes >= PIECE_BYTES) this.#notify();
    } else {
      this.#released(piece.length);
    }
  }

  complete(): void {
    if (this.#state === 'arriving') this.#state = 'complete';
    this.#notify();
  }

  fail(error: unknown): void {
    if (this.#state === 'arriving') this.#state = { error };
    this.#notify();
  }

  /** Nobody wants the rest: it is thrown away as it comes. */
  discard(): void {
    this.#state = 'discarded';
    this.#taken();
    this.#notify();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    try {
      for (;;) {
        if (this.#bytes >= PIECE_BYTES || (this.#bytes > 0 && this.#state !== 'arriving')) {
          yield this.#taken();
          continue;
        }
        if (typeof this.#state === 'object') throw this.#state.error;
        if (this.#state !== 'arriving') return;
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      this.discard();
    }
  }

  #taken(): Buffer {
    const pieces = this.#pieces;
    const bytes = this.#bytes;
    this.#pieces = [];
    this.#bytes = 0;
    if (bytes > 0) this.#released(bytes);
    const [first = NOTHING] = pieces;
    return pieces.length <= 1 ? first : Buffer.concat(pieces, bytes);
  }

  #notify(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}
