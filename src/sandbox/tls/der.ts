/**
 * The little of DER (X.690) that an X.509 certificate needs, as values built from the inside out.
 * Writes only; it never parses, and knows nothing about certificates.
 */

/** Any ASN.1 value: tag, length, contents. */
export function encodeValue(tag: number, ...contents: Buffer[]): Buffer {
  const body = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), encodeLength(body.length), body]);
}

export const sequence = (...items: Buffer[]): Buffer => encodeValue(0x30, ...items);
export const setOf = (...items: Buffer[]): Buffer => encodeValue(0x31, ...items);
export const octetString = (bytes: Buffer): Buffer => encodeValue(0x04, bytes);
export const utf8String = (text: string): Buffer => encodeValue(0x0c, Buffer.from(text, 'utf8'));
export const booleanTrue = (): Buffer => encodeValue(0x01, Buffer.from([0xff]));

export const nullValue = (): Buffer => encodeValue(0x05);

/** A constructed, context-specific value: [0], [1], … */
export const tagged = (number: number, ...items: Buffer[]): Buffer => encodeValue(0xa0 | number, ...items);

/** A primitive, context-specific value, as the names inside a subjectAltName are. */
export const taggedBytes = (number: number, bytes: Buffer): Buffer => encodeValue(0x80 | number, bytes);

/** Unsigned big-endian bytes; a leading zero keeps the number positive. */
export function positiveInteger(bytes: Buffer): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const significant = first === -1 ? Buffer.from([0]) : bytes.subarray(first);
  const signed = (significant[0] ?? 0) >= 0x80;
  return encodeValue(0x02, signed ? Buffer.concat([Buffer.from([0]), significant]) : significant);
}

export function bitString(bytes: Buffer, unusedBits = 0): Buffer {
  return encodeValue(0x03, Buffer.from([unusedBits]), bytes);
}

/** '1.2.840.10045.4.3.2' and the like. */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const groups = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return encodeValue(0x06, Buffer.from(bytes));
}

/** UTCTime up to 2049, GeneralizedTime after, as RFC 5280 section 4.1.2.5 demands. */
export function time(date: Date): Buffer {
  const digits = `${date.toISOString().slice(0, 19).replace(/[-:T]/gu, '')}Z`;
  return date.getUTCFullYear() < 2050
    ? encodeValue(0x17, Buffer.from(digits.slice(2), 'latin1'))
    : encodeValue(0x18, Buffer.from(digits, 'latin1'));
}

function encodeLength(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const bytes: number[] = [];
  for (let left = length; left > 0; left = Math.floor(left / 256)) bytes.unshift(left % 256);
  return Buffer.from([0x80 | bytes.length, ...bytes]);
}
