/**
 * Turns encoded headers and bodies into readable text, for searching only.
 * Never fails: what cannot be decoded is taken byte for byte.
 */
import { decodeCharset } from './charsets.js';
import type { MimePart } from './structure.js';

const MAX_SEARCHED_BYTES = 4 * 1024 * 1024;

/** RFC 2047 encoded words, and raw 8-bit as UTF-8. Input: one character per byte. */
export function decodeHeader(value: string): string {
  const joined = value.replace(/(=\?[^\s?]+\?[bq]\?[^\s?]*\?=)\s+(?==\?)/giu, '$1');
  return decodeCharset(Buffer.from(joined, 'latin1'), 'utf-8').replace(
    /=\?(?<charset>[^\s*?]+)(?:\*[^\s?]*)?\?(?<kind>[bq])\?(?<text>[^\s?]*)\?=/giu,
    (_whole, charset: string, kind: string, text: string) => {
      const bytes =
        kind.toLowerCase() === 'b'
          ? Buffer.from(text, 'base64')
          : decodeQuotedPrintable(Buffer.from(text.replace(/_/gu, ' '), 'latin1'));
      return decodeCharset(bytes, charset);
    },
  );
}

/** The text of all text parts, embedded messages included. */
export function* readTexts(source: Buffer, part: MimePart): Generator<string> {
  if (part.message !== undefined) yield* readTexts(source, part.message);
  for (const child of part.children) yield* readTexts(source, child);
  if (part.contentType.value.startsWith('text/') && part.children.length === 0) yield readText(source, part);
}

function readText(source: Buffer, part: MimePart): string {
  const raw = source.subarray(part.bodyStart, Math.min(part.end, part.bodyStart + MAX_SEARCHED_BYTES));
  return decodeCharset(
    decodeTransfer(raw, part.encoding),
    part.contentType.parameters.get('charset') ?? 'us-ascii',
  );
}

function decodeTransfer(raw: Buffer, encoding: string): Buffer {
  if (encoding === 'base64') return Buffer.from(raw.toString('latin1'), 'base64');
  if (encoding === 'quoted-printable') return decodeQuotedPrintable(raw);
  return raw;
}

function decodeQuotedPrintable(raw: Buffer): Buffer {
  const text = raw
    .toString('latin1')
    .replace(/=[\t ]*\r?\n/gu, '')
    .replace(/=([\da-f]{2})/giu, (_whole, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(text, 'latin1');
}
