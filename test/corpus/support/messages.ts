/** Foreign messages and what is compared of them. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { parseMessage, type ParsedMessage } from '../../../src/mail/index.js';
import { corpora } from './corpora.js';

if (corpora === undefined)
  throw new Error('Start these tests with "npm run test:corpus": it skips them then.');
export const CORPORA: string = corpora;

export interface ForeignMessage {
  /** Path within the corpora, with slashes. */
  readonly name: string;
  readonly source: Buffer;
}

/** All whole messages, by name. */
export function foreignMessages(): ForeignMessage[] {
  return readdirSync(CORPORA, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => /\.(?:msg|eml)$/u.test(path) || /mimekit.messages.*\.txt$/u.test(path))
    .sort()
    .map((path) => ({
      name: relative(CORPORA, path).split(sep).join('/'),
      source: readFileSync(path),
    }));
}

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size)
    yield await Promise.resolve(Buffer.from(bytes.subarray(at, at + size)));
}

/** Everything kept, messages that came along opened. */
export function parse(source: Buffer, pieceSize = Math.max(1, source.length)): Promise<ParsedMessage> {
  return parseMessage(inPieces(source, pieceSize), { keepAttachmentBytes: 100_000_000, openMessages: true });
}

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Bytes with LF for every line end. */
export function withLf(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
}

/** Bytes with CRLF for every line end. */
export function withCrLf(bytes: Buffer): Buffer {
  return Buffer.from(withLf(bytes).toString('latin1').replaceAll('\n', '\r\n'), 'latin1');
}
