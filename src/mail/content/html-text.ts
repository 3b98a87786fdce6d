/**
 * HTML to plain text for people and searches: links as "text [address]", lists and tables in lines, no images.
 * Owns: the options of html-to-text and the limits around it. Must not: be used to make HTML safe.
 */
import type { convert as Convert, HtmlToTextOptions } from 'html-to-text';
import { cleanText } from '../mime/charset.js';
import { limitMarkup } from './html-scan.js';
import { Warnings, type ContentWarning } from './warnings.js';

export interface HtmlTextOptions {
  /** `brackets` shows the address behind the text of a link, `none` leaves it out. Default: brackets. */
  readonly links?: 'brackets' | 'none' | undefined;
}

export interface TextOfHtml {
  readonly text: string;
  readonly warnings: readonly ContentWarning[];
}

/** Longer HTML is cut: nobody reads it, and conversion takes up to seventy times its length in memory. */
const MAX_LENGTH = 2_000_000;
/** html-to-text walks the tree recursively, copies text once for each level and indents it; each element takes a kilobyte. */
const LIMITS = { depth: 50, tags: 100_000 };

/** Only addresses that a person can follow are shown. */
function shownAddress(address: string): string {
  const scheme = /^\s*([a-z][a-z0-9+.-]*):/iu.exec(address)?.[1]?.toLowerCase();
  return scheme !== undefined && ['http', 'https', 'mailto', 'tel', 'ftp'].includes(scheme) ? address : '';
}

function optionsOf({ links = 'brackets' }: HtmlTextOptions): HtmlToTextOptions {
  return {
    wordwrap: false,
    // Length and depth are limited before: html-to-text would write to the console, and drop what is below.
    limits: { maxInputLength: MAX_LENGTH },
    formatters: {
      cell(element, walk, builder) {
        walk(element.children, builder);
        builder.addLiteral('\t');
      },
    },
    selectors: [
      {
        selector: 'a',
        options: {
          linkBrackets: ['[', ']'],
          hideLinkHrefIfSameAsText: true,
          ignoreHref: links === 'none',
          noAnchorUrl: true,
          pathRewrite: shownAddress,
        },
      },
      { selector: 'img', format: 'skip' },
      { selector: 'title', format: 'skip' },
      ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({
        selector,
        options: { uppercase: false, leadingLineBreaks: 2, trailingLineBreaks: 1 },
      })),
      { selector: 'table', format: 'block', options: { leadingLineBreaks: 1, trailingLineBreaks: 1 } },
      { selector: 'tr', format: 'block', options: { leadingLineBreaks: 1, trailingLineBreaks: 1 } },
      { selector: 'td', format: 'cell' },
      { selector: 'th', format: 'cell' },
    ],
  };
}

let convert: Promise<typeof Convert> | undefined;

/** Never throws because of the HTML: what cannot be converted is said in `warnings`. */
export async function htmlToText(html: string, options: HtmlTextOptions = {}): Promise<TextOfHtml> {
  const warnings = new Warnings();
  if (html.length > MAX_LENGTH) warnings.add('html-cut', html.length);
  const limited = limitMarkup(html.slice(0, MAX_LENGTH), LIMITS);
  if (limited.tooDeep) warnings.add('html-nesting-too-deep', LIMITS.depth);
  if (limited.tooMany) warnings.add('html-too-many-tags', LIMITS.tags);
  convert ??= import('html-to-text').then((library) => library.convert);
  const text = (await convert)(limited.html, optionsOf(options));
  // Nested lists and quotes indent every line again.
  if (text.length > MAX_LENGTH) warnings.add('text-cut', text.length);
  return { text: tidy(text.slice(0, MAX_LENGTH)), warnings: warnings.list };
}

/** Cells leave a tab at the end of a line, and layout tables whole lines of them. */
function tidy(text: string): string {
  const lines: string[] = [];
  let empty = 0;
  for (const raw of cleanText(text).split('\n')) {
    const line = raw.trimEnd().replace(/^\t+/u, '');
    empty = line === '' ? empty + 1 : 0;
    if (empty < 3) lines.push(line);
  }
  return lines.join('\n').trim();
}
