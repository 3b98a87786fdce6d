/**
 * Compressed RTF (MS-OXRTFCP), as Outlook keeps bodies in winmail.dat. Owns: the decompression and its bounds. The format
 * cannot swell more than about eight times, but what it claims to be is not believed.
 */
import { crc32 } from 'node:zlib';
import type { Warnings } from './warnings.js';

const HEADER = 16;
const COMPRESSED = 0x75465a4c; // LZFu
const UNCOMPRESSED = 0x414c454d; // MELA
const MAX_RTF_BYTES = 8 * 1024 * 1024;
const WINDOW = 4096;

/** What the window holds before the first byte (MS-OXRTFCP section 2.1.2.1). */
const PRELOAD = Buffer.from(
  '{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript ' +
    '\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par ' +
    '\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx',
  'latin1',
);

/** The RTF, or undefined when it is none. What is damaged is delivered as far as it goes. */
export function decompressRtf(bytes: Buffer, warnings: Warnings): Buffer | undefined {
  if (bytes.length < HEADER) {
    warnings.add('rtf-unreadable');
    return undefined;
  }
  const statedSize = bytes.readUInt32LE(4);
  const kind = bytes.readUInt32LE(8);
  // The compressed size counts what follows its own field.
  const body = bytes.subarray(HEADER, Math.min(bytes.length, bytes.readUInt32LE(0) + 4));
  const size = Math.min(statedSize, MAX_RTF_BYTES);
  if (statedSize > MAX_RTF_BYTES) warnings.add('rtf-cut', statedSize);
  if (kind === UNCOMPRESSED) return body.subarray(0, size);
  if (kind !== COMPRESSED) {
    warnings.add('rtf-unreadable');
    return undefined;
  }
  // The checksum has no inversion at either end (MS-OXRTFCP section 2.1.3.2).
  if (~crc32(body, 0xffffffff) >>> 0 !== bytes.readUInt32LE(12)) warnings.add('rtf-checksum');
  const rtf = inflate(body, size);
  if (rtf.length < size) warnings.add('rtf-truncated');
  return rtf;
}

function inflate(body: Buffer, size: number): Buffer {
  // Eight references of two bytes and 17 characters each follow one byte of flags.
  const output = Buffer.allocUnsafe(Math.min(size, body.length * 9));
  const window = Buffer.alloc(WINDOW);
  PRELOAD.copy(window);
  let write = PRELOAD.length;
  let length = 0;
  const put = (byte: number): void => {
    output[length++] = byte;
    window[write] = byte;
    write = (write + 1) % WINDOW;
  };
  for (let at = 0; at < body.length && length < output.length;) {
    const flags = body[at++] ?? 0;
    for (let bit = 0; bit < 8 && at < body.length && length < output.length; bit++) {
      if ((flags & (1 << bit)) === 0) {
        put(body[at++] ?? 0);
        continue;
      }
      const reference = ((body[at] ?? 0) << 8) | (body[at + 1] ?? 0);
      at += 2;
      const offset = reference >> 4;
      if (offset === write) return output.subarray(0, length);
      const count = (reference & 0xf) + 2;
      for (let step = 0; step < count && length < output.length; step++)
        put(window[(offset + step) % WINDOW] ?? 0);
    }
  }
  return output.subarray(0, length);
}
