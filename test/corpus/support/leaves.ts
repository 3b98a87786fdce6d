/** The decoded leaves of a message, those of messages that came along in their place: what golden files and Python list. */
import { MimeParser } from '../../../src/mail/mime/parser.js';

export interface Leaf {
  readonly path: string;
  readonly bytes: Buffer;
}

export function leavesOf(source: Buffer, base = ''): Leaf[] {
  const leaves: Leaf[] = [];
  let open: { path: string; type: string; chunks: Buffer[] } | undefined;
  const parser = new MimeParser(
    {
      head({ multipart, path, contentType }) {
        open = multipart ? undefined : { path, type: contentType.value, chunks: [] };
      },
      body: (bytes) => void open?.chunks.push(Buffer.from(bytes)),
      leafEnd() {
        if (open === undefined) return;
        const bytes = Buffer.concat(open.chunks);
        if (open.type === 'message/rfc822') leaves.push(...leavesOf(bytes, open.path));
        else leaves.push({ path: open.path, bytes });
        open = undefined;
      },
      warn: () => undefined,
    },
    base,
  );
  parser.push(source);
  parser.end();
  return leaves;
}
