/**
 * How long a run of Send Email would take. Owns: what an estimate tells. Must not: reach a server, or change what is
 * remembered.
 */
import { asFailure, isFailure } from '../../errors/index.js';
import { envelopeOf } from './outgoing.js';
import { partsOf, type Part } from './parts.js';
import { prepared } from './prepared.js';
import { patienceOf, type SendContext } from './send.js';

/** Messages, or parts of them where one has too many recipients. Times are ISO 8601. */
export interface SendEstimate {
  /** How many would be sent within the run. */
  readonly messages: number;
  /** Theirs, each once per message. */
  readonly recipients: number;
  /** Accepted before under the same key: not sent again. */
  readonly alreadySent: number;
  /** No message can be made of them, or it has more recipients than a mailbox may reach in a day. */
  readonly refused: number;
  /** Would have to wait longer than the settings allow. */
  readonly deferred: number;
  readonly startsAt: string;
  readonly endsAt: string;
  /** When the first deferred one could be sent. Missing where there is none. */
  readonly deferredUntil?: string;
  readonly mailboxes: readonly SendEstimateOfMailbox[];
}

export interface SendEstimateOfMailbox {
  readonly mailbox: string;
  readonly messages: number;
  readonly recipients: number;
  /** Recipients that it may reach within 24 hours from now, before this run. */
  readonly recipientsLeft: number;
}

/** @throws Failure of the state */
export async function estimateSending(
  context: SendContext,
  requests: Iterable<unknown> | AsyncIterable<unknown>,
): Promise<SendEstimate> {
  const { budget, clock, ledger, signal } = context;
  const { mostMs } = patienceOf(context);
  const startsAt = clock.now();
  const forecast = budget.forecast();
  const mailboxes = new Map<string, { messages: number; recipients: number; recipientsLeft: number }>();
  const sum = { messages: 0, recipients: 0, alreadySent: 0, refused: 0, deferred: 0 };
  let deferredUntil = Number.POSITIVE_INFINITY;
  for await (const raw of requests) {
    signal?.throwIfAborted();
    let parts: readonly Part[];
    try {
      parts = partsOf(prepared(context, raw), context.config);
    } catch (error) {
      if (!isFailure(error)) throw asFailure(error);
      sum.refused += 1;
      continue;
    }
    for (const { message, keyed } of parts) {
      if (keyed !== undefined && (await ledger.find(keyed))?.stage === 'accepted') {
        sum.alreadySent += 1;
        continue;
      }
      const { mailbox } = message;
      const recipients = envelopeOf(message).to;
      const own = mailboxes.get(mailbox) ?? {
        messages: 0,
        recipients: 0,
        recipientsLeft: await budget.recipientsLeft(mailbox),
      };
      mailboxes.set(mailbox, own);
      const atOnce = keyed === undefined ? 1 : budget.connections;
      const waits = await forecast.send({ mailbox, recipients }, mostMs, budget.paceMs(mailbox) / atOnce);
      if (waits === Number.POSITIVE_INFINITY) {
        sum.refused += 1;
      } else if (waits !== undefined) {
        sum.deferred += 1;
        deferredUntil = Math.min(deferredUntil, forecast.now + waits);
      } else {
        for (const counted of [sum, own]) {
          counted.messages += 1;
          counted.recipients += recipients.length;
        }
      }
    }
  }
  return {
    ...sum,
    startsAt: new Date(startsAt).toISOString(),
    endsAt: new Date(forecast.now).toISOString(),
    ...(Number.isFinite(deferredUntil) ? { deferredUntil: new Date(deferredUntil).toISOString() } : {}),
    mailboxes: [...mailboxes].map(([mailbox, own]) => ({ mailbox, ...own })),
  };
}
