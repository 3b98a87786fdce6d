/**
 * Mail on its way out through Graph: files that were added to drafts, uploads that are not complete, and the sending
 * itself. Owns: how a draft and its files become one message. Must not: know HTTP.
 */
import { randomBytes } from 'node:crypto';
import type { Directory } from '../directory/directory.js';
import type { Mailbox } from '../directory/entities.js';
import type { Delivery } from '../smtp/delivery.js';
import type { SubmissionLimits } from '../smtp/submission-limits.js';
import { parseHeader, readAddresses } from '../smtp/header-edit.js';
import { maySendAs } from '../smtp/send-as.js';
import { GraphError } from './graph-error.js';

const LINE_LENGTH = 76;

export interface AddedFile {
  readonly name: string;
  readonly contentType: string;
  readonly contentId: string | undefined;
  readonly isInline: boolean;
  readonly bytes: Buffer;
}

export interface Upload {
  readonly itemId: string;
  readonly file: Omit<AddedFile, 'bytes'>;
  readonly size: number;
  readonly pieces: Buffer[];
  received: number;
  /** Where the attachment is found in the end. */
  readonly location: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

export interface Sender {
  readonly directory: Directory;
  readonly acting: Mailbox;
  /** The key under which permissions name whoever signed in. */
  readonly trustee: string;
}

export class Outgoing {
  readonly #delivery: Delivery;
  readonly #limits: SubmissionLimits;
  readonly #now: () => number;
  /** By the draft's item. */
  readonly #files = new Map<string, AddedFile[]>();
  readonly #uploads = new Map<string, Upload>();

  constructor(delivery: Delivery, limits: SubmissionLimits, now: () => number) {
    this.#delivery = delivery;
    this.#limits = limits;
    this.#now = now;
  }

  addFile(itemId: string, file: AddedFile): void {
    this.#files.set(itemId, [...(this.#files.get(itemId) ?? []), file]);
  }

  /** @returns the secret that its address carries */
  startUpload(upload: Upload): string {
    const secret = randomBytes(24).toString('base64url');
    this.#uploads.set(secret, upload);
    return secret;
  }

  upload(secret: string): Upload | undefined {
    return this.#uploads.get(secret);
  }

  endUpload(secret: string): void {
    this.#uploads.delete(secret);
  }

  /** The draft with its files; they are forgotten. */
  takeDraft(itemId: string, source: Buffer): Buffer {
    const files = this.#files.get(itemId) ?? [];
    this.#files.delete(itemId);
    return files.length === 0 ? source : withFiles(source, files);
  }

  /** @throws GraphError */
  send({ directory, acting, trustee }: Sender, source: Buffer, itemId?: string): void {
    const header = parseHeader(source);
    const recipients = ['to', 'cc', 'bcc'].flatMap((name) => readAddresses(source, header, name));
    if (recipients.length === 0) {
      throw new GraphError(400, 'ErrorInvalidRecipients', 'At least one recipient is not valid.');
    }
    if (recipients.length > acting.recipientLimit) {
      throw new GraphError(400, 'ErrorInvalidRecipients', 'The message has too many recipients.');
    }
    if (source.length > acting.maxSendSizeBytes) {
      throw new GraphError(
        400,
        'ErrorMessageSizeExceeded',
        'The message exceeds the maximum supported size.',
      );
    }
    const now = this.#now();
    if (this.#limits.isOverQuota(acting.address, recipients.length, acting.recipientsPerDay, now)) {
      throw new GraphError(
        403,
        'ErrorSubmissionQuotaExceeded',
        'The message cannot be submitted because the sender submission quota was exceeded.',
      );
    }
    const [from = acting.address] = readAddresses(source, header, 'from');
    if (!maySendAs(directory, acting, trustee, from)) {
      throw new GraphError(
        403,
        'ErrorSendAsDenied',
        'The user account which was used to submit this request does not have the right to send mail on behalf of the specified sending account.',
      );
    }
    this.#limits.book(acting.address, recipients.length, now);
    this.#delivery.deliver({
      directory,
      acting,
      from,
      recipients: [...new Set(recipients)],
      source,
      clientName: 'graph.microsoft.com',
      ...(itemId === undefined ? {} : { itemId }),
    });
  }
}

/** The message as the first part of a multipart/mixed, the files behind it. */
function withFiles(source: Buffer, files: readonly AddedFile[]): Buffer {
  const { bodyStart, fields } = parseHeader(source);
  const outer: Buffer[] = [];
  const inner: Buffer[] = [];
  for (const { name, start, end } of fields) {
    const isOfBody = name.startsWith('content-');
    (isOfBody ? inner : outer).push(source.subarray(start, end));
  }
  const boundary = `sandbox-${randomBytes(12).toString('hex')}`;
  const kept = outer.filter((field) => !/^mime-version:/iu.test(field.toString('latin1', 0, 13)));
  const pieces = [
    ...kept,
    Buffer.from(
      `MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="${boundary}"\r\n\r\n--${boundary}\r\n`,
    ),
    ...inner,
    Buffer.from('\r\n'),
    source.subarray(bodyStart),
  ];
  for (const file of files) {
    pieces.push(Buffer.from(`\r\n--${boundary}\r\n${partHeader(file)}\r\n`));
    pieces.push(inLines(Buffer.from(file.bytes.toString('base64'), 'latin1')));
  }
  pieces.push(Buffer.from(`\r\n--${boundary}--\r\n`));
  return Buffer.concat(pieces);
}

/** Lines of 76 characters (RFC 2045 section 6.8), built in place: a file has up to 150 MB. */
function inLines(base64: Buffer): Buffer {
  const lines = Buffer.alloc(base64.length + 2 * Math.floor(base64.length / LINE_LENGTH));
  let end = 0;
  for (let at = 0; at < base64.length; at += LINE_LENGTH) {
    if (at > 0) end += lines.write('\r\n', end, 'latin1');
    end += base64.copy(lines, end, at, at + LINE_LENGTH);
  }
  return lines.subarray(0, end);
}

function partHeader({ name, contentType, contentId, isInline }: AddedFile): string {
  const encoded = encodeURIComponent(name).replace(
    /['()*]/gu,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return [
    `Content-Type: ${contentType}`,
    'Content-Transfer-Encoding: base64',
    `Content-Disposition: ${isInline ? 'inline' : 'attachment'}; filename*=UTF-8''${encoded}`,
    ...(contentId === undefined ? [] : [`Content-ID: <${contentId}>`]),
    '',
  ].join('\r\n');
}
