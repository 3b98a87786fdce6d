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

/** Longer runs of blanks are passed on rather than kept: no mail program writes them, and a hostile one may. */
const MAX_CARRY_BYTES = 1024;

/** Bytes at the end that only the next piece can explain: an escape cut short, or blanks that may precede a line end. */
function incompleteTail(input: Buffer): number {
  const floor = Math.max(0, input.length - MAX_CARRY_BYTES);
  let at = input.length;
  while (at > floor && (isBlank(input[at - 1]) || input[at - 1] === CR)) at -= 1;
  const escape = input.subarray(Math.max(0, at - 2), at).lastIndexOf(EQUALS);
  if (escape >= 0) at = Math.max(0, at - 2) + escape;
  return input.length - at;
}

/** Position after a run of blanks, and whether a line ends there. */
function afterBlanks(input: Buffer, from: number): { next: number; lineEnd: boolean } {
  let next = from;
  while (isBlank(input[next])) next += 1;
  return { next, lineEnd: input[next] === LF || (input[next] === CR && input[next + 1] === LF) };
}

/** Every byte is looked at once or twice, whatever the input: a run of blanks is taken as a whole. */
function decodeQuotedPrintable(input: Buffer): Buffer {
  const output = Buffer.allocUnsafe(input.length);
  let length = 0;
  let at = 0;
  while (at < input.length) {
    const byte = input[at] ?? 0;
    if (byte !== EQUALS && !isBlank(byte)) {
      output[length] = byte;
      length += 1;
      at += 1;
      continue;
    }
    const { next, lineEnd } = afterBlanks(input, byte === EQUALS ? at + 1 : at);
    if (lineEnd) {
      // Soft line break; or blanks that were added on the way and do not count (RFC 2045 section 6.7 rule 3).
      at = byte === EQUALS ? next + (input[next] === CR ? 2 : 1) : next;
      continue;
    }
    const hex = byte === EQUALS ? input.toString('latin1', at + 1, at + 3) : '';
    if (/^[0-9a-f]{2}$/iu.test(hex)) {
      output[length] = Number.parseInt(hex, 16);
      length += 1;
      at += 3;
      continue;
    }
    const end = Math.max(next, at + 1);
    length += input.copy(output, length, at, end);
    at = end;
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
