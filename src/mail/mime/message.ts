/**
 * From parser events to a message: texts, attachments, warnings. Owns: the limits that hold for all of a message together.
 * The definition is in docs/messages.md, body-rules.ts holds to it. Must not: know a protocol or an activity.
 */
import type { HeaderField, MessageWarning, ReceivedAttachment } from '../../generated/types.js';
import { AttachmentIntake, type AttachmentSink } from './attachment-intake.js';
import { safeAttachmentName } from './attachment-name.js';
import { BodyRules, isShownInline, leafHead, statedName, type LeafHead } from './body-rules.js';
import { BodyText } from './body-text.js';
import { decodeText } from './headers.js';
import { MimeParser, type ParserBudget, type PartHandler, type PartHead } from './parser.js';
import { UuTextSplitter } from './uu-text.js';

export interface ParsedMessage {
  /** Raw header fields of the message itself. */
  readonly fields: readonly HeaderField[];
  /** The same, decoded. */
  readonly headers: readonly HeaderField[];
  /** Lines end with LF. */
  readonly text: string | null;
  readonly html: string | null;
  readonly attachments: readonly ParsedAttachment[];
  readonly warnings: readonly MessageWarning[];
  /** Bytes of the source, counted. */
  readonly size: number;
}

/** What is known of an attachment before its bytes. */
export type AttachmentHead = Pick<
  ReceivedAttachment,
  'part' | 'name' | 'contentType' | 'disposition' | 'contentId'
> & {
  /** The charset that the sender declares for it. */
  readonly charset: string | undefined;
};

export type ParsedAttachment = AttachmentHead & {
  /** Decoded bytes; worked out from what the server states where the attachment was not fetched. */
  readonly size: number;
  /** null where it was not fetched, or not asked for. */
  readonly sha256: string | null;
  /** The decoded bytes, when they fit under the limit; undefined otherwise. */
  readonly bytes: Buffer | undefined;
  /** The message that it is, when it was asked to be opened. */
  readonly message: ParsedMessage | undefined;
};

export interface ParseLimits {
  /** Attachments up to this many bytes are kept; larger ones go to the sink, or are only measured. */
  readonly keepAttachmentBytes: number;
  /** Whether an attachment is wanted; the others are neither kept nor handed on. All are, when missing. */
  readonly wanted?: (attachment: AttachmentHead) => boolean;
  /** Up to how many bytes an attachment is kept whether it is wanted or not, since somebody has to look into it. */
  readonly keepAtLeast?: (attachment: AttachmentHead) => number;
  /** Where the bytes of an attachment go that is too large to be kept; asked once for each. */
  readonly sink?: (attachment: AttachmentHead) => AttachmentSink | undefined;
  /** Of which attachments the SHA-256 is worked out: it takes as long as all the rest. All, when missing. */
  readonly hash?: 'all' | 'wanted' | 'none';
  /** Messages that came along are attachments; they are opened as well, up to a depth of 10. */
  readonly openMessages?: boolean;
}

/** Attachments of a message are kept up to this many bytes in all, whatever the limit for one of them. */
const MAX_KEPT_BYTES = 32 * 1024 * 1024;
/** Each level is read once more than the one around it. */
const MAX_MESSAGE_DEPTH = 10;
const MAX_WARNINGS = 1000;

/** What a message and those within it have used of what they may. */
interface Used extends ParserBudget {
  bodyBytes: number;
  keptBytes: number;
}

/**
 * Reads a source to its end. Memory does not grow with attachments.
 * @throws never because of what it contains: what the source throws, or a sink
 */
export async function parseMessage(
  source: AsyncIterable<Buffer>,
  limits: ParseLimits,
): Promise<ParsedMessage> {
  const waits: Promise<void>[] = [];
  const collector = new MessageCollector(limits, waits);
  const parser = new MimeParser(collector, '', collector.used);
  let size = 0;
  try {
    for await (const piece of source) {
      size += piece.length;
      parser.push(piece);
      if (waits.length > 0) await Promise.all(waits.splice(0));
    }
    parser.end();
    await Promise.all(waits.splice(0));
  } catch (error) {
    collector.abort(error);
    throw error;
  }
  return collector.message(size);
}

/** Makes a message of the parts that it is told of, in their order. */
export class MessageCollector implements PartHandler {
  readonly used: Used;
  readonly #limits: ParseLimits;
  readonly #waits: Promise<void>[];
  readonly #depth: number;
  readonly #rules = new BodyRules();
  readonly #warnings: MessageWarning[] = [];
  readonly #attachments: ParsedAttachment[] = [];
  readonly #bodies = { 'text/plain': [] as string[], 'text/html': [] as string[] };
  #fields: readonly HeaderField[] | undefined;
  #leaf: OpenLeaf | undefined;

  constructor(
    limits: ParseLimits,
    waits: Promise<void>[],
    used: Used = { parts: 0, bodyBytes: 0, keptBytes: 0 },
    depth = 0,
  ) {
    this.#limits = limits;
    this.#waits = waits;
    this.used = used;
    this.#depth = depth;
  }

  head(part: PartHead): void {
    this.#fields ??= part.fields;
    this.#leaf = part.multipart ? undefined : this.#openLeaf(leafHead(part));
  }

  /** A leaf that somebody else took apart. */
  leaf(leaf: LeafHead): void {
    this.#leaf = this.#openLeaf(leaf);
  }

  body(bytes: Buffer): void {
    this.#leaf?.push(bytes);
  }

  leafEnd(): void {
    const leaf = this.#leaf;
    this.#leaf = undefined;
    leaf?.end();
  }

  warn(code: MessageWarning['code'], path: string, detail?: string): void {
    if (this.#warnings.length >= MAX_WARNINGS) return;
    this.#warnings.push({
      code,
      ...(path === '' ? {} : { part: path }),
      ...(detail === undefined ? {} : { detail: detail.slice(0, 200).toWellFormed() }),
    });
  }

  add(attachment: ParsedAttachment): void {
    this.#attachments.push(attachment);
  }

  abort(error: unknown): void {
    this.#leaf?.abort(error);
  }

  message(size: number, fields: readonly HeaderField[] = this.#fields ?? []): ParsedMessage {
    const join = (texts: readonly string[]): string | null => (texts.length === 0 ? null : texts.join('\n'));
    return {
      fields,
      headers: this.#decoded(fields),
      text: join(this.#bodies['text/plain']),
      html: join(this.#bodies['text/html']),
      attachments: this.#attachments,
      warnings: this.#warnings,
      size,
    };
  }

  /** Names the encoded words that cannot be read. */
  #decoded(fields: readonly HeaderField[]): HeaderField[] {
    return fields.map(({ name, value }) => {
      if (!value.includes('=?')) return { name, value: decodeText(value) };
      const told = new Set<string>();
      const text = decodeText(value, (code, charset) => {
        if (!told.has(code + charset)) this.warn(code, '', `${name}: ${charset}`);
        told.add(code + charset);
      });
      return { name, value: text };
    });
  }

  #openLeaf(leaf: LeafHead): OpenLeaf {
    this.#warnOfPieces(leaf);
    if (!this.#rules.isBody(leaf)) return this.#openAttachment(leaf);
    const body = this.#openBody(leaf);
    return leaf.contentType.value === 'text/plain' ? this.#withUuFiles(leaf, body) : body;
  }

  /** Bodies that are not, or not all, in this message (RFC 2046 sections 5.2.2 and 5.2.3). */
  #warnOfPieces({ path, contentType: { value, parameters } }: LeafHead): void {
    if (value === 'message/partial')
      this.warn('message-partial', path, `${parameters['number'] ?? '?'}/${parameters['total'] ?? '?'}`);
    if (value === 'message/external-body') this.warn('external-body', path, parameters['access-type'] ?? '');
  }

  #openBody({ path, contentType }: LeafHead): OpenLeaf {
    const body = new BodyText(contentType, this.used);
    return {
      push: (bytes) => body.push(bytes),
      end: () => {
        const text = body.end((code, detail) => this.warn(code, path, detail));
        this.#bodies[contentType.value === 'text/html' ? 'text/html' : 'text/plain'].push(text);
      },
      abort: () => undefined,
    };
  }

  #withUuFiles(leaf: LeafHead, body: OpenLeaf): OpenLeaf {
    let files = 0;
    let file: OpenLeaf | undefined;
    const splitter = new UuTextSplitter({
      text: (bytes) => body.push(bytes),
      fileStart: (name) => {
        files += 1;
        this.used.parts += 1;
        file = this.#openAttachment({
          path: `${leaf.path}~${String(files)}`,
          contentType: {
            value: 'application/octet-stream',
            parameters: name === '' ? {} : { name: decodeText(name) },
          },
          disposition: { value: 'attachment', parameters: {} },
          contentId: null,
          within: undefined,
        });
      },
      file: (bytes) => file?.push(bytes),
      fileEnd: (complete) => {
        file?.end();
        file = undefined;
        if (!complete) this.warn('uuencode-incomplete', `${leaf.path}~${String(files)}`);
      },
    });
    return {
      push: (bytes) => splitter.push(bytes),
      end: () => {
        splitter.end();
        body.end();
      },
      abort: (error) => file?.abort(error),
    };
  }

  #openAttachment(leaf: LeafHead): OpenLeaf {
    const head = attachmentHead(leaf, (code, detail) => this.warn(code, leaf.path, detail));
    const { wanted = () => true, sink, hash = 'all', keepAttachmentBytes } = this.#limits;
    const isWanted = wanted(head);
    const keep = Math.max(isWanted ? keepAttachmentBytes : -1, this.#limits.keepAtLeast?.(head) ?? -1);
    const intake = new AttachmentIntake(
      {
        keepBytes: Math.min(keep, MAX_KEPT_BYTES - this.used.keptBytes),
        hash: hash === 'all' || (hash === 'wanted' && isWanted),
        sink: () => (isWanted ? sink?.(head) : undefined),
      },
      this.#waits,
    );
    const inner = this.#innerMessage(leaf);
    return {
      push(bytes) {
        intake.push(bytes);
        inner?.parser.push(bytes);
      },
      end: () => {
        const taken = intake.end();
        this.used.keptBytes += taken.bytes?.length ?? 0;
        inner?.parser.end();
        this.add({ ...head, ...taken, message: inner?.collector.message(taken.size) });
      },
      abort(error) {
        intake.abort(error);
        inner?.collector.abort(error);
      },
    };
  }

  #innerMessage({ path, contentType }: LeafHead): Inner | undefined {
    if (this.#limits.openMessages !== true) return undefined;
    if (contentType.value !== 'message/rfc822' && contentType.value !== 'message/global') return undefined;
    if (this.#depth >= MAX_MESSAGE_DEPTH) {
      this.warn('nesting-too-deep', path);
      return undefined;
    }
    const collector = new MessageCollector(this.#limits, this.#waits, this.used, this.#depth + 1);
    return { collector, parser: new MimeParser(collector, path, this.used) };
  }
}

interface OpenLeaf {
  push(bytes: Buffer): void;
  end(): void;
  abort(error: unknown): void;
}

interface Inner {
  readonly collector: MessageCollector;
  readonly parser: MimeParser;
}

/** What a leaf says of itself as an attachment. */
export function attachmentHead(
  leaf: LeafHead,
  warn: (code: 'attachment-name-changed', detail: string) => void,
): AttachmentHead {
  const stated = statedName(leaf);
  const contentType = leaf.contentType.value;
  const name = safeAttachmentName(stated, leaf.path, contentType);
  if (stated !== undefined && stated !== name) warn('attachment-name-changed', stated);
  return {
    part: leaf.path,
    name,
    contentType,
    disposition: isShownInline(leaf) ? 'inline' : 'attachment',
    contentId: leaf.contentId,
    charset: leaf.contentType.parameters['charset'],
  };
}
