/**
 * ASN.1 in BER (ITU-T X.690), as far as signed and encrypted mail needs it: nodes with their places, nothing copied.
 * Owns: lengths, definite or not, and the limits on depth and number. Must not: know what a node means.
 */

export interface BerNode {
  /** Identifier octet without the bit for constructed: class and number, 0x30 & ~0x20 = 0x10 for SEQUENCE. */
  readonly tag: number;
  readonly constructed: boolean;
  /** False when the end is marked instead of counted, which DER forbids. */
  readonly definite: boolean;
  /** All bytes of the node. */
  readonly whole: Buffer;
  readonly content: Buffer;
  /** Empty for primitive nodes. */
  readonly children: readonly BerNode[];
}

export const TAG = {
  integer: 0x02,
  octetString: 0x04,
  oid: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x10,
  set: 0x11,
  context0: 0x80,
  context1: 0x81,
  context2: 0x82,
  context3: 0x83,
} as const;

const MAX_DEPTH = 40;
/** A stream of 64 MiB in chunks of 1,000 bytes has some 67,000. */
const MAX_NODES = 200_000;

/** The first node of the bytes; undefined when they are no BER or beyond the limits. What follows it is ignored. */
export function parseBer(bytes: Buffer): BerNode | undefined {
  return new Parser(bytes).node(0, bytes.length, 0)?.node;
}

class Parser {
  readonly #bytes: Buffer;
  #nodes = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  node(start: number, limit: number, depth: number): { node: BerNode; end: number } | undefined {
    const head = this.#head(start, limit);
    if (head === undefined || depth > MAX_DEPTH || ++this.#nodes > MAX_NODES) return undefined;
    const { tag, constructed, contentStart, length } = head;
    if (!constructed && length === undefined) return undefined;
    const contentLimit = length === undefined ? limit : contentStart + length;
    const children: BerNode[] = [];
    let at = contentStart;
    let contentEnd = contentLimit;
    let end = contentLimit;
    if (constructed) {
      for (;;) {
        if (length !== undefined && at === contentLimit) break;
        if (length === undefined && this.#bytes[at] === 0 && this.#bytes[at + 1] === 0) {
          contentEnd = at;
          end = at + 2;
          break;
        }
        const child = this.node(at, contentLimit, depth + 1);
        if (child === undefined) return undefined;
        children.push(child.node);
        at = child.end;
      }
    }
    return {
      node: {
        tag,
        constructed,
        definite: length !== undefined,
        whole: this.#bytes.subarray(start, end),
        content: this.#bytes.subarray(contentStart, contentEnd),
        children,
      },
      end,
    };
  }

  /** Identifier and length. Numbers of tags above 30 do not occur here. */
  #head(
    start: number,
    limit: number,
  ): { tag: number; constructed: boolean; contentStart: number; length: number | undefined } | undefined {
    const identifier = this.#bytes[start];
    const first = this.#bytes[start + 1];
    if (identifier === undefined || first === undefined || start + 2 > limit) return undefined;
    if ((identifier & 0x1f) === 0x1f) return undefined;
    const tag = identifier & ~0x20;
    const constructed = (identifier & 0x20) !== 0;
    if (first === 0x80) return { tag, constructed, contentStart: start + 2, length: undefined };
    if (first < 0x80) return this.#within(tag, constructed, start + 2, first, limit);
    const count = first & 0x7f;
    if (count > 6 || start + 2 + count > limit) return undefined;
    return this.#within(tag, constructed, start + 2 + count, this.#bytes.readUIntBE(start + 2, count), limit);
  }

  #within(
    tag: number,
    constructed: boolean,
    contentStart: number,
    length: number,
    limit: number,
  ): { tag: number; constructed: boolean; contentStart: number; length: number } | undefined {
    return contentStart + length > limit ? undefined : { tag, constructed, contentStart, length };
  }
}

/** Dotted form; undefined for a node that is no object identifier. */
export function oidOf(node: BerNode | undefined): string | undefined {
  if (node?.tag !== TAG.oid || node.content.length === 0 || node.content.length > 32) return undefined;
  const numbers: number[] = [];
  let value = 0;
  for (const byte of node.content) {
    value = value * 128 + (byte & 0x7f);
    if ((byte & 0x80) !== 0) continue;
    if (numbers.length === 0)
      numbers.push(Math.min(2, Math.floor(value / 40)), value - 40 * Math.min(2, Math.floor(value / 40)));
    else numbers.push(value);
    value = 0;
  }
  return numbers.join('.');
}

/** The bytes of an octet string, of its pieces when it is a stream; undefined when there are more than `limit`. */
export function octetsOf(node: BerNode, limit: number): Buffer | undefined {
  if (!node.constructed) return node.content.length > limit ? undefined : node.content;
  const pieces: Buffer[] = [];
  let size = 0;
  // Depth is limited by the parser.
  const collect = (inner: BerNode): void => {
    if (inner.constructed) inner.children.forEach(collect);
    else {
      pieces.push(inner.content);
      size += inner.content.length;
    }
  };
  collect(node);
  return size > limit ? undefined : Buffer.concat(pieces);
}

/** UTCTime or GeneralizedTime as ISO 8601; undefined when it cannot be read. */
export function timeOf(node: BerNode | undefined): string | undefined {
  if (node === undefined || (node.tag !== TAG.utcTime && node.tag !== TAG.generalizedTime)) return undefined;
  const short = node.tag === TAG.utcTime;
  const found = /^(\d{2}|\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(?:\.\d{1,9})?Z$/u.exec(
    node.content.subarray(0, 40).toString('latin1'),
  );
  if (found?.[1]?.length !== (short ? 2 : 4)) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found
    .slice(1)
    .map((digits: string | undefined) => Number(digits ?? 0));
  const full = short ? year + (year < 50 ? 2000 : 1900) : year;
  const instant = new Date(Date.UTC(full, month - 1, day, hour, minute, second));
  return Number.isNaN(instant.getTime()) ? undefined : instant.toISOString();
}
