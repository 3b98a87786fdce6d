/**
 * What each condition means, judged on the bytes of a message by code that shares nothing with the product.
 */
import { simpleParser, type AddressObject, type ParsedMail } from 'mailparser';
import type { Condition } from '../../../src/mail/reading.js';
import type { FiledMessage } from './varied-mailbox.js';

export interface JudgedMessage extends FiledMessage {
  readonly parsed: ParsedMail;
}

export async function parseAll(filed: readonly FiledMessage[]): Promise<JudgedMessage[]> {
  return Promise.all(
    filed.map(async (message) => ({ ...message, parsed: await simpleParser(message.source) })),
  );
}

/** Whether the message fulfils the condition; `raw` has no meaning here. */
export function fulfils(condition: Condition, message: JudgedMessage): boolean {
  const { parsed, flags, internalDate, source } = message;
  switch (condition.field) {
    case 'readState':
      return flags.includes('\\Seen') === (condition.is === 'read');
    case 'flagged':
      return flags.includes('\\Flagged') === condition.is;
    case 'from':
      return addresses(parsed.from).some((text) => has(text, condition.contains));
    case 'to':
      return addresses(parsed.to).some((text) => has(text, condition.contains));
    case 'cc':
      return addresses(parsed.cc).some((text) => has(text, condition.contains));
    case 'subject':
      return has(parsed.subject ?? '', condition.contains);
    case 'body':
      return has(parsed.text ?? '', condition.contains) || has(parsed.html || '', condition.contains);
    case 'header':
      return headerValues(source, condition.name).some((value) => has(value, condition.contains));
    case 'received':
      return within(internalDate, condition);
    case 'sent': {
      const [value] = headerValues(source, 'date');
      return value !== undefined && within(new Date(value), condition);
    }
    case 'hasAttachment':
      return parsed.attachments.length > 0 === condition.is;
    case 'attachment':
      return parsed.attachments.some(
        ({ filename, contentType }) =>
          (condition.name === undefined || filename === condition.name) &&
          (condition.type === undefined || contentType === condition.type),
      );
    case 'size':
      return source.length >= (condition.minBytes ?? 0) && source.length <= (condition.maxBytes ?? Infinity);
    case 'importance':
      return importance(source) === condition.is;
    case 'conversation':
      return ['message-id', 'in-reply-to', 'references'].some((name) =>
        headerValues(source, name).some((value) => value.includes(condition.messageId)),
      );
    case 'raw':
      throw new Error('Only a server understands its own language.');
  }
}

const has = (text: string, part: string): boolean => text.toLowerCase().includes(part.toLowerCase());

function addresses(field: AddressObject | AddressObject[] | undefined): string[] {
  return [field ?? []]
    .flat()
    .flatMap(({ value }) => value.map(({ name, address }) => `${name} <${address ?? ''}>`));
}

function within(
  at: Date,
  { since, before }: { since?: Date | undefined; before?: Date | undefined },
): boolean {
  return (since === undefined || at >= since) && (before === undefined || at < before);
}

/** Unfolded, encoded words in UTF-8 Q decoded: all that the seeded headers of this kind have. */
function headerValues(source: Buffer, name: string): string[] {
  const header = source
    .toString('utf8')
    .split('\r\n\r\n', 1)[0]!
    .replace(/\r\n[ \t]/gu, ' ');
  return header
    .split('\r\n')
    .filter((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`))
    .map((line) =>
      line
        .slice(name.length + 1)
        .trim()
        .replace(/=\?utf-8\?Q\?([^?]*)\?=/giu, (_, word: string) =>
          decodeURIComponent(word.replace(/_/gu, ' ').replace(/=/gu, '%')),
        ),
    );
}

function importance(source: Buffer): 'low' | 'normal' | 'high' {
  const [word = headerValues(source, 'x-priority')[0] ?? ''] = headerValues(source, 'importance');
  if (/^(?:high|1|2)/iu.test(word)) return 'high';
  return /^(?:low|4|5)/iu.test(word) ? 'low' : 'normal';
}
