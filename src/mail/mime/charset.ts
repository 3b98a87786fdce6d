/**
 * Body bytes to text. Owns: which charset wins when the declaration is missing or wrong, and saying so.
 */

import { TextDecoder } from 'node:util';

export interface DecodedText {
  readonly text: string;
  readonly warning?: 'charset-unknown' | 'charset-mismatch' | undefined;
}

function decoderFor(label: string, fatal: boolean): TextDecoder | undefined {
  try {
    return new TextDecoder(label, { fatal });
  } catch {
    return undefined; // RangeError: a label that the WHATWG Encoding Standard does not know
  }
}

function decodeStrictly(bytes: Buffer, label: string): string | undefined {
  try {
    return decoderFor(label, true)?.decode(bytes);
  } catch {
    return undefined; // TypeError: the bytes are not of this charset
  }
}

function isAscii(bytes: Buffer): boolean {
  return bytes.every((byte) => byte < 0x80 && byte !== 0x1b);
}

function clean(text: string): string {
  return text.replaceAll('\u0000', '').toWellFormed();
}

/**
 * Decodes by the declared charset. Undeclared or US-ASCII text with 8-bit bytes is taken as UTF-8 if it is valid
 * UTF-8, else as Windows-1252; both are reported, as is a charset that is unknown or does not fit.
 */
export function decodeCharset(bytes: Buffer, declared: string | undefined): DecodedText {
  const label = (declared ?? '').trim().toLowerCase();
  const undeclared = label === '' || label === 'us-ascii' || label === 'ascii';
  if (undeclared) {
    if (isAscii(bytes)) return { text: clean(bytes.toString('latin1')) };
    const utf8 = decodeStrictly(bytes, 'utf-8');
    return {
      text: clean(utf8 ?? new TextDecoder('windows-1252').decode(bytes)),
      warning: 'charset-mismatch',
    };
  }
  if (decoderFor(label, false) === undefined) {
    if (isAscii(bytes)) return { text: clean(bytes.toString('latin1')) };
    const utf8 = decodeStrictly(bytes, 'utf-8');
    return { text: clean(utf8 ?? new TextDecoder('windows-1252').decode(bytes)), warning: 'charset-unknown' };
  }
  const exact = decodeStrictly(bytes, label);
  if (exact !== undefined) return { text: clean(exact) };
  return { text: clean(decoderFor(label, false)?.decode(bytes) ?? ''), warning: 'charset-mismatch' };
}
