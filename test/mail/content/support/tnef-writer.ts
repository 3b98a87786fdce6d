/** Writes winmail.dat for tests (MS-OXTNEF). */
import { crc32 } from 'node:zlib';

export function attribute(level: 1 | 2, id: number, data: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUInt8(level, 0);
  head.writeUInt32LE(id, 1);
  head.writeUInt32LE(data.length, 5);
  const sum = Buffer.alloc(2);
  sum.writeUInt16LE(data.reduce((total, byte) => (total + byte) & 0xffff, 0));
  return Buffer.concat([head, data, sum]);
}

export function tnef(...attributes: readonly Buffer[]): Buffer {
  return Buffer.concat([Buffer.from('789f3e220100', 'hex'), ...attributes]);
}

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};

const padded = (data: Buffer): Buffer => Buffer.concat([data, Buffer.alloc((4 - (data.length % 4)) % 4)]);

/** A property with one value of its own length: string8 0x1e, unicode 0x1f, binary 0x102, object 0xd. */
export function property(id: number, type: number, data: Buffer): Buffer {
  return Buffer.concat([uint32((id << 16) | type), uint32(1), uint32(data.length), padded(data)]);
}

export function longProperty(id: number, value: number): Buffer {
  return Buffer.concat([uint32(((id << 16) | 0x0003) >>> 0), uint32(value)]);
}

export function unicodeProperty(id: number, text: string): Buffer {
  return property(id, 0x001f, Buffer.from(`${text}\u0000`, 'utf16le'));
}

export function namedProperty(name: string, text: string): Buffer {
  const label = Buffer.from(`${name}\u0000`, 'utf16le');
  const value = Buffer.from(`${text}\u0000`, 'utf16le');
  return Buffer.concat([
    uint32(((0x8001 << 16) | 0x001f) >>> 0),
    Buffer.alloc(16, 7),
    uint32(1),
    uint32(label.length),
    padded(label),
    uint32(1),
    uint32(value.length),
    padded(value),
  ]);
}

export function properties(...list: readonly Buffer[]): Buffer {
  return Buffer.concat([uint32(list.length), ...list]);
}

/** RTF in the compressed form without any compression: every token is a byte. */
export function literalRtf(rtf: string): Buffer {
  const tokens: Buffer[] = [];
  const bytes = Buffer.from(rtf, 'latin1');
  for (let at = 0; at < bytes.length; at += 8) tokens.push(Buffer.from([0]), bytes.subarray(at, at + 8));
  const body = Buffer.concat(tokens);
  return Buffer.concat([
    uint32(body.length + 12),
    uint32(bytes.length),
    Buffer.from('LZFu'),
    uint32(~crc32(body, 0xffffffff) >>> 0),
    body,
  ]);
}
