/**
 * The text of one body: charset, line ends, format=flowed. Owns: that it stays bounded. Must not: know what is a body.
 */
import { decodeCharset } from './charset.js';
import { unflow } from './flowed.js';
import type { ParameterizedValue } from './parameters.js';
import { statedCharset } from './stated-charset.js';

/** Bodies of a message longer than this in all are cut and reported: nobody reads them, and a record must stay bounded. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

type Warn = (
  code: 'body-cut' | 'charset-unknown' | 'charset-mismatch' | 'characters-removed',
  detail: string,
) => void;

export class BodyText {
  readonly #contentType: ParameterizedValue;
  /** Shared with the other bodies of the message. */
  readonly #used: { bodyBytes: number };
  readonly #chunks: Buffer[] = [];
  #size = 0;

  constructor(contentType: ParameterizedValue, used: { bodyBytes: number }) {
    this.#contentType = contentType;
    this.#used = used;
  }

  push(bytes: Buffer): void {
    this.#size += bytes.length;
    const room = Math.max(0, MAX_BODY_BYTES - this.#used.bodyBytes);
    const kept = Math.min(room, bytes.length);
    this.#used.bodyBytes += kept;
    // A view would keep the whole piece of the source alive.
    if (kept > 0) this.#chunks.push(Buffer.from(bytes.subarray(0, kept)));
  }

  end(warn: Warn): string {
    const bytes =
      this.#chunks.length === 1 ? (this.#chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(this.#chunks);
    if (bytes.length < this.#size) warn('body-cut', String(this.#size));
    const { parameters, value } = this.#contentType;
    const charset = parameters['charset'] ?? statedCharset(bytes, value);
    const { text, warning, removed } = decodeCharset(bytes, charset);
    if (warning !== undefined) warn(warning, charset ?? '');
    if (removed) warn('characters-removed', 'NUL');
    const lines = text.includes('\r') ? text.replace(/\r\n?/gu, '\n') : text;
    const flowed = value === 'text/plain' && parameters['format']?.toLowerCase() === 'flowed';
    return flowed ? unflow(lines, parameters['delsp']?.toLowerCase() === 'yes') : lines;
  }
}
