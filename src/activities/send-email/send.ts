/**
 * Send Email: one message per request, one answer per message. Owns: the run over many requests. Must not: send a message
 * a second time, whatever happened to the first try.
 */
import { randomUUID } from 'node:crypto';
import type { Access } from '../../connection/index.js';
import { asFailure, isFailure } from '../../errors/index.js';
import type { SendEmailConfig, SendEmailRequest, SendEmailResponse } from '../../generated/types.js';
import type { Submission } from '../../mail/index.js';
import { untilAborted } from '../../net/index.js';
import { answerOf, notSent, refusal } from './answer.js';
import { effectiveMessage, type EffectiveMessage } from './effective.js';
import { envelopeOf, outgoingMessage, type Identity, type OpenContent } from './outgoing.js';
import { withAddressLists } from './recipients.js';
import { SendingSessions } from './sessions.js';

export interface SendContext {
  readonly access: Access;
  readonly config: SendEmailConfig;
  /** Judges one request. @throws Failure input-invalid */
  readonly validate: (request: unknown) => SendEmailRequest;
  readonly openContent: OpenContent;
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
  const sessions = new SendingSessions(context.access, context.signal);
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

async function answer(
  context: SendContext,
  sessions: SendingSessions,
  raw: unknown,
  index: number,
): Promise<SendEmailResponse> {
  const { access, config, validate } = context;
  const completed = (): string => new Date(access.now()).toISOString();
  let message: EffectiveMessage;
  try {
    message = effectiveMessage(access.settings, config, validate(withAddressLists(raw)));
  } catch (error) {
    return refusal(index, asFailure(error), completed());
  }
  const identity = identityOf(access, message);
  const submission = await submitted(context, sessions, message, identity);
  const answered = { index, messageId: identity.messageId, mailbox: message.mailbox };
  return answerOf({ ...answered, completedAt: completed() }, submission);
}

async function submitted(
  { openContent, signal }: SendContext,
  sessions: SendingSessions,
  message: EffectiveMessage,
  identity: Identity,
): Promise<Submission> {
  const session = await sessions.for(message.mailbox);
  const envelope = envelopeOf(message);
  try {
    return await session.submit(envelope, outgoingMessage(message, identity, openContent, signal));
  } catch (error) {
    if (!isFailure(error)) throw error;
    return notSent(envelope.to, error);
  }
}

function identityOf(access: Access, message: EffectiveMessage): Identity {
  const domain = envelopeOf(message).from.split('@').at(-1) ?? 'localhost';
  return { messageId: `<${randomUUID()}@${domain}>`, date: new Date(access.now()) };
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
