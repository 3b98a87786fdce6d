/**
 * A whole HTML document as a part of another one, as a quote needs it. Owns: that nothing in it ends what stands around it, or
 * holds for what is beside it. Must not: make it safe to show; what shows mail does.
 *
 * It stands in a table cell, the one element that a browser ends by nothing but tags of tables; and every element is closed
 * within the one that it was opened in, since of tags that cross a browser makes something of its own.
 */
import { limitMarkup, OpenElements, scanHtml, type HtmlToken } from './html-scan.js';

/** Their tags stand once in a document, hold for all of it, or change what the tags within them mean. */
const TAGS_LEFT_OUT = new Set(
  'html head body frameset frame base meta link noscript svg math template select optgroup option form button'.split(
    ' ',
  ),
);
/** Left out with what is in them: never shown, never run in mail, or not ended by what seems to. */
const LEFT_OUT = new Set('title script plaintext textarea xmp iframe noembed noframes'.split(' '));
const BEFORE = '<table role="presentation" width="100%"><tbody><tr><td>';
const BEHIND = '</td></tr></tbody></table>';
/** Of a table; elsewhere they would be those of the cell around. */
const TABLE_PARTS = new Set('caption colgroup col thead tbody tfoot tr td th'.split(' '));
const CELLS = new Set(['td', 'th', 'caption']);
/** Those of safe HTML: what is looked for among the open elements is found soon. */
const LIMITS = { depth: 200, tags: 200_000 };
/** An opening tag ends at most so many elements by itself. */
const MOST_ENDED = 16;

/** Linear in its length. What was left open is closed behind it. */
export function htmlPart(document: string): string {
  // A tag that breaks off ends with the text, not with its last sign.
  const html = `${limitMarkup(document, LIMITS).html}\n`;
  const open = new OpenElements();
  const kept: string[] = [];
  for (const token of scanHtml(html)) {
    if (!stays(html, token)) continue;
    const { kind, name } = token;
    const source = html.slice(token.start, token.end);
    if (kind === 'close') kept.push(closed(open, name));
    // What is left out behind a lone "<" would make a tag of what follows.
    else if (kind === 'text') kept.push(source.replaceAll('<', '&lt;'));
    else if (kind === 'other') kept.push(source);
    else if (!TABLE_PARTS.has(name) || open.has('table')) kept.push(opened(open, name), source);
  }
  return BEFORE + kept.join('').trim() + closingTags(open.names()) + BEHIND;
}

function stays(html: string, { kind, name, end }: HtmlToken): boolean {
  if (kind === 'text') return true;
  // Comments and declarations have no name. Where a comment ends, programs disagree.
  if (name === '' || LEFT_OUT.has(name)) return false;
  if (kind === 'other') return true;
  // A tag that breaks off would take in what follows.
  return !TAGS_LEFT_OUT.has(name) && html[end - 1] === '>';
}

/** Tags that close what this one ends, although nothing says so. */
function opened(open: OpenElements, name: string): string {
  const tables = name === 'table' && endsTable(open.names()) ? closed(open, 'table') : '';
  const before = open.depth;
  const last = open.names().slice(-MOST_ENDED);
  open.open(name);
  const ended = before + (open.names().at(-1) === name ? 1 : 0) - open.depth;
  return tables + (ended === 0 ? '' : closingTags(last.slice(-ended)));
}

/** A table that begins within another one, but in none of its cells, ends that one. */
function endsTable(names: readonly string[]): boolean {
  const part = names.findLast((name) => name === 'table' || TABLE_PARTS.has(name));
  return part !== undefined && !CELLS.has(part);
}

/** The tag with those of what is open within its element; none where no such element is open. */
function closed(open: OpenElements, name: string): string {
  const before = open.depth;
  const names = open.names();
  let from = before;
  if (!open.has(name)) return '';
  while (from > 0) if (names[--from] === name) break;
  const tags = closingTags(names.slice(from));
  open.close(name);
  return tags;
}

const closingTags = (names: readonly string[]): string =>
  [...names]
    .reverse()
    .map((name) => `</${name}>`)
    .join('');
