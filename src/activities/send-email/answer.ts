/** What Send Email answers for one request. Owns: the response record. Must not: decide what happened. */
import type { Failure } from '../../errors/index.js';
import type { SendEmailResponse } from '../../generated/types.js';
import type { SendTransport, Submission } from '../../mail/index.js';
import type { Answer } from './ledger.js';

export interface Answered {
  /** With its angle brackets. */
  readonly messageId: string;
  readonly mailbox: string;
  readonly transport: SendTransport;
  /** ISO 8601. */
  readonly completedAt: string;
}

export function answerOf(answered: Answered, submission: Submission): Answer {
  const { messageId, mailbox, transport, completedAt } = answered;
  const { outcome, serverText, failure, recipients, deliveryReceipt } = submission;
  return {
    outcome,
    messageId,
    mailbox,
    transport,
    completedAt,
    ...(serverText === undefined ? {} : { serverText }),
    ...(deliveryReceipt === undefined ? {} : { deliveryReceipt }),
    recipients: recipients.map((recipient) => ({
      address: recipient.address,
      outcome: recipient.outcome,
      ...(recipient.serverText === undefined ? {} : { serverText: recipient.serverText }),
      ...(recipient.failure === undefined ? {} : { failure: report(recipient.failure, messageId) }),
    })),
    ...(failure === undefined ? {} : { failure: report(failure, messageId) }),
  };
}

/** The answer to a request that no message could be made of. */
export function refusal(
  index: number,
  failure: Failure,
  { transport, completedAt }: Pick<Answered, 'transport' | 'completedAt'>,
): SendEmailResponse {
  return {
    index,
    outcome: 'rejected',
    messageId: null,
    mailbox: null,
    transport,
    completedAt,
    recipients: [],
    failure: failure.toJSON(),
  };
}

/** The failure as data; whoever looks for the message needs its id. */
function report(failure: Failure, messageId: string): ReturnType<Failure['toJSON']> {
  const data = failure.toJSON();
  return failure.code === 'acceptance-unknown'
    ? { ...data, parameters: { ...data.parameters, messageId } }
    : data;
}
