/**
 * The record of a message that lies in a file: for support and for tests. Owns: what such a record has not, since the
 * message is in no mailbox. Must not: read a message otherwise than Read Email does.
 */
import type { EmailRecord, ReadEmailConfig } from '../../generated/types.js';
import { parseMessage, type ParseLimits } from '../../mail/index.js';
import { lookInto, neededBytes } from './contents.js';
import { DeliveryRules } from './delivery.js';
import { INLINE_CONTENT_LIMIT, toRecord } from './record.js';

/** What only a mailbox tells. */
const OF_A_MAILBOX = [
  'key',
  'mailbox',
  'folder',
  'transport',
  'id',
  'uidValidity',
  'uid',
  'isRead',
  'flags',
] as const;

export type ParsedRecord = Omit<EmailRecord, (typeof OF_A_MAILBOX)[number]>;

/**
 * Attachments beyond the limit for content in the record are listed without it: there is nowhere to open them later.
 * @throws what the source throws
 */
export async function parseSource(
  source: AsyncIterable<Buffer>,
  settings: ReadEmailConfig,
): Promise<ParsedRecord> {
  // There is no source to refer to either.
  const config = { ...settings, rawMessage: false };
  const rules = new DeliveryRules(config);
  const limits: ParseLimits = {
    keepAtLeast: neededBytes,
    keepAttachmentBytes: config.inlineContentLimit ?? INLINE_CONTENT_LIMIT,
    wanted: (attachment) => rules.omission({ ...attachment, size: 0 }) === undefined,
    openMessages: config.nestedMessages === 'expand',
  };
  const { message, contents } = await lookInto(await parseMessage(source, limits), limits);
  const delivery = rules.message();
  const record = await toRecord(
    { id: '', isRead: null, flags: [], receivedAt: null, statedSize: message.size },
    message,
    {
      place: { mailbox: '', folder: '', folderId: '', transport: 'pop3', generation: '' },
      config,
      omission: (attachment) =>
        delivery.judge(attachment) ??
        (attachment.bytes === undefined || attachment.size > limits.keepAttachmentBytes
          ? 'too-large'
          : undefined),
      contents,
      file: () => undefined,
      reference: () => {
        throw new Error('A message in a file has no content to refer to.');
      },
    },
  );
  for (const name of OF_A_MAILBOX) Reflect.deleteProperty(record, name);
  return record;
}
