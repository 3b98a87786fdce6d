/**
 * A message as it goes over the wire after +OK (RFC 1939 section 3): dots at line starts doubled, a line end at the end.
 */

const CRLF = Buffer.from('\r\n');
const CRLF_DOT = Buffer.from('\r\n.');
const DOT = Buffer.from('.');

/** In pieces that share the message's memory, without the final dot. */
export function* stuffed(message: Buffer): Generator<Buffer> {
  let start = 0;
  if (message[0] === 0x2e) yield DOT;
  for (;;) {
    const found = message.indexOf(CRLF_DOT, start);
    if (found === -1) break;
    yield message.subarray(start, found + 2);
    yield DOT;
    start = found + 2;
  }
  yield message.subarray(start);
  if (message.length > 0 && !message.subarray(-2).equals(CRLF)) yield CRLF;
}

/** The header, the empty line, and so many lines of the body. */
export function top(message: Buffer, bodyLines: number): Buffer {
  const header = message.indexOf('\r\n\r\n');
  let end = header === -1 ? message.length : header + 4;
  for (let line = 0; line < bodyLines && end < message.length; line += 1) {
    const next = message.indexOf(CRLF, end);
    end = next === -1 ? message.length : next + 2;
  }
  return message.subarray(0, end);
}
