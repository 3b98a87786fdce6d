/**
 * MAPI properties as TNEF writes them (MS-OXTNEF section 2.1.3.4). Owns: where each value begins and ends, and which of
 * them a reader needs. Must not: know attachments or bodies.
 */
import type { Warnings } from './warnings.js';

/** Ids of the properties that are kept (MS-OXPROPS). */
export const PROPERTY = {
  subject: 0x0037,
  messageClass: 0x001a,
  bodyText: 0x1000,
  bodyRtf: 0x1009,
  bodyHtml: 0x1013,
  displayName: 0x3001,
  attachData: 0x3701,
  attachFileName: 0x3704,
  attachMethod: 0x3705,
  attachLongFileName: 0x3707,
  attachMimeTag: 0x370e,
  attachContentId: 0x3712,
  attachFlags: 0x3714,
  internetCodePage: 0x3fde,
} as const;

const WANTED: ReadonlySet<number> = new Set(Object.values(PROPERTY));

export interface PropertyValue {
  /** Without the flag for several values. */
  readonly type: number;
  /** The first value; a slice of the source. */
  readonly bytes: Buffer;
}

export type Properties = ReadonlyMap<number, PropertyValue>;

export const PROPERTY_TYPE = { long: 0x0003, object: 0x000d, string8: 0x001e, unicode: 0x001f } as const;

const MULTIPLE = 0x1000;
/** Bytes of a value, padding to four included. */
const FIXED: Readonly<Record<number, number>> = {
  0x0001: 0, // null
  0x0002: 4, // short
  0x0003: 4, // long
  0x0004: 4, // float
  0x0005: 8, // double
  0x0006: 8, // currency
  0x0007: 8, // application time
  0x000a: 4, // error
  0x000b: 4, // boolean
  0x0014: 8, // long long
  0x0040: 8, // time
  0x0048: 16, // GUID
};
/** Object, two kinds of string, binary: with a length of their own. */
const VARIABLE = new Set([0x000d, 0x001e, 0x001f, 0x0102]);

/** What was read up to the first thing that is none. */
export function readProperties(bytes: Buffer, warnings: Warnings): Properties {
  const found = new Map<number, PropertyValue>();
  const reader = new Reader(bytes);
  const count = reader.uint32();
  for (let index = 0; index < count && !reader.failed; index++) {
    const typed = reader.uint16();
    const id = reader.uint16();
    if (id >= 0x8000) skipName(reader);
    const value = readValue(reader, typed);
    // The first of an id counts: what follows may be a copy in another character set.
    if (value !== undefined && WANTED.has(id) && !found.has(id)) found.set(id, value);
  }
  if (reader.failed) warnings.add('tnef-properties-damaged');
  return found;
}

/** Named properties carry a GUID and a number or a name. */
function skipName(reader: Reader): void {
  reader.take(16);
  if (reader.uint32() === 0) reader.take(4);
  else reader.padded(reader.uint32());
}

function readValue(reader: Reader, typed: number): PropertyValue | undefined {
  const type = typed & ~MULTIPLE;
  const variable = VARIABLE.has(type);
  const size = FIXED[type];
  if (!variable && size === undefined) {
    // Where the next one begins is not known.
    reader.failed = true;
    return undefined;
  }
  const count = variable || (typed & MULTIPLE) !== 0 ? reader.uint32() : 1;
  let first: Buffer | undefined;
  // Values without bytes are not counted one by one: their number may be any.
  for (let index = 0; index < count && !reader.failed && (variable || size !== 0); index++) {
    const value = variable ? reader.padded(reader.uint32()) : reader.take(size ?? 0);
    first ??= value;
  }
  return first === undefined ? undefined : { type, bytes: first };
}

class Reader {
  failed = false;
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  uint16(): number {
    const bytes = this.take(2);
    return bytes.length < 2 ? 0 : bytes.readUInt16LE(0);
  }

  uint32(): number {
    const bytes = this.take(4);
    return bytes.length < 4 ? 0 : bytes.readUInt32LE(0);
  }

  /** So many bytes and what fills them up to a multiple of four. */
  padded(length: number): Buffer {
    const bytes = this.take(length);
    this.#at = Math.min(this.#bytes.length, this.#at + ((4 - (length % 4)) % 4));
    return bytes;
  }

  take(length: number): Buffer {
    const bytes = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += bytes.length;
    if (bytes.length < length) this.failed = true;
    return bytes;
  }
}
