/**
 * HTML of a message made safe to show: no script, no event handler, form, frame, foreign style sheet or address that
 * runs; images of other servers are left out unless they are allowed, since loading one tells the sender who reads.
 * Owns: what may stay. Must not: be the only defence of a page that shows it; a host adds a Content-Security-Policy.
 */
import type SanitizeHtml from 'sanitize-html';
import { cleanText } from '../mime/charset.js';
import { limitMarkup } from './html-scan.js';
import { filterStyle } from './style-filter.js';
import { Warnings, type ContentWarning } from './warnings.js';

export interface SafeHtmlOptions {
  /** Images that would be fetched from a server. Default: remove; their address is kept as data-removed-src. */
  readonly remoteImages?: 'remove' | 'keep' | undefined;
}

export interface SafeHtml {
  readonly html: string;
  /** Images of other servers that were left out. */
  readonly remoteImagesRemoved: number;
  readonly warnings: readonly ContentWarning[];
}

/** Longer HTML is cut; sanitising takes many times its length in memory. */
const MAX_LENGTH = 2_000_000;
const LIMITS = { depth: 200, tags: 200_000 };

const ELEMENTS = (
  'a abbr acronym address article aside b bdi bdo big blockquote br caption center cite code col colgroup dd del ' +
  'dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark ol p pre ' +
  'q rp rt ruby s samp section small span strike strong sub sup table tbody td tfoot th thead time tr tt u ul var wbr'
).split(' ');

/** Without id, name and class: foreign HTML must not take a name that a page uses. */
const ATTRIBUTES = {
  '*': ['style', 'title', 'dir', 'lang', 'align', 'valign', 'bgcolor', 'width', 'height'],
  a: ['href', 'rel'],
  img: ['src', 'alt', 'border', 'hspace', 'vspace', 'data-removed-src'],
  font: ['color', 'face', 'size'],
  table: ['border', 'cellpadding', 'cellspacing'],
  td: ['colspan', 'rowspan', 'nowrap'],
  th: ['colspan', 'rowspan', 'nowrap', 'scope'],
  col: ['span'],
  colgroup: ['span'],
  ol: ['start', 'type', 'reversed'],
  ul: ['type'],
  li: ['value'],
  time: ['datetime'],
};

/** Content of these is no text for people. Not `head`: mail leaves it open, and all text would be lost. */
const NO_TEXT =
  'script style title textarea option xmp iframe noembed noframes plaintext object svg math template'.split(
    ' ',
  );

const DATA_IMAGE = /^data:image\/(?:png|gif|jpeg|webp|bmp);base64,[a-z\d+/=\s]*$/iu;

/** Without what browsers skip when they read a scheme. */
function schemeOf(address: string): string {
  // eslint-disable-next-line no-control-regex -- browsers strip control characters from addresses
  const bare = address.replace(/[\u0000-\u0020\u007f-\u00a0\u200b-\u200f\u2028-\u202f\ufeff]+/gu, '');
  return /^([a-z][a-z\d+.-]*):/iu.exec(bare)?.[1]?.toLowerCase() ?? '';
}

type Attributes = Record<string, string>;

const LINK_SCHEMES = ['http', 'https', 'mailto', 'tel'];

/** An address without a server (`/x`, `#x`) would be completed by the page that shows the message. */
function linkAttributes({ href = '', ...rest }: Attributes): Attributes {
  delete rest['rel'];
  const rel = 'noopener noreferrer nofollow';
  const leadsSomewhere = LINK_SCHEMES.includes(schemeOf(href)) || href.trim().startsWith('//');
  return leadsSomewhere ? { href, ...rest, rel } : { ...rest, rel };
}

function withSafeStyle(attributes: Attributes): Attributes {
  const { style, ...rest } = attributes;
  const kept = style === undefined ? '' : filterStyle(style);
  return kept === '' ? rest : { ...rest, style: kept };
}

function isRemote(address: string): boolean {
  const scheme = schemeOf(address);
  return scheme === 'http' || scheme === 'https' || address.trim().startsWith('//');
}

function imageAttributes(attributes: Attributes, keepRemote: boolean, onRemoved: () => void): Attributes {
  const { src = '', ...rest } = attributes;
  if (!isRemote(rest['data-removed-src'] ?? '')) delete rest['data-removed-src'];
  const scheme = schemeOf(src);
  if (scheme === 'cid') return { src, ...rest };
  if (scheme === 'data') return DATA_IMAGE.test(src.trim()) ? { src: src.trim(), ...rest } : rest;
  if (!isRemote(src)) return rest;
  if (keepRemote) return { src, ...rest };
  onRemoved();
  return { ...rest, 'data-removed-src': src };
}

let sanitize: Promise<typeof SanitizeHtml> | undefined;

/** Never throws because of the HTML. The result is a fragment, without html, head and body. */
export async function sanitizeHtml(html: string, options: SafeHtmlOptions = {}): Promise<SafeHtml> {
  const warnings = new Warnings();
  if (html.length > MAX_LENGTH) warnings.add('html-cut', html.length);
  const limited = limitMarkup(html.slice(0, MAX_LENGTH), LIMITS);
  if (limited.tooDeep) warnings.add('html-nesting-too-deep', LIMITS.depth);
  if (limited.tooMany) warnings.add('html-too-many-tags', LIMITS.tags);
  sanitize ??= import('sanitize-html').then((library) => library.default);
  let remoteImagesRemoved = 0;
  const safe = (await sanitize)(cleanText(limited.html), {
    allowedTags: ELEMENTS,
    allowedAttributes: ATTRIBUTES,
    allowedSchemes: LINK_SCHEMES,
    allowedSchemesByTag: { img: ['http', 'https', 'cid', 'data'] },
    allowedSchemesAppliedToAttributes: ['href', 'src'],
    allowProtocolRelative: true,
    nonTextTags: NO_TEXT,
    disallowedTagsMode: 'discard',
    // filterStyle() is stricter, and postcss costs more than all the rest.
    parseStyleAttributes: false,
    transformTags: {
      a: (tagName, attribs) => ({
        tagName,
        attribs: linkAttributes(withSafeStyle(attribs)),
      }),
      img: (tagName, attribs) => ({
        tagName,
        attribs: imageAttributes(withSafeStyle(attribs), options.remoteImages === 'keep', () => {
          remoteImagesRemoved++;
        }),
      }),
      '*': (tagName, attribs) => ({ tagName, attribs: withSafeStyle(attribs) }),
    },
  });
  return { html: cleanText(safe), remoteImagesRemoved, warnings: warnings.list };
}
