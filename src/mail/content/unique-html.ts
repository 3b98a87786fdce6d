/**
 * The newest part of a reply in HTML: see unique-body.ts, whose rules it shares. Owns: the elements by which Outlook,
 * Gmail, Apple Mail, Thunderbird and Yahoo mark what they quote. Must not: make HTML safe.
 */
import { cleanText } from '../mime/charset.js';
import { OpenElements, scanHtml, tagAttributes, type HtmlToken } from './html-scan.js';
import { headerLabel, isAttribution, MAX_ATTRIBUTION } from './reply-phrases.js';
import { MAX_UNIQUE_LENGTH, type QuoteMark, type UniqueBody } from './unique-body.js';

/** Below these everything is quoted. */
const REST_IDS = new Set(['divrplyfwdmsg', 'x_divrplyfwdmsg', 'olk_src_body_section', 'stopspelling']);
const REST_CLASSES = new Set(['moz-cite-prefix', 'moz-forward-container']);
/** These hold the quote. */
const QUOTE_CLASSES = new Set([
  'gmail_quote',
  'gmail_quote_container',
  'gmail_extra',
  'yahoo_quoted',
  'ymail_android_signature_quoted',
  'protonmail_quote',
  'tutanota_quote',
  'zmail_extra',
]);
/** Elements that begin a line. */
const LINE = new Set(
  'div p br hr table tr td li ul ol blockquote h1 h2 h3 pre body section article'.split(' '),
);
/** Text in these is not seen. */
const UNSEEN = new Set(['style', 'script', 'title', 'textarea', 'xmp', 'iframe', 'noembed', 'noframes']);

interface Found {
  readonly at: number;
  readonly mark: QuoteMark;
  /** Where the quoting element begins; undefined when the quote goes on to the end. */
  readonly quote: HtmlToken | undefined;
}

export function uniqueHtml(html: string): UniqueBody {
  const whole = cleanText(html);
  if (whole.length > MAX_UNIQUE_LENGTH) return { body: whole, removed: null, unsure: 'too-long' };
  const tokens = [...scanHtml(whole)];
  const found = findQuote(whole, tokens);
  if (found === undefined) return { body: whole, removed: null };
  if (!isSeen(whole, tokens, 0, found.at))
    return { body: whole, removed: null, unsure: 'nothing-before-quote' };
  if (found.quote !== undefined && isSeen(whole, tokens, quoteEnd(tokens, found.quote), whole.length))
    return { body: whole, removed: null, unsure: 'text-after-quote' };
  return { body: closed(whole.slice(0, found.at), tokens), removed: found.mark };
}

/** What a reader sees of a text token, spaces and entities of spaces apart. */
function seenText(html: string, token: HtmlToken): string {
  if (token.kind !== 'text') return '';
  return html
    .slice(token.start, token.end)
    .replace(/&(?:nbsp|#160|#xa0|zwnj|#8203);?/giu, ' ')
    .trim();
}

/** Whether there is text or an image between the two places. */
function isSeen(html: string, tokens: readonly HtmlToken[], from: number, to: number): boolean {
  return tokens.some(
    (token) =>
      token.start >= from &&
      token.start < to &&
      ((token.kind === 'open' && token.name === 'img') || seenText(html, token) !== ''),
  );
}

function findQuote(html: string, tokens: readonly HtmlToken[]): Found | undefined {
  /** The line of text that was read last, and where it begins: it may be the attribution of the quote. */
  let line = { start: 0, text: '' };
  /** Where marks without a meaning of their own begin, when nothing was seen since. */
  let rule: number | undefined;
  for (const [index, token] of tokens.entries()) {
    const text = seenText(html, token);
    if (text !== '') {
      rule = undefined;
      if (line.text.length <= MAX_ATTRIBUTION) line.text += ` ${text}`;
      continue;
    }
    if (token.kind !== 'open') {
      if (token.kind === 'close' && LINE.has(token.name)) line = nextLine(line, token.end);
      continue;
    }
    const kind = quoteKind(html, tokens, index);
    if (kind === 'rule') rule ??= token.start;
    else if (kind !== undefined) {
      const at = rule ?? token.start;
      if (kind === 'header-block') return { at, mark: kind, quote: undefined };
      const attributed = rule === undefined && isAttribution(decoded(line.text));
      return {
        at: attributed ? line.start : at,
        mark: attributed ? 'attribution' : kind,
        quote: kind === 'quote' ? token : undefined,
      };
    }
    if (LINE.has(token.name)) line = nextLine(line, token.start);
  }
  return undefined;
}

/** An empty line does not part an attribution from its quote. */
function nextLine(line: { start: number; text: string }, at: number): { start: number; text: string } {
  if (line.text === '') return { start: at, text: '' };
  return isAttribution(decoded(line.text)) ? line : { start: at, text: '' };
}

const decoded = (text: string): string => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').trim();

function quoteKind(
  html: string,
  tokens: readonly HtmlToken[],
  index: number,
): QuoteMark | 'rule' | undefined {
  const token = tokens[index];
  if (token === undefined || !['div', 'blockquote', 'span', 'hr', 'p'].includes(token.name)) return undefined;
  const attributes = tagAttributes(html, token);
  const id = (attributes.get('id') ?? '').toLowerCase();
  const classes = (attributes.get('class') ?? '').toLowerCase().split(/\s+/u);
  if (REST_IDS.has(id) && token.name !== 'hr') return 'header-block';
  if (id === 'appendonsend' || token.name === 'hr') return 'rule';
  if (classes.some((name) => REST_CLASSES.has(name))) return 'attribution';
  if (classes.some((name) => QUOTE_CLASSES.has(name))) return 'quote';
  if (token.name === 'blockquote' && (attributes.get('type') ?? '').toLowerCase() === 'cite') return 'quote';
  const style = (attributes.get('style') ?? '').toLowerCase();
  if (/border-top:\s*solid/u.test(style) && beginsHeaderBlock(html, tokens, index)) return 'header-block';
  return undefined;
}

/** Outlook's "From: … Sent: …" follows at once. Only few tokens are looked at: there may be many such elements. */
function beginsHeaderBlock(html: string, tokens: readonly HtmlToken[], index: number): boolean {
  const labels: string[] = [];
  for (const token of tokens.slice(index + 1, index + 60)) {
    const label = headerLabel(seenText(html, token));
    if (labels.length === 0 && label === undefined && seenText(html, token) !== '') return false;
    if (label !== undefined) labels.push(label);
  }
  return labels[0] === 'from' && labels.includes('date');
}

/** Behind the closing tag of the quoting element. */
function quoteEnd(tokens: readonly HtmlToken[], quote: HtmlToken): number {
  let depth = 0;
  for (const token of tokens) {
    if (token.start < quote.start || token.name !== quote.name) continue;
    depth += token.kind === 'open' ? 1 : -1;
    if (depth === 0) return token.end;
  }
  return tokens.at(-1)?.end ?? quote.end;
}

/** Closing tags for what is open where the text was cut. */
function closed(body: string, tokens: readonly HtmlToken[]): string {
  const open = new OpenElements();
  for (const token of tokens) {
    if (token.start >= body.length) break;
    if (token.kind === 'open' && !UNSEEN.has(token.name)) open.open(token.name);
    else if (token.kind === 'close') open.close(token.name);
  }
  return `${body.trimEnd()}${[...open.names()]
    .reverse()
    .map((name) => `</${name}>`)
    .join('')}`;
}
