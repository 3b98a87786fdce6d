/**
 * Files on their way into a draft, whose size Graph wants to know beforehand. Owns: where a streamed one waits until its
 * size is known (a temporary file of this process, readable for nobody else), and that it is removed.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { OutgoingAttachment } from '../sending.js';

type Described = Omit<OutgoingAttachment, 'content'>;

/** A streamed file is held in memory up to this size. */
const HELD_BYTES = 3 * 1024 * 1024;

export class UploadableFile {
  readonly described: Described;
  readonly size: number;
  readonly #held: Buffer | undefined;
  readonly #folder: string | undefined;

  constructor(described: Described, size: number, held: Buffer | undefined, folder?: string) {
    this.described = described;
    this.size = size;
    this.#held = held;
    this.#folder = folder;
  }

  /** All of it: for small files. */
  async all(): Promise<Buffer> {
    if (this.#held !== undefined) return this.#held;
    const pieces: Buffer[] = [];
    for await (const piece of this.pieces(HELD_BYTES)) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  /** From a place on, in pieces of exactly that size, but for the last. */
  async *pieces(bytes: number, from = 0): AsyncGenerator<Buffer> {
    for (let at = from; at < this.size; at += bytes) {
      const end = Math.min(at + bytes, this.size);
      yield this.#held === undefined ? await this.#read(at, end) : this.#held.subarray(at, end);
    }
  }

  async #read(start: number, end: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    const stream = createReadStream(fileIn(this.#folder ?? ''), { start, end: end - 1 });
    for await (const piece of stream as AsyncIterable<Buffer>) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  async discard(): Promise<void> {
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true });
  }
}

/** @throws what the content's stream throws: nothing was sent then */
export async function uploadable(
  { content, ...described }: OutgoingAttachment,
  signal: AbortSignal | undefined,
): Promise<UploadableFile> {
  if (typeof content !== 'function') return new UploadableFile(described, content.length, content);
  const stream = content();
  const held: Buffer[] = [];
  let size = 0;
  const pieces = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  for (let next = await pieces.next(); next.done !== true; next = await pieces.next()) {
    signal?.throwIfAborted();
    held.push(next.value);
    size += next.value.length;
    if (size > HELD_BYTES) return spooled(described, held, pieces, stream, signal);
  }
  return new UploadableFile(described, size, Buffer.concat(held));
}

async function spooled(
  described: Described,
  held: readonly Buffer[],
  rest: AsyncIterator<Buffer>,
  stream: Readable,
  signal: AbortSignal | undefined,
): Promise<UploadableFile> {
  const folder = await mkdtemp(join(tmpdir(), 'm365-email-upload-'));
  let size = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    for (const piece of held) {
      size += piece.length;
      yield piece;
    }
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
      size += next.value.length;
      yield next.value;
    }
  }
  try {
    const file = createWriteStream(fileIn(folder), { mode: 0o600 });
    await pipeline(counted(), file, signal === undefined ? {} : { signal });
    return new UploadableFile(described, size, undefined, folder);
  } catch (error) {
    stream.destroy();
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

const fileIn = (folder: string): string => join(folder, 'content');
