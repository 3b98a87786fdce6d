/**
 * Reads BODYSTRUCTURE (RFC 3501 section 7.4.2) into the leaves of a message. Parameters stay as they are on the wire:
 * RFC 2231 and encoded words are the business of mime/. Must not: guess where the structure makes no sense.
 */
import type { LeafOutline } from '../reading.js';
import { isList, textOf, type ImapValue } from './connect.js';

/** undefined when it is no valid structure: then only the message itself tells. */
export function readLeaves(structure: ImapValue | undefined): LeafOutline[] | undefined {
  const leaves: LeafOutline[] = [];
  return isList(structure) && readPart(structure, '', undefined, leaves) ? leaves : undefined;
}

function readPart(
  part: readonly ImapValue[],
  path: string,
  within: string | undefined,
  leaves: LeafOutline[],
): boolean {
  if (isList(part[0])) return readMultipart(part, path, leaves);
  const [type, subtype] = [lower(part[0]), lower(part[1])];
  const size = Number(textOf(part[6]));
  // A multipart without parts in it is sent as if it were one part, and has no body that could be asked for.
  if (type === '' || subtype === '' || type === 'multipart' || !/^\d+$/u.test(textOf(part[6]) ?? ''))
    return false;
  // Behind the size: envelope, structure and lines of a message, lines of a text; then MD5, then the disposition.
  const extra = type === 'message' && subtype === 'rfc822' && isList(part[8]) ? 3 : type === 'text' ? 1 : 0;
  const disposition = part[8 + extra];
  leaves.push({
    part: path === '' ? '1' : path,
    contentType: `${type}/${subtype}`,
    parameters: parametersOf(part[2]),
    disposition: isList(disposition) ? lower(disposition[0]) : undefined,
    dispositionParameters: isList(disposition) ? parametersOf(disposition[1]) : {},
    contentId: unicodeOf(part[3]),
    encoding: lower(part[5]) === '' ? '7bit' : lower(part[5]),
    statedSize: size,
    within,
  });
  return true;
}

function readMultipart(part: readonly ImapValue[], path: string, leaves: LeafOutline[]): boolean {
  const children = part.findIndex((value) => !isList(value));
  const subtype = lower(part[children]);
  if (subtype === '') return false;
  return part.slice(0, children).every((child, at) => {
    const number = String(at + 1);
    return isList(child) && readPart(child, path === '' ? number : `${path}.${number}`, subtype, leaves);
  });
}

function parametersOf(list: ImapValue | undefined): Record<string, string> {
  // Without a prototype: the names are foreign.
  const parameters = Object.create(null) as Record<string, string>;
  if (!isList(list)) return parameters;
  for (let at = 0; at + 1 < list.length; at += 2) {
    const name = lower(list[at]);
    if (name !== '' && !(name in parameters)) parameters[name] = unicodeOf(list[at + 1]) ?? '';
  }
  return parameters;
}

function lower(value: ImapValue | undefined): string {
  return (textOf(value) ?? '').trim().toLowerCase();
}

/** Bytes beyond ASCII come in literals: UTF-8 (RFC 6532), else one character per byte. */
function unicodeOf(value: ImapValue | undefined): string | undefined {
  if (value === null || value === undefined || isList(value) || !Buffer.isBuffer(value.value))
    return textOf(value);
  const text = value.value.toString('utf8');
  return text.includes('\ufffd') ? value.value.toString('latin1') : text;
}
