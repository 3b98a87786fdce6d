/** The decoded leaves of a message. */
import { MimeParser } from '../../../src/mail/mime/parser.js';

export interface Leaf {
  readonly path: string;
  readonly type: string;
  readonly charset: string | undefined;
  readonly bytes: Buffer;
}

/** Those of messages that came along in the place of these: what golden files and Python list. */
export function leavesOf(source: Buffer): Leaf[] {
  return ownLeavesOf(source).flatMap((leaf) => opened(leaf));
}

function opened(leaf: Leaf): Leaf[] {
  return leaf.type === 'message/rfc822'
    ? ownLeavesOf(leaf.bytes, leaf.path).flatMap((inner) => opened(inner))
    : [leaf];
}

/** A message that came along is one leaf. */
export function ownLeavesOf(source: Buffer, base = ''): Leaf[] {
  const leaves: Leaf[] = [];
  let open: (Omit<Leaf, 'bytes'> & { chunks: Buffer[] }) | undefined;
  const parser = new MimeParser(
    {
      head({ multipart, path, contentType: { value: type, parameters } }) {
        open = multipart ? undefined : { path, type, charset: parameters['charset'], chunks: [] };
      },
      body: (bytes) => void open?.chunks.push(Buffer.from(bytes)),
      leafEnd() {
        if (open === undefined) return;
        const { chunks, ...leaf } = open;
        leaves.push({ ...leaf, bytes: Buffer.concat(chunks) });
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
