/**
 * Send Email: one message per request, one answer per message. Owns: the run over many requests. Must not: send a message
 * a second time, whatever happened to the first try.
 */
import type { Access } from '../../connection/index.js';
import { asFailure, isFailure } from '../../errors/index.js';
import type { SendEmailConfig, SendEmailRequest, SendEmailResponse } from '../../generated/types.js';
import type { SendTransport, Submission, SubmissionSession } from '../../mail/index.js';
import { untilAborted } from '../../net/index.js';
import { answerOf, notSent, refusal } from './answer.js';
import type { EffectiveMessage } from './effective.js';
import { Evidence } from './evidence.js';
import { identityOf, type Keyed } from './identity.js';
import type { Ledger } from './ledger.js';
import { once, type Sending } from './once.js';
import { envelopeOf, outgoingMessage, type Identity, type OpenContent } from './outgoing.js';
import { prepared } from './prepared.js';
import { SendingSessions } from './sessions.js';

export interface SendContext {
  readonly access: Access;
  readonly config: SendEmailConfig;
  /** Judges one request. @throws Failure input-invalid */
  readonly validate: (request: unknown) => SendEmailRequest;
  readonly openContent: OpenContent;
  /** The host's lasting id of the activity. */
  readonly activity?: string | undefined;
  readonly ledger: Ledger;
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
  const sessions = new SendingSessions(context.access, transportOf(context), context.signal);
  const evidence = new Evidence(context.access, context.signal);
  let index = 0;
  try {
    for await (const raw of abortable(requests, context.signal)) {
      yield await answer({ ...context, sessions, evidence }, raw, index);
      index += 1;
    }
  } finally {
    sessions.close();
  }
}

interface RunContext extends SendContext {
  readonly sessions: SendingSessions;
  readonly evidence: Evidence;
}

async function answer(context: RunContext, raw: unknown, index: number): Promise<SendEmailResponse> {
  const { access } = context;
  const transport = transportOf(context);
  const completed = (): string => new Date(access.now()).toISOString();
  let message: EffectiveMessage;
  let keyed: Keyed | undefined;
  try {
    ({ message, keyed } = prepared(context, raw));
  } catch (error) {
    return refusal(index, asFailure(error), { transport, completedAt: completed() });
  }
  const { mailbox } = message;
  const prepare: Sending['prepare'] = async () => {
    const session = await context.sessions.for(mailbox);
    return async (identity) => {
      const submission = await submitted(context, session, message, identity);
      const { messageId } = identity;
      return answerOf({ messageId, mailbox, transport, completedAt: completed() }, submission);
    };
  };
  const identity = identityOf(message, keyed, access.now());
  if (keyed === undefined) return { index, ...(await (await prepare())(identity)) };
  const sending = { keyed, identity, mailbox, transport, recipients: envelopeOf(message).to, prepare };
  return { index, ...(await once({ ...context, now: access.now }, sending)) };
}

const transportOf = ({ config }: SendContext): SendTransport => config.transport ?? 'smtp';

async function submitted(
  { openContent, signal }: SendContext,
  session: SubmissionSession,
  message: EffectiveMessage,
  identity: Identity,
): Promise<Submission> {
  const envelope = envelopeOf(message);
  try {
    return await session.submit(envelope, outgoingMessage(message, identity, openContent, signal));
  } catch (error) {
    if (!isFailure(error)) throw error;
    return notSent(envelope.to, error);
  }
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
