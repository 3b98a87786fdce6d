/**
 * Bytes to text. Owns: which charset wins when the declaration is missing or wrong, and saying so.
 *
 * Node 20's TextDecoder takes windows-1252, and every label that the Encoding Standard maps to it, for ISO 8859-1
 * and loses the euro sign; iconv-lite decodes that one, test/mail/mime/charset.test.ts fails without it.
 */
import { TextDecoder } from 'node:util';
import iconv from 'iconv-lite';

export interface DecodedText {
  readonly text: string;
  readonly warning?: 'charset-unknown' | 'charset-mismatch' | undefined;
}

interface Charset {
  readonly decode: (bytes: Buffer) => string;
  /** undefined when the bytes are not of this charset. */
  readonly decodeStrictly: (bytes: Buffer) => string | undefined;
}

const WINDOWS_1252: Charset = {
  decode: (bytes) => iconv.decode(bytes, 'windows-1252'),
  decodeStrictly: (bytes) => iconv.decode(bytes, 'windows-1252'),
};

/** The charset of a label, or undefined for one that the WHATWG Encoding Standard does not know. */
function charset(label: string): Charset | undefined {
  let decoder: TextDecoder;
  try {
    decoder = new TextDecoder(label);
  } catch {
    return undefined; // RangeError
  }
  if (decoder.encoding === 'windows-1252') return WINDOWS_1252;
  return {
    decode: (bytes) => decoder.decode(bytes),
    decodeStrictly(bytes) {
      try {
        return new TextDecoder(label, { fatal: true }).decode(bytes);
      } catch {
        return undefined; // TypeError
      }
    },
  };
}

const ESCAPE = 0x1b;

function isAscii(bytes: Buffer): boolean {
  // An escape sequence switches the charset (ISO 2022).
  return bytes.every((byte) => byte < 0x80 && byte !== ESCAPE);
}

/** What text must never hold downstream: NUL and lone surrogates. */
export function cleanText(text: string): string {
  return text.replaceAll('\u0000', '').toWellFormed();
}

/** UTF-8 if the bytes are UTF-8, else Windows-1252, which every byte is valid in. */
export function decodeUndeclared(bytes: Buffer): string {
  return cleanText(charset('utf-8')?.decodeStrictly(bytes) ?? WINDOWS_1252.decode(bytes));
}

/**
 * Decodes by the declared charset. Bytes beyond US-ASCII without a usable declaration are decoded as
 * decodeUndeclared() does; that, an unknown charset and one that does not fit are reported.
 */
export function decodeCharset(bytes: Buffer, declared: string | undefined): DecodedText {
  const label = (declared ?? '').trim().toLowerCase();
  const undeclared = label === '' || label === 'us-ascii' || label === 'ascii';
  const known = undeclared ? undefined : charset(label);
  if (known === undefined) {
    if (isAscii(bytes)) return { text: cleanText(bytes.toString('latin1')) };
    return { text: decodeUndeclared(bytes), warning: undeclared ? 'charset-mismatch' : 'charset-unknown' };
  }
  const exact = known.decodeStrictly(bytes);
  if (exact !== undefined) return { text: cleanText(exact) };
  return { text: cleanText(known.decode(bytes)), warning: 'charset-mismatch' };
}
