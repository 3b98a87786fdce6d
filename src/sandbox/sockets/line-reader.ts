/**
 * Reads lines and counted bytes from a socket, on demand and with backpressure: while nobody asks, the socket is
 * paused. Knows no protocol. The limits it is given are what keeps a hostile peer from filling the memory.
 */
import type { Duplex } from 'node:stream';

/** The peer is gone, in good order or not. Ends a session quietly. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}

/** The peer sent more than the protocol allows in one go. */
export class LineTooLong extends Error {
  override readonly name = 'LineTooLong';
}

const HIGH_WATER_BYTES = 256 * 1024;
const LF = 0x0a;
const CR = 0x0d;

export class LineReader {
  #chunks: Buffer[] = [];
  #buffered = 0;
  #ended = false;
  #wake: (() => void) | undefined;
  readonly #stream: Duplex;
  readonly #onData = (chunk: Buffer): void => {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    if (this.#buffered >= HIGH_WATER_BYTES) this.#stream.pause();
    this.#notify();
  };
  readonly #onEnd = (): void => {
    this.#ended = true;
    this.#notify();
  };

  constructor(stream: Duplex) {
    this.#stream = stream;
    stream.on('data', this.#onData);
    stream.on('end', this.#onEnd);
    stream.on('close', this.#onEnd);
    stream.on('error', this.#onEnd);
  }

  /** Bytes that have arrived and were not asked for yet. */
  get bufferedBytes(): number {
    return this.#buffered;
  }

  /** One line without its line ending (CRLF, or a bare LF). @throws ConnectionLost, LineTooLong */
  async readLine(maxBytes: number): Promise<Buffer> {
    let scanned = 0;
    let index = 0;
    for (;;) {
      for (; index < this.#chunks.length; index++) {
        const chunk = this.#chunks[index];
        const at = chunk === undefined ? -1 : chunk.indexOf(LF);
        if (at !== -1) {
          if (scanned + at > maxBytes) throw new LineTooLong();
          const line = this.#take(scanned + at + 1);
          const end = line.at(-2) === CR ? line.length - 2 : line.length - 1;
          return line.subarray(0, end);
        }
        scanned += chunk?.length ?? 0;
      }
      if (scanned > maxBytes) throw new LineTooLong();
      await this.#more();
    }
  }

  /** Exactly `size` bytes, in one buffer that is allocated once. @throws ConnectionLost */
  async readBytes(size: number): Promise<Buffer> {
    const target = Buffer.allocUnsafe(size);
    let filled = 0;
    while (filled < size) {
      if (this.#buffered === 0) await this.#more();
      const part = this.#takeSome(size - filled);
      part.copy(target, filled);
      filled += part.length;
    }
    return target;
  }

  /** Whatever has arrived, at least one byte. @throws ConnectionLost */
  async readSome(): Promise<Buffer> {
    if (this.#buffered === 0) await this.#more();
    return this.#takeSome(this.#buffered);
  }

  /** Puts bytes back that turned out to belong to the next reader. */
  unread(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#chunks.unshift(bytes);
    this.#buffered += bytes.length;
  }

  /** Stops listening and forgets what has arrived: nothing sent before a TLS handshake may count after it. */
  detach(): void {
    this.#stream.off('data', this.#onData);
    this.#stream.off('end', this.#onEnd);
    this.#stream.off('close', this.#onEnd);
    this.#stream.off('error', this.#onEnd);
    this.#stream.pause();
    this.#chunks = [];
    this.#buffered = 0;
    this.#onEnd();
  }

  #notify(): void {
    this.#wake?.();
    this.#wake = undefined;
  }

  async #more(): Promise<void> {
    if (this.#ended) throw new ConnectionLost();
    const before = this.#buffered;
    this.#stream.resume();
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    // `ended` may have changed while waiting; what arrived before the end still counts.
    if (this.#buffered === before) throw new ConnectionLost();
  }

  #takeSome(maxBytes: number): Buffer {
    const first = this.#chunks[0] ?? Buffer.alloc(0);
    return this.#take(Math.min(first.length, maxBytes));
  }

  #take(size: number): Buffer {
    const parts: Buffer[] = [];
    let missing = size;
    while (missing > 0) {
      const chunk = this.#chunks[0];
      if (chunk === undefined) break;
      if (chunk.length <= missing) {
        parts.push(chunk);
        this.#chunks.shift();
        missing -= chunk.length;
      } else {
        parts.push(chunk.subarray(0, missing));
        this.#chunks[0] = chunk.subarray(missing);
        missing = 0;
      }
    }
    this.#buffered -= size;
    const [only, ...others] = parts;
    return only !== undefined && others.length === 0 ? only : Buffer.concat(parts);
  }
}
