/**
 * The reading position over POP3, which numbers nothing for good: which of the messages that are still on the server were
 * dealt with. Kept as the first 8 bytes of the SHA-256 of each id, in base64: 100,000 messages are 1.1 MB, and that a new
 * message is taken for one of them has odds of 1 in 10^14. Ids that have left the server are left out at the next page.
 */
import { createHash } from 'node:crypto';
import { Failure } from '../../errors/index.js';
import type { Json } from '../reading.js';

const DIGEST_BYTES = 8;
const FORMAT = 'uidl-sha256-8';

/** What a position knows of an id. One character per byte. */
export const digestOf = (id: string): string =>
  createHash('sha256').update(id, 'utf8').digest().toString('latin1', 0, DIGEST_BYTES);

/** What a position says. */
export class SeenBefore {
  readonly #digests = new Set<string>();

  /** @throws Failure cursor-expired for what is no position of this kind */
  constructor(position: Json | undefined, folder: string) {
    if (position === undefined) return;
    const bytes = bytesOf(position);
    if (bytes === undefined) throw new Failure('cursor-expired', { parameters: { folder } });
    for (let at = 0; at < bytes.length; at += DIGEST_BYTES) {
      this.#digests.add(bytes.toString('latin1', at, at + DIGEST_BYTES));
    }
  }

  has(digest: string): boolean {
    return this.#digests.has(digest);
  }
}

function bytesOf(position: Json): Buffer | undefined {
  if (typeof position !== 'object' || position === null || Array.isArray(position)) return undefined;
  const { format, seen } = position as { readonly [key: string]: Json };
  if (format !== FORMAT || typeof seen !== 'string') return undefined;
  const bytes = Buffer.from(seen, 'base64');
  return bytes.length % DIGEST_BYTES === 0 && bytes.toString('base64') === seen ? bytes : undefined;
}

/** A position in the making; it only grows. */
export class SeenNow {
  #bytes = Buffer.alloc(1024);
  #length = 0;

  add(digest: string): void {
    if (this.#length + DIGEST_BYTES > this.#bytes.length) {
      const larger = Buffer.alloc(this.#bytes.length * 2);
      this.#bytes.copy(larger);
      this.#bytes = larger;
    }
    this.#length += this.#bytes.write(digest, this.#length, 'latin1');
  }

  toPosition(): Json {
    return { format: FORMAT, seen: this.#bytes.toString('base64', 0, this.#length) };
  }
}
