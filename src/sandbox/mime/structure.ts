/**
 * The tree of parts of a message, as offsets into its bytes (RFC 2045, 2046).
 * Bounded in depth and number of parts, because the message may come from anybody. Copies and decodes nothing.
 */
import type { HeaderField } from './header.js';
import { fieldValue, findHeaderEnd, readHeaderFields } from './header.js';
import type { StructuredValue } from './parameters.js';
import { parseStructuredValue } from './parameters.js';

export interface MimePart {
  readonly start: number;
  /** After the empty line: header is [start, bodyStart), body is [bodyStart, end). */
  readonly bodyStart: number;
  readonly end: number;
  readonly fields: readonly HeaderField[];
  /** 'text/plain', 'multipart/mixed', … with parameters. */
  readonly contentType: StructuredValue;
  readonly encoding: string;
  /** Parts of a multipart; empty for anything else. */
  readonly children: readonly MimePart[];
  /** The message inside a message/rfc822 part. */
  readonly message: MimePart | undefined;
}

const MAX_DEPTH = 32;
const MAX_PARTS = 2000;
const TEXT_PLAIN: StructuredValue = { value: 'text/plain', parameters: new Map([['charset', 'us-ascii']]) };
const MESSAGE: StructuredValue = { value: 'message/rfc822', parameters: new Map() };

export function parseMessage(source: Buffer): MimePart {
  return parsePart(source, 0, source.length, { depth: 0, parts: 0, inDigest: false });
}

interface Walk {
  readonly depth: number;
  parts: number;
  readonly inDigest: boolean;
}

function parsePart(source: Buffer, start: number, end: number, walk: Walk): MimePart {
  const bodyStart = findHeaderEnd(source, start, end);
  const fields = readHeaderFields(source, start, bodyStart);
  const declared = fieldValue(source, fields, 'content-type');
  const fallback = walk.inDigest ? MESSAGE : TEXT_PLAIN;
  let contentType = declared === undefined ? fallback : parseStructuredValue(declared);
  if (!/^[^\s/]+\/[^\s/]+$/u.test(contentType.value)) contentType = TEXT_PLAIN;
  const encoding = (fieldValue(source, fields, 'content-transfer-encoding') ?? '7bit').toLowerCase();

  let children: MimePart[] = [];
  let message: MimePart | undefined;
  const mayDescend = walk.depth < MAX_DEPTH;
  if (contentType.value.startsWith('multipart/')) {
    const boundary = contentType.parameters.get('boundary') ?? '';
    if (mayDescend && boundary !== '')
      children = parseChildren(source, bodyStart, end, boundary, contentType, walk);
    // A multipart without a single part has no BODYSTRUCTURE; it is shown as the text it then is.
    if (children.length === 0) contentType = TEXT_PLAIN;
  } else if (contentType.value === 'message/rfc822') {
    // An encoded embedded message is opaque: its offsets are not those of a message.
    const readable = encoding !== 'base64' && encoding !== 'quoted-printable';
    if (mayDescend && readable) message = descend(source, bodyStart, end, walk, false);
    else contentType = { value: 'application/octet-stream', parameters: new Map() };
  }
  return { start, bodyStart, end, fields, contentType, encoding, children, message };
}

function descend(source: Buffer, start: number, end: number, walk: Walk, inDigest: boolean): MimePart {
  const inner: Walk = { depth: walk.depth + 1, parts: walk.parts + 1, inDigest };
  const part = parsePart(source, start, end, inner);
  walk.parts = inner.parts;
  return part;
}

function parseChildren(
  source: Buffer,
  start: number,
  end: number,
  boundary: string,
  contentType: StructuredValue,
  walk: Walk,
): MimePart[] {
  const inDigest = contentType.value === 'multipart/digest';
  const children: MimePart[] = [];
  let contentStart: number | undefined;
  for (const delimiter of findDelimiters(source, start, end, boundary)) {
    if (contentStart !== undefined) {
      children.push(
        descend(source, contentStart, Math.max(contentStart, delimiter.contentEnd), walk, inDigest),
      );
    }
    contentStart = delimiter.isLast ? undefined : delimiter.next;
    if (delimiter.isLast || walk.parts >= MAX_PARTS) return children;
  }
  // The closing delimiter is missing: the last part reaches to the end.
  if (contentStart !== undefined) children.push(descend(source, contentStart, end, walk, inDigest));
  return children;
}

interface Delimiter {
  /** End of the part before it: without the line ending that belongs to the delimiter. */
  readonly contentEnd: number;
  readonly next: number;
  readonly isLast: boolean;
}

function* findDelimiters(source: Buffer, start: number, end: number, boundary: string): Generator<Delimiter> {
  const mark = Buffer.from(`--${boundary}`, 'latin1');
  // Searched up to the end of this part only: else every small part would read the whole rest of the message.
  const searched = source.subarray(0, end);
  let from = start;
  for (;;) {
    const at = searched.indexOf(mark, from);
    if (at === -1) return;
    from = at + mark.length;
    if (at !== start && source[at - 1] !== 0x0a) continue;
    const isLast = source[from] === 0x2d && source[from + 1] === 0x2d;
    const lf = source.indexOf(0x0a, from);
    const lineEnd = lf === -1 || lf >= end ? end : lf + 1;
    const rest = source.toString('latin1', isLast ? from + 2 : from, lineEnd);
    // '--boundaryX' is some other, longer boundary.
    if (rest.trim() !== '' && !isLast) continue;
    const contentEnd = at === start ? at : source[at - 2] === 0x0d ? at - 2 : at - 1;
    yield { contentEnd, next: lineEnd, isLast };
    from = lineEnd;
  }
}
