/**
 * The lines of uuencode (POSIX.1-2017, uuencode): each states in its first character how many bytes it stands for.
 * Owns: one line. Must not: know where lines come from.
 */

const SPACE = 0x20;
const MAX_BYTES_PER_LINE = 63;

/** `begin 644 name`; the mode in octal, the name undecoded, and empty where the sender forgot it. */
export function uuBegin(line: Buffer): { readonly name: string } | undefined {
  const match = /^begin [0-7]{3,4}(?: ([^\r\n]{0,1000}))?(?:[\r\n]|$)/u.exec(
    line.toString('latin1', 0, 1100),
  );
  if (match === null || line.length > 1100) return undefined;
  return { name: (match[1] ?? '').trim() };
}

/** Bytes of a line without its line break; undefined for a line that is none of uuencode. */
export function uuLine(line: Buffer): Buffer | undefined {
  const first = line[0];
  if (first === undefined || first < SPACE || first > SPACE + MAX_BYTES_PER_LINE + 1) return undefined;
  const bytes = (first - SPACE) & 63;
  // Blanks at the end, which stand for zeros, get lost on the way; a checksum may follow.
  if (line.length - 1 > Math.ceil(bytes / 3) * 4 + 2) return undefined;
  const output = Buffer.alloc(Math.ceil(bytes / 3) * 3);
  let length = 0;
  for (let at = 1; length < bytes; at += 4) {
    let group = 0;
    for (let index = at; index < at + 4; index += 1) {
      const character = line[index] ?? SPACE;
      if (character < SPACE || character > 0x60) return undefined;
      group = (group << 6) | ((character - SPACE) & 63);
    }
    output[length] = group >> 16;
    output[length + 1] = group >> 8;
    output[length + 2] = group;
    length += 3;
  }
  return output.subarray(0, bytes);
}

/** Whether a line is one of uuencode beyond doubt: no blanks lost, nothing behind it. Decides where a file begins. */
export function isWholeUuLine(line: Buffer): boolean {
  const bytes = ((line[0] ?? 0) - SPACE) & 63;
  const characters = line.length - 1;
  return characters >= Math.ceil((bytes * 4) / 3) && uuLine(line) !== undefined;
}

export function isUuEnd(line: Buffer): boolean {
  return line.toString('latin1', 0, 8).trimEnd() === 'end' && line.length <= 8;
}
