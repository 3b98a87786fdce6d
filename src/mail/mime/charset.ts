/**
 * Bytes to text. Owns: which charset wins when the declaration is missing or wrong, and saying so.
 * Must not: know where the bytes come from.
 */
import { isAscii, isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';
import iconv from 'iconv-lite';
import { decodeHz, decodeIso2022Cn, decodeIso2022Kr } from './escaped-charsets.js';

export interface DecodedText {
  readonly text: string;
  readonly warning?: 'charset-unknown' | 'charset-mismatch' | undefined;
  /** NUL characters were taken out. */
  readonly removed?: boolean;
}

type Decode = (bytes: Buffer) => string;

interface Charset {
  readonly decode: Decode;
  /** 7-bit bytes without ESC are US-ASCII in it. */
  readonly ascii: boolean;
  /** Every byte is a character of it, so that only UTF-8 in disguise can be told from it. */
  readonly western: boolean;
}

/** Labels that declare nothing: US-ASCII by its names in the IANA registry, and what mail programs write for "do not know". */
const UNDECLARED: ReadonlySet<string> = new Set([
  ...['', 'us-ascii', 'ascii', 'us', 'ansi_x3.4-1968', 'ansi_x3.4-1986', 'iso-ir-6', 'iso646-us', 'cp367'],
  ...['ibm367', 'csascii', 'iso_646.irv:1991', 'unknown-8bit', 'unknown', 'default', 'none', '7bit', '8bit'],
]);

/** Names that are in use and that neither the Encoding Standard nor iconv-lite knows. */
const ALIASES: Readonly<Record<string, string>> = {
  'iso-2022-jp-1': 'iso-2022-jp',
  'iso-2022-jp-2': 'iso-2022-jp',
  'iso-2022-jp-3': 'iso-2022-jp',
  'iso-2022-jp-ms': 'iso-2022-jp',
  cp50220: 'iso-2022-jp',
  cp50221: 'iso-2022-jp',
  cp51932: 'euc-jp',
  'x-mac-romanian': 'macromania',
  utf8mac: 'utf-8',
  'utf-8-mac': 'utf-8',
  utf_8: 'utf-8',
  'unicode-1-1-utf-7': 'utf-7',
  'unicode-2-0-utf-7': 'utf-7',
  'x-unicode-2-0-utf-7': 'utf-7',
  'unicode-1-1-utf-8': 'utf-8',
  'unicode-2-0-utf-8': 'utf-8',
  utf8mb4: 'utf-8',
  cp65001: 'utf-8',
  ansi: 'windows-1252',
  uhc: 'euc-kr',
  ujis: 'euc-jp',
  chinesebig5: 'big5',
  'mac-ce': 'maccenteuro',
  'mac-japanese': 'shift_jis',
  // The Encoding Standard takes these for little-endian, whatever their byte order mark says.
  unicode: 'utf-16',
  csunicode: 'utf-16',
  unicodefeff: 'utf-16',
  'ucs-2': 'utf-16',
  'iso-10646-ucs-2': 'utf-16',
};

const OWN: Readonly<Record<string, Decode>> = {
  'iso-2022-kr': decodeIso2022Kr,
  csiso2022kr: decodeIso2022Kr,
  'iso-2022-cn': decodeIso2022Cn,
  'iso-2022-cn-ext': decodeIso2022Cn,
  'hz-gb-2312': decodeHz,
  hz: decodeHz,
  'utf-16': decodeUtf16,
  'utf-16le': (bytes) => decodeUtf16(bytes, 'utf-16le'),
  'utf-16be': (bytes) => decodeUtf16(bytes, 'utf-16be'),
};

/** Encodings of iconv-lite that are no charsets of text. */
const NO_CHARSETS: ReadonlySet<string> = new Set(['binary', 'hex', 'base64', 'utf7imap', 'ucs2']);
/** Charsets in which 7-bit bytes may mean something else. */
const NOT_ASCII = /utf-?(?:7|16|32)|ucs|^(?:iso-2022|csiso2022|hz)/u;

const known = new Map<string, Charset | undefined>();
/** Foreign mail may name any number of charsets. */
const MAX_KNOWN = 500;

/** The charset of a label, or undefined for one that nobody knows. */
function charset(label: string): Charset | undefined {
  if (!known.has(label)) {
    if (known.size >= MAX_KNOWN) known.clear();
    const plain = label.replace(/^x-/u, '');
    known.set(label, findCharset(ALIASES[label] ?? label) ?? findCharset(ALIASES[plain] ?? plain));
  }
  return known.get(label);
}

function findCharset(label: string): Charset | undefined {
  const ascii = !NOT_ASCII.test(label);
  const own = OWN[label];
  if (own !== undefined) return { decode: own, ascii, western: false };
  const standard = standardDecoder(label);
  // TextDecoder of Node 20 takes windows-1252, and every label that the Encoding Standard maps to it, for ISO 8859-1
  // and loses the euro sign; iconv-lite decodes that one.
  if (standard?.encoding === 'windows-1252') return { decode: decodeWestern, ascii, western: true };
  if (standard?.encoding === 'utf-8') return { decode: decodeUtf8, ascii, western: false };
  if (standard?.encoding === 'iso-2022-jp') return { decode: decodeJapanese, ascii, western: false };
  if (standard !== undefined) return { decode: (bytes) => standard.decode(bytes), ascii, western: false };
  if (NO_CHARSETS.has(label.replace(/[^a-z\d]/gu, '')) || !iconv.encodingExists(label)) return undefined;
  return { decode: (bytes) => iconv.decode(bytes, label), ascii, western: false };
}

function standardDecoder(label: string): TextDecoder | undefined {
  try {
    return new TextDecoder(label);
  } catch {
    return undefined; // RangeError
  }
}

function decodeWestern(bytes: Buffer): string {
  return iconv.decode(bytes, 'windows-1252');
}

const ISO_2022_JP = new TextDecoder('iso-2022-jp');
/** A switch right before another one. */
// eslint-disable-next-line no-control-regex -- control characters are what switches
const IDLE_SWITCHES = /\u001b(?:\([BJI]|\$[@B])(?=\u001b(?:\([BJI]|\$[@B]))/gu;

/**
 * Where a switch follows another one the decoder puts a replacement character, as browsers must. Encoded words and lines
 * each end in US-ASCII, so that put together they have such a place at every seam.
 */
function decodeJapanese(bytes: Buffer): string {
  return ISO_2022_JP.decode(Buffer.from(bytes.toString('latin1').replace(IDLE_SWITCHES, ''), 'latin1'));
}

const UTF_8 = new TextDecoder('utf-8');
const BYTE_ORDER_MARK = 0xef;

/** Of bytes that are UTF-8; faster than the decoder, which strips a byte order mark as well. */
function utf8Text(bytes: Buffer): string {
  return bytes[0] === BYTE_ORDER_MARK ? UTF_8.decode(bytes) : bytes.toString('utf8');
}

/** A text in which no single character beyond US-ASCII is UTF-8 is not UTF-8 that was damaged, but Windows-1252. */
function decodeUtf8(bytes: Buffer): string {
  if (isUtf8(bytes)) return utf8Text(bytes);
  const text = UTF_8.decode(bytes);
  return /[\u0080-\ufffc\ufffe\uffff]/u.test(text) ? text : decodeWestern(bytes);
}

/** A byte order mark wins over the label; without either, the zero bytes of the first characters tell. */
function decodeUtf16(bytes: Buffer, stated?: 'utf-16le' | 'utf-16be'): string {
  const mark = bytes.length >= 2 ? bytes.readUInt16BE(0) : 0;
  if (mark === 0xfeff) return new TextDecoder('utf-16be').decode(bytes);
  if (mark === 0xfffe) return new TextDecoder('utf-16le').decode(bytes);
  if (stated !== undefined) return new TextDecoder(stated).decode(bytes);
  let big = 0;
  for (let at = 0; at + 1 < Math.min(bytes.length, 512); at += 2) {
    big += Number(bytes[at] === 0) - Number(bytes[at + 1] === 0);
  }
  return new TextDecoder(big > 0 ? 'utf-16be' : 'utf-16le').decode(bytes);
}

/** What text must never hold downstream: NUL and lone surrogates. */
export function cleanText(text: string): string {
  return (text.includes('\u0000') ? text.replaceAll('\u0000', '') : text).toWellFormed();
}

const ESCAPE = 0x1b;

/** The escape sequences of ISO-2022-JP (RFC 1468) for JIS X 0208. */
const JAPANESE_ESCAPES = [Buffer.from('\u001b$B'), Buffer.from('\u001b$@')];

/** By a byte order mark; UTF-8 if the bytes are UTF-8, ISO-2022-JP if they switch as it does, else Windows-1252. */
function guess(bytes: Buffer): string {
  const mark = bytes.length >= 2 ? bytes.readUInt16BE(0) : 0;
  if (mark === 0xfeff || mark === 0xfffe) return decodeUtf16(bytes);
  if (isAscii(bytes) && JAPANESE_ESCAPES.some((sequence) => bytes.includes(sequence)))
    return charset('iso-2022-jp')?.decode(bytes) ?? bytes.toString('latin1');
  return isUtf8(bytes) ? utf8Text(bytes) : decodeWestern(bytes);
}

/** Text of bytes that nobody declared a charset for. */
export function decodeUndeclared(bytes: Buffer): string {
  if (isAscii(bytes) && !bytes.includes(ESCAPE)) return cleanText(bytes.toString('latin1'));
  return cleanText(guess(bytes));
}

/** A label without quotes and without what some senders put behind it. */
function normalLabel(declared: string): string {
  return (
    declared
      .slice(0, 100)
      .toLowerCase()
      .match(/[a-z\d][\w.:+-]*/u)?.[0] ?? ''
  );
}

/**
 * Decodes by the declared charset. Bytes beyond US-ASCII without a usable declaration are decoded as
 * decodeUndeclared() does; that, an unknown charset and one that does not fit are reported.
 */
export function decodeCharset(bytes: Buffer, declared: string | undefined): DecodedText {
  const { text, warning } = decode(bytes, normalLabel(declared ?? ''));
  return { text: cleanText(text), warning, removed: text.includes('\u0000') };
}

function decode(bytes: Buffer, label: string): { text: string; warning?: DecodedText['warning'] } {
  const undeclared = UNDECLARED.has(label);
  const found = undeclared ? undefined : charset(label);
  if ((found === undefined || found.ascii) && isAscii(bytes) && !bytes.includes(ESCAPE)) {
    return { text: bytes.toString('latin1') };
  }
  if (found === undefined) {
    return { text: guess(bytes), warning: undeclared ? 'charset-mismatch' : 'charset-unknown' };
  }
  // Western text whose every character beyond US-ASCII happens to be UTF-8 does not exist; wrong labels do.
  if (found.western && isUtf8(bytes) && !isAscii(bytes)) {
    return { text: utf8Text(bytes), warning: 'charset-mismatch' };
  }
  if (found.decode === decodeUtf8 && isUtf8(bytes)) return { text: utf8Text(bytes) };
  const text = found.decode(bytes);
  // The replacement character stands for what is not of the charset, unless the sender wrote it.
  const exact = found.decode !== decodeUtf8 && !text.includes('\ufffd');
  return exact ? { text } : { text, warning: 'charset-mismatch' };
}
