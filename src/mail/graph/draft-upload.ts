/**
 * Adds a file to a draft: in one call, or in ranges where it is larger
 * (https://learn.microsoft.com/graph/outlook-large-attachments). Owns: the order of ranges and going on after a broken one.
 * Must not: send a token to the upload address, which is a permission by itself.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { Failure, isFailure } from '../../errors/index.js';
import { HttpsClient, type HttpsReply, type Route } from '../../net/index.js';
import { restOf } from './answer.js';
import type { GraphClient } from './client.js';
import type { UploadableFile } from './draft-files.js';
import { errorOf, graphFailure, type Subject } from './failures.js';

/** One call takes less than 3 MB, an upload session at least as much, and ranges up to 4 MB. */
const ONE_CALL_BYTES = 3_000_000;
const RANGE_BYTES = 3_932_160;
const MAX_TRIES = 3;
/** The window of Graph's upload limit; https://learn.microsoft.com/graph/throttling-limits. */
const LONGEST_PAUSE_MS = 5 * 60 * 1000;
/** Whoever answers for Graph does not choose where files go. */
const UPLOAD_HOSTS = /(?:^|\.)(?:office\.com|office365\.com|office365\.us|outlook\.cn|outlook\.com)$/iu;

export interface UploadOptions {
  readonly routeTo: (host: string) => Route;
  readonly beforeUpload: (bytes: number) => Promise<void>;
  readonly subject: Subject;
  readonly signal: AbortSignal | undefined;
}

/** @throws Failure; the draft is incomplete then */
export async function uploadFile(
  client: GraphClient,
  draft: string,
  file: UploadableFile,
  options: UploadOptions,
): Promise<void> {
  const { subject } = options;
  const { name, contentType = 'application/octet-stream', contentId } = file.described;
  const inline = contentId === undefined ? {} : { contentId, isInline: true };
  if (file.size < ONE_CALL_BYTES) {
    const contentBytes = (await file.all()).toString('base64');
    await options.beforeUpload(contentBytes.length);
    const body = {
      '@odata.type': '#microsoft.graph.fileAttachment',
      name,
      contentType,
      ...inline,
      contentBytes,
    };
    await client.json({ method: 'POST', path: `${draft}/attachments`, body, subject });
    return;
  }
  const AttachmentItem = { attachmentType: 'file', name, contentType, size: file.size, ...inline };
  const path = `${draft}/attachments/createUploadSession`;
  const session = await client.json({ method: 'POST', path, body: { AttachmentItem }, subject });
  const url = uploadUrlOf(session);
  const upload = new HttpsClient(options.routeTo(url.hostname), 443, 1, options.signal);
  try {
    await new Ranges(client, upload, url, file, options).send();
  } finally {
    upload.close();
  }
}

class Ranges {
  readonly #client: GraphClient;
  readonly #upload: HttpsClient;
  readonly #path: string;
  readonly #file: UploadableFile;
  readonly #subject: Subject;
  readonly #signal: AbortSignal | undefined;
  readonly #beforeUpload: UploadOptions['beforeUpload'];

  constructor(
    client: GraphClient,
    upload: HttpsClient,
    url: URL,
    file: UploadableFile,
    { subject, beforeUpload, signal }: UploadOptions,
  ) {
    this.#signal = signal;
    this.#beforeUpload = beforeUpload;
    this.#client = client;
    this.#upload = upload;
    this.#path = `${url.pathname}${url.search}`;
    this.#file = file;
    this.#subject = subject;
  }

  async send(): Promise<void> {
    let at = 0;
    for (let tries = 1; ; tries += 1) {
      try {
        for await (const piece of this.#file.pieces(RANGE_BYTES, at)) {
          await this.#put(piece, at);
          at += piece.length;
          tries = 1;
        }
        return;
      } catch (error) {
        if (!isFailure(error) || !error.retryable || tries === MAX_TRIES) throw error;
        const { retryAfterMs = 0 } = error.facts;
        if (retryAfterMs > LONGEST_PAUSE_MS) throw error;
        await pause(retryAfterMs, undefined, { signal: this.#signal });
        const expected = await this.#expected();
        if (expected === undefined) throw error;
        at = expected;
      }
    }
  }

  async #put(piece: Buffer, at: number): Promise<void> {
    await this.#beforeUpload(piece.length);
    const last = at + piece.length - 1;
    const reply = await this.#upload.send({
      method: 'PUT',
      path: this.#path,
      headers: {
        'content-type': 'application/octet-stream',
        'content-range': `bytes ${String(at)}-${String(last)}/${String(this.#file.size)}`,
      },
      body: piece,
    });
    if (reply.status >= 300) throw await this.#refusal(reply);
    await restOf(reply);
    const isLast = last + 1 === this.#file.size;
    if (isLast !== (reply.status === 201)) {
      throw new Failure('server-answer-unexpected', {
        serverText: `${String(reply.status)} after byte ${String(last)} of ${String(this.#file.size)}`,
      });
    }
  }

  /** Where the server wants to go on; undefined when it does not tell, or has everything. */
  async #expected(): Promise<number | undefined> {
    const reply = await this.#upload.send({ method: 'GET', path: this.#path, headers: {} });
    const answer = await restOf(reply);
    if (reply.status !== 200) return undefined;
    const { nextExpectedRanges } = (answer ?? {}) as { nextExpectedRanges?: unknown };
    const [first] = Array.isArray(nextExpectedRanges) ? (nextExpectedRanges as unknown[]) : [];
    const at = typeof first === 'string' ? Number.parseInt(first, 10) : Number.NaN;
    return Number.isSafeInteger(at) && at >= 0 && at < this.#file.size ? at : undefined;
  }

  async #refusal(reply: HttpsReply): Promise<Failure> {
    return graphFailure(
      reply.status,
      reply.headers,
      errorOf(await restOf(reply)),
      { ...this.#client.context, permission: 'Mail.ReadWrite' },
      this.#subject,
    );
  }
}

function uploadUrlOf(session: unknown): URL {
  const { uploadUrl } = (session ?? {}) as { uploadUrl?: unknown };
  const url = typeof uploadUrl === 'string' && URL.canParse(uploadUrl) ? new URL(uploadUrl) : undefined;
  if (url?.protocol === 'https:' && url.port === '' && UPLOAD_HOSTS.test(url.hostname)) return url;
  throw new Failure('server-answer-unexpected', {
    serverText: `an upload address at ${url?.origin ?? 'no address'}`,
  });
}
