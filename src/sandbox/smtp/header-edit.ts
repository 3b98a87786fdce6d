/**
 * Changes what a submission server changes in a message's header: takes fields out, puts fields in front, replaces
 * one. The body, and every field not named, stays byte for byte.
 */
import { listAddressSpecs } from '../mime/addresses.js';
import type { HeaderField } from '../mime/header.js';
import { fieldValue, findHeaderEnd, readHeaderFields } from '../mime/header.js';

export interface ParsedHeader {
  readonly bodyStart: number;
  readonly fields: readonly HeaderField[];
}

export function parseHeader(source: Buffer): ParsedHeader {
  const bodyStart = findHeaderEnd(source, 0, source.length);
  return { bodyStart, fields: readHeaderFields(source, 0, bodyStart) };
}

export function readField(source: Buffer, header: ParsedHeader, name: string): string | undefined {
  return fieldValue(source, header.fields, name);
}

export function readAddresses(source: Buffer, header: ParsedHeader, name: string): string[] {
  const value = readField(source, header, name);
  return value === undefined ? [] : listAddressSpecs(value);
}

/** Lines to put in front, without line endings. */
export function prependFields(source: Buffer, lines: readonly string[]): Buffer {
  return Buffer.concat([Buffer.from(lines.map((line) => `${line}\r\n`).join(''), 'utf8'), source]);
}

export function removeFields(source: Buffer, name: string): Buffer {
  return replaceFields(source, name, undefined);
}

/** Every field of that name becomes the given line, or nothing. */
export function replaceFields(source: Buffer, name: string, line: string | undefined): Buffer {
  const pieces: Buffer[] = [];
  let from = 0;
  for (const field of parseHeader(source).fields) {
    if (field.name !== name) continue;
    pieces.push(source.subarray(from, field.start));
    if (line !== undefined) pieces.push(Buffer.from(`${line}\r\n`, 'utf8'));
    from = field.end;
  }
  return from === 0 ? source : Buffer.concat([...pieces, source.subarray(from)]);
}
