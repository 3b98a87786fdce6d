/**
 * Send Email: one message per request, one answer per message. Owns: the run over many requests. Must not: send a message
 * a second time, whatever happened to the first try.
 */
import type { Clock, Patience, SendingBudget, Wait } from '../../budget/index.js';
import type { Access } from '../../connection/index.js';
import { asFailure, type Failure } from '../../errors/index.js';
import type { SendEmailConfig, SendEmailRequest, SendEmailResponse } from '../../generated/types.js';
import { untilAborted } from '../../net/index.js';
import { notAccepted } from '../../mail/index.js';
import { answerOf, refusal } from './answer.js';
import { answerTo } from './deliver.js';
import type { EffectiveMessage } from './effective.js';
import { Evidence } from './evidence.js';
import type { SendableFiles } from './files.js';
import type { Ledger } from './ledger.js';
import { envelopeOf, type OpenContent } from './outgoing.js';
import { abandon, overlapped, type Task } from './overlap.js';
import type { OnceAnswer } from './once.js';
import { joined, partsOf, type Part } from './parts.js';
import { prepared } from './prepared.js';
import { SendingSessions } from './sessions.js';
import type { Storms } from './storms.js';
import type { Templates } from './template.js';

export interface SendContext {
  readonly access: Access;
  readonly config: SendEmailConfig;
  readonly templates: Templates;
  /** Judges one request. @throws Failure input-invalid */
  readonly validate: (request: unknown) => SendEmailRequest;
  readonly openContent: OpenContent;
  readonly files: SendableFiles;
  /** The host's lasting id of the activity. */
  readonly activity?: string | undefined;
  readonly ledger: Ledger;
  readonly budget: SendingBudget;
  readonly storms: Storms;
  readonly clock: Clock;
  readonly onWait?: ((wait: Wait) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What the messages of a run share. */
export interface SendRunContext extends SendContext {
  readonly sessions: SendingSessions;
  readonly evidence: Evidence;
  readonly patience: Patience;
}

const MINUTE_MS = 60_000;
const LONGEST_WAIT_MINUTES = 10;

/**
 * Answers the requests in order. A request that cannot be sent gets its answer and the next one is taken, unless the settings
 * stop the run there: the requests behind are not answered then.
 * @throws Failure when no session comes about (sign-in, network), after the answers of all requests that were touched
 */
export async function* sendEmail(
  context: SendContext,
  requests: Iterable<unknown> | AsyncIterable<unknown>,
): AsyncGenerator<SendEmailResponse> {
  const { access, budget, config, signal } = context;
  const { transport = 'smtp', onFailure } = config;
  const patience = patienceOf(context);
  const sessions = new SendingSessions(access, transport, { budget, clock: context.clock, patience });
  const run = { ...context, sessions, evidence: new Evidence(access, signal), patience };
  async function* tasks(): AsyncGenerator<Task<SendEmailResponse>> {
    let index = 0;
    for await (const raw of abortable(requests, signal)) {
      yield taskOf(run, raw, index);
      index += 1;
    }
  }
  try {
    for await (const response of overlapped(tasks(), onFailure === 'stop' ? 1 : budget.connections)) {
      yield response;
      const all = [response, ...(response.parts ?? [])];
      if (onFailure === 'stop' && all.some(({ outcome }) => outcome !== 'accepted')) return;
    }
    // What was given up has its answer by now.
    signal?.throwIfAborted();
  } finally {
    await sessions.close();
  }
}

export function patienceOf({ config, signal, onWait }: SendContext): Patience {
  const { longestWaitMinutes = LONGEST_WAIT_MINUTES } = config;
  return { mostMs: longestWaitMinutes * MINUTE_MS, signal, onWait };
}

/**
 * What is to be done for a request. Those with a key overlap: whoever loses their answers, by a crash or by giving up, finds
 * them again under the key. Without one, a message begins after all before it have been answered.
 */
function taskOf(context: SendRunContext, raw: unknown, index: number): Task<SendEmailResponse> {
  let parts: readonly Part[];
  try {
    parts = partsOf(prepared(context, raw), context.config);
  } catch (error) {
    const { clock, config } = context;
    const answered = {
      transport: config.transport ?? ('smtp' as const),
      completedAt: new Date(clock.now()).toISOString(),
    };
    const refused = refusal(index, asFailure(error), answered);
    return { name: `refused ${String(index)}`, run: () => Promise.resolve(refused) };
  }
  const key = parts[0]?.keyed?.key;
  const name = key === undefined ? undefined : `key ${key}`;
  const run = async (): Promise<SendEmailResponse> => {
    const answers: OnceAnswer[] = [];
    for (const { message, keyed } of parts) {
      const answer = await answerTo(context, message, keyed).catch((error: unknown) => {
        // What became of the parts before has to be said.
        if (answers.length === 0) throw error;
        return unsentPart(context, message, asFailure(error));
      });
      answers.push(answer);
      // Under this key something else was sent.
      if (answer.failure?.code === 'key-reused') break;
    }
    return { index, ...joined(answers) };
  };
  return { name, run };
}

function unsentPart(
  { clock, config }: SendRunContext,
  message: EffectiveMessage,
  failure: Failure,
): OnceAnswer {
  const { mailbox } = message;
  const completedAt = new Date(clock.now()).toISOString();
  const answered = {
    messageId: '',
    mailbox,
    transport: config.transport ?? ('smtp' as const),
    completedAt,
  };
  return { ...answerOf(answered, notAccepted(envelopeOf(message).to, failure)), messageId: null };
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
    if (!finished) abandon(iterator);
  }
}
