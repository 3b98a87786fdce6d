/**
 * Writes answers to a socket: small pieces are gathered, large ones are handed over in slices, and the writer waits
 * whenever the peer does not keep up. A 150 MB message is thus never copied, and never queued whole.
 */
import type { Writable } from 'node:stream';
import { ConnectionLost } from './line-reader.js';

const SLICE_BYTES = 64 * 1024;

export class Output {
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  readonly #stream: Writable;

  constructor(stream: Writable) {
    this.#stream = stream;
  }

  /** Queues text (as latin1: protocol text is bytes) or bytes; nothing leaves before `flush` or a full slice. */
  async write(data: string | Buffer): Promise<void> {
    const bytes = typeof data === 'string' ? Buffer.from(data, 'latin1') : data;
    if (bytes.length < SLICE_BYTES) {
      this.#pending.push(bytes);
      this.#pendingBytes += bytes.length;
      if (this.#pendingBytes >= SLICE_BYTES) await this.flush();
      return;
    }
    await this.flush();
    for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
      await this.#send(bytes.subarray(at, at + SLICE_BYTES));
    }
  }

  /** @throws ConnectionLost when the peer is gone */
  async flush(): Promise<void> {
    if (this.#pendingBytes === 0) return;
    const bytes = Buffer.concat(this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    await this.#send(bytes);
  }

  async #send(bytes: Buffer): Promise<void> {
    const stream = this.#stream;
    if (stream.destroyed || !stream.writable) throw new ConnectionLost();
    if (stream.write(bytes)) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        stream.off('drain', done);
        stream.off('close', done);
        resolve();
      };
      stream.on('drain', done);
      stream.on('close', done);
    });
  }
}
