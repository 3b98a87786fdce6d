/**
 * Content-Transfer-Encoding (RFC 2045 section 6) piece by piece. Owns: which decoder a name stands for.
 * Must not: know charsets.
 */
import { Base64Decoder } from './base64.js';
import { LineReader } from './lines.js';
import { QuotedPrintableDecoder } from './quoted-printable.js';
import { isUuEnd, uuBegin, uuLine } from './uuencode.js';

export interface TransferDecoder {
  /** What comes out may be a view of what went in. */
  push(piece: Buffer): Buffer;
  end(): Buffer;
}

const NOTHING = Buffer.alloc(0);

const identity: TransferDecoder = { push: (piece) => piece, end: () => NOTHING };

/** A whole part in uuencode: `begin` and `end` may be missing, lines that are none of it mean nothing. */
class UuDecoder implements TransferDecoder {
  readonly #lines = new LineReader();
  #ended = false;

  push(piece: Buffer): Buffer {
    return Buffer.concat([...this.#lines.push(piece)].map(({ content }) => this.#line(content)));
  }

  end(): Buffer {
    return this.#line(this.#lines.rest().content);
  }

  #line(line: Buffer): Buffer {
    if (uuBegin(line) !== undefined) this.#ended = false;
    else if (isUuEnd(line)) this.#ended = true;
    else if (!this.#ended) return uuLine(line) ?? NOTHING;
    return NOTHING;
  }
}

/** The decoder for an encoding's name; undefined for one that nobody knows. */
export function transferDecoder(encoding: string): TransferDecoder | undefined {
  switch (encoding) {
    case 'base64':
      return new Base64Decoder();
    case 'quoted-printable':
      return new QuotedPrintableDecoder();
    case 'x-uuencode':
    case 'x-uue':
    case 'uuencode':
    case 'uue':
      return new UuDecoder();
    case '':
    case '7bit':
    case '7-bit':
    case '8bit':
    case '8-bit':
    case 'binary':
      return identity;
    default:
      return undefined;
  }
}

/** What an unknown encoding gets: the bytes as they are. */
export const undecoded = identity;
