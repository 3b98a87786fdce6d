/**
 * How values look in a server's answer: quoted strings, literals, NIL. One character per byte throughout.
 */

const MAX_QUOTED = 1000;

/** A quoted string when the value allows it, else a literal; NIL for undefined. */
export function renderNString(value: string | undefined): string {
  if (value === undefined) return 'NIL';
  return value.length > MAX_QUOTED || /[^\x20-\x7e]/u.test(value)
    ? renderLiteral(value)
    : renderQuoted(value);
}

export function renderLiteral(value: string): string {
  return `{${value.length}}\r\n${value}`;
}

export function renderQuoted(value: string): string {
  return `"${value.replace(/["\\]/gu, '\\$&')}"`;
}

/** Folder names: an atom where possible, as Exchange writes INBOX. */
export function renderAString(value: string): string {
  return /^[\w&+,./-]+$/u.test(value) ? value : renderNString(value);
}

/** `date-time` of RFC 3501, in UTC as Exchange answers. */
export function renderDateTime(date: Date): string {
  const [, day = '', month = '', year = ''] = /^\w+, (\d+) (\w+) (\d+)/u.exec(date.toUTCString()) ?? [];
  return `"${day.padStart(2, ' ').replace(/^0/u, ' ')}-${month}-${year} ${date.toISOString().slice(11, 19)} +0000"`;
}

/** Compact set syntax: 1:3,5 */
export function renderNumberSet(numbers: readonly number[]): string {
  const ranges: string[] = [];
  for (let at = 0; at < numbers.length;) {
    const first = numbers[at] ?? 0;
    let last = first;
    for (at++; numbers[at] === last + 1; at++) last++;
    ranges.push(first === last ? `${first}` : `${first}:${last}`);
  }
  return ranges.join(',');
}
