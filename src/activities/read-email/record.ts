/**
 * From a parsed message to the record that schemas/activities/read-email/response.schema.json describes.
 * Must not: reach a server.
 */
import type {
  EmailRecord,
  Microsoft365Connection,
  ReadEmailConfig,
  ReceivedAttachment,
} from '../../generated/types.js';
import {
  decodeText,
  parseAddresses,
  parseDate,
  parseMessageIds,
  rawField,
  type MessageFacts,
  type ParsedAttachment,
  type ParsedMessage,
} from '../../mail/index.js';
import { contentKey, contentReference, recordKey, type FolderPlace } from './references.js';

export function toRecord(
  place: FolderPlace,
  facts: MessageFacts,
  message: ParsedMessage,
  config: ReadEmailConfig,
  settings: Microsoft365Connection,
): EmailRecord {
  const { fields, text, html } = message;
  const addresses = (name: string): EmailRecord['from'] => parseAddresses(rawField(fields, name));
  const messageId = parseMessageIds(rawField(fields, 'message-id'))[0] ?? null;
  const subject = decodeText(rawField(fields, 'subject') ?? '');
  const from = addresses('from');
  const sentAt = parseDate(rawField(fields, 'date'))?.toISOString() ?? null;
  return {
    key: recordKey(place, facts.uid),
    contentKey: contentKey({ messageId, sentAt, from: from.map(({ address }) => address), subject, text }),
    mailbox: place.mailbox,
    folder: place.folder,
    uidValidity: place.uidValidity,
    uid: facts.uid,
    messageId,
    inReplyTo: parseMessageIds(rawField(fields, 'in-reply-to'))[0] ?? null,
    references: parseMessageIds(rawField(fields, 'references')),
    subject,
    from,
    sender: addresses('sender'),
    replyTo: addresses('reply-to'),
    to: addresses('to'),
    cc: addresses('cc'),
    bcc: addresses('bcc'),
    sentAt,
    receivedAt: facts.receivedAt.toISOString(),
    isRead: facts.flags.includes('\\Seen'),
    flags: [...facts.flags],
    size: message.size,
    text,
    html,
    headers: fields.map(({ name, value }) => ({ name, value: decodeText(value) })),
    attachments: message.attachments.map((attachment) =>
      toAttachment(place, facts.uid, attachment, config, settings),
    ),
    warnings: [...message.warnings],
  };
}

function toAttachment(
  place: FolderPlace,
  uid: number,
  { part, name, contentType, disposition, contentId, size, sha256, bytes }: ParsedAttachment,
  config: ReadEmailConfig,
  settings: Microsoft365Connection,
): ReceivedAttachment {
  const attachment = { part, name, contentType, disposition, contentId, size, sha256 };
  if (config.includeAttachments === false) return attachment;
  const content =
    bytes === undefined
      ? { ref: contentReference({ ...place, uid, part }, settings) }
      : { inline: bytes.toString('base64') };
  return { ...attachment, content };
}
