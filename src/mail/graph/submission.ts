/**
 * The Graph adapter of the sending port. Owns: which way a message takes, and what is known when something goes wrong.
 * Must not: retry a call that may have sent. A run that is given up is a line that is cut, as in the SMTP adapter.
 *
 * A small message of the mailbox's own goes as MIME in one call (https://learn.microsoft.com/graph/outlook-send-mime-message).
 * Where it is larger, or somebody else is its author, it becomes a draft first: its files are added one by one, its author
 * is set (MIME cannot), then the draft is sent. Until then everything can be taken back.
 *
 * A call to send a draft that went without an answer leaves the draft alone, although it could be deleted: the service may
 * be sending it that moment, and nothing says that a draft that could be deleted is not sent.
 */
import { asFailure, Failure, isFailure } from '../../errors/index.js';
import type { CallStage, Route } from '../../net/index.js';
import { internationalAddresses, withoutInternational } from '../international.js';
import { composeMessage } from '../mime/compose.js';
import {
  notAccepted,
  type Envelope,
  type OutgoingMessage,
  type Submission,
  type SubmissionSession,
} from '../sending.js';
import { GraphClient, type GraphCall, type GraphTokens } from './client.js';
import { Drafts } from './drafts.js';
import { uploadable, type UploadableFile } from './draft-files.js';
import { uploadFile } from './draft-upload.js';
import type { GraphContext, Subject } from './failures.js';

/**
 * The body of a call has at most 4 MB (https://learn.microsoft.com/graph/api/user-post-messages) and is the message in base64,
 * which makes four bytes of three.
 */
const MIME_BYTES = 2_900_000;
/** What base64 with its line ends makes of a byte of a file within the message. */
const ENCODED = 1.37;
const HEADER_BYTES = 64 * 1024;

export interface GraphSending extends GraphContext {
  /** The way to the host that takes large files. */
  readonly uploadRoute: (host: string) => Route;
  /**
   * Waits until so many bytes may be uploaded. A draft's own text is not asked for: beside the largest file that Graph takes
   * there would be no room for it, and it is small. @throws the signal's reason
   */
  readonly beforeUpload?: ((bytes: number, signal: AbortSignal | undefined) => Promise<void>) | undefined;
}

/** Opens a session; the first call is made when something is sent. */
export function openGraphSubmission(
  route: Route,
  tokens: GraphTokens,
  context: GraphSending,
  signal?: AbortSignal,
): Promise<SubmissionSession> {
  return Promise.resolve(
    new GraphSubmission(new GraphClient(route, tokens, context, signal), context, signal),
  );
}

class GraphSubmission implements SubmissionSession {
  /** A service of calls greets nobody. */
  readonly signInReply = '';
  readonly #client: GraphClient;
  readonly #context: GraphSending;
  readonly #signal: AbortSignal | undefined;
  readonly #subject: Subject;
  readonly #drafts: Drafts;

  constructor(client: GraphClient, context: GraphSending, signal: AbortSignal | undefined) {
    this.#client = client;
    this.#context = context;
    this.#signal = signal;
    this.#subject = { kind: 'mailbox', name: context.mailbox };
    this.#drafts = new Drafts(client, this.#subject);
  }

  get usable(): boolean {
    return this.#client.usable;
  }

  close(): void {
    this.#client.close();
  }

  async submit(envelope: Envelope, message: OutgoingMessage): Promise<Submission> {
    // Whether MIME may have a header in UTF-8 (RFC 6532) here is not documented.
    const international = internationalAddresses(message);
    if (international.length > 0) return withoutInternational(envelope, international, this.#context.host);
    const files: UploadableFile[] = [];
    try {
      for (const attachment of message.attachments) files.push(await uploadable(attachment, this.#signal));
      const bytes = files.reduce((sum, { size }) => sum + size * ENCODED, bodyBytes(message));
      const isOwn = message.from.address.toLowerCase() === this.#context.mailbox.toLowerCase();
      if (isOwn && !wantsReceipts(message) && bytes + HEADER_BYTES <= MIME_BYTES)
        return await this.#sendWhole(envelope, message, files);
      return await this.#sendDraft(envelope, message, files, isOwn);
    } finally {
      await Promise.all(files.map((file) => file.discard()));
    }
  }

  async #sendWhole(
    envelope: Envelope,
    message: OutgoingMessage,
    files: readonly UploadableFile[],
  ): Promise<Submission> {
    const attachments = await Promise.all(
      files.map(async (file) => ({ ...file.described, content: await file.all() })),
    );
    const mime = await this.#mime({ ...message, attachments });
    await this.#beforeUpload(mime.length);
    return this.#finally(envelope, message, { path: '/sendMail', mime });
  }

  async #sendDraft(
    envelope: Envelope,
    message: OutgoingMessage,
    files: readonly UploadableFile[],
    isOwn: boolean,
  ): Promise<Submission> {
    let draft: string | undefined;
    try {
      const mime = await this.#mime({ ...message, attachments: [] });
      draft = await this.#drafts.create(message.messageId, mime);
      const { address, name } = message.from;
      const from = { emailAddress: name === undefined ? { address } : { address, name } };
      const body = {
        ...(isOwn ? {} : { from }),
        ...(wantsReceipts(message) ? { isDeliveryReceiptRequested: true } : {}),
      };
      if (Object.keys(body).length > 0)
        await this.#client.json({ method: 'PATCH', path: draft, body, subject: this.#subject });
      for (const file of files) {
        await uploadFile(this.#client, draft, file, {
          routeTo: this.#context.uploadRoute,
          beforeUpload: (bytes) => this.#beforeUpload(bytes),
          subject: this.#subject,
          signal: this.#signal,
        });
      }
    } catch (error) {
      if (draft !== undefined) await this.#drafts.delete(draft);
      return this.#notAccepted(envelope, error);
    }
    const submission = await this.#finally(envelope, message, { path: `${draft}/send` });
    // Known not to be sent: what is left would lie in somebody's Drafts for ever.
    if (submission.outcome === 'rejected' || submission.outcome === 'deferred')
      await this.#drafts.delete(draft);
    return submission;
  }

  async #beforeUpload(bytes: number): Promise<void> {
    await this.#context.beforeUpload?.(bytes, this.#signal);
  }

  /** The call that sends: from here on only an answer tells. */
  async #finally(
    envelope: Envelope,
    message: OutgoingMessage,
    call: Pick<GraphCall, 'path' | 'mime'>,
  ): Promise<Submission> {
    let stage: CallStage = 'begun';
    let status = 0;
    const { holdsEnd = false } = message;
    const onStage = (now: CallStage, answered = 0): void => {
      stage = now;
      status = answered;
    };
    const once = { holdsEnd, onStage };
    const subject = this.#subject;
    try {
      await this.#client.done({ method: 'POST', ...call, once, subject, permission: 'Mail.Send' });
    } catch (error) {
      // A 429 is said before anything is done, and a 4xx instead of it. Of a 5xx Microsoft does not say so: a 500 comes while
      // the request is processed, a 504 from a proxy whose server may have it, "may occur together with 503"
      // (https://learn.microsoft.com/graph/errors). There it is read as a leave to repeat, which a second mail is not worth.
      const isOpen = isLeft(stage) || status >= 500;
      return isOpen ? this.#unknown(envelope, error) : this.#notAccepted(envelope, error);
    }
    const serverText = '202 Accepted';
    return {
      outcome: 'accepted',
      ...(wantsReceipts(message) ? { deliveryReceipt: 'asked' as const } : {}),
      serverText,
      recipients: envelope.to.map((address) => ({ address, outcome: 'accepted', serverText })),
    };
  }

  async #mime(message: OutgoingMessage): Promise<string> {
    const { source, release } = await composeMessage(message, { withBcc: true });
    try {
      const pieces: Buffer[] = [];
      for await (const piece of source as AsyncIterable<Buffer>) pieces.push(piece);
      return Buffer.concat(pieces).toString('base64');
    } finally {
      release();
    }
  }

  #unknown({ to }: Envelope, error: unknown): Submission {
    const { host, mailbox } = this.#context;
    const cause = this.#failureOf(error);
    const failure = new Failure('acceptance-unknown', {
      parameters: { host, mailbox },
      serverText: cause.facts.serverText ?? cause.code,
      correlationId: cause.facts.correlationId,
      retryAfterMs: cause.facts.retryAfterMs,
      cause,
    });
    return {
      outcome: 'unknown',
      failure,
      recipients: to.map((address) => ({ address, outcome: 'unknown', failure })),
    };
  }

  #notAccepted({ from, to }: Envelope, error: unknown): Submission {
    const cause = this.#failureOf(error);
    // Texts name who it was from and for, which a call of Graph does not know.
    const parameters = { ...cause.facts.parameters, sender: from, recipient: to.join(', ') };
    const failure = new Failure(cause.code, { ...cause.facts, parameters, cause });
    return notAccepted(to, failure, failure.facts.serverText);
  }

  #failureOf(error: unknown): Failure {
    if (isFailure(error) || this.#signal?.aborted !== true) return asFailure(error);
    const { host, port } = this.#context;
    return new Failure('connection-lost', {
      parameters: { host, port },
      serverText: 'the run was given up',
      cause: error,
    });
  }
}

/** MIME has no way to ask for them: they are a property of the draft. */
function wantsReceipts({ marks }: OutgoingMessage): boolean {
  return marks?.deliveryReceipt === true;
}

/** Told from outside, which the compiler cannot see. */
const isLeft = (stage: CallStage): boolean => stage === 'left';

function bodyBytes({ text = '', html = '' }: OutgoingMessage): number {
  // From html alone a text is made, which is not longer.
  return (Buffer.byteLength(text) + 2 * Buffer.byteLength(html)) * ENCODED;
}
