/** Cuts a multi-line answer into lines, as they come and within limits. */
import { Pop3Nonsense } from './wire.js';

/** RFC 2449 section 4 allows 512 bytes. */
const MAX_LINE_BYTES = 8 * 1024;
const LF = 0x0a;

/**
 * Lines as latin1, without their ends, as many at a time as have come.
 * @throws Pop3Nonsense when there are more, or longer ones, than can be meant
 */
export async function* linesOf(
  pieces: AsyncIterable<Buffer>,
  maxLines: number,
): AsyncGenerator<readonly string[]> {
  let line = '';
  let count = 0;
  for await (const piece of pieces) {
    const lines: string[] = [];
    let start = 0;
    while (start < piece.length) {
      const end = piece.indexOf(LF, start);
      line += piece.toString('latin1', start, end === -1 ? piece.length : end);
      if (line.length > MAX_LINE_BYTES) throw new Pop3Nonsense('a line without an end');
      if (end === -1) break;
      lines.push(line.endsWith('\r') ? line.slice(0, -1) : line);
      line = '';
      start = end + 1;
    }
    count += lines.length;
    if (count > maxLines) throw new Pop3Nonsense(`more than ${String(maxLines)} lines`);
    yield lines;
  }
  if (line !== '') yield [line];
}
