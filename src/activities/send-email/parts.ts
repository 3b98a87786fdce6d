/**
 * A message to more recipients than one may have, sent in parts. Owns: who is in which part, and one answer made of the answers.
 * Must not: send.
 *
 * Each part shows its own recipients only: over Graph a message goes to whom its header names.
 */
import { Failure } from '../../errors/index.js';
import type { EmailAddress, SendEmailConfig, SendEmailResponse } from '../../generated/types.js';
import { envelopeRecipients, type EffectiveMessage } from './effective.js';
import { digestOf, type Keyed } from './identity.js';
import type { OnceAnswer } from './once.js';

/** That of the schema, and what Exchange allows as a rule. */
const RECIPIENTS_PER_MESSAGE = 500;

export interface Part {
  readonly message: EffectiveMessage;
  readonly keyed: Keyed | undefined;
}

/**
 * The message itself, or its parts. They have keys of their own; another division under the same key is another content, and
 * refused: somebody would get the message twice.
 * @throws Failure too-many-recipients where the settings do not say to split
 */
export function partsOf(whole: Part, config: SendEmailConfig): readonly Part[] {
  const { recipientsPerMessage = RECIPIENTS_PER_MESSAGE, tooManyRecipients = 'refuse' } = config;
  const count = envelopeRecipients(whole.message).length;
  if (count <= recipientsPerMessage) return [whole];
  if (tooManyRecipients === 'refuse')
    throw new Failure('too-many-recipients', { parameters: { count, limit: recipientsPerMessage } });
  const { keyed } = whole;
  const content = keyed === undefined ? '' : digestOf(keyed.content, String(recipientsPerMessage));
  return divided(whole.message, recipientsPerMessage).map((message, at) => ({
    message,
    keyed: keyed === undefined ? undefined : { ...keyed, content, key: keyOfPart(keyed.key, at) },
  }));
}

/** The first part has the key itself, so that whatever was sent under it before is known. */
const keyOfPart = (key: string, at: number): string => (at === 0 ? key : `${key}\n${String(at + 1)}`);

function divided(message: EffectiveMessage, most: number): EffectiveMessage[] {
  const fields = ['to', 'cc', 'bcc'] as const;
  const parts: Record<(typeof fields)[number], EmailAddress[]>[] = [];
  const known = new Set<string>();
  for (const field of fields) {
    for (const one of message[field]) {
      const name = one.address.toLowerCase();
      if (known.has(name)) continue;
      if (known.size % most === 0) parts.push({ to: [], cc: [], bcc: [] });
      known.add(name);
      parts.at(-1)?.[field].push(one);
    }
  }
  return parts.map((part) => ({ ...message, ...part }));
}

const ORDER: readonly SendEmailResponse['outcome'][] = ['accepted', 'unknown', 'deferred', 'rejected'];

/** Accepted for at least one recipient is accepted; the recipients tell the rest. */
export function joined(answers: readonly OnceAnswer[]): OnceAnswer {
  const [first] = answers;
  if (first === undefined || answers.length === 1) return first ?? nothing();
  const outcome = ORDER.find((one) => answers.some((answer) => answer.outcome === one)) ?? 'unknown';
  const failed = answers.find((answer) => answer.outcome === outcome && answer.failure !== undefined);
  const { messageId, mailbox, transport } = first;
  const texts = answers.filter((answer) => answer.outcome === outcome);
  const serverText = texts.find((answer) => answer.serverText !== undefined)?.serverText;
  return {
    outcome,
    messageId,
    mailbox,
    transport,
    completedAt: answers.reduce((last, { completedAt }) => (completedAt > last ? completedAt : last), ''),
    ...(serverText === undefined ? {} : { serverText }),
    ...(first.deliveryReceipt === undefined ? {} : { deliveryReceipt: first.deliveryReceipt }),
    ...(answers.every(({ repeated }) => repeated === true) ? { repeated: true as const } : {}),
    recipients: answers.flatMap(({ recipients }) => recipients),
    ...(failed?.failure === undefined ? {} : { failure: failed.failure }),
    parts: answers.map((answer) => ({
      messageId: answer.messageId,
      outcome: answer.outcome,
      recipients: answer.recipients.length,
    })),
  };
}

function nothing(): never {
  throw new Failure('internal-error');
}
