/**
 * Send Email: one message per request, one answer per message. Owns: the run over many requests and what each
 * answer says. Must not: send a message a second time, whatever happened to the first try.
 */
import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { domainToASCII } from 'node:url';
import { openSubmission, type Access } from '../../connection/index.js';
import { asFailure, isFailure, type Failure } from '../../errors/index.js';
import type {
  Attachment,
  SendEmailConfig,
  SendEmailRequest,
  SendEmailResponse,
} from '../../generated/types.js';
import { untilAborted } from '../../net/index.js';
import { composeMessage, type Submission, type SubmissionSession } from '../../mail/index.js';
import { effectiveMessage, envelopeRecipients, type EffectiveMessage } from './effective.js';

export interface SendContext {
  readonly access: Access;
  readonly config: SendEmailConfig;
  /** Judges one request. @throws Failure input-invalid */
  readonly validate: (request: unknown) => SendEmailRequest;
  /** Opens what Read Email left behind a reference. */
  readonly openContent: (ref: string, signal?: AbortSignal) => Readable;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Answers each request in order. A request that cannot be sent gets its answer and the next one is taken.
 * @throws Failure when no session comes about (sign-in, network): no request after the last answer was touched
 */
export async function* sendEmail(
  context: SendContext,
  requests: Iterable<unknown> | AsyncIterable<unknown>,
): AsyncGenerator<SendEmailResponse> {
  const sessions = new Sessions(context);
  let index = 0;
  try {
    for await (const raw of abortable(requests, context.signal)) {
      yield await answer(context, sessions, raw, index);
      index += 1;
    }
  } finally {
    sessions.close();
  }
}

/** One open session at a time, reused while the mailbox stays the same and the connection lives. */
class Sessions {
  readonly #context: SendContext;
  #open: { mailbox: string; session: SubmissionSession } | undefined;

  constructor(context: SendContext) {
    this.#context = context;
  }

  async for(mailbox: string): Promise<SubmissionSession> {
    if (this.#open?.mailbox === mailbox && this.#open.session.usable) return this.#open.session;
    this.close();
    const session = await openSubmission(this.#context.access, mailbox, this.#context.signal);
    this.#open = { mailbox, session };
    return session;
  }

  close(): void {
    this.#open?.session.close();
    this.#open = undefined;
  }
}

async function answer(
  context: SendContext,
  sessions: Sessions,
  raw: unknown,
  index: number,
): Promise<SendEmailResponse> {
  const { access, config, validate } = context;
  const completed = (): string => new Date(access.now()).toISOString();
  let message: EffectiveMessage;
  try {
    message = effectiveMessage(access.settings, config, validate(raw));
  } catch (error) {
    return refused(index, asFailure(error), completed());
  }
  const messageId = `<${randomUUID()}@${asciiAddress(message.from.address).split('@').at(-1) ?? 'localhost'}>`;
  const session = await sessions.for(message.mailbox);
  const to = envelopeRecipients(message);
  let submission: Submission;
  try {
    const { source, release } = await composed(context, message, messageId);
    try {
      submission = await session.submit(
        { from: asciiAddress(message.from.address), to: to.map(asciiAddress) },
        source,
      );
    } finally {
      release();
    }
  } catch (error) {
    if (!isFailure(error)) throw error;
    submission = notSent(to, error);
  }
  const { outcome, serverText, failure, recipients } = submission;
  return {
    index,
    outcome,
    messageId,
    mailbox: message.mailbox,
    transport: 'smtp',
    completedAt: completed(),
    ...(serverText === undefined ? {} : { serverText }),
    recipients: recipients.map((recipient) => ({
      address: recipient.address,
      outcome: recipient.outcome,
      ...(recipient.serverText === undefined ? {} : { serverText: recipient.serverText }),
      ...(recipient.failure === undefined ? {} : { failure: report(recipient.failure, messageId) }),
    })),
    ...(failure === undefined ? {} : { failure: report(failure, messageId) }),
  };
}

/** The failure as data; whoever looks for the message needs its id. */
function report(failure: Failure, messageId: string): ReturnType<Failure['toJSON']> {
  const data = failure.toJSON();
  return failure.code === 'acceptance-unknown'
    ? { ...data, parameters: { ...data.parameters, messageId } }
    : data;
}

function refused(index: number, failure: Failure, completedAt: string): SendEmailResponse {
  return {
    index,
    outcome: 'rejected',
    messageId: null,
    mailbox: null,
    transport: 'smtp',
    completedAt,
    recipients: [],
    failure: failure.toJSON(),
  };
}

/** The content of an attachment could not be had: the message never reached the server whole. */
function notSent(to: readonly string[], failure: Failure): Submission {
  const outcome = failure.retryable ? ('deferred' as const) : ('rejected' as const);
  return { outcome, failure, recipients: to.map((address) => ({ address, outcome, failure })) };
}

interface Opened {
  readonly source: Readable;
  /** Ends what was opened for the message, however far it got. */
  readonly release: () => void;
}

/**
 * The message's source. Referenced attachments are opened when the composer comes to them, one at a time: a mailbox
 * has few connections. An invalid reference is refused here, before a byte is sent.
 */
async function composed(context: SendContext, message: EffectiveMessage, messageId: string): Promise<Opened> {
  const streams: Readable[] = [];
  const opened = ({ name, contentType, contentId, content }: Attachment) => {
    const described = { name, contentType, contentId };
    if ('inline' in content) return { ...described, content: Buffer.from(content.inline, 'base64') };
    const stream = context.openContent(content.ref, context.signal);
    // The composer reports it to the session; a stream it never came to must not end the process.
    stream.on('error', () => undefined);
    streams.push(stream);
    return { ...described, content: stream };
  };
  const release = (): void => streams.forEach((stream) => stream.destroy());
  try {
    const attachments = message.attachments.map(opened);
    const date = new Date(context.access.now());
    return { source: await composeMessage({ ...message, messageId, date, attachments }), release };
  } catch (error) {
    release();
    throw error;
  }
}

/** The domain in the form that every server understands (RFC 5891). */
function asciiAddress(address: string): string {
  const at = address.lastIndexOf('@');
  const domain = domainToASCII(address.slice(at + 1));
  return domain === '' ? address : `${address.slice(0, at + 1)}${domain}`;
}

/** The requests, until the signal ends the wait for the next one. */
async function* abortable(
  requests: Iterable<unknown> | AsyncIterable<unknown>,
  signal: AbortSignal | undefined,
): AsyncGenerator {
  const iterator =
    Symbol.asyncIterator in requests ? requests[Symbol.asyncIterator]() : requests[Symbol.iterator]();
  let finished = false;
  try {
    for (;;) {
      const next = await untilAborted(Promise.resolve(iterator.next()), signal);
      if (next.done === true) {
        finished = true;
        return;
      }
      yield next.value;
    }
  } finally {
    // Not awaited: an input that hangs in next() would hang in return() as well.
    if (!finished) void iterator.return?.();
  }
}
