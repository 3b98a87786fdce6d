/**
 * A push parser for MIME (RFC 2045, 2046): bytes go in piece by piece, parts come out as events.
 * Owns: finding headers and boundaries in any input, within stated limits. Must not: hold a body, or throw
 * because of what a message contains.
 */
import type { HeaderField } from '../../generated/types.js';
import type { WordReport } from './encoded-words.js';
import { parseHeaderBlock, parseParameters, rawField, type ParameterizedValue } from './headers.js';
import { transferDecoder, undecoded, type TransferDecoder } from './transfer-decoder.js';

export interface PartHead {
  /** Part number as IMAP counts (RFC 3501 section 6.4.5); "" for a multipart message's own header. */
  readonly path: string;
  readonly fields: readonly HeaderField[];
  readonly contentType: ParameterizedValue;
  readonly disposition: ParameterizedValue;
  readonly multipart: boolean;
  /** Media type of the multipart around it, undefined for the outermost. */
  readonly within: string | undefined;
}

export type ParserWarning =
  | 'header-too-long'
  | 'nesting-too-deep'
  | 'too-many-parts'
  | 'encoding-unknown'
  | 'boundary-missing'
  | 'charset-unknown'
  | 'charset-mismatch';

/** What a parser is told of what it reads. */
export interface PartHandler {
  /** A part begins. The first one is the message itself. */
  head(part: PartHead): void;
  /** Decoded bytes of the leaf that began last; they may be a view of a piece that was pushed. */
  body(bytes: Buffer): void;
  /** The leaf that began last is complete. */
  leafEnd(): void;
  warn(code: ParserWarning, path: string, detail?: string): void;
}

/** Shared by a message and those within it, so that limits hold for all of them together. */
export interface ParserBudget {
  parts: number;
}

/** A header longer than this is cut: Exchange refuses half of it (256 KB per header, 5 MB in all for very odd mail). */
const MAX_HEADER_BYTES = 1024 * 1024;
const MAX_DEPTH = 100;
const MAX_PARTS = 10_000;
/** RFC 2046 allows 70 characters for a boundary; mail in the wild has more. */
const MAX_BOUNDARY_LINE = 8192;
/** As much of a preamble is kept in case it turns out to be all there is. */
const MAX_PREAMBLE_BYTES = 16 * 1024 * 1024;
/** A message without a line feed in its first bytes has CR for its line ends, or one endless line. */
const MAX_FIRST_LINE = 64 * 1024;

const LF = 0x0a;
const CR = 0x0d;
const DASH = 0x2d;
const NOTHING = Buffer.alloc(0);

interface Level {
  /** As it stands on the wire, one character per byte. */
  readonly boundary: string;
  readonly path: string;
  readonly type: string;
  children: number;
  /** What came before the first boundary: dropped with it, delivered when no boundary ever comes. */
  preamble: Buffer[];
  preambleBytes: number;
}

type State = 'header' | 'leaf' | 'skip';

export class MimeParser {
  readonly #handler: PartHandler;
  readonly #levels: Level[] = [];
  #state: State = 'header';
  #path: string;
  readonly #base: string;
  readonly #budget: ParserBudget;
  #decoder: TransferDecoder = undecoded;
  /** Bytes not yet used: an incomplete header, or the last few bytes of a body that may begin a boundary. */
  #rest: Buffer = NOTHING;
  /** Lines of the header up to here have been looked at. */
  #scanned = 0;
  #atLineStart = true;
  /** The rest of a header that was cut is being read over. */
  #inCutHeader = false;
  #lineEnds: 'unknown' | 'lf' | 'cr' = 'unknown';

  /** @param base part number of the message when it is itself a part */
  constructor(handler: PartHandler, base = '', budget: ParserBudget = { parts: 0 }) {
    this.#handler = handler;
    this.#path = base;
    this.#base = base;
    this.#budget = budget;
  }

  push(piece: Buffer): void {
    const bytes = this.#lineEnds === 'cr' ? withLineFeeds(piece) : piece;
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    if (!this.#knowsLineEnds(false)) return;
    this.#advance(false);
    // What is kept must not hold on to a large piece.
    if (this.#rest.length < piece.length / 2) this.#rest = Buffer.from(this.#rest);
  }

  end(): void {
    this.#knowsLineEnds(true);
    this.#advance(true);
    if (this.#state === 'header') this.#beginPart(NOTHING);
    this.#closeLevels(0);
  }

  /** Mail of old Macintosh programs has bare CR for its line ends; such a message is read as if they were LF. */
  #knowsLineEnds(final: boolean): boolean {
    if (this.#lineEnds !== 'unknown') return true;
    const lineFeeds = this.#rest.includes(LF);
    if (!lineFeeds && !final && this.#rest.length <= MAX_FIRST_LINE) return false;
    this.#lineEnds = !lineFeeds && this.#rest.includes(CR) ? 'cr' : 'lf';
    if (this.#lineEnds === 'cr') this.#rest = withLineFeeds(this.#rest);
    return true;
  }

  #advance(final: boolean): void {
    for (;;) {
      const more = this.#inCutHeader
        ? this.#skipCutHeader(final)
        : this.#state === 'header'
          ? this.#takeHeader(final)
          : this.#takeBody(final);
      if (!more) return;
    }
  }

  // --- header ---------------------------------------------------------------------------------------------------

  /** True when a whole header was taken. */
  #takeHeader(final: boolean): boolean {
    const end = this.#headerEnd(final);
    if (end === undefined) return false;
    const block = this.#rest.subarray(0, end.blockEnd);
    this.#rest = this.#rest.subarray(end.bodyStart);
    this.#scanned = 0;
    this.#beginPart(block);
    if (end.cut) {
      this.#inCutHeader = true;
      this.#atLineStart = false;
    }
    return true;
  }

  #headerEnd(final: boolean): { blockEnd: number; bodyStart: number; cut: boolean } | undefined {
    const rest = this.#rest;
    let lineStart = this.#scanned;
    while (lineStart <= MAX_HEADER_BYTES) {
      const newline = rest.indexOf(LF, lineStart);
      if (newline < 0) break;
      const lineEnd = newline > lineStart && rest[newline - 1] === CR ? newline - 1 : newline;
      if (lineEnd === lineStart) return { blockEnd: lineStart, bodyStart: newline + 1, cut: false };
      const here = { blockEnd: lineStart, bodyStart: lineStart, cut: false };
      // A header that runs into a boundary has lost its blank line; the boundary must not be lost with it.
      if (this.#levels.length > 0 && this.#boundaryAt(lineStart, lineEnd) !== undefined) return here;
      if (!isHeaderLine(rest, lineStart, lineEnd)) {
        // Neither a field nor the rest of one: a line that was broken in two when a well-known field comes next, else
        // the blank line is missing and this is the body already.
        const next = afterFolded(rest, newline + 1);
        const whole = final || rest.includes(LF, next) || rest.length - newline > MAX_BOUNDARY_LINE;
        if (lineStart > 0 && !whole) return undefined;
        if (lineStart === 0 || !isWellKnownField(rest, next)) return here;
      }
      lineStart = newline + 1;
      this.#scanned = lineStart;
    }
    if (rest.length > MAX_HEADER_BYTES) {
      this.#handler.warn('header-too-long', this.#path);
      return { blockEnd: MAX_HEADER_BYTES, bodyStart: MAX_HEADER_BYTES, cut: true };
    }
    return final ? { blockEnd: rest.length, bodyStart: rest.length, cut: false } : undefined;
  }

  /** True when the body begins: behind a blank line, or at a boundary. */
  #skipCutHeader(final: boolean): boolean {
    let from = 0;
    for (;;) {
      const newline = this.#rest.indexOf(LF, from);
      if (newline < 0) break;
      const blank = newline === from || (newline === from + 1 && this.#rest[from] === CR);
      const boundary = this.#boundaryAt(from, newline) !== undefined;
      if (this.#atLineStart && (blank || boundary)) {
        this.#rest = this.#rest.subarray(blank ? newline + 1 : from);
        this.#inCutHeader = false;
        return true;
      }
      this.#atLineStart = true;
      from = newline + 1;
    }
    const keep = this.#atLineStart && this.#rest.length - from <= MAX_BOUNDARY_LINE && !final;
    if (!keep) this.#atLineStart = false;
    this.#rest = keep ? this.#rest.subarray(from) : NOTHING;
    return false;
  }

  #beginPart(block: Buffer): void {
    this.#budget.parts += 1;
    const parent = this.#levels.at(-1);
    const where = this.#path;
    const fields = parseHeaderBlock(block, (name) => this.#handler.warn('charset-mismatch', where, name));
    const declared = rawField(fields, 'content-type');
    const fallback = parent?.type === 'multipart/digest' ? 'message/rfc822' : 'text/plain';
    const report: WordReport = (code, charset) => this.#handler.warn(code, where, charset);
    const parsed = parseParameters(declared ?? fallback, report);
    const contentType = { ...parsed, value: mediaType(parsed, fallback) };
    const boundary = contentType.parameters['boundary'];
    let multipart = contentType.value.startsWith('multipart/');
    if (multipart && (boundary === undefined || boundary === '')) {
      this.#handler.warn('boundary-missing', this.#path);
      multipart = false;
    }
    if (multipart && this.#levels.length >= MAX_DEPTH) {
      this.#handler.warn('nesting-too-deep', this.#path);
      multipart = false;
    }
    // A message that is no multipart is its own part 1.
    if (!multipart && this.#levels.length === 0) this.#path = childPath(this.#base, 1);
    this.#handler.head({
      path: this.#path,
      fields,
      contentType,
      disposition: parseParameters(rawField(fields, 'content-disposition') ?? '', report),
      multipart,
      within: parent?.type,
    });
    this.#atLineStart = true;
    if (multipart && boundary !== undefined) {
      const onWire = Buffer.from(boundary, 'utf8').toString('latin1').trimEnd();
      this.#levels.push({
        boundary: onWire,
        path: this.#path,
        type: contentType.value,
        children: 0,
        preamble: [],
        preambleBytes: 0,
      });
      this.#state = 'skip';
      return;
    }
    const encoding = (rawField(fields, 'content-transfer-encoding') ?? '')
      .replace(/[;\s].*$/su, '')
      .toLowerCase();
    const decoder = transferDecoder(encoding);
    if (decoder === undefined) this.#handler.warn('encoding-unknown', this.#path, encoding);
    this.#decoder = decoder ?? undecoded;
    this.#state = 'leaf';
  }

  // --- body -----------------------------------------------------------------------------------------------------

  /** True when a boundary was taken and there may be more to do. */
  #takeBody(final: boolean): boolean {
    const rest = this.#rest;
    let from = 0;
    while (this.#levels.length > 0) {
      const start =
        this.#atLineStart && from === 0 && startsWithDashes(rest, 0) ? 0 : afterNewline(rest, from);
      if (start < 0) break;
      const newline = rest.indexOf(LF, start);
      if (newline < 0 && !final && rest.length - start <= MAX_BOUNDARY_LINE) {
        this.#emit(beforeLineBreak(rest, start));
        return false;
      }
      const lineEnd = newline < 0 ? rest.length : newline;
      const found = this.#boundaryAt(start, lineEnd);
      if (found !== undefined) {
        this.#emit(beforeLineBreak(rest, start));
        this.#rest = rest.subarray(newline < 0 ? rest.length : newline + 1);
        this.#takeBoundary(found.level, found.closing);
        return true;
      }
      from = start + 2;
    }
    // "CR LF - -" may still become a boundary: its first bytes wait for the next piece.
    this.#emit(final || this.#levels.length === 0 ? rest.length : Math.max(0, rest.length - 4));
    return false;
  }

  #boundaryAt(start: number, end: number): { level: number; closing: boolean } | undefined {
    if (!startsWithDashes(this.#rest, start) || end - start > MAX_BOUNDARY_LINE) return undefined;
    const line = this.#rest.toString('latin1', start + 2, end).trimEnd();
    for (let level = this.#levels.length - 1; level >= 0; level -= 1) {
      const boundary = this.#levels[level]?.boundary ?? '';
      if (!line.startsWith(boundary)) continue;
      if (line.length === boundary.length) return { level, closing: false };
      if (line.length === boundary.length + 2 && line.endsWith('--')) return { level, closing: true };
    }
    return undefined;
  }

  #takeBoundary(level: number, closing: boolean): void {
    this.#closeLevels(closing ? level : level + 1);
    this.#atLineStart = true;
    const parent = this.#levels.at(-1);
    if (closing || parent === undefined) {
      this.#state = 'skip';
      return;
    }
    parent.children += 1;
    parent.preamble = [];
    if (this.#budget.parts >= MAX_PARTS) {
      if (this.#budget.parts === MAX_PARTS) this.#handler.warn('too-many-parts', parent.path);
      this.#budget.parts += 1;
      this.#state = 'skip';
      return;
    }
    this.#path = childPath(parent.path, parent.children);
    this.#state = 'header';
  }

  #emit(length: number): void {
    if (length > 0) {
      const level = this.#levels.at(-1);
      if (this.#state === 'skip' && level?.children === 0) this.#keepPreamble(level, length);
      if (this.#state === 'leaf') {
        const decoded = this.#decoder.push(this.#rest.subarray(0, length));
        if (decoded.length > 0) this.#handler.body(decoded);
      }
      this.#atLineStart = this.#rest[length - 1] === LF;
    }
    this.#rest = this.#rest.subarray(length);
  }

  #keepPreamble(level: Level, length: number): void {
    if (level.preambleBytes >= MAX_PREAMBLE_BYTES) return;
    level.preamble.push(Buffer.from(this.#rest.subarray(0, length)));
    level.preambleBytes += length;
  }

  /** Ends what is open below a depth. A multipart whose boundary never came is delivered as the text it is. */
  #closeLevels(depth: number): void {
    this.#endLeaf();
    while (this.#levels.length > depth) {
      const level = this.#levels.pop();
      if (level === undefined || level.children > 0 || level.preambleBytes === 0) continue;
      const path = level.path === this.#base ? childPath(this.#base, 1) : level.path;
      this.#handler.warn('boundary-missing', path);
      const none = { value: '', parameters: {} };
      const contentType = { value: 'text/plain', parameters: {} };
      this.#handler.head({
        path,
        fields: [],
        contentType,
        disposition: none,
        multipart: false,
        within: undefined,
      });
      for (const bytes of level.preamble) this.#handler.body(bytes);
      this.#handler.leafEnd();
    }
  }

  #endLeaf(): void {
    if (this.#state !== 'leaf') return;
    const decoded = this.#decoder.end();
    if (decoded.length > 0) this.#handler.body(decoded);
    this.#handler.leafEnd();
    this.#state = 'skip';
  }
}

function childPath(parent: string, number: number): string {
  return parent === '' ? String(number) : `${parent}.${String(number)}`;
}

/** What a part says it is, else what a part of its place is without saying so (RFC 2045 section 5.2). */
function mediaType({ value, parameters }: ParameterizedValue, fallback: string): string {
  if (/^[^/]+\/[^/]+$/u.test(value)) return value;
  // Without a subtype, a boundary still tells what it is.
  if (value.startsWith('multipart') && parameters['boundary'] !== undefined) return 'multipart/mixed';
  // A file whose type is no type is no text.
  return value !== '' && parameters['name'] !== undefined ? 'application/octet-stream' : fallback;
}

function withLineFeeds(piece: Buffer): Buffer {
  const bytes = Buffer.from(piece);
  for (let at = bytes.indexOf(CR); at >= 0; at = bytes.indexOf(CR, at + 1)) bytes[at] = LF;
  return bytes;
}

const COLON = 0x3a;
const SPACE = 0x20;
const TAB = 0x09;
const MAX_FIELD_NAME = 1000;

/** A field (RFC 5322 section 2.2, blanks before the colon as in section 4.5), a continuation, or an mbox separator. */
function isHeaderLine(bytes: Buffer, start: number, end: number): boolean {
  const first = bytes[start];
  if (first === SPACE || first === TAB) return true;
  const stop = Math.min(end, start + MAX_FIELD_NAME);
  let at = start;
  // A name has no blanks; bytes beyond US-ASCII are tolerated.
  while (at < stop && bytes[at] !== COLON && bytes[at] !== SPACE && bytes[at] !== TAB) at += 1;
  const named = at > start;
  while (at < stop && (bytes[at] === SPACE || bytes[at] === TAB)) at += 1;
  if (named && at < stop && bytes[at] === COLON) return true;
  return /^>?From /u.test(bytes.toString('latin1', start, Math.min(stop, start + 6)));
}

const WELL_KNOWN =
  /^(?:from|to|cc|bcc|subject|date|sender|reply-to|message-id|in-reply-to|references|received|return-path|mime-version|content-[a-z]{2,30}|x-[a-z][a-z\d-]{1,60}|dkim-signature|importance|list-[a-z]{2,20})[\t ]{0,20}:/iu;

const MAX_FOLDED_LINES = 10;

/** Position of the next line that is not indented. */
function afterFolded(bytes: Buffer, from: number): number {
  let start = from;
  for (
    let lines = 0;
    lines < MAX_FOLDED_LINES && (bytes[start] === SPACE || bytes[start] === TAB);
    lines += 1
  ) {
    const newline = bytes.indexOf(LF, start);
    if (newline < 0) break;
    start = newline + 1;
  }
  return start;
}

function isWellKnownField(bytes: Buffer, start: number): boolean {
  return WELL_KNOWN.test(bytes.toString('latin1', start, start + 80));
}

function startsWithDashes(bytes: Buffer, at: number): boolean {
  return bytes[at] === 0x2d && bytes[at + 1] === 0x2d;
}

const DASHES = Buffer.from('--');

/** Where the next line that begins with two dashes does. They are looked for first: line breaks are much more frequent. */
function afterNewline(bytes: Buffer, from: number): number {
  let at = bytes.indexOf(DASHES, from);
  while (at > 0 && bytes[at - 1] !== LF) {
    while (bytes[at] === DASH) at += 1;
    at = bytes.indexOf(DASHES, at);
  }
  // At the very beginning nothing says that a line begins.
  return at === 0 ? afterNewline(bytes, 1) : at;
}

/** The line break before a boundary belongs to the boundary (RFC 2046 section 5.1.1). */
function beforeLineBreak(bytes: Buffer, start: number): number {
  if (start === 0) return 0;
  return start >= 2 && bytes[start - 2] === CR ? start - 2 : start - 1;
}
