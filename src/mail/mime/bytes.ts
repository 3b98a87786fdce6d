/** Bytes that are kept: without copies that nobody needs. Owns: that keeping a view keeps little besides. */

/** A view of something much larger would keep all of that alive; of anything else the bytes are kept as they are. */
export function ownBytes(bytes: Buffer): Buffer {
  return bytes.length * 2 >= bytes.buffer.byteLength ? bytes : Buffer.from(bytes);
}

export function joined(chunks: readonly Buffer[]): Buffer {
  const [first] = chunks;
  return chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks);
}
