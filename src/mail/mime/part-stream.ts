/**
 * The decoded bytes of one attachment of a source, as a stream. Reads the whole source and passes on the wanted part:
 * Exchange renders MIME anew for each request, so what BODYSTRUCTURE says about a part need not fit.
 */
import type { AttachmentSink } from './attachment-intake.js';
import { MessageCollector } from './message.js';
import { MimeParser } from './parser.js';

/**
 * Yields the bytes of the attachment with this part number, within messages that came along too; ends early once it is
 * complete.
 * @returns true when the part was found
 */
export async function* partBytes(
  source: AsyncIterable<Buffer>,
  path: string,
): AsyncGenerator<Buffer, boolean> {
  let ready: Buffer[] = [];
  // Set from within the parser's events, which the compiler's flow analysis does not see.
  const state: { found: boolean; done: boolean } = { found: false, done: false };
  const sink: AttachmentSink = {
    write: (bytes) => void ready.push(bytes),
    end: () => {
      state.done = true;
    },
  };
  const collector = new MessageCollector(
    {
      // Nothing is kept: even an empty attachment goes to the sink.
      keepAttachmentBytes: -1,
      hash: 'none',
      wanted: ({ part }) => part === path && !state.found,
      sink: () => {
        state.found = true;
        return sink;
      },
      openMessages: true,
    },
    [],
  );
  const parser = new MimeParser(collector, '', collector.used);
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
  return state.found;
}
