/**
 * Judges a message by conditions that the server did not, or only roughly. Owns: what each condition means, the same for
 * every transport. Must not: fetch anything; who asks says how much of the message is known so far.
 */
import type { Condition, LeafOutline, MessageFacts, ParsedMessage } from '../../mail/index.js';
import {
  attachmentOutlines,
  decodeText,
  messageNature,
  parseAddresses,
  parseDate,
  parseMessageIds,
  rawField,
  receivedAtOf,
} from '../../mail/index.js';
import type { HeaderField, ReceivedAddress } from '../../generated/types.js';
import { fitsAny } from './patterns.js';

/** How much of a message is known. Judging goes from little to much, so that nothing is downloaded in vain. */
export interface Known {
  readonly facts: MessageFacts;
  readonly fields?: readonly HeaderField[] | undefined;
  readonly leaves?: readonly LeafOutline[] | undefined;
  readonly message?: ParsedMessage | undefined;
}

/** undefined: not enough is known yet. */
type Verdict = boolean | undefined;

const contains = (text: string, part: string): boolean =>
  text.toLocaleLowerCase('en').normalize('NFC').includes(part.toLocaleLowerCase('en').normalize('NFC'));

const names = (address: ReceivedAddress, part: string): boolean =>
  contains(`${address.name} <${address.address}>`, part);

function within(
  at: Date | null | undefined,
  { since, before }: { since?: Date | undefined; before?: Date | undefined },
): boolean {
  if (at === null || at === undefined) return false;
  return (since === undefined || at >= since) && (before === undefined || at < before);
}

function between(
  size: number,
  { minBytes = 0, maxBytes = Infinity }: { minBytes?: number | undefined; maxBytes?: number | undefined },
): boolean {
  return size >= minBytes && size <= maxBytes;
}

/** Attachments as far as they are known: of the message itself, or of its outline. */
function attachmentsOf({ message, leaves }: Known):
  | readonly {
      readonly name: string;
      readonly contentType: string;
      readonly disposition: string;
      readonly size: number;
    }[]
  | undefined {
  return message?.attachments ?? (leaves === undefined ? undefined : attachmentOutlines(leaves));
}

/** Whether a message fulfils a condition, as far as it is known. */
export function judge(condition: Condition, known: Known): Verdict {
  const { facts } = known;
  const fields = known.message?.fields ?? known.fields;
  switch (condition.field) {
    case 'readState':
      return facts.isRead === null ? true : facts.isRead === (condition.is === 'read');
    case 'flagged':
      return facts.flags.includes('\\Flagged') === condition.is;
    case 'received': {
      const at = facts.receivedAt ?? (fields === undefined ? undefined : receivedAtOf(fields));
      if (at === undefined) return undefined;
      // Nobody knows: the sender's own date could be anything, and a message must not be lost by it.
      return at === null || within(at, condition);
    }
    case 'size': {
      const size = facts.statedSize ?? known.message?.size;
      return size === undefined ? undefined : between(size, condition);
    }
    case 'body':
      return known.message === undefined
        ? undefined
        : contains(known.message.text ?? '', condition.contains) ||
            contains(known.message.html ?? '', condition.contains);
    case 'hasAttachment': {
      const attachments = attachmentsOf(known);
      return (
        attachments && attachments.some(({ disposition }) => disposition === 'attachment') === condition.is
      );
    }
    case 'attachment': {
      const { name = '*', type = '*' } = condition;
      return attachmentsOf(known)?.some(
        (one) => fitsAny(one.name, name) && fitsAny(one.contentType, type) && between(one.size, condition),
      );
    }
    case 'raw':
      return true; // only a server understands it, and where it does it judges alone
    default:
      return fields === undefined ? undefined : judgeFields(condition, fields);
  }
}

type FieldCondition = Extract<
  Condition,
  { field: 'from' | 'to' | 'cc' | 'subject' | 'header' | 'sent' | 'importance' | 'conversation' }
>;

function judgeFields(condition: FieldCondition, fields: readonly HeaderField[]): boolean {
  switch (condition.field) {
    case 'from':
    case 'to':
    case 'cc':
      return parseAddresses(rawField(fields, condition.field)).some((one) => names(one, condition.contains));
    case 'subject':
      return contains(decodeText(rawField(fields, 'subject') ?? ''), condition.contains);
    case 'header': {
      const wanted = condition.name.toLowerCase();
      return fields.some(
        ({ name, value }) => name.toLowerCase() === wanted && contains(decodeText(value), condition.contains),
      );
    }
    case 'sent':
      return within(parseDate(rawField(fields, 'date')), condition);
    case 'importance':
      return messageNature(fields).importance === condition.is;
    case 'conversation':
      return ['message-id', 'in-reply-to', 'references'].some((name) =>
        parseMessageIds(rawField(fields, name)).includes(condition.messageId),
      );
  }
}

/** false as soon as one condition does not hold, true once all do. */
export function judgeAll(conditions: readonly Condition[], known: Known): Verdict {
  let verdict: Verdict = true;
  for (const condition of conditions) {
    const one = judge(condition, known);
    if (one === false) return false;
    if (one === undefined) verdict = undefined;
  }
  return verdict;
}
