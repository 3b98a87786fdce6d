/**
 * Content-Transfer-Encoding (RFC 2045 section 6) piece by piece. Owns: what has to be carried from one piece to
 * the next. Must not: know charsets.
 */

export interface TransferDecoder {
  push(piece: Buffer): Buffer;
  end(): Buffer;
}

const NOTHING = Buffer.alloc(0);

const identity: TransferDecoder = { push: (piece) => piece, end: () => NOTHING };

class Base64Decoder implements TransferDecoder {
  #carry = '';

  push(piece: Buffer): Buffer {
    // Padding may stand in the middle where a sender encoded blocks separately; each block decodes by itself.
    const blocks = (this.#carry + piece.toString('latin1').replace(/[^A-Za-z0-9+/=]+/gu, '')).split(/=+/u);
    const last = blocks.pop() ?? '';
    const whole = last.length - (last.length % 4);
    this.#carry = last.slice(whole);
    const decoded = [...blocks, last.slice(0, whole)].map((block) => Buffer.from(block, 'base64'));
    return decoded.length === 1 ? (decoded[0] ?? NOTHING) : Buffer.concat(decoded);
  }

  end(): Buffer {
    const rest = Buffer.from(this.#carry, 'base64');
    this.#carry = '';
    return rest;
  }
}

const EQUALS = 0x3d;
const CR = 0x0d;
const LF = 0x0a;

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09;
}

class QuotedPrintableDecoder implements TransferDecoder {
  #carry: Buffer = NOTHING;

  push(piece: Buffer): Buffer {
    const input = this.#carry.length === 0 ? piece : Buffer.concat([this.#carry, piece]);
    const keep = incompleteTail(input);
    this.#carry = Buffer.from(input.subarray(input.length - keep));
    return decodeQuotedPrintable(input.subarray(0, input.length - keep));
  }

  end(): Buffer {
    const rest = decodeQuotedPrintable(this.#carry);
    this.#carry = NOTHING;
    return rest;
  }
}

/** Bytes at the end that only the next piece can explain: an escape cut short, or blanks that may precede a line end. */
function incompleteTail(input: Buffer): number {
  let at = input.length;
  while (at > 0 && (isBlank(input[at - 1]) || input[at - 1] === CR)) at -= 1;
  const escape = input.lastIndexOf(EQUALS);
  if (escape >= 0 && escape >= at - 2) at = Math.min(at, escape);
  return input.length - at;
}

function decodeQuotedPrintable(input: Buffer): Buffer {
  const output = Buffer.allocUnsafe(input.length);
  let length = 0;
  for (let at = 0; at < input.length; at += 1) {
    const byte = input[at];
    if (byte === EQUALS) {
      let next = at + 1;
      while (isBlank(input[next])) next += 1;
      if (input[next] === LF || (input[next] === CR && input[next + 1] === LF)) {
        at = input[next] === LF ? next : next + 1; // soft line break
        continue;
      }
      const hex = input.toString('latin1', at + 1, at + 3);
      if (/^[0-9a-f]{2}$/iu.test(hex)) {
        output[length] = Number.parseInt(hex, 16);
        length += 1;
        at += 2;
        continue;
      }
    } else if (isBlank(byte)) {
      // Blanks before a line end were added on the way and do not count (RFC 2045 section 6.7 rule 3).
      let next = at + 1;
      while (isBlank(input[next])) next += 1;
      if (input[next] === LF || (input[next] === CR && input[next + 1] === LF)) {
        at = next - 1;
        continue;
      }
    }
    output[length] = byte ?? 0;
    length += 1;
  }
  return output.subarray(0, length);
}

/** The decoder for an encoding's name; undefined for one that RFC 2045 does not know. */
export function transferDecoder(encoding: string): TransferDecoder | undefined {
  switch (encoding) {
    case 'base64':
      return new Base64Decoder();
    case 'quoted-printable':
      return new QuotedPrintableDecoder();
    case '':
    case '7bit':
    case '8bit':
    case 'binary':
      return identity;
    default:
      return undefined;
  }
}

/** What an unknown encoding gets: the bytes as they are. */
export const undecoded = identity;
