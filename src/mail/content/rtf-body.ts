/**
 * HTML or text that Outlook wrapped in RTF (MS-OXRTFEX), unwrapped, and the text of RTF that was written as such. Owns:
 * which of the RTF is the body. Must not: keep any layout of RTF; a warning says that it is lost.
 */
import { cleanText, decodeCharset } from '../mime/charset.js';
import { codePageLabel, fontCodePage } from './code-pages.js';
import type { Warnings } from './warnings.js';

export interface RtfBody {
  readonly kind: 'html' | 'text';
  readonly content: string;
}

/** Deeper groups do not come from Outlook. */
const MAX_GROUPS = 1000;
/** As much is looked at for the mark that says what the RTF was made of. */
const MARK_RANGE = 1024;

/** Groups whose content is not shown; those with \* are skipped anyway. */
const HIDDEN = new Set([
  ...['fonttbl', 'colortbl', 'stylesheet', 'info', 'pict', 'mhtmltag'],
  ...['header', 'headerl', 'headerr', 'headerf', 'footer', 'footerl', 'footerr', 'footerf'],
]);
/** Control words that stand for a character. */
const SIGNS: Readonly<Record<string, string>> = {
  par: '\r\n',
  line: '\r\n',
  row: '\r\n',
  sect: '\r\n',
  page: '\r\n',
  cell: '\t',
  tab: '\t',
  lquote: '‘',
  rquote: '’',
  ldblquote: '“',
  rdblquote: '”',
  bullet: '•',
  endash: '–',
  emdash: '—',
  emspace: ' ',
  enspace: ' ',
};

interface Group {
  /** The content is not part of the body. */
  hidden: boolean;
  /** Within \*\htmltag: HTML as it was. */
  tag: boolean;
  /** Between \htmlrtf and \htmlrtf0: RTF for programs that do not know HTML. */
  skipped: boolean;
  fonts: boolean;
  font: number;
  /** Characters that follow \u for programs that do not know Unicode. */
  fallback: number;
}

/** undefined when the RTF was not made of HTML or text. */
export function unwrapRtf(rtf: Buffer, warnings: Warnings): RtfBody | undefined {
  const mark = rtf.subarray(0, MARK_RANGE).toString('latin1');
  if (mark.includes('\\fromhtml1')) return { kind: 'html', content: new Unwrapper(rtf, warnings).run(true) };
  if (mark.includes('\\fromtext')) return { kind: 'text', content: new Unwrapper(rtf, warnings).run(false) };
  return undefined;
}

/** What a reader would see of RTF, as text. */
export function textOfRtf(rtf: Buffer, warnings: Warnings): string {
  warnings.add('rtf-as-text');
  return new Unwrapper(rtf, warnings).run(false);
}

class Unwrapper {
  readonly #source: string;
  readonly #warnings: Warnings;
  readonly #output: string[] = [];
  readonly #groups: Group[] = [];
  readonly #fontPages = new Map<number, number>();
  #group: Group = { hidden: false, tag: false, skipped: false, fonts: false, font: -1, fallback: 1 };
  #ansiPage = 1252;
  /** Bytes of the body that wait for their neighbours: a character may have two. */
  #bytes: number[] = [];
  /** Characters still to be skipped after \u. */
  #skip = 0;
  #at = 0;
  #fromHtml = false;

  constructor(rtf: Buffer, warnings: Warnings) {
    this.#source = rtf.toString('latin1');
    this.#warnings = warnings;
  }

  run(fromHtml: boolean): string {
    this.#fromHtml = fromHtml;
    while (this.#at < this.#source.length) {
      const sign = this.#source[this.#at++] ?? '';
      if (sign === '{') {
        if (!this.#open()) break;
      } else if (sign === '}') this.#close();
      else if (sign === '\\') this.#control();
      else if (sign !== '\r' && sign !== '\n') this.#byte(sign.charCodeAt(0));
    }
    this.#flush();
    return cleanText(this.#output.join(''));
  }

  #open(): boolean {
    this.#flush();
    if (this.#groups.length >= MAX_GROUPS) {
      this.#warnings.add('rtf-too-deep', MAX_GROUPS);
      return false;
    }
    this.#groups.push(this.#group);
    this.#group = { ...this.#group };
    this.#skip = 0;
    if (!this.#source.startsWith('\\*', this.#at)) return true;
    // An optional destination: only the tags of the HTML are wanted.
    this.#at += 2;
    const known = /^[ \r\n]*\\htmltag(\d*) ?/u.exec(this.#source.slice(this.#at, this.#at + 40));
    if (known === null || !this.#fromHtml) this.#group.hidden = true;
    else {
      this.#at += known[0].length;
      this.#group.tag = true;
    }
    return true;
  }

  #close(): void {
    this.#flush();
    this.#group = this.#groups.pop() ?? this.#group;
    this.#skip = 0;
  }

  #control(): void {
    const sign = this.#source[this.#at] ?? '';
    if (/[a-z]/iu.test(sign)) {
      this.#word();
      return;
    }
    this.#at++;
    if (sign === "'") {
      const byte = Number.parseInt(this.#source.slice(this.#at, this.#at + 2), 16);
      this.#at += 2;
      if (!Number.isNaN(byte)) this.#byte(byte);
    } else if (sign === '{' || sign === '}' || sign === '\\') this.#byte(sign.charCodeAt(0));
    else if (sign === '~') this.#text('\u00A0');
    else if (sign === '_') this.#text('\u00AD');
    else if (sign === '\r' || sign === '\n') this.#text('\r\n');
  }

  /** A control word, its number and the space that ends it. */
  #word(): void {
    const start = this.#at;
    const source = this.#source;
    while (isLetter(source.charCodeAt(this.#at))) this.#at++;
    const name = source.slice(start, Math.min(this.#at, start + 32));
    const numberStart = this.#at;
    if (source[this.#at] === '-') this.#at++;
    while (isDigit(source.charCodeAt(this.#at))) this.#at++;
    const digits = source.slice(numberStart, Math.min(this.#at, numberStart + 11));
    if (source[this.#at] === ' ') this.#at++;
    this.#apply(name, /\d/u.test(digits) ? Number.parseInt(digits, 10) : undefined);
  }

  #apply(name: string, value: number | undefined): void {
    this.#skip = 0;
    const group = this.#group;
    const sign = SIGNS[name];
    if (sign !== undefined) this.#text(sign);
    else if (name === 'u' && value !== undefined) {
      this.#text(String.fromCharCode(value & 0xffff));
      this.#skip = group.fallback;
    } else {
      // A change of font changes what the bytes before it do not mean.
      this.#flush();
      if (name === 'htmlrtf') group.skipped = value !== 0;
      else if (name === 'uc') group.fallback = Math.min(Math.max(value ?? 1, 0), 10);
      else if (name === 'ansicpg') this.#ansiPage = value ?? this.#ansiPage;
      else if (name === 'f') group.font = value ?? -1;
      else if (name === 'fcharset' && group.fonts) this.#setFontPage(fontCodePage(value ?? 0));
      else if (name === 'cpg' && group.fonts) this.#setFontPage(value);
      else if (name === 'bin') this.#at += Math.max(value ?? 0, 0);
      else if (HIDDEN.has(name)) {
        group.hidden = true;
        group.fonts = name === 'fonttbl';
      }
    }
  }

  #setFontPage(page: number | undefined): void {
    if (page !== undefined && this.#fontPages.size < MAX_GROUPS) this.#fontPages.set(this.#group.font, page);
  }

  get #shown(): boolean {
    const { hidden, tag, skipped } = this.#group;
    return !hidden && (tag || !skipped);
  }

  #byte(byte: number): void {
    if (this.#skip > 0) this.#skip--;
    else if (this.#shown) this.#bytes.push(byte);
    if (this.#bytes.length >= 64 * 1024) this.#flush();
  }

  #text(text: string): void {
    this.#flush();
    if (this.#shown) this.#output.push(text);
  }

  #flush(): void {
    if (this.#bytes.length === 0) return;
    const page = this.#group.tag ? this.#ansiPage : (this.#fontPages.get(this.#group.font) ?? this.#ansiPage);
    const { text, warning } = decodeCharset(Buffer.from(this.#bytes), codePageLabel(page));
    if (warning !== undefined) this.#warnings.add(warning, `cp${page}`);
    this.#output.push(text);
    this.#bytes = [];
  }
}

function isLetter(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a);
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}
