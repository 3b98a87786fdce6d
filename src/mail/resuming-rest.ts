/**
 * What is left of a list of messages, or of one message, once some of it has been delivered. Must not: know why the rest
 * is asked for again.
 */
import { createHash } from 'node:crypto';
import type { Failure } from '../errors/index.js';
import type { MessageFacts } from './reading.js';

/** Messages of which some have been yielded, in their order; those that have gone are never heard of. */
export class Remaining {
  readonly #all: readonly MessageFacts[];
  #next = 0;

  constructor(messages: readonly MessageFacts[]) {
    this.#all = messages;
  }

  get messages(): readonly MessageFacts[] {
    return this.#next === 0 ? this.#all : this.#all.slice(this.#next);
  }

  yielded(id: string): void {
    let at = this.#next;
    while (at < this.#all.length && this.#all[at]?.id !== id) at += 1;
    if (at < this.#all.length) this.#next = at + 1;
  }
}

/** What follows the first bytes. @throws the failure that they ended with, when they are others now */
export async function* behind(
  pieces: AsyncIterable<Buffer>,
  { length, sha256, failure }: { length: number; sha256: string; failure: Failure },
): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  let left = length;
  for await (const piece of pieces) {
    const known = piece.subarray(0, left);
    if (known.length > 0) {
      left -= known.length;
      hash.update(known);
      if (left === 0 && hash.copy().digest('hex') !== sha256) throw failure;
    }
    if (piece.length > known.length) yield piece.subarray(known.length);
  }
  if (left > 0) throw failure;
}
