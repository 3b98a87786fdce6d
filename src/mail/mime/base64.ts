/**
 * Base64 (RFC 2045 section 6.8) piece by piece: what is no character of the alphabet is read over, padding in the middle
 * ends a block. Owns: what is carried from one piece to the next.
 *
 * The loop decides what the result is. Regular lines, nearly all there is, go through Node's own decoder, several times as fast:
 * only where every line break is where it must be and the result has the length that leaves no character unused.
 */

const NOTHING = Buffer.alloc(0);
const EQUALS = 0x3d;
const CR = 0x0d;
const LF = 0x0a;
const DASH = 0x2d;
const UNDERSCORE = 0x5f;
/** Fewer lines than this are not worth the way to Node's decoder. */
const MIN_REGULAR_LINES = 8;
/** So much at once: the text in between is thrown away before it costs the garbage collector anything. */
const MAX_REGULAR_BYTES = 64 * 1024;
/** After a try that failed, so many bytes are decoded one by one before the next. */
const MIN_SCALAR_BYTES = 1024;

const VALUES = new Int8Array(256).fill(-1);
for (const [value, character] of Array.from(
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
).entries()) {
  VALUES[character.charCodeAt(0)] = value;
}

export class Base64Decoder {
  /** Values of the group that is not complete, and how many they are. */
  #group = 0;
  #inGroup = 0;

  push(piece: Buffer): Buffer {
    const output = Buffer.allocUnsafe(Math.ceil(((piece.length + 3) * 3) / 4));
    let length = 0;
    let at = 0;
    while (at < piece.length) {
      const regular = this.#inGroup === 0 ? regularLines(piece, at) : undefined;
      if (regular !== undefined) {
        const decoded = output.write(piece.toString('latin1', at, regular.end), length, 'base64');
        if (decoded === regular.decoded) {
          length += decoded;
          at = regular.end;
          continue;
        }
      }
      // A piece mostly begins within a line; the lines behind it are regular then.
      const stop = regular?.end ?? lineEnd(piece, at === 0 ? 0 : at + MIN_SCALAR_BYTES);
      length += this.#scalar(piece, at, stop, output, length);
      at = stop;
    }
    return output.subarray(0, length);
  }

  end(): Buffer {
    const output = Buffer.allocUnsafe(2);
    const length = endBlock(this.#group, this.#inGroup, output, 0);
    this.#inGroup = 0;
    return length === 0 ? NOTHING : output.subarray(0, length);
  }

  /** Decodes byte by byte. @returns bytes written */
  #scalar(piece: Buffer, from: number, stop: number, output: Buffer, start: number): number {
    let group = this.#group;
    let inGroup = this.#inGroup;
    let length = start;
    for (let at = from; at < stop; at += 1) {
      const byte = piece[at] ?? 0;
      const value = VALUES[byte] ?? -1;
      if (value >= 0) {
        group = (group << 6) | value;
        inGroup += 1;
        if (inGroup < 4) continue;
        output[length] = group >> 16;
        output[length + 1] = group >> 8;
        output[length + 2] = group;
        length += 3;
        group = 0;
        inGroup = 0;
      } else if (byte === EQUALS) {
        length += endBlock(group, inGroup, output, length);
        group = 0;
        inGroup = 0;
      }
    }
    this.#group = group;
    this.#inGroup = inGroup;
    return length - start;
  }
}

/** Writes what an incomplete group stands for: nothing for one character, a byte for two, two for three. */
function endBlock(group: number, inGroup: number, output: Buffer, at: number): number {
  const bytes = Math.max(0, inGroup - 1);
  const bits = group << (6 * (4 - inGroup));
  if (bytes > 0) output[at] = bits >> 16;
  if (bytes > 1) output[at + 1] = bits >> 8;
  return bytes;
}

function lineEnd(piece: Buffer, from: number): number {
  const newline = piece.indexOf(LF, from);
  return newline < 0 ? piece.length : newline + 1;
}

/**
 * Lines of one length that begin here, if there are enough of them: where they end, and how many bytes they stand for
 * if every character but the line breaks counts.
 */
function regularLines(piece: Buffer, start: number): { end: number; decoded: number } | undefined {
  const newline = piece.indexOf(LF, start);
  if (newline < 0) return undefined;
  const breakLength = newline > start && piece[newline - 1] === CR ? 2 : 1;
  const width = newline + 1 - breakLength - start;
  if (width === 0 || width % 4 !== 0) return undefined;
  const stride = width + breakLength;
  let end = start;
  const stop = start + MAX_REGULAR_BYTES;
  while (
    end < stop &&
    piece[end + stride - 1] === LF &&
    (breakLength === 1 || piece[end + stride - 2] === CR)
  )
    end += stride;
  const lines = (end - start) / stride;
  if (lines < MIN_REGULAR_LINES) return undefined;
  // Node takes these two for characters of the alphabet, as in base64url; here they are none.
  const region = piece.subarray(start, end);
  if (region.includes(DASH) || region.includes(UNDERSCORE)) return undefined;
  return { end, decoded: (lines * width * 3) / 4 };
}
