/**
 * The newest part of a reply: what its author wrote, without the messages that the mail program quoted below.
 * Owns: where the quoted rest begins, for plain text. Never loses text: when it is not sure, everything is kept and
 * `unsure` says why. Must not: judge who wrote what; a quote is known by the marks that mail programs set.
 */
import { cleanText } from '../mime/charset.js';
import { headerLabel, isAttribution, isSeparator, MAX_ATTRIBUTION } from './reply-phrases.js';

export type QuoteMark =
  /** Lines with `>`, or a block element that quotes. */
  | 'quote'
  /** "On … wrote:" and the quote below. */
  | 'attribution'
  /** "-----Original Message-----". */
  | 'separator'
  /** From, Sent, To, Subject as Outlook repeats them. */
  | 'header-block';

export interface UniqueBody {
  readonly body: string;
  /** By which mark the quoted rest was known; null when nothing was taken away. */
  readonly removed: QuoteMark | null;
  /** Why everything was kept although there is, or may be, a quote. */
  readonly unsure?: 'nothing-before-quote' | 'text-after-quote' | 'too-long';
}

export interface UniqueTextOptions {
  /** Whether what follows the line "-- " is kept (RFC 3676 section 4.3). Default: keep. */
  readonly signature?: 'keep' | 'remove' | undefined;
}

/** In longer ones nothing is looked for: the lines take a multiple of it in memory. */
export const MAX_UNIQUE_LENGTH = 2_000_000;
/** An attribution that a mail program broke over lines has at most this many. */
const ATTRIBUTION_LINES = 4;
/** Lines in which the labels of a header block must follow each other. */
const HEADER_BLOCK_LINES = 8;

interface Cut {
  readonly line: number;
  readonly mark: QuoteMark;
  /** The quote goes on to the end of the message, whatever its lines look like. */
  readonly toTheEnd: boolean;
}

export function uniqueText(text: string, options: UniqueTextOptions = {}): UniqueBody {
  const whole = cleanText(text);
  if (whole.length > MAX_UNIQUE_LENGTH) return { body: whole, removed: null, unsure: 'too-long' };
  const lines = whole.split(/\r\n|\n|\r/u);
  const cut = findCut(lines);
  const { body, unsure } =
    cut === undefined ? { body: whole, unsure: undefined } : applyCut(whole, lines, cut);
  return {
    body: options.signature === 'remove' ? withoutSignature(body) : body,
    removed: cut === undefined || unsure !== undefined ? null : cut.mark,
    ...(unsure === undefined ? {} : { unsure }),
  };
}

function applyCut(
  whole: string,
  lines: readonly string[],
  cut: Cut,
): { body: string; unsure: UniqueBody['unsure'] } {
  const before = lines.slice(0, cut.line).join('\n').trimEnd();
  if (before === '') return { body: whole, unsure: 'nothing-before-quote' };
  if (!cut.toTheEnd && !onlyQuoted(lines, cut.line)) return { body: whole, unsure: 'text-after-quote' };
  return { body: before, unsure: undefined };
}

const isQuoted = (line: string): boolean => line.startsWith('>') || line.startsWith(' >');
const isBlank = (line: string): boolean => line.trim() === '';

/** Whether nothing but quoted and empty lines follows; the lines of the attribution come first. */
function onlyQuoted(lines: readonly string[], from: number): boolean {
  let at = from;
  while (at < lines.length && !isQuoted(lines[at] ?? '')) at++;
  for (; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (!isQuoted(line) && !isBlank(line)) return false;
  }
  return true;
}

function findCut(lines: readonly string[]): Cut | undefined {
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (isBlank(line)) continue;
    if (isQuoted(line)) return { line: at, mark: 'quote', toTheEnd: false };
    if (isSeparator(line)) return { line: at, mark: 'separator', toTheEnd: true };
    if (isHeaderBlock(lines, at)) {
      return { line: ruleAbove(lines, at), mark: 'header-block', toTheEnd: true };
    }
    const quote = quoteBelowAttribution(lines, at);
    if (quote !== undefined) return { line: at, mark: 'attribution', toTheEnd: quote === 'none' };
  }
  return undefined;
}

/** "From:" first, then at least two other labels within a few lines; folded values in between do no harm. */
function isHeaderBlock(lines: readonly string[], at: number): boolean {
  if (headerLabel(lines[at] ?? '') !== 'from') return false;
  const seen = new Set<string>();
  for (let next = at + 1; next < Math.min(at + HEADER_BLOCK_LINES, lines.length); next++) {
    const label = headerLabel(lines[next] ?? '');
    if (label !== undefined && label !== 'from') seen.add(label);
  }
  return seen.has('date') && seen.size >= 2;
}

/** Outlook draws a line of underscores above the header block. */
function ruleAbove(lines: readonly string[], at: number): number {
  let above = at - 1;
  while (above >= 0 && isBlank(lines[above] ?? '')) above--;
  return /^[_-]{5,}$/u.test((lines[above] ?? '').trim()) ? above : at;
}

/**
 * What is below an attribution that begins here: a quote, or nothing at all. Undefined when it is none, or when other
 * text follows: then it is a sentence of the author.
 */
function quoteBelowAttribution(lines: readonly string[], at: number): 'quote' | 'none' | undefined {
  let joined = '';
  for (let next = at; next < Math.min(at + ATTRIBUTION_LINES, lines.length); next++) {
    const line = lines[next] ?? '';
    if (isBlank(line) || isQuoted(line) || line.length > MAX_ATTRIBUTION) return undefined;
    joined = joined === '' ? line : `${joined} ${line.trim()}`;
    if (!isAttribution(joined)) continue;
    let below = next + 1;
    while (below < lines.length && isBlank(lines[below] ?? '')) below++;
    if (below >= lines.length) return 'none';
    return isQuoted(lines[below] ?? '') ? 'quote' : undefined;
  }
  return undefined;
}

function withoutSignature(text: string): string {
  const lines = text.split(/\r\n|\n|\r/u);
  const at = lines.indexOf('-- ');
  return at < 1 ? text : lines.slice(0, at).join('\n').trimEnd();
}
