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
import { once, type OnceAnswer, type Ready } from './once.js';
import { envelopeOf, outgoingMessage, type Identity, type OpenContent } from './outgoing.js';
import { prepared } from './prepared.js';
import { overlapped, type Task } from './overlap.js';
import { MAX_SESSIONS, SendingSessions } from './sessions.js';

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
 * Answers the requests in order. A request that cannot be sent gets its answer and the next one is taken.
 * @throws Failure when no session comes about (sign-in, network), after the answers of all requests that were touched
 */
export async function* sendEmail(
  context: SendContext,
  requests: Iterable<unknown> | AsyncIterable<unknown>,
): AsyncGenerator<SendEmailResponse> {
  const sessions = new SendingSessions(context.access, transportOf(context), context.signal);
  const evidence = new Evidence(context.access, context.signal);
  const run = { ...context, sessions, evidence };
  async function* tasks(): AsyncGenerator<Task<SendEmailResponse>> {
    let index = 0;
    for await (const raw of abortable(requests, context.signal)) {
      yield taskOf(run, raw, index);
      index += 1;
    }
  }
  try {
    yield* overlapped(tasks(), MAX_SESSIONS);
  } finally {
    sessions.close();
  }
}

interface RunContext extends SendContext {
  readonly sessions: SendingSessions;
  readonly evidence: Evidence;
}

/**
 * What is to be done for a request. Those with a key overlap: whoever loses their answers, by a crash or by giving up, finds
 * them again under the key. Without one, a message begins after all before it have been answered.
 */
function taskOf(context: RunContext, raw: unknown, index: number): Task<SendEmailResponse> {
  let message: EffectiveMessage;
  let keyed: Keyed | undefined;
  try {
    ({ message, keyed } = prepared(context, raw));
  } catch (error) {
    const { access } = context;
    const answered = { transport: transportOf(context), completedAt: new Date(access.now()).toISOString() };
    const refused = refusal(index, asFailure(error), answered);
    return { name: `refused ${String(index)}`, run: () => Promise.resolve(refused) };
  }
  const name = keyed === undefined ? undefined : `key ${keyed.key}`;
  return { name, run: async () => ({ index, ...(await answerTo(context, message, keyed)) }) };
}

async function answerTo(
  context: RunContext,
  message: EffectiveMessage,
  keyed: Keyed | undefined,
): Promise<OnceAnswer> {
  const { access } = context;
  const { mailbox } = message;
  const transport = transportOf(context);
  const prepare = async (): Promise<Ready> => {
    const { session, release } = await context.sessions.take(mailbox);
    const submit: Ready['submit'] = async (identity) => {
      const submission = await submitted(context, session, message, identity);
      const completedAt = new Date(access.now()).toISOString();
      return answerOf({ messageId: identity.messageId, mailbox, transport, completedAt }, submission);
    };
    return { submit, release };
  };
  const identity = identityOf(message, keyed, access.now());
  if (keyed !== undefined) {
    const sending = { keyed, identity, mailbox, transport, recipients: envelopeOf(message).to, prepare };
    return once({ ...context, now: access.now }, sending);
  }
  const { submit, release } = await prepare();
  try {
    return await submit(identity);
  } finally {
    release();
  }
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
