/**
 * Reads the header block of a message or part: where it ends, which fields it has, what they say.
 * Works on offsets into the message's own bytes, and keeps every field byte for byte; decodes nothing.
 */

export interface HeaderField {
  /** Lower case. */
  readonly name: string;
  /** The whole field with its name, folding and final line ending, as offsets. */
  readonly start: number;
  readonly end: number;
  /** Where the value starts: after the colon. */
  readonly valueStart: number;
}

const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const MAX_FIELDS = 10_000;

/** Where the header block of a part ends: after the empty line, or at the part's end when there is none. */
export function findHeaderEnd(source: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end) {
    const lf = source.indexOf(LF, at);
    if (lf === -1 || lf >= end) return end;
    const length = lf - at;
    if (length === 0 || (length === 1 && source[at] === CR)) return lf + 1;
    at = lf + 1;
  }
  return end;
}

export function readHeaderFields(source: Buffer, start: number, end: number): HeaderField[] {
  const fields: HeaderField[] = [];
  let at = start;
  while (at < end && fields.length < MAX_FIELDS) {
    const lineEnd = endOfField(source, at, end);
    // Looked for in this line only: a message of lines without colons must not be read once per line.
    const colon = at + source.subarray(at, lineEnd).indexOf(COLON);
    if (colon > at) {
      const name = source.toString('latin1', at, colon).trim().toLowerCase();
      fields.push({ name, start: at, end: lineEnd, valueStart: colon + 1 });
    }
    at = lineEnd;
  }
  return fields;
}

/** The value of the first field of that name, unfolded and trimmed, one character per byte. */
export function fieldValue(source: Buffer, fields: readonly HeaderField[], name: string): string | undefined {
  const field = fields.find((candidate) => candidate.name === name);
  return field === undefined ? undefined : unfold(source.toString('latin1', field.valueStart, field.end));
}

export function unfold(value: string): string {
  return value.replace(/\r?\n/gu, '').trim();
}

/** RFC 5322 date-time, in UTC. */
export function formatDate(date: Date): string {
  return date.toUTCString().replace('GMT', '+0000');
}

function endOfField(source: Buffer, start: number, end: number): number {
  let at = start;
  for (;;) {
    const lf = source.indexOf(LF, at);
    if (lf === -1 || lf + 1 >= end) return end;
    const next = source[lf + 1];
    // A line that starts with white space continues the field.
    if (next !== 0x20 && next !== 0x09) return lf + 1;
    at = lf + 1;
  }
}
