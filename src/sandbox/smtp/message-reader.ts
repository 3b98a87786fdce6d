/**
 * Receives the message after DATA, up to a size. A message that is too large is read to its end and thrown away, so
 * that the dialogue stays in step; one that never ends is cut off.
 */
import { ConnectionLost } from '../sockets/line-reader.js';
import type { LineReader } from '../sockets/line-reader.js';
import { DotDecoder } from './dot-decoder.js';

/** Twice the size announced in EHLO: beyond that nobody is sending a message. */
const MAX_READ_BYTES = 300 * 1024 * 1024;

/** The message, or undefined when it was larger than allowed. @throws ConnectionLost */
export async function readMessage(reader: LineReader, maxBytes: number): Promise<Buffer | undefined> {
  const decoder = new DotDecoder();
  let parts: Buffer[] = [];
  let size = 0;
  for (;;) {
    const { data, rest } = decoder.push(await reader.readSome());
    for (const part of data) {
      size += part.length;
      if (size <= maxBytes) parts.push(part);
      else parts = [];
    }
    if (rest !== undefined) {
      reader.unread(rest);
      return size <= maxBytes ? Buffer.concat(parts, size) : undefined;
    }
    if (size > MAX_READ_BYTES) throw new ConnectionLost();
  }
}
