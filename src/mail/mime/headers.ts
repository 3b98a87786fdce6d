/**
 * Header fields (RFC 5322 section 2.2) and what is in them: encoded words, addresses, message ids.
 * Owns: turning header bytes into text. Must not: know bodies.
 */
import { isAscii, isUtf8 } from 'node:buffer';
import addressparser from 'nodemailer/lib/addressparser';
import type { HeaderField, ReceivedAddress } from '../../generated/types.js';
import { cleanText, decodeCharset, decodeUndeclared } from './charset.js';
import { decodeWords, type WordReport } from './encoded-words.js';

export { parseDate } from './date.js';
export { parseParameters, type ParameterizedValue } from './parameters.js';

/** More fields than this are not kept. */
const MAX_FIELDS = 10_000;

/**
 * Raw fields in order, unfolded. A line that is neither a field nor indented has lost its indentation and belongs to the
 * field before it; mbox separators are left out.
 * @param guessed is told of fields in a charset that nobody declared
 */
export function parseHeaderBlock(block: Buffer, guessed?: (name: string) => void): HeaderField[] {
  const fields: { name: string; value: string }[] = [];
  for (const line of headerText(block, guessed).split(/\r\n|[\r\n]/u)) {
    if (line === '') continue;
    const last = fields.at(-1);
    const colon = line.indexOf(':');
    const indented = line.startsWith(' ') || line.startsWith('\t');
    const name = indented || colon <= 0 ? '' : line.slice(0, colon).trimEnd();
    if (name !== '' && !/\s/u.test(name)) {
      if (fields.length >= MAX_FIELDS) break;
      fields.push({ name, value: line.slice(colon + 1) });
    } else if (last !== undefined) {
      last.value += indented ? line : ` ${line}`;
    }
  }
  for (const field of fields) field.value = field.value.trim();
  return fields;
}

/**
 * Raw 8-bit fields are UTF-8 (RFC 6532). Where one is not, each is judged by itself: what senders of old wrote is in the
 * charset that the part declares, or in Windows-1252.
 */
function headerText(block: Buffer, guessed?: (name: string) => void): string {
  if (isAscii(block) || isUtf8(block)) return decodeUndeclared(block);
  const bytes = block.toString('latin1');
  const declared = /^content-type:[^\r\n]{0,500}?charset\s{0,5}=\s{0,5}"?([\w.:-]{1,50})/imu.exec(bytes)?.[1];
  return bytes
    .split(/(?<=\n)(?![\t ])/u)
    .map((field) => {
      const raw = Buffer.from(field, 'latin1');
      if (isUtf8(raw)) return decodeUndeclared(raw);
      const read = declared === undefined ? undefined : decodeCharset(raw, declared);
      if (read !== undefined && read.warning === undefined) return read.text;
      guessed?.(field.slice(0, Math.max(0, field.indexOf(':'))));
      return decodeUndeclared(raw);
    })
    .join('');
}

/** First fields by their names in lower case: a message is asked for some thirty of them. */
const indexes = new WeakMap<readonly HeaderField[], ReadonlyMap<string, HeaderField>>();

/** The first field of that name as it stands in the list. */
export function firstField(fields: readonly HeaderField[], name: string): HeaderField | undefined {
  let index = indexes.get(fields);
  if (index === undefined) {
    index = indexOf(fields);
    indexes.set(fields, index);
  }
  return index.get(name.toLowerCase());
}

function indexOf(fields: readonly HeaderField[]): Map<string, HeaderField> {
  const index = new Map<string, HeaderField>();
  for (const field of fields) {
    const name = field.name.toLowerCase();
    if (!index.has(name)) index.set(name, field);
  }
  return index;
}

/** The first field of that name, undecoded. */
export function rawField(fields: readonly HeaderField[], name: string): string | undefined {
  return firstField(fields, name)?.value;
}

/** Encoded words decoded; a word in an unknown charset stays as it is written. One line, no NUL, no lone surrogate. */
export function decodeText(value: string, report?: WordReport): string {
  if (!value.includes('=?')) return cleanText(value);
  // An encoded word may hold a line break; header values downstream are one line.
  return cleanText(decodeWords(value, report)).replace(/[\r\n]+/gu, ' ');
}

/** Addresses of a field, groups dissolved, names decoded after parsing so that an encoded comma separates nothing. */
export function parseAddresses(value: string | undefined): ReceivedAddress[] {
  if (value === undefined) return [];
  return (simpleAddresses(value) ?? addressparser(value, { flatten: true }).filter(isNoRemark(value)))
    .map(({ name, address }) => ({ name: decodeText(name), address: decodeText(address) }))
    .filter(({ name, address }) => name !== '' || address !== '');
}

/** A comment alone, as in `unlisted-recipients:; (no To-header on input)`, is nobody's name. */
function isNoRemark(value: string): (one: ReceivedAddress) => boolean {
  // Each name is looked for in all of it, so it must not be long.
  const mayHave = value.length <= 10_000 && value.includes('(');
  return ({ name, address }) => !mayHave || address !== '' || name === '' || !value.includes(`(${name}`);
}

/** `Name <a@b.example>`, `"Name" <a@b.example>`, `<a@b.example>` or `a@b.example`, without any comment, escape or group. */
const SIMPLE_ADDRESS = (() => {
  const word = String.raw`[^\s"\\<>@,:;()]+`;
  const quotedWord = String.raw`[^\s"\\<>@:;()]+`;
  const address = `(${word}@${word})`;
  const name = `(?:"(${quotedWord}(?: ${quotedWord})*)"|(${word}(?: ${word})*))`;
  return new RegExp(`(?:${name} <${address}>|<${address}>|${address})(?:, ?|$)`, 'uy');
})();

/** Nearly all fields are of these forms, for which the library takes ten times as long; undefined for what is not. */
export function simpleAddresses(value: string): { name: string; address: string }[] | undefined {
  const addresses: { name: string; address: string }[] = [];
  for (let at = 0; at < value.length; at = SIMPLE_ADDRESS.lastIndex) {
    SIMPLE_ADDRESS.lastIndex = at;
    const found = SIMPLE_ADDRESS.exec(value);
    if (found === null) return undefined;
    const [, quoted, plain, named, bracketed, bare] = found;
    addresses.push({ name: quoted ?? plain ?? '', address: named ?? bracketed ?? bare ?? '' });
  }
  return addresses;
}

/** Message ids with their angle brackets, in order. */
export function parseMessageIds(value: string | undefined): string[] {
  return value?.match(/<[^<>\s]+>/gu) ?? [];
}
