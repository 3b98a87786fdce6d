/**
 * Cuts HTML into tags and text in one pass, for limits and for finding quoted replies. Owns: where a tag begins and ends.
 * Must not: decide what is safe; that is html-safe.ts, whose parser judges what comes out of here again.
 */

export interface HtmlToken {
  readonly kind: 'text' | 'open' | 'close' | 'other';
  /** Lower case; empty for text, comments and declarations. */
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** Elements without content (HTML standard section 13.1.2). */
const VOID = new Set(
  'area base br col embed hr img input link meta param source track wbr basefont bgsound frame'.split(' '),
);
/** What is between their tags is not markup. */
const RAW = new Set('script style textarea title xmp iframe noembed noframes plaintext'.split(' '));

/** An opening tag ends these elements when they are innermost (HTML standard section 13.1.2.4). */
const ENDS: ReadonlyMap<string, readonly string[]> = new Map([
  ['li', ['li', 'p']],
  ['td', ['td', 'th', 'p']],
  ['th', ['td', 'th', 'p']],
  ['tr', ['td', 'th', 'tr', 'p']],
  ['dt', ['dt', 'dd', 'p']],
  ['dd', ['dt', 'dd', 'p']],
  ['option', ['option']],
  ...'p div table ul ol dl h1 h2 h3 h4 h5 h6 blockquote hr pre form section center address'
    .split(' ')
    .map((name): [string, string[]] => [name, ['p']]),
]);

const LESS = 0x3c;
const GREATER = 0x3e;

function isLetter(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a);
}

/** Space, tab, line feed, form feed, carriage return. */
function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d && code !== 0x0b);
}

/** Where the tag name that begins at `start` ends. */
function nameEnd(html: string, start: number): number {
  let at = start;
  while (at < html.length) {
    const code = html.charCodeAt(at);
    if (isSpace(code) || code === GREATER || code === 0x2f) break;
    at++;
  }
  return at;
}

/** Behind the `>` of the tag; the end of the text when there is none. Quotes count after an equals sign only. */
function tagEnd(html: string, from: number): number {
  let afterEquals = false;
  for (let at = from; at < html.length; at++) {
    const code = html.charCodeAt(at);
    if (code === GREATER) return at + 1;
    if (afterEquals && (code === 0x22 || code === 0x27)) {
      const close = html.indexOf(html.charAt(at), at + 1);
      if (close === -1) return html.length;
      at = close;
      afterEquals = false;
    } else if (code === 0x3d) {
      afterEquals = true;
    } else if (!isSpace(code)) {
      afterEquals = false;
    }
  }
  return html.length;
}

/** Where the closing tag of a raw element begins, or the end of the text. */
function rawEnd(html: string, from: number, name: string): number {
  for (let at = html.indexOf('</', from); at !== -1; at = html.indexOf('</', at + 2)) {
    if (html.slice(at + 2, at + 2 + name.length).toLowerCase() === name) return at;
  }
  return html.length;
}

function otherEnd(html: string, start: number): number {
  const closing = html.startsWith('<!--', start) ? '-->' : '>';
  const at = html.indexOf(closing, start + 2);
  return at === -1 ? html.length : at + closing.length;
}

/** The tokens of the text in order, without gaps. Linear in its length. */
export function* scanHtml(html: string): Generator<HtmlToken> {
  let textStart = 0;
  let at = html.indexOf('<');
  while (at !== -1) {
    const next = html.charCodeAt(at + 1);
    const close = next === 0x2f;
    const tag = isLetter(close ? html.charCodeAt(at + 2) : next);
    if (!tag && !close && next !== 0x21 && next !== 0x3f) {
      at = html.indexOf('<', at + 1);
      continue;
    }
    if (at > textStart) yield { kind: 'text', name: '', start: textStart, end: at };
    if (tag) {
      const nameStart = at + (close ? 2 : 1);
      const nameStop = nameEnd(html, nameStart);
      const name = html.slice(nameStart, nameStop).toLowerCase();
      const end = tagEnd(html, nameStop);
      yield { kind: close ? 'close' : 'open', name, start: at, end };
      textStart = end;
      if (!close && RAW.has(name)) {
        const stop = rawEnd(html, end, name);
        if (stop > end) yield { kind: 'other', name, start: end, end: stop };
        textStart = stop;
      }
    } else {
      textStart = otherEnd(html, at);
      yield { kind: 'other', name: '', start: at, end: textStart };
    }
    at = html.indexOf('<', textStart);
  }
  if (html.length > textStart) yield { kind: 'text', name: '', start: textStart, end: html.length };
}

/** Attributes of an opening tag, names in lower case, values as written; the first of a name counts. */
export function tagAttributes(html: string, token: HtmlToken): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const end = html.charCodeAt(token.end - 1) === GREATER ? token.end - 1 : token.end;
  let at = token.start + 1 + token.name.length;
  while (at < end) {
    const first = html.charCodeAt(at);
    if (isSpace(first) || first === 0x2f || first === LESS) {
      at++;
      continue;
    }
    const nameStart = at;
    at++;
    while (at < end && !isSpace(html.charCodeAt(at)) && html[at] !== '=' && html[at] !== '/') at++;
    const name = html.slice(nameStart, at).toLowerCase();
    while (at < end && isSpace(html.charCodeAt(at))) at++;
    let value = '';
    if (html[at] === '=') {
      at++;
      while (at < end && isSpace(html.charCodeAt(at))) at++;
      const quote = html[at];
      const valueStart = at;
      if (quote === '"' || quote === "'") {
        const close = html.indexOf(quote, at + 1);
        at = close === -1 || close > end ? end : close + 1;
        value = html.slice(valueStart + 1, at - 1);
      } else {
        while (at < end && !isSpace(html.charCodeAt(at))) at++;
        value = html.slice(valueStart, at);
      }
    }
    if (!found.has(name)) found.set(name, value);
  }
  return found;
}

/** Elements that are open, with what is asked of them in constant time. */
export class OpenElements {
  readonly #names: string[] = [];
  readonly #counts = new Map<string, number>();

  get depth(): number {
    return this.#names.length;
  }

  /** Outermost first. */
  names(): readonly string[] {
    return this.#names;
  }

  has(name: string): boolean {
    return (this.#counts.get(name) ?? 0) > 0;
  }

  /** Elements that the opening tag ends are closed; a void element is not open afterwards. */
  open(name: string): void {
    const ends = ENDS.get(name);
    for (let last = this.#names.at(-1); last !== undefined && ends?.includes(last); last = this.#names.at(-1))
      this.close(last);
    if (VOID.has(name)) return;
    this.#names.push(name);
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  /** Closes the innermost element of that name and all within; false when there is none. */
  close(name: string): boolean {
    if (!this.has(name)) return false;
    for (;;) {
      const last = this.#names.pop();
      if (last === undefined) return true;
      this.#counts.set(last, (this.#counts.get(last) ?? 1) - 1);
      if (last === name) return true;
    }
  }
}

export interface MarkupLimits {
  readonly depth: number;
  readonly tags: number;
}

/** The same HTML with less markup, and which of the limits took effect. */
export interface LimitedMarkup {
  readonly html: string;
  readonly tooDeep: boolean;
  readonly tooMany: boolean;
}

/**
 * The same HTML without the tags that are nested too deep, without those behind the allowed number, and without closing
 * tags that close nothing: parsers search their stack of open elements for each, which is quadratic. Text is kept.
 */
export function limitMarkup(html: string, limits: MarkupLimits): LimitedMarkup {
  const open = new OpenElements();
  const dropped = new Map<string, number>();
  const kept: string[] = [];
  let keptFrom = 0;
  let tags = 0;
  let tooDeep = false;
  const dropOpening = (token: HtmlToken, instead: string): void => {
    if (!VOID.has(token.name)) dropped.set(token.name, (dropped.get(token.name) ?? 0) + 1);
    drop(token, instead);
  };
  const drop = (token: HtmlToken, instead: string): void => {
    if (token.start > keptFrom) kept.push(html.slice(keptFrom, token.start), instead);
    keptFrom = token.end;
  };
  for (const token of scanHtml(html)) {
    if (token.kind === 'open') {
      if (++tags > limits.tags) {
        // The tag may have kept words apart.
        dropOpening(token, ' ');
        continue;
      }
      open.open(token.name);
      if (open.depth > limits.depth) {
        open.close(token.name);
        tooDeep = true;
        dropOpening(token, '');
      }
    } else if (token.kind === 'close') {
      const hidden = dropped.get(token.name) ?? 0;
      if (hidden > 0) dropped.set(token.name, hidden - 1);
      if (hidden > 0 || !open.close(token.name)) drop(token, tags > limits.tags ? ' ' : '');
    }
  }
  const tooMany = tags > limits.tags;
  if (keptFrom === 0) return { html, tooDeep, tooMany };
  kept.push(html.slice(keptFrom));
  return { html: kept.join(''), tooDeep, tooMany };
}
