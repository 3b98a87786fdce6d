/**
 * Sends a record that has a key, unless it was sent. Owns: what is done about what the ledger says. Must not: send a second
 * time without proof that the first try was not accepted.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { Failure } from '../../errors/index.js';
import type { ReportedDelivery } from '../../generated/types.js';
import type { SendTransport } from '../../mail/index.js';
import type { Evidence } from './evidence.js';
import type { Keyed } from './identity.js';
import { CLAIM_MS, type Answer, type Claim, type Ledger, type Reported, type Sent } from './ledger.js';
import type { Identity } from './outgoing.js';

/** Before each try to write down how it ended. */
const NOTE_PAUSES_MS = [0, 100, 1000];

/** A record on its way, as far as this part has to know it. */
export interface Sending {
  readonly keyed: Keyed;
  readonly identity: Identity;
  readonly mailbox: string;
  readonly transport: SendTransport;
  readonly recipients: readonly string[];
  /** Waits for the mailbox's turn, which may take long. Answers why it does not come. */
  readonly turn: () => Promise<Answer | undefined>;
  /** Does whatever can fail before a byte of the message leaves. */
  readonly prepare: () => Promise<Ready>;
}

/** A message that can be sent at once. */
export interface Ready {
  readonly submit: (identity: Identity) => Promise<Answer>;
  /** To be called in the end, whether it was sent or not. */
  readonly release: () => Promise<void>;
}

export interface OnceContext {
  readonly ledger: Ledger;
  readonly evidence: Evidence;
  readonly now: () => number;
}

export type OnceAnswer = Answer & { readonly repeated?: true };

/** @throws Failure of sign-in and network, when nothing was sent */
export async function once(context: OnceContext, sending: Sending): Promise<OnceAnswer> {
  const answer = await onceOnly(context, sending);
  if (answer.repeated !== true) return answer;
  return withReports(answer, await context.ledger.reports(sending.keyed));
}

/** What has been reported of each recipient since, the latest of it. */
function withReports(answer: OnceAnswer, reports: readonly Reported[]): OnceAnswer {
  if (reports.length === 0) return answer;
  const of = (address: string): Reported | undefined =>
    reports.findLast(({ recipient }) => recipient?.toLowerCase() === address.toLowerCase());
  return {
    ...answer,
    recipients: answer.recipients.map((recipient) => {
      const reported = of(recipient.address);
      if (reported === undefined) return recipient;
      return { ...recipient, delivery: deliveryOf(reported) };
    }),
  };
}

function deliveryOf({ action, status, diagnostic, reportedAt }: Reported): ReportedDelivery {
  return {
    action,
    ...(status === undefined ? {} : { status }),
    ...(diagnostic === undefined ? {} : { diagnostic }),
    ...(reportedAt === undefined ? {} : { reportedAt }),
  };
}

async function onceOnly(context: OnceContext, sending: Sending): Promise<OnceAnswer> {
  const early = await context.ledger.find(sending.keyed);
  const settled = settledBy(context, sending, early);
  if (settled !== undefined) return settled;
  // Before the claim, which others wait for. Where something has to be looked up first, nothing is sent as a rule.
  const refused = isOpen(early) ? undefined : await sending.turn();
  if (refused !== undefined)
    return { ...refused, ...(early === undefined ? {} : { attempts: early.attempts }) };
  const claim = await context.ledger.claim(sending.keyed);
  if (claim === undefined) return unsent(context, sending, early, inProgress(sending));
  try {
    return settledBy(context, sending, claim.known) ?? (await under(context, sending, claim));
  } finally {
    await claim.release().catch(() => undefined);
  }
}

/** What needs no right to send to be answered. */
function settledBy(context: OnceContext, sending: Sending, known: Sent | undefined): OnceAnswer | undefined {
  if (known === undefined) return undefined;
  if (known.content !== sending.keyed.content) {
    const failure = new Failure('key-reused', { parameters: { key: sending.keyed.key } });
    return { ...unsent(context, sending, undefined, failure), outcome: 'rejected', messageId: null };
  }
  if (known.stage !== 'accepted' || known.answer === undefined) return undefined;
  return { ...known.answer, repeated: true };
}

async function under(context: OnceContext, sending: Sending, claim: Claim): Promise<OnceAnswer> {
  const { known } = claim;
  if (known !== undefined && isOpen(known)) {
    const answer = await looked(context, sending, known.answer ?? interrupted(context, sending, known));
    await remember(context, sending, claim, { ...known, stage: answer.outcome, at: timeOf(context), answer });
    return { ...answer, repeated: true };
  }
  // The Date of the first try is the Date of all of them.
  const identity =
    known === undefined
      ? sending.identity
      : { ...sending.identity, messageId: known.messageId, date: new Date(known.date) };
  // Where the first look found something to be looked up, and it has been settled since.
  const refused = await sending.turn();
  if (refused !== undefined)
    return { ...refused, ...(known === undefined ? {} : { attempts: known.attempts }) };
  const { submit, release } = await sending.prepare();
  const sent: Sent = {
    key: sending.keyed.key,
    stage: 'submitting',
    content: sending.keyed.content,
    messageId: identity.messageId,
    date: identity.date.toISOString(),
    mailbox: sending.mailbox,
    attempts: (known?.attempts ?? 0) + 1,
    at: timeOf(context),
  };
  let first: Answer;
  try {
    if (!(await claim.note(sent))) return unsent(context, sending, known, inProgress(sending));
    first = { ...(await submit(identity)), attempts: sent.attempts };
  } finally {
    await release();
  }
  const answer = first.outcome === 'unknown' ? await looked(context, sending, first) : first;
  await remember(context, sending, claim, { ...sent, stage: answer.outcome, at: timeOf(context), answer });
  return answer;
}

/**
 * Notes how it ended, as well as can be: an answer that is known is told in any case, and never tried for again. Where the claim was
 * lost meanwhile, the note is written if nobody else has come to another one.
 */
async function remember(context: OnceContext, sending: Sending, claim: Claim, sent: Sent): Promise<void> {
  for (const pauseMs of NOTE_PAUSES_MS) {
    await pause(pauseMs);
    try {
      if (await claim.note(sent)) return;
      const anew = await context.ledger.claim(sending.keyed);
      if (anew === undefined) continue;
      try {
        const isOurs = isOpen(anew.known) && anew.known?.attempts === sent.attempts;
        if (!isOurs || (await anew.note(sent))) return;
      } finally {
        await anew.release().catch(() => undefined);
      }
    } catch {
      // The state cannot be written: once more, a little later.
    }
  }
}

/** Nobody knows yet how it ended. */
function isOpen(known: Sent | undefined): boolean {
  return known?.stage === 'submitting' || known?.stage === 'unknown';
}

/**
 * A copy in Sent Items, or a report that came back, proves that the server took the message, for those that it had not refused
 * before.
 */
async function looked(context: OnceContext, sending: Sending, answer: Answer): Promise<Answer> {
  const evidence = await evidenceOf(context, sending, answer.messageId);
  if (evidence === undefined) return answer;
  const isCertain = answer.failure?.code === 'acceptance-unknown' || answer.recipients.length === 1;
  return {
    ...withoutFailure(answer),
    outcome: 'accepted',
    evidence,
    completedAt: timeOf(context),
    recipients: answer.recipients.map((recipient) => {
      if (!isCertain || recipient.outcome !== 'unknown') return recipient;
      return { ...withoutFailure(recipient), outcome: 'accepted' as const };
    }),
  };
}

async function evidenceOf(
  { ledger, evidence }: OnceContext,
  { keyed, mailbox }: Sending,
  messageId: string | null,
): Promise<Answer['evidence']> {
  if (messageId === null) return undefined;
  if ((await ledger.reports(keyed)).length > 0) return 'delivery-report';
  return (await evidence.found(mailbox, messageId)) ? 'sent-items' : undefined;
}

function withoutFailure<T extends { failure?: unknown }>(one: T): Omit<T, 'failure'> {
  const copy = { ...one };
  delete copy.failure;
  return copy;
}

/** Of a try whose process ended: nobody knows what the server said. */
function interrupted(context: OnceContext, sending: Sending, known: Sent): Answer {
  const parameters = { messageId: known.messageId, mailbox: known.mailbox };
  return unsent(context, sending, known, new Failure('send-interrupted', { parameters }));
}

function inProgress({ keyed }: Sending): Failure {
  return new Failure('send-in-progress', { parameters: { key: keyed.key }, retryAfterMs: CLAIM_MS });
}

/** An answer about a message that this run has not touched. */
function unsent(context: OnceContext, sending: Sending, known: Sent | undefined, failure: Failure): Answer {
  const report = failure.toJSON();
  const isRefused = failure.code === 'key-reused';
  return {
    outcome: 'unknown',
    messageId: known?.messageId ?? sending.identity.messageId,
    mailbox: sending.mailbox,
    transport: sending.transport,
    completedAt: timeOf(context),
    ...(known === undefined ? {} : { attempts: known.attempts }),
    recipients: isRefused
      ? []
      : sending.recipients.map((address) => ({ address, outcome: 'unknown' as const, failure: report })),
    failure: report,
  };
}

const timeOf = ({ now }: OnceContext): string => new Date(now()).toISOString();
