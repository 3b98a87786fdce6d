/**
 * The Graph adapter of the sending port. Owns: which way a message takes, and what is known when something goes wrong.
 * Must not: retry a call that may have sent.
 *
 * A small message of the mailbox's own goes as MIME in one call (https://learn.microsoft.com/graph/outlook-send-mime-message).
 * Where it is larger, or somebody else is its author, it becomes a draft first: its files are added one by one, its author
 * is set (MIME cannot), then the draft is sent. Until then everything can be taken back.
 */
import { asFailure, Failure, isFailure } from '../../errors/index.js';
import { isUnsent, type Route } from '../../net/index.js';
import { composeMessage } from '../mime/compose.js';
import type { Envelope, OutgoingMessage, Submission, SubmissionSession } from '../sending.js';
import { GraphClient, type GraphCall, type GraphTokens } from './client.js';
import { uploadable, type UploadableFile } from './draft-files.js';
import { uploadFile } from './draft-upload.js';
import type { GraphContext, Subject } from './failures.js';

/** A call has at most 4 MB, in base64 of base64; https://learn.microsoft.com/graph/throttling-limits. */
const MIME_BYTES = 2_900_000;
/** What base64 with its line ends makes of a byte. */
const ENCODED = 1.37;
const HEADER_BYTES = 64 * 1024;

/** After these nobody knows whether the call was carried out. */
const UNCERTAIN: ReadonlySet<Failure['code']> = new Set([
  'connection-lost',
  'host-timed-out',
  'server-unavailable',
]);

export interface GraphSending extends GraphContext {
  /** The way to the host that takes large files. */
  readonly uploadRoute: (host: string) => Route;
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

  constructor(client: GraphClient, context: GraphSending, signal: AbortSignal | undefined) {
    this.#client = client;
    this.#context = context;
    this.#signal = signal;
    this.#subject = { kind: 'mailbox', name: context.mailbox };
  }

  get usable(): boolean {
    return this.#client.usable;
  }

  close(): void {
    this.#client.close();
  }

  async submit(envelope: Envelope, message: OutgoingMessage): Promise<Submission> {
    const files: UploadableFile[] = [];
    try {
      for (const attachment of message.attachments) files.push(await uploadable(attachment, this.#signal));
      const bytes = files.reduce((sum, { size }) => sum + size * ENCODED, bodyBytes(message));
      const isOwn = message.from.address.toLowerCase() === this.#context.mailbox.toLowerCase();
      if (isOwn && bytes + HEADER_BYTES <= MIME_BYTES) return await this.#sendWhole(envelope, message, files);
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
    return this.#finally(envelope, { path: '/sendMail', mime, holdsEnd: message.holdsEnd });
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
      const answer = await this.#client.json({
        method: 'POST',
        path: '/messages',
        mime,
        subject: this.#subject,
      });
      draft = `/messages/${encodeURIComponent(idOf(answer))}`;
      const { address, name } = message.from;
      const from = { emailAddress: name === undefined ? { address } : { address, name } };
      if (!isOwn)
        await this.#client.json({ method: 'PATCH', path: draft, body: { from }, subject: this.#subject });
      for (const file of files) {
        await uploadFile(this.#client, draft, file, {
          routeTo: this.#context.uploadRoute,
          subject: this.#subject,
          signal: this.#signal,
        });
      }
    } catch (error) {
      if (draft !== undefined) await this.#deleteDraft(draft);
      this.#signal?.throwIfAborted();
      return notAccepted(envelope, asFailure(error));
    }
    const submission = await this.#finally(envelope, { path: `${draft}/send` });
    // Known not to be sent: what is left would lie in somebody's Drafts for ever.
    if (submission.outcome === 'rejected' || submission.outcome === 'deferred')
      await this.#deleteDraft(draft);
    return submission;
  }

  /** The call that sends: from here on only an answer tells. */
  async #finally(
    envelope: Envelope,
    call: Pick<GraphCall, 'path' | 'mime' | 'holdsEnd'>,
  ): Promise<Submission> {
    try {
      await this.#client.done({ method: 'POST', ...call, subject: this.#subject, permission: 'Mail.Send' });
    } catch (error) {
      this.#signal?.throwIfAborted();
      if (!isFailure(error)) throw error;
      return UNCERTAIN.has(error.code) && !isUnsent(error)
        ? this.#unknown(envelope, error)
        : notAccepted(envelope, error);
    }
    const serverText = '202 Accepted';
    return {
      outcome: 'accepted',
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

  async #deleteDraft(path: string): Promise<void> {
    // It stays in Drafts when this fails, too: nothing was sent, and that is what has to be said.
    await this.#client.json({ method: 'DELETE', path, subject: this.#subject }).catch(() => undefined);
  }

  #unknown(envelope: Envelope, error: Failure): Submission {
    const { host, mailbox } = this.#context;
    const failure = new Failure('acceptance-unknown', {
      parameters: { host, mailbox },
      serverText: error.facts.serverText ?? error.code,
      cause: error,
    });
    return {
      outcome: 'unknown',
      failure,
      recipients: envelope.to.map((address) => ({ address, outcome: 'unknown', failure })),
    };
  }
}

function bodyBytes({ text = '', html = '' }: OutgoingMessage): number {
  // From html alone a text is made, which is not longer.
  return (Buffer.byteLength(text) + 2 * Buffer.byteLength(html)) * ENCODED;
}

function notAccepted({ from, to }: Envelope, cause: Failure): Submission {
  // Texts name who it was from and for, which a call of Graph does not know.
  const parameters = { ...cause.facts.parameters, sender: from, recipient: to.join(', ') };
  const failure = new Failure(cause.code, { ...cause.facts, parameters, cause });
  const outcome = failure.retryable ? ('deferred' as const) : ('rejected' as const);
  const { serverText } = failure.facts;
  return { outcome, serverText, failure, recipients: to.map((address) => ({ address, outcome, failure })) };
}

function idOf(answer: unknown): string {
  const { id } = (answer ?? {}) as { id?: unknown };
  if (typeof id === 'string' && id !== '') return id;
  throw new Failure('server-answer-unexpected', { serverText: 'a draft without an id' });
}
