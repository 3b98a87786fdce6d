/**
 * One message from its turn to its answer. Owns: the tries, and what each of them costs. Must not: try again where an earlier
 * try may have been accepted.
 */
import { pauseBefore, type Grant } from '../../budget/index.js';
import { endpointOf } from '../../connection/index.js';
import { asFailure, Failure, isFailure } from '../../errors/index.js';
import { notAccepted, type SubmissionSession, type Submission } from '../../mail/index.js';
import { activityMailbox, sameAddress } from '../mailbox-choice.js';
import { answerOf } from './answer.js';
import type { EffectiveMessage } from './effective.js';
import { identityOf, type Keyed } from './identity.js';
import type { Answer } from './ledger.js';
import { once, type OnceAnswer, type Ready } from './once.js';
import { envelopeOf, outgoingMessage, type Identity } from './outgoing.js';
import type { SendRunContext } from './send.js';

const ATTEMPTS = 3;

/**
 * Tries again what is certain not to have been accepted and may be later, as often and as long as the settings allow.
 * @throws Failure when no session comes about
 */
export async function answerTo(
  context: SendRunContext,
  message: EffectiveMessage,
  keyed: Keyed | undefined,
): Promise<OnceAnswer> {
  const { clock, config, patience } = context;
  const identity = identityOf(message, keyed, clock.now());
  const last = config.attempts ?? ATTEMPTS;
  const start = clock.now();
  for (let tried = 1; ; tried += 1) {
    const answer = await tryOnce(context, message, keyed, identity, tried).catch((error: unknown) => {
      if (!isFailure(error) || !error.retryable || tried >= last) throw error;
      return error;
    });
    const failure = isFailure(answer) ? answer.toJSON() : answer.failure;
    const isDeferred = isFailure(answer) || answer.outcome === 'deferred';
    const pause = pauseBefore(tried, failure?.retryAfterMs);
    const isLast = tried >= last || clock.now() + pause > start + patience.mostMs || patience.signal?.aborted;
    if (!isDeferred || isLast === true) {
      if (isFailure(answer)) throw answer;
      return answer;
    }
    if (failure !== undefined) patience.onWait?.({ mailbox: message.mailbox, failure, waitMs: pause });
    try {
      await clock.sleep(pause, patience.signal);
    } catch {
      // Given up in between: what became of the message is known, and has to be said.
      if (isFailure(answer)) throw answer;
      return answer;
    }
  }
}

async function tryOnce(
  context: SendRunContext,
  message: EffectiveMessage,
  keyed: Keyed | undefined,
  identity: Identity,
  tried: number,
): Promise<OnceAnswer> {
  const { budget, clock, patience, sessions, storms } = context;
  const { mailbox } = message;
  const transport = context.config.transport ?? 'smtp';
  const recipients = envelopeOf(message).to;
  const answered = (under: Identity, submission: Submission): Answer => {
    const completedAt = new Date(clock.now()).toISOString();
    return answerOf({ messageId: under.messageId, mailbox, transport, completedAt }, submission);
  };
  const taken: Grant[] = [];
  let used = false;
  const turn = async (): Promise<Answer | undefined> => {
    if (taken.length > 0) return undefined;
    const storm = await storms.against(message, context.config, identity.messageId);
    if (storm !== undefined) return answered(identity, notAccepted(recipients, storm));
    const granted = await budget.grant({ mailbox, recipients }, patience);
    if (isFailure(granted)) return answered(identity, notAccepted(recipients, granted));
    taken.push(granted);
    return undefined;
  };
  const prepare = async (): Promise<Ready> => {
    const { session, release } = await sessions.take(mailbox);
    const submit: Ready['submit'] = async (under) => {
      used = true;
      const submission = await submitted(context, session, message, under);
      if (submission.failure !== undefined) budget.heard(mailbox, submission.failure);
      return answered(under, submission);
    };
    return { submit, release };
  };
  try {
    if (keyed !== undefined) {
      const sending = { keyed, identity, mailbox, transport, recipients, turn, prepare };
      return await once({ ...context, now: () => clock.now() }, sending);
    }
    const refused = await turn();
    if (refused !== undefined) return refused;
    const { submit, release } = await prepare();
    try {
      const answer = await submit(identity);
      return tried === 1 ? answer : { ...answer, attempts: tried };
    } finally {
      await release();
    }
  } catch (error) {
    if (!isFailure(error) || !concernsOneMailbox(context, mailbox, error)) throw error;
    return answered(identity, notAccepted(recipients, error));
  } finally {
    // The answer is worth more than an exact count.
    for (const grant of taken) await grant.end(used).catch(() => undefined);
  }
}

/** No reason to end the run: others have the mailbox's sessions, or it is a mailbox that only some records are sent from. */
function concernsOneMailbox(
  { access, config }: SendRunContext,
  mailbox: string,
  { code, kind }: Failure,
): boolean {
  if (code === 'too-many-connections') return true;
  const isOther = !sameAddress(mailbox, activityMailbox(access.settings, config));
  return isOther && (kind === 'permission' || kind === 'not-found');
}

async function submitted(
  { access, config, openContent, signal }: SendRunContext,
  session: SubmissionSession,
  message: EffectiveMessage,
  identity: Identity,
): Promise<Submission> {
  const envelope = envelopeOf(message);
  try {
    return await session.submit(envelope, outgoingMessage(message, identity, openContent, signal));
  } catch (error) {
    // Whatever is thrown there, is thrown before anything can have been accepted (see the port).
    if (isFailure(error) || signal?.aborted !== true) return notAccepted(envelope.to, asFailure(error));
    const { host, port } = endpointOf(access, config.transport ?? 'smtp');
    const serverText = 'the run was given up';
    return notAccepted(
      envelope.to,
      new Failure('connection-lost', { parameters: { host, port }, serverText }),
    );
  }
}
