/**
 * A whole HTML document as a part of another one, as a quote needs it. Owns: that nothing in it ends what stands around it, or
 * holds for what is beside it. Must not: make it safe to show; what shows mail does.
 */
import { OpenElements, scanHtml, type HtmlToken } from './html-scan.js';

/** Their tags stand once in a document, or hold for all of it. */
const WHOLE_DOCUMENT = new Set('html head body frameset base meta link'.split(' '));
/** Left out with what is in them: never shown, never run in mail, or without an end. */
const LEFT_OUT = new Set(['title', 'script', 'plaintext']);

/** Linear in its length. What was left open is closed behind it. */
export function htmlPart(html: string): string {
  const open = new OpenElements();
  const kept: string[] = [];
  for (const token of scanHtml(html))
    if (stays(html, token, open)) kept.push(html.slice(token.start, token.end));
  const closing = [...open.names()].reverse().map((name) => `</${name}>`);
  return kept.join('').trim() + closing.join('');
}

function stays(html: string, { kind, name, end }: HtmlToken, open: OpenElements): boolean {
  if (kind === 'text') return true;
  // Comments and declarations have no name. Where a comment ends, programs disagree.
  if (name === '' || LEFT_OUT.has(name)) return false;
  if (kind === 'other') return true;
  // A tag that breaks off would take in what follows.
  if (WHOLE_DOCUMENT.has(name) || html[end - 1] !== '>') return false;
  if (kind === 'close') return open.close(name);
  open.open(name);
  return true;
}
