/**
 * A multi-line answer on its way: pieces in order, handed over as they are asked for. Owns: what has arrived and was
 * not taken yet. Must not: know a protocol.
 */

/** Is told how many bytes are held no longer, so that the connection can be read on. */
export type Released = (bytes: number) => void;

export class Body implements AsyncIterable<Buffer> {
  #pieces: Buffer[] = [];
  #state: 'arriving' | 'complete' | 'discarded' | { readonly error: unknown } = 'arriving';
  #wake: (() => void) | undefined;
  readonly #released: Released;

  constructor(released: Released) {
    this.#released = released;
  }

  push(piece: Buffer): void {
    if (this.#state === 'arriving') {
      this.#pieces.push(piece);
      this.#notify();
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
    const held = this.#pieces.reduce((sum, piece) => sum + piece.length, 0);
    this.#pieces = [];
    this.#state = 'discarded';
    if (held > 0) this.#released(held);
    this.#notify();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    try {
      for (;;) {
        const pieces = this.#pieces;
        this.#pieces = [];
        let held = 0;
        for (const piece of pieces) held += piece.length;
        if (held > 0) this.#released(held);
        yield* pieces;
        if (pieces.length > 0) continue;
        if (typeof this.#state === 'object') throw this.#state.error;
        if (this.#state !== 'arriving') return;
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      this.discard();
    }
  }

  #notify(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}
