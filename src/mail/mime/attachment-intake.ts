/**
 * Takes in the bytes of one attachment: measures, hashes, keeps or hands on. Owns: that memory does not grow with it.
 * Must not: decide what an attachment is.
 */
import { createHash, type Hash } from 'node:crypto';
import { joined, ownBytes } from './bytes.js';

/** Takes the bytes of an attachment that is too large to be kept, in their order, without being waited for in between. */
export interface AttachmentSink {
  /** No more of the source is read before the promise has resolved; until then the bytes do not change. */
  write(bytes: Buffer): void | Promise<void>;
  /** All of it was written. */
  end(): void | Promise<void>;
  /** The message broke off. */
  abort?(error: unknown): void;
}

export interface IntakePlan {
  /** Up to this many bytes are kept. */
  readonly keepBytes: number;
  readonly hash: boolean;
  /** Asked once, when the attachment has outgrown what may be kept. */
  readonly sink: () => AttachmentSink | undefined;
}

export interface TakenIn {
  readonly size: number;
  readonly sha256: string | null;
  readonly bytes: Buffer | undefined;
}

export class AttachmentIntake {
  readonly #plan: IntakePlan;
  readonly #hash: Hash | undefined;
  /** Where promises go that must resolve before the source is read on. */
  readonly #waits: Promise<void>[];
  #chunks: Buffer[] | undefined = [];
  #sink: AttachmentSink | undefined;
  #size = 0;

  constructor(plan: IntakePlan, waits: Promise<void>[]) {
    this.#plan = plan;
    this.#waits = waits;
    this.#hash = plan.hash ? createHash('sha256') : undefined;
  }

  push(bytes: Buffer): void {
    this.#size += bytes.length;
    this.#hash?.update(bytes);
    if (this.#chunks === undefined) {
      this.#write(bytes);
    } else if (this.#size <= this.#plan.keepBytes) {
      this.#chunks.push(ownBytes(bytes));
    } else {
      this.#outgrown();
      this.#write(bytes);
    }
  }

  #outgrown(): void {
    const before = this.#chunks ?? [];
    this.#chunks = undefined;
    this.#sink = this.#plan.sink();
    for (const chunk of before) this.#write(chunk);
  }

  end(): TakenIn {
    // Where nothing may be kept, not even an empty attachment is.
    if (this.#chunks !== undefined && this.#size > this.#plan.keepBytes) this.#outgrown();
    const ended = this.#sink?.end();
    if (ended !== undefined) this.#waits.push(ended);
    return {
      size: this.#size,
      sha256: this.#hash?.digest('hex') ?? null,
      bytes: this.#chunks === undefined ? undefined : joined(this.#chunks),
    };
  }

  abort(error: unknown): void {
    this.#sink?.abort?.(error);
  }

  #write(bytes: Buffer): void {
    const written = this.#sink?.write(bytes);
    if (written !== undefined) this.#waits.push(written);
  }
}
