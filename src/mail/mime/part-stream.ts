/**
 * The decoded bytes of one part of a source, as a stream. Reads the whole source and passes on the wanted part:
 * Exchange renders MIME anew for each request, so what BODYSTRUCTURE says about a part need not fit.
 */
import { MimeParser } from './parser.js';

/**
 * Yields the part's bytes; ends early once the part is complete.
 * @returns true when the part was found
 */
export async function* partBytes(
  source: AsyncIterable<Buffer>,
  path: string,
): AsyncGenerator<Buffer, boolean> {
  let wanted = false;
  let found = false;
  // Set from within the parser's events, which the compiler's flow analysis does not see.
  const state: { done: boolean } = { done: false };
  let ready: Buffer[] = [];
  const parser = new MimeParser({
    head: (part) => {
      wanted = !part.multipart && part.path === path && !found;
      found ||= wanted;
    },
    body: (bytes) => {
      if (wanted) ready.push(Buffer.from(bytes));
    },
    leafEnd: () => {
      state.done ||= wanted;
      wanted = false;
    },
    warn: () => undefined,
  });
  for await (const piece of source) {
    parser.push(piece);
    const batch = ready;
    ready = [];
    yield* batch;
    // The last bytes of a part come out with the event that ends it.
    if (state.done) return true;
  }
  parser.end();
  yield* ready;
  return found;
}
