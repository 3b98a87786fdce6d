/**
 * XML attachments as data: elements by name, attributes with `@`, text beside them as `#text`; an element that comes
 * more than once is an array. Values stay text. Owns: the limits: no document type, so no entity of the sender's own.
 */
import type { XMLParser } from 'fast-xml-parser';
import { cleanText } from '../mime/charset.js';
import {
  MAX_DATA_DEPTH,
  MAX_DATA_LENGTH,
  problem,
  withoutMark,
  type DataProblem,
  type DataValue,
  type ParsedData,
} from './data.js';

/** The library refuses these names, and rightly: a careless merge would change the prototype of all objects. */
const RESERVED = new Set(['__proto__', 'constructor', 'prototype']);
const MAX_ELEMENTS = 200_000;

let library: Promise<typeof XMLParser> | undefined;

export async function parseXml(text: string): Promise<ParsedData<DataValue>> {
  if (text.length > MAX_DATA_LENGTH) return problem('too-large', text.length);
  const xml = cleanText(withoutMark(text)).trim();
  if (xml === '') return problem('empty');
  const refused = inspect(xml);
  if (refused !== undefined) return refused;
  library ??= import('fast-xml-parser').then((loaded) => loaded.XMLParser);
  const Parser = await library;
  try {
    const parser = new Parser({
      ignoreAttributes: false,
      attributeNamePrefix: '@',
      parseTagValue: false,
      // It would trim each piece of a text; clean() trims the whole.
      trimValues: false,
      parseAttributeValue: false,
      ignoreDeclaration: true,
      ignorePiTags: true,
      maxNestedTags: MAX_DATA_DEPTH,
      // Those of XML and HTML and by number; the sender's own are refused with the document type.
      processEntities: true,
      htmlEntities: true,
      // Names are taken as they are: the result is built anew below.
      onDangerousProperty: (name) => name,
    });
    return { data: clean(parser.parse(xml)), warnings: [] };
  } catch {
    return problem('malformed'); // its message quotes the content
  }
}

/** Document type, reserved names, tags that do not match, depth and number of elements, before anything is built. */
function inspect(xml: string): { problem: DataProblem } | undefined {
  const open: string[] = [];
  let elements = 0;
  let roots = 0;
  let at = 0;
  while (at < xml.length) {
    const next = xml.indexOf('<', at);
    const textEnd = next === -1 ? xml.length : next;
    if (open.length === 0 && !isSpace(xml, at, textEnd)) return problem('malformed');
    if (next === -1) break;
    const skipped = skippedEnd(xml, next);
    if (skipped === 'doctype') return problem('doctype');
    if (skipped !== undefined) {
      if (skipped === -1) return problem('malformed');
      at = skipped;
      continue;
    }
    const tag = readTag(xml, next);
    if (tag === undefined) return problem('malformed');
    at = tag.end;
    if (tag.kind === 'close') {
      if (open.pop() !== tag.name) return problem('malformed');
      continue;
    }
    if (RESERVED.has(tag.name)) return problem('name-reserved', tag.name);
    if (open.length === 0) roots++;
    if (tag.kind === 'open') open.push(tag.name);
    elements += 1 + tag.attributes;
    if (open.length > MAX_DATA_DEPTH) return problem('too-deep', open.length);
    if (elements > MAX_ELEMENTS) return problem('too-many-values', elements);
  }
  return roots === 1 && open.length === 0 ? undefined : problem('malformed');
}

/** Behind the comment, CDATA section or instruction that begins here; undefined when it is a tag, -1 when it is open. */
function skippedEnd(xml: string, at: number): number | 'doctype' | undefined {
  for (const [start, end] of SKIPPED) {
    if (!xml.startsWith(start, at)) continue;
    const found = xml.indexOf(end, at + start.length);
    return found === -1 ? -1 : found + end.length;
  }
  return xml.startsWith('<!', at) ? 'doctype' : undefined;
}

const SKIPPED = [
  ['<!--', '-->'],
  ['<![CDATA[', ']]>'],
  ['<?', '?>'],
] as const;

function isSpace(xml: string, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (!SPACES.includes(xml[at] ?? '')) return false;
  return true;
}

const SPACES = ' \t\r\n';

interface Tag {
  readonly kind: 'open' | 'close' | 'empty';
  readonly name: string;
  readonly attributes: number;
  readonly end: number;
}

/** The tag that begins here, attributes in quotes as XML demands; the library would drop others in silence. */
function readTag(xml: string, start: number): Tag | undefined {
  const close = xml[start + 1] === '/';
  const nameStart = start + (close ? 2 : 1);
  let at = nameStart;
  while (at < xml.length && !` \t\r\n/>=<"'`.includes(xml[at] ?? '')) at++;
  const name = xml.slice(nameStart, at);
  if (name === '') return undefined;
  const skipSpace = (): void => {
    while (at < xml.length && SPACES.includes(xml[at] ?? '')) at++;
  };
  for (let attributes = 0; ; attributes++) {
    skipSpace();
    if (xml[at] === '>') return { kind: close ? 'close' : 'open', name, attributes, end: at + 1 };
    if (close) return undefined;
    if (xml.startsWith('/>', at)) return { kind: 'empty', name, attributes, end: at + 2 };
    const attribute = at;
    while (at < xml.length && !` \t\r\n/>=<"'`.includes(xml[at] ?? '')) at++;
    if (at === attribute) return undefined;
    skipSpace();
    if (xml[at] !== '=') return undefined;
    at++;
    skipSpace();
    const quote = xml[at];
    if (quote !== '"' && quote !== "'") return undefined;
    at = xml.indexOf(quote, at + 1) + 1;
    if (at === 0) return undefined;
  }
}

/** Depth is limited above, so that this may recurse. */
function clean(value: unknown): DataValue {
  if (typeof value === 'string') return cleanText(value).trim();
  if (Array.isArray(value)) return value.map(clean);
  if (typeof value !== 'object' || value === null) return null;
  const entries = Object.entries(value).map(([key, inner]): [string, DataValue] => [key, clean(inner)]);
  // Line breaks between elements are no text.
  return Object.fromEntries(entries.filter(([key, inner]) => key !== '#text' || inner !== ''));
}
