/**
 * The bytes of one message, wherever they are kept. Bytes are never changed after they were stored, so copies of a
 * message share them.
 */

export class MailSource {
  readonly size: number;
  /** Name of the file that holds the bytes; undefined when they are kept in memory only. */
  readonly file: string | undefined;
  readonly #held: Buffer | undefined;
  readonly #load: (() => Buffer) | undefined;
  #cached: WeakRef<Buffer> | undefined;

  private constructor(size: number, file: string | undefined, held: Buffer | undefined, load?: () => Buffer) {
    this.size = size;
    this.file = file;
    this.#held = held;
    this.#load = load;
  }

  static inMemory(bytes: Buffer): MailSource {
    return new MailSource(bytes.length, undefined, bytes);
  }

  static onDisk(size: number, file: string, load: () => Buffer): MailSource {
    return new MailSource(size, file, undefined, load);
  }

  read(): Buffer {
    if (this.#held !== undefined) return this.#held;
    // Weak: a client that fetches a large message in slices reads the file once, and memory is given back after.
    const cached = this.#cached?.deref();
    if (cached !== undefined) return cached;
    const bytes = this.#load?.() ?? Buffer.alloc(0);
    this.#cached = new WeakRef(bytes);
    return bytes;
  }
}
