/**
 * From parser events to a message: which leaf is the text, which the HTML, what is an attachment.
 * The definition is in docs/messages.md; this file holds to it. Must not: know a protocol or an activity.
 */
import { createHash, type Hash } from 'node:crypto';
import type { HeaderField, MessageWarning, ReceivedAttachment } from '../../generated/types.js';
import { safeAttachmentName } from './attachment-name.js';
import { decodeCharset } from './charset.js';
import { rawField } from './headers.js';
import { MimeParser, type PartHandler, type PartHead } from './parser.js';

export interface ParsedMessage {
  /** Raw header fields of the message itself. */
  readonly fields: readonly HeaderField[];
  readonly text: string | null;
  readonly html: string | null;
  readonly attachments: readonly ParsedAttachment[];
  readonly warnings: readonly MessageWarning[];
  /** Bytes of the source, counted. */
  readonly size: number;
}

export type ParsedAttachment = Omit<ReceivedAttachment, 'content'> & {
  /** The decoded bytes, when they fit under the limit; undefined otherwise. */
  readonly bytes: Buffer | undefined;
};

export interface ParseLimits {
  /** Attachments up to this many bytes are kept; larger ones are only measured and hashed. */
  readonly keepAttachmentBytes: number;
}

/** Bodies of a message longer than this in all are cut and reported: nobody reads them, and a record must stay bounded. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;
/** Attachments of a message are kept up to this many bytes in all, whatever the limit for one of them. */
const MAX_KEPT_BYTES = 32 * 1024 * 1024;

/** Reads a source to its end. Never throws because of what it contains; memory does not grow with attachments. */
export async function parseMessage(
  source: AsyncIterable<Buffer>,
  limits: ParseLimits,
): Promise<ParsedMessage> {
  const collector = new Collector(limits);
  const parser = new MimeParser(collector);
  let size = 0;
  for await (const piece of source) {
    size += piece.length;
    parser.push(piece);
  }
  parser.end();
  return collector.message(size);
}

/** Whether a leaf is part of what a person reads, as opposed to a file that came along. */
export function isBody(part: PartHead): boolean {
  if (part.contentType.value !== 'text/plain' && part.contentType.value !== 'text/html') return false;
  if (part.disposition.value === 'attachment') return false;
  return (
    part.disposition.parameters['filename'] === undefined && part.contentType.parameters['name'] === undefined
  );
}

function contentIdOf(part: PartHead): string | null {
  const value = rawField(part.fields, 'content-id')?.replace(/^<|>$/gu, '').trim();
  return value === undefined || value === '' ? null : value;
}

interface OpenLeaf {
  readonly part: PartHead;
  readonly body: boolean;
  readonly hash: Hash;
  chunks: Buffer[];
  size: number;
}

class Collector implements PartHandler {
  readonly #limits: ParseLimits;
  readonly #warnings: MessageWarning[] = [];
  readonly #attachments: ParsedAttachment[] = [];
  readonly #bodies = { 'text/plain': [] as string[], 'text/html': [] as string[] };
  #fields: readonly HeaderField[] | undefined;
  #leaf: OpenLeaf | undefined;
  /** Bytes of the bodies and attachments that are complete. */
  #used = { body: 0, kept: 0 };

  constructor(limits: ParseLimits) {
    this.#limits = limits;
  }

  head(part: PartHead): void {
    this.#fields ??= part.fields;
    this.#leaf = part.multipart
      ? undefined
      : { part, body: isBody(part), hash: createHash('sha256'), chunks: [], size: 0 };
  }

  body(bytes: Buffer): void {
    const leaf = this.#leaf;
    if (leaf === undefined) return;
    const limit = leaf.body ? MAX_BODY_BYTES - this.#used.body : this.#keepLimit();
    leaf.size += bytes.length;
    if (!leaf.body) leaf.hash.update(bytes);
    if (leaf.size <= limit) {
      leaf.chunks.push(Buffer.from(bytes));
    } else if (leaf.body) {
      const room = limit - (leaf.size - bytes.length);
      if (room > 0) leaf.chunks.push(Buffer.from(bytes.subarray(0, room)));
    } else {
      leaf.chunks = [];
    }
  }

  #keepLimit(): number {
    return Math.min(this.#limits.keepAttachmentBytes, MAX_KEPT_BYTES - this.#used.kept);
  }

  leafEnd(): void {
    const leaf = this.#leaf;
    this.#leaf = undefined;
    if (leaf === undefined) return;
    if (leaf.body) this.#addBody(leaf);
    else this.#addAttachment(leaf);
  }

  warn(code: string, path: string, detail?: string): void {
    this.#warnings.push({
      code,
      ...(path === '' ? {} : { part: path }),
      ...(detail === undefined ? {} : { detail: detail.slice(0, 200).toWellFormed() }),
    });
  }

  message(size: number): ParsedMessage {
    const join = (texts: readonly string[], between: string): string | null =>
      texts.length === 0 ? null : texts.join(between);
    return {
      fields: this.#fields ?? [],
      text: join(this.#bodies['text/plain'], '\n'),
      html: join(this.#bodies['text/html'], '\n'),
      attachments: this.#attachments,
      warnings: this.#warnings,
      size,
    };
  }

  #addBody({ part, chunks, size }: OpenLeaf): void {
    if (size > MAX_BODY_BYTES - this.#used.body) this.warn('body-cut', part.path, String(size));
    this.#used.body = Math.min(MAX_BODY_BYTES, this.#used.body + size);
    const charset = part.contentType.parameters['charset'];
    const { text, warning } = decodeCharset(Buffer.concat(chunks), charset);
    if (warning !== undefined) this.warn(warning, part.path, charset ?? '');
    this.#bodies[part.contentType.value === 'text/html' ? 'text/html' : 'text/plain'].push(text);
  }

  #addAttachment({ part, chunks, size, hash }: OpenLeaf): void {
    const stated = part.disposition.parameters['filename'] ?? part.contentType.parameters['name'];
    const contentType = part.contentType.value;
    const name = safeAttachmentName(stated, part.path, contentType);
    if (stated !== undefined && stated !== name) this.warn('attachment-name-changed', part.path, stated);
    const contentId = contentIdOf(part);
    const kept = size <= this.#keepLimit();
    if (kept) this.#used.kept += size;
    const shown =
      part.disposition.value === 'inline' || (contentId !== null && part.within === 'multipart/related');
    this.#attachments.push({
      part: part.path,
      name,
      contentType,
      disposition: shown && part.disposition.value !== 'attachment' ? 'inline' : 'attachment',
      contentId,
      size,
      sha256: hash.digest('hex'),
      bytes: kept ? Buffer.concat(chunks) : undefined,
    });
  }
}
