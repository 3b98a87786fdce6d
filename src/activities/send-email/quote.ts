/**
 * A message that is answered or forwarded, as it stands in the new one. Owns: both forms of the quote, and where it stands. Must
 * not: choose what is quoted.
 *
 * The lines above it are those of the header, as Outlook writes them: they need no language.
 */
import type { AnsweredMessage, ReceivedAddress } from '../../generated/types.js';
import { htmlPart } from '../../mail/index.js';
import { escapedHtml } from './template-engine.js';

export type QuoteForm = 'reply' | 'forward';

interface Body {
  readonly text: string | undefined;
  readonly html: string | undefined;
}

const SEPARATOR = '---------- Forwarded message ----------';
const MAX_SHOWN = 20;

/** The body with the message below it, in each form that either of them has. */
export function withQuote(own: Body, message: AnsweredMessage, form: QuoteForm): Body {
  const theirs = { text: blankAsNone(message.text), html: blankAsNone(message.html) };
  const hasHtml = own.html !== undefined || theirs.html !== undefined;
  const html = hasHtml
    ? withBelow(own.html ?? htmlOf(own.text ?? ''), quotedHtml(message, theirs, form))
    : undefined;
  // Without a text of theirs to quote, the text is made of the whole HTML.
  const needsHtmlText = theirs.text === undefined && theirs.html !== undefined;
  const hasText = own.text !== undefined || own.html === undefined;
  const text =
    needsHtmlText || !hasText
      ? undefined
      : [own.text?.trimEnd() ?? '', quotedText(message, theirs.text ?? '', form)].join('\n\n').trimStart();
  return { text, html };
}

const blankAsNone = (text: string | null | undefined): string | undefined =>
  text === null || text === undefined || text.trim() === '' ? undefined : text;

function quotedText(message: AnsweredMessage, text: string, form: QuoteForm): string {
  const head = headLines(message).map(([name, value]) => `${name}: ${value}`);
  const lines = text.trimEnd().split(/\r\n|[\r\n]/u);
  return form === 'forward'
    ? [SEPARATOR, ...head, '', ...lines].join('\n')
    : [...head, '', ...lines.map((line) => (line.startsWith('>') ? `>${line}` : `> ${line}`))].join('\n');
}

function quotedHtml(message: AnsweredMessage, theirs: Body, form: QuoteForm): string {
  const head = headLines(message)
    .map(([name, value]) => `<b>${name}:</b> ${escapedHtml(value)}`)
    .join('<br>\n');
  const body = theirs.html === undefined ? htmlOf(theirs.text ?? '') : htmlPart(theirs.html);
  return form === 'forward'
    ? `<div>${SEPARATOR}<br>\n${head}</div>\n<br>\n<div>${body}</div>`
    : `<div>${head}</div>\n<blockquote type="cite" style="margin:0.5em 0 0 0.5em;padding-left:0.5em;border-left:2px solid #ccc">${body}</blockquote>`;
}

/** Where the own document ends, so that it stays one. */
function withBelow(html: string, quote: string): string {
  const below = `\n<br>\n${quote}\n`;
  let bodyEnd: number | undefined;
  let end: number | undefined;
  for (const { 0: tag, index } of html.matchAll(/<\/(?:body|html)\s*>/giu)) {
    if (tag.slice(2, 6).toLowerCase() === 'body') bodyEnd = index;
    else end = index;
  }
  const at = bodyEnd ?? end ?? html.length;
  return `${html.slice(0, at)}${below}${html.slice(at)}`;
}

const htmlOf = (text: string): string =>
  text === '' ? '' : `<div>${escapedHtml(text).replaceAll(/\r\n|[\r\n]/gu, '<br>\n')}</div>`;

function headLines(message: AnsweredMessage): [name: string, value: string][] {
  const at = message.sentAt ?? message.receivedAt ?? null;
  const lines: [string, string][] = [
    ['From', shownAddresses(message.from)],
    ['Date', at === null ? '' : `${at.slice(0, 16).replace('T', ' ')} UTC`],
    ['Subject', message.subject ?? ''],
    ['To', shownAddresses(message.to)],
    ['Cc', shownAddresses(message.cc)],
  ];
  return lines
    .map(([name, value]): [string, string] => [name, inLine(value)])
    .filter(([, value]) => value !== '');
}

function shownAddresses(addresses: readonly ReceivedAddress[] = []): string {
  const shown = addresses.slice(0, MAX_SHOWN).map(({ name, address }) => {
    if (address === '') return name;
    return name === '' || name === address ? address : `${name} <${address}>`;
  });
  return [...shown, ...(addresses.length > MAX_SHOWN ? ['…'] : [])].join(', ');
}

const inLine = (text: string): string => text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
