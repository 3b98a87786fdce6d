/**
 * Quoted-printable (RFC 2045 section 6.7) piece by piece. Owns: what is carried from one piece to the next.
 * An escape that is none is left as it stands.
 */

const NOTHING = Buffer.alloc(0);
const EQUALS = 0x3d;
const CR = 0x0d;
const LF = 0x0a;
const SPACE = 0x20;
const TAB = 0x09;

/** Longer runs of blanks are passed on rather than kept: no mail program writes them, and a hostile one may. */
const MAX_CARRY_BYTES = 1024;

const DIGITS = new Int8Array(256).fill(-1);
for (const [value, character] of Array.from('0123456789abcdef').entries()) {
  DIGITS[character.charCodeAt(0)] = value;
  DIGITS[character.toUpperCase().charCodeAt(0)] = value;
}

export class QuotedPrintableDecoder {
  #carry: Buffer = NOTHING;

  push(piece: Buffer): Buffer {
    const input = this.#carry.length === 0 ? piece : Buffer.concat([this.#carry, piece]);
    const keep = incompleteTail(input);
    this.#carry = Buffer.from(input.subarray(input.length - keep));
    return decode(input.subarray(0, input.length - keep));
  }

  end(): Buffer {
    const rest = decode(this.#carry);
    this.#carry = NOTHING;
    return rest;
  }
}

/** Bytes at the end that only the next piece can explain: an escape cut short, or blanks that may precede a line end. */
function incompleteTail(input: Buffer): number {
  const floor = Math.max(0, input.length - MAX_CARRY_BYTES);
  let at = input.length;
  while (at > floor && (isBlank(input[at - 1]) || input[at - 1] === CR)) at -= 1;
  const escape = input.subarray(Math.max(0, at - 2), at).lastIndexOf(EQUALS);
  if (escape >= 0) at = Math.max(0, at - 2) + escape;
  return input.length - at;
}

function isLineEnd(byte: number): boolean {
  return byte === LF || byte === CR;
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB;
}

/** Shorter runs are copied sooner than copy() is called. */
const MIN_RUN_BYTES = 32;

/** Every byte is looked at once or twice, whatever the input: a run of blanks is taken as a whole. */
function decode(input: Buffer): Buffer {
  // Nothing but escapes stands for something else then.
  return hasBlanksAtLineEnd(input) ? decodeWithBlanks(input) : decodeEscapes(input);
}

function hasBlanksAtLineEnd(input: Buffer): boolean {
  for (let end = input.indexOf(LF); end >= 0; end = input.indexOf(LF, end + 1)) {
    if (isBlank(input[input[end - 1] === CR ? end - 2 : end - 1])) return true;
  }
  return false;
}

function decodeEscapes(input: Buffer): Buffer {
  let next = input.indexOf(EQUALS);
  if (next < 0) return input;
  const output = Buffer.allocUnsafe(input.length);
  let length = 0;
  let at = 0;
  while (next >= 0) {
    if (next - at >= MIN_RUN_BYTES) {
      input.copy(output, length, at, next);
      length += next - at;
    } else {
      while (at < next) {
        output[length] = input[at] ?? 0;
        length += 1;
        at += 1;
      }
    }
    at = next;
    const first = input[next + 1] ?? 0;
    const second = input[next + 2] ?? 0;
    const value = (DIGITS[first] ?? -1) * 16 + (DIGITS[second] ?? -1);
    if (DIGITS[first] !== -1 && DIGITS[second] !== -1) {
      output[length] = value;
      length += 1;
      at += 3;
    } else if (first === LF || (first === CR && second === LF)) {
      at += first === LF ? 2 : 3;
    } else {
      output[length] = EQUALS;
      length += 1;
      at += 1;
    }
    next = nextEscape(input, at);
  }
  input.copy(output, length, at);
  return output.subarray(0, length + input.length - at);
}

/** Escapes mostly follow each other closely. */
function nextEscape(input: Buffer, from: number): number {
  const end = Math.min(input.length, from + MIN_RUN_BYTES);
  for (let at = from; at < end; at += 1) if (input[at] === EQUALS) return at;
  return input.indexOf(EQUALS, end);
}

function decodeWithBlanks(input: Buffer): Buffer {
  const output = Buffer.allocUnsafe(input.length);
  let length = 0;
  let at = 0;
  const last = input.length - 1;
  while (at <= last) {
    const byte = input[at] ?? 0;
    // A blank before something else stands for itself; this is where nearly all the time is spent.
    if (byte !== EQUALS && (byte > SPACE || isLineEnd(byte) || (at < last && (input[at + 1] ?? 0) > SPACE))) {
      output[length] = byte;
      length += 1;
      at += 1;
      continue;
    }
    if (byte === EQUALS && at + 2 <= last) {
      const high = DIGITS[input[at + 1] ?? 0] ?? -1;
      const low = DIGITS[input[at + 2] ?? 0] ?? -1;
      if (high >= 0 && low >= 0) {
        output[length] = (high << 4) | low;
        length += 1;
        at += 3;
        continue;
      }
    }
    let next = at + 1;
    while (isBlank(input[next])) next += 1;
    const lineEnd = input[next] === LF || (input[next] === CR && input[next + 1] === LF);
    if (lineEnd) {
      // Soft line break; or blanks that were added on the way and do not count (rule 3).
      at = byte === EQUALS ? next + (input[next] === CR ? 2 : 1) : next;
      continue;
    }
    while (at < next) {
      output[length] = input[at] ?? 0;
      length += 1;
      at += 1;
    }
  }
  return output.subarray(0, length);
}
