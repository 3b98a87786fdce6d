/** Mail that is written to harm whoever reads it, each with the warning by which a record says that a limit was met. */
import { deflateSync } from 'node:zlib';

export interface HostileMail {
  readonly name: string;
  readonly source: Buffer;
  /** undefined: it is bounded without anything being lost. */
  readonly warning: string | undefined;
}

const head = (name: string): string =>
  `From: x@x.example\r\nSubject: ${name}\r\nMessage-ID: <${name.replaceAll(/\W+/gu, '-')}@x.example>\r\n`;

const times = (count: number, of: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => of(index)).join('');

function der(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const length = Buffer.alloc(5);
  length[0] = 0x84;
  length.writeUInt32BE(body.length, 1);
  return Buffer.concat([Buffer.from([tag]), length, body]);
}
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));

/** CompressedData (RFC 3274) of a gigabyte of blanks would be a megabyte; a tenth of that is enough to be refused. */
function compressed(size: number): string {
  const data = der(
    0x30,
    oid('2a864886f70d010701'),
    der(0xa0, der(0x04, deflateSync(Buffer.alloc(size, ' ')))),
  );
  const zlib = der(0x30, oid('2a864886f70d0109100308'));
  const whole = der(
    0x30,
    oid('2a864886f70d0109100109'),
    der(0xa0, der(0x30, der(0x02, Buffer.from([0])), zlib, data)),
  );
  return whole.toString('base64').replaceAll(/.{76}/gu, '$&\r\n');
}

const entities = `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e0 "xxxxxxxxxx">${times(
  20,
  (index) => `<!ENTITY e${String(index + 1)} "${`&e${String(index)};`.repeat(10)}">`,
)}]><a>&e20;</a>`;

const texts: readonly (readonly [name: string, warning: string | undefined, source: string])[] = [
  [
    'parts within parts',
    'nesting-too-deep',
    times(
      10_000,
      (depth) => `Content-Type: multipart/mixed; boundary=b${String(depth)}\r\n\r\n--b${String(depth)}\r\n`,
    ),
  ],
  ['messages within messages', 'nesting-too-deep', 'Content-Type: message/rfc822\r\n\r\n'.repeat(50_000)],
  [
    'a hundred thousand parts',
    'too-many-parts',
    `Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\nContent-Type: image/png\r\n\r\nx\r\n'.repeat(100_000)}--b--\r\n`,
  ],
  ['a header of 10 MB', 'header-too-long', `X: ${'a'.repeat(10_000_000)}\r\n\r\nx\r\n`],
  ['a header of many fields', 'header-too-long', `${'X: a\r\n'.repeat(500_000)}\r\nx\r\n`],
  ['a folded header', 'header-too-long', `X: a\r\n${' b\r\n'.repeat(1_000_000)}\r\nx\r\n`],
  ['an endless line', 'body-cut', `\r\n${'a'.repeat(20_000_000)}`],
  [
    'endless base64',
    undefined,
    `Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n${'A'.repeat(10_000_000)}`,
  ],
  [
    'content that swells',
    'smime-too-large',
    `Content-Type: application/pkcs7-mime; name=smime.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\n${compressed(100_000_000)}\r\n`,
  ],
  [
    'entities that swell',
    undefined,
    `Content-Type: application/xml; name=a.xml\r\nContent-Disposition: attachment\r\n\r\n${entities}\r\n`,
  ],
  [
    'encoded words',
    undefined,
    `X: ${'=?utf-8?q?'.repeat(50_000)}\r\nTo: ${'=?b?'.repeat(50_000)}\r\n\r\nx\r\n`,
  ],
  ['addresses', undefined, `To: ${'<("\\'.repeat(100_000)}\r\nCc: ${'a:b;'.repeat(100_000)}\r\n\r\nx\r\n`],
  [
    'tags',
    'html-too-many-tags',
    `Content-Type: text/html\r\n\r\n${'<div><a href="'.repeat(50_000)}${'<p>'.repeat(250_000)}\r\n`,
  ],
  [
    'an invitation',
    'calendar-cut',
    `Content-Type: text/calendar\r\n\r\n${'BEGIN:VCALENDAR\r\n'.repeat(60_000)}`,
  ],
];

export const HOSTILE: readonly HostileMail[] = texts.map(([name, warning, source]) => ({
  name,
  warning,
  source: Buffer.from(head(name) + source, 'latin1'),
}));
