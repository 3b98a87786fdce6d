/**
 * From a parsed message to the record that schemas/activities/read-email/response.schema.json describes.
 * Must not: reach a server.
 */
import type {
  EmailRecord,
  MessageWarning,
  ReadEmailConfig,
  ReceivedAttachment,
} from '../../generated/types.js';
import {
  decodeCharset,
  firstField,
  parseCsv,
  parseJson,
  parseXml,
  messageNature,
  parseAddresses,
  parseDate,
  parseMessageIds,
  rawField,
  receivedAtOf,
  statedCharset,
  type MessageFacts,
  type ParsedAttachment,
  type ParsedData,
  type ParsedMessage,
} from '../../mail/index.js';
import { bodiesOf } from './bodies.js';
import type { Contents } from './contents.js';
import type { Omission } from './delivery.js';
import { contentKey, recordKey, type FolderPlace } from './references.js';

/** Attachments up to this size are part of the record, unless the settings say otherwise. */
export const INLINE_CONTENT_LIMIT = 1024 * 1024;
/** As many as a message has at most by itself. */
const MAX_WARNINGS = 1000;

export interface Shape {
  readonly place: FolderPlace;
  readonly config: ReadEmailConfig;
  /** What opens the content of an attachment later, or the source of the message. */
  readonly reference: (part?: string) => string;
  /** Why an attachment is left out; undefined: it is delivered. */
  readonly omission: (attachment: ParsedAttachment) => Omission | undefined;
  /** What machines can read of it. */
  readonly contents: Contents;
  /** The file that an attachment was written to, if it was. */
  readonly file: (part: string) => string | undefined;
}

export async function toRecord(
  facts: MessageFacts,
  message: ParsedMessage,
  shape: Shape,
): Promise<EmailRecord> {
  const { place, config } = shape;
  const { fields, text, html } = message;
  const addresses = (name: string): EmailRecord['from'] => parseAddresses(rawField(fields, name));
  const messageId = parseMessageIds(rawField(fields, 'message-id'))[0] ?? null;
  const subject = firstField(message.headers, 'subject')?.value ?? '';
  const from = addresses('from');
  const sentAt = parseDate(rawField(fields, 'date'))?.toISOString() ?? null;
  const { transport, generation } = place;
  const attachments: ReceivedAttachment[] = [];
  const all = flattened(message);
  const warnings = all.flatMap(warningsWithin);
  // One after the other: the caps are used up in the order of the message.
  for (const one of all) attachments.push(await toAttachment(one, shape, warnings));
  const bodies = await bodiesOf(message, config);
  return {
    key: recordKey(place, facts.id),
    contentKey: contentKey({
      messageId,
      sentAt,
      from: from.map(({ address }) => address),
      subject,
      text,
      html,
    }),
    mailbox: place.mailbox,
    folder: place.folder,
    transport,
    id: facts.id,
    uidValidity: transport === 'imap' ? generation : null,
    uid: transport === 'imap' ? Number(facts.id) : null,
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
    receivedAt: (facts.receivedAt ?? receivedAtOf(fields))?.toISOString() ?? null,
    isRead: facts.isRead,
    flags: [...facts.flags],
    ...messageNature(fields),
    ...shape.contents,
    size: message.size,
    ...bodies,
    warnings: [...bodies.warnings, ...warnings].slice(0, MAX_WARNINGS),
    headers: [...message.headers],
    attachments,
    ...(config.rawMessage === true ? { raw: { ref: shape.reference() } } : {}),
  };
}

/** The attachments, and those of messages that came along when they are to be expanded. */
function flattened({ attachments }: ParsedMessage): ParsedAttachment[] {
  return attachments.flatMap((one) => (one.message === undefined ? [one] : [one, ...flattened(one.message)]));
}

/** Those of a message that came along and was opened. */
function warningsWithin({ part, message }: ParsedAttachment): MessageWarning[] {
  return (message?.warnings ?? []).map((warning) => ({ ...warning, part: warning.part ?? part }));
}

async function toAttachment(
  attachment: ParsedAttachment,
  shape: Shape,
  warnings: MessageWarning[],
): Promise<ReceivedAttachment> {
  const { part, name, contentType, disposition, contentId, size, sha256, bytes } = attachment;
  const own = { part, name, contentType, disposition, contentId, size, sha256 };
  const omitted = shape.omission(attachment);
  if (omitted !== undefined) return { ...own, omitted };
  const file = shape.file(part);
  if (file !== undefined) return { ...own, file };
  const limit = shape.config.inlineContentLimit ?? INLINE_CONTENT_LIMIT;
  return {
    ...own,
    ...(await readableOf(attachment, shape.config, warnings)),
    content:
      // What had to be looked into was kept whatever its size.
      bytes === undefined || size > limit
        ? { ref: shape.reference(part) }
        : { inline: bytes.toString('base64') },
  };
}

type Readable = Pick<ReceivedAttachment, 'text' | 'data' | 'dataProblem'>;

/** A text attachment as text or data, where it is wanted and in the record. */
async function readableOf(
  { part, contentType, charset, bytes }: ParsedAttachment,
  { attachmentContent = 'bytes' }: ReadEmailConfig,
  warnings: MessageWarning[],
): Promise<Readable> {
  if (attachmentContent === 'bytes' || bytes === undefined || !isText(contentType)) return {};
  const { text, warning, removed } = decodeCharset(bytes, charset ?? statedCharset(bytes, contentType));
  if (warning !== undefined) warnings.push({ code: warning, part, detail: charset ?? '' });
  if (removed) warnings.push({ code: 'characters-removed', part, detail: 'NUL' });
  const parse = attachmentContent === 'data' ? parserOf(contentType) : undefined;
  if (parse === undefined) return { text };
  const parsed = await parse(text);
  if ('problem' in parsed) return { text, dataProblem: parsed.problem.code };
  for (const one of parsed.warnings) warnings.push({ ...one, part });
  return { text, data: parsed.data as string | number | boolean | object | null };
}

function isText(contentType: string): boolean {
  return contentType.startsWith('text/') || /^application\/(?:(?:.+\+)?(?:json|xml)|csv)$/u.test(contentType);
}

function parserOf(
  contentType: string,
): ((text: string) => Promise<ParsedData<unknown>> | ParsedData<unknown>) | undefined {
  if (/[/+]json$/u.test(contentType)) return parseJson;
  if (/[/+]xml$/u.test(contentType)) return parseXml;
  return /\/(?:csv|comma-separated-values|tab-separated-values)$/u.test(contentType) ? parseCsv : undefined;
}
