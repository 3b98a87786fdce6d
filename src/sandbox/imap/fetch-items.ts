/**
 * Reads what a FETCH asks for: items, macros, body sections with partials. Renders nothing.
 */
import type { ArgumentReader } from './argument-reader.js';
import { badArgument } from './command-failure.js';

export type SectionText =
  | { readonly kind: 'whole' }
  | { readonly kind: 'header' }
  | { readonly kind: 'fields'; readonly names: readonly string[]; readonly isInverted: boolean }
  | { readonly kind: 'text' }
  | { readonly kind: 'mime' };

export interface Section {
  /** [2, 1] for part 2.1; empty for the message itself. */
  readonly path: readonly number[];
  readonly text: SectionText;
}

export type FetchItem =
  | {
      readonly kind: 'simple';
      readonly name: 'FLAGS' | 'UID' | 'INTERNALDATE' | 'RFC822.SIZE' | 'ENVELOPE' | 'BODY' | 'BODYSTRUCTURE';
    }
  | {
      readonly kind: 'section';
      /** As it is repeated in the answer: 'BODY[1.MIME]', 'RFC822.TEXT'. */
      readonly label: string;
      readonly section: Section;
      readonly partial: { readonly start: number; readonly length: number } | undefined;
      /** Fetching it marks the message as read. */
      readonly marksSeen: boolean;
    };

type SimpleName = Extract<FetchItem, { kind: 'simple' }>['name'];

const SIMPLE = new Set<string>([
  'FLAGS',
  'UID',
  'INTERNALDATE',
  'RFC822.SIZE',
  'ENVELOPE',
  'BODY',
  'BODYSTRUCTURE',
]);
const MACROS = new Map<string, readonly SimpleName[]>([
  ['FAST', ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE']],
  ['ALL', ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE']],
  ['FULL', ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE', 'BODY']],
]);
const RFC822 = new Map<string, { text: SectionText; marksSeen: boolean }>([
  ['RFC822', { text: { kind: 'whole' }, marksSeen: true }],
  ['RFC822.HEADER', { text: { kind: 'header' }, marksSeen: false }],
  ['RFC822.TEXT', { text: { kind: 'text' }, marksSeen: true }],
]);
const MAX_PATH = 32;

export function readFetchItems(args: ArgumentReader): FetchItem[] {
  if (args.peek() === '(') {
    const items = args.list(() => readItem(args, readName(args)));
    if (items.length === 0) throw badArgument();
    return items;
  }
  const name = readName(args);
  const macro = MACROS.get(name);
  return macro === undefined
    ? [readItem(args, name)]
    : macro.map((simple) => ({ kind: 'simple', name: simple }));
}

function readName(args: ArgumentReader): string {
  return args.takeWhile((char) => /[\w.-]/u.test(char)).toUpperCase();
}

function readItem(args: ArgumentReader, name: string): FetchItem {
  if ((name === 'BODY' || name === 'BODY.PEEK') && args.take('[')) return readSection(args, name === 'BODY');
  if (SIMPLE.has(name)) return { kind: 'simple', name: name as SimpleName };
  const old = RFC822.get(name);
  if (old === undefined) throw badArgument();
  const section: Section = { path: [], text: old.text };
  return { kind: 'section', label: name, section, partial: undefined, marksSeen: old.marksSeen };
}

function readSection(args: ArgumentReader, marksSeen: boolean): FetchItem {
  const spec = args.takeWhile((char) => /[\w.-]/u.test(char)).toUpperCase();
  const match = /^(?<path>[\d.]*?)\.?(?<text>HEADER\.FIELDS\.NOT|HEADER\.FIELDS|HEADER|TEXT|MIME)?$/u.exec(
    spec,
  )?.groups;
  if (match === undefined) throw badArgument();
  const path = parsePath(match.path ?? '');
  const keyword = match.text ?? '';
  const names = keyword.startsWith('HEADER.FIELDS') ? readFieldNames(args) : [];
  args.expect(']');
  const partial = args.take('<') ? readPartial(args) : undefined;
  const fields = names.length > 0 ? ` (${names.join(' ')})` : '';
  const origin = partial === undefined ? '' : `<${partial.start}>`;
  return {
    kind: 'section',
    label: `BODY[${spec}${fields}]${origin}`,
    section: { path, text: toSectionText(keyword, names, path) },
    partial,
    marksSeen,
  };
}

function parsePath(text: string): number[] {
  if (text === '') return [];
  const path = text.split('.').map(Number);
  if (path.length > MAX_PATH || path.some((number) => number < 1)) throw badArgument();
  return path;
}

function readFieldNames(args: ArgumentReader): string[] {
  args.space();
  const names = args.list(() => args.aString());
  // A field name is printable ASCII; it is repeated in the answer and must not be able to break out of it.
  if (
    names.length === 0 ||
    names.some((name) => !/^[\x21-\x7e]+$/u.test(name) || /["()[\\\]{]/u.test(name))
  ) {
    throw badArgument();
  }
  return names;
}

function readPartial(args: ArgumentReader): { start: number; length: number } {
  const start = args.number();
  args.expect('.');
  const length = args.number();
  args.expect('>');
  if (length === 0) throw badArgument();
  return { start, length };
}

function toSectionText(keyword: string, names: readonly string[], path: readonly number[]): SectionText {
  switch (keyword) {
    case 'HEADER':
      return { kind: 'header' };
    case 'HEADER.FIELDS':
    case 'HEADER.FIELDS.NOT':
      return {
        kind: 'fields',
        names: names.map((name) => name.toLowerCase()),
        isInverted: keyword.endsWith('NOT'),
      };
    case 'TEXT':
      return { kind: 'text' };
    case 'MIME':
      if (path.length === 0) throw badArgument();
      return { kind: 'mime' };
    default:
      return { kind: 'whole' };
  }
}
