/**
 * Header fields (RFC 5322 section 2.2) and what is in them: encoded words (RFC 2047), parameters (RFC 2231),
 * addresses, dates. Owns: turning header bytes into text. Must not: know bodies.
 */
import libmime from 'libmime';
import addressparser from 'nodemailer/lib/addressparser';
import type { HeaderField, ReceivedAddress } from '../../generated/types.js';
import { cleanText, decodeUndeclared } from './charset.js';

/** Media type or disposition with its parameters, names in lower case. */
export interface ParameterizedValue {
  readonly value: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Raw fields in order, unfolded. Lines that are no field (mbox separators, garbage) are left out. */
export function parseHeaderBlock(block: Buffer): HeaderField[] {
  const fields: { name: string; value: string }[] = [];
  // Raw 8-bit headers are UTF-8 (RFC 6532), or what senders of old took for Latin 1.
  for (const line of decodeUndeclared(block).split(/\r?\n|\r/u)) {
    const last = fields.at(-1);
    if (/^[ \t]/u.test(line)) {
      if (last !== undefined) last.value += line;
      continue;
    }
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0)).trimEnd();
    if (name === '' || /\s/u.test(name)) continue;
    fields.push({ name, value: line.slice(colon + 1) });
  }
  return fields.map(({ name, value }) => ({ name, value: value.trim() }));
}

/** The first field of that name, undecoded. */
export function rawField(fields: readonly HeaderField[], name: string): string | undefined {
  const wanted = name.toLowerCase();
  return fields.find((field) => field.name.toLowerCase() === wanted)?.value;
}

/** Encoded words decoded; a word in an unknown charset stays as it is written. No NUL, no lone surrogate. */
export function decodeText(value: string): string {
  // An encoded word may hold a line break; header values downstream are one line.
  return cleanText(libmime.decodeWords(value)).replace(/[\r\n]+/gu, ' ');
}

/** Comments in parentheses are allowed between the parts of a structured value and mean nothing (RFC 2045 section 5.1). */
function withoutComments(value: string): string {
  return value.replace(/"(?:[^"\\]|\\.)*"|\([^()]*\)/gu, (found) => (found.startsWith('"') ? found : ' '));
}

/** A structured value such as Content-Type, with RFC 2231 continuations joined and decoded. */
export function parseParameters(value: string): ParameterizedValue {
  const parsed = libmime.parseHeaderValue(withoutComments(value));
  const parameters: Record<string, string> = {};
  for (const [name, text] of Object.entries(parsed.params)) {
    const key = name.toLowerCase();
    // What is compared with bytes or labels is taken as it stands; only names for people are encoded.
    parameters[key] = key === 'boundary' || key === 'charset' ? text : decodeText(text);
  }
  return { value: parsed.value.trim().toLowerCase(), parameters };
}

/** Addresses of a field, groups dissolved, names decoded after parsing so that an encoded comma separates nothing. */
export function parseAddresses(value: string | undefined): ReceivedAddress[] {
  if (value === undefined) return [];
  return addressparser(value, { flatten: true })
    .map(({ name, address }) => ({ name: decodeText(name), address: decodeText(address) }))
    .filter(({ name, address }) => name !== '' || address !== '');
}

/** Message ids with their angle brackets, in order. */
export function parseMessageIds(value: string | undefined): string[] {
  return value?.match(/<[^<>\s]+>/gu) ?? [];
}

/** The instant of a Date field; undefined when there is none or it cannot be read. */
export function parseDate(value: string | undefined): Date | undefined {
  if (value === undefined) return undefined;
  // Comments such as (CEST) are allowed and mean nothing (RFC 5322 section 3.3).
  const date = new Date(value.replace(/\([^()]*\)/gu, ' ').trim());
  // Years beyond four digits have no RFC 3339 form.
  const year = date.getUTCFullYear();
  return Number.isNaN(year) || year < 0 || year > 9999 ? undefined : date;
}
