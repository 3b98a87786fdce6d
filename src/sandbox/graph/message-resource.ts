/**
 * Renders messages and folders as resources of Graph, property by property, from what IMAP and POP3 show as well.
 */
import type { Address } from '../mime/addresses.js';
import { parseAddresses } from '../mime/addresses.js';
import { fieldValue } from '../mime/header.js';
import { readStructure } from '../mime/part-cache.js';
import type { MimePart } from '../mime/structure.js';
import { decodeHeader, readTexts } from '../mime/text.js';
import type { MailFolder } from '../store/mail-folder.js';
import { createHash } from 'node:crypto';
import { folderId, messageId, ROOT_ID } from './ids.js';
import type { MailboxIndex, Placed } from './mailbox-index.js';

/** Set on a draft, and kept among its flags. */
export const DELIVERY_RECEIPT = '$DeliveryReceipt';

export type Resource = Record<string, unknown>;

const instant = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`;

/** Every property of a message that Graph gives without being asked, and those it gives on demand. */
export const MESSAGE_PROPERTIES: Readonly<Record<string, (reader: MessageReader) => unknown>> = {
  createdDateTime: ({ placed }) => instant(placed.mail.internalDate),
  lastModifiedDateTime: ({ placed }) => instant(placed.mail.internalDate),
  changeKey: ({ placed }) => digest(`${placed.mail.itemId} ${[...placed.mail.flags].sort().join(' ')}`),
  categories: () => [],
  receivedDateTime: ({ placed }) => instant(placed.mail.internalDate),
  sentDateTime: (reader) => {
    const sent = reader.sentAt;
    return sent === undefined ? null : instant(sent);
  },
  hasAttachments: (reader) => reader.hasAttachments,
  internetMessageId: (reader) => reader.field('message-id') ?? null,
  subject: (reader) => reader.text('subject') ?? '',
  bodyPreview: (reader) => reader.body.slice(0, 255),
  importance: (reader) => reader.importance,
  parentFolderId: ({ placed }) => folderId(placed.folder),
  conversationId: (reader) =>
    digest(reader.field('references')?.split(/\s+/u)[0] ?? reader.field('message-id') ?? ''),
  conversationIndex: ({ placed }) => Buffer.from(placed.mail.itemId).toString('base64'),
  isDeliveryReceiptRequested: ({ placed }) => placed.mail.flags.has(DELIVERY_RECEIPT),
  isReadReceiptRequested: (reader) => reader.field('disposition-notification-to') !== undefined,
  isRead: ({ placed }) => placed.mail.flags.has('\\Seen'),
  isDraft: ({ placed }) => placed.mail.flags.has('\\Draft'),
  webLink: ({ placed }) =>
    `https://outlook.office365.com/owa/?ItemID=${encodeURIComponent(placed.mail.itemId)}`,
  inferenceClassification: () => 'focused',
  body: (reader) => ({ contentType: 'text', content: reader.body }),
  sender: (reader) => reader.recipients('sender')[0] ?? reader.recipients('from')[0] ?? null,
  from: (reader) => reader.recipients('from')[0] ?? null,
  toRecipients: (reader) => reader.recipients('to'),
  ccRecipients: (reader) => reader.recipients('cc'),
  bccRecipients: (reader) => reader.recipients('bcc'),
  replyTo: (reader) => reader.recipients('reply-to'),
  flag: ({ placed }) => ({ flagStatus: placed.mail.flags.has('\\Flagged') ? 'flagged' : 'notFlagged' }),
};
const ON_DEMAND: Readonly<Record<string, (reader: MessageReader) => unknown>> = {
  internetMessageHeaders: (reader) => reader.headers,
};

export const isMessageProperty = (name: string): boolean =>
  name === 'id' || Object.hasOwn(MESSAGE_PROPERTIES, name) || Object.hasOwn(ON_DEMAND, name);

/** Reads one message; its MIME is looked at only when a property needs it. */
export class MessageReader {
  readonly placed: Placed;

  constructor(placed: Placed) {
    this.placed = placed;
  }

  property(name: string): unknown {
    return (MESSAGE_PROPERTIES[name] ?? ON_DEMAND[name])?.(this);
  }

  get #structure(): MimePart {
    return readStructure(this.placed.mail.source);
  }

  field(name: string): string | undefined {
    return fieldValue(this.placed.mail.source.read(), this.#structure.fields, name);
  }

  text(name: string): string | undefined {
    const value = this.field(name);
    return value === undefined ? undefined : decodeHeader(value);
  }

  get sentAt(): Date | undefined {
    const time = Date.parse(this.field('date') ?? '');
    return Number.isNaN(time) ? undefined : new Date(time);
  }

  get body(): string {
    const [first = ''] = readTexts(this.placed.mail.source.read(), this.#structure);
    return first;
  }

  /** Importance comes before X-Priority, as in Exchange. */
  get importance(): 'low' | 'normal' | 'high' {
    const word = (this.field('importance') ?? this.field('x-priority') ?? '').toLowerCase();
    if (/^(?:high|[12])/u.test(word)) return 'high';
    return /^(?:low|[45])/u.test(word) ? 'low' : 'normal';
  }

  get hasAttachments(): boolean {
    const source = this.placed.mail.source.read();
    const isAttached = (part: MimePart): boolean =>
      part.children.some(isAttached) ||
      (part.children.length === 0 &&
        (fieldValue(source, part.fields, 'content-disposition') ?? '')
          .toLowerCase()
          .startsWith('attachment'));
    return isAttached(this.#structure);
  }

  get headers(): { name: string; value: string }[] {
    const source = this.placed.mail.source.read();
    return this.#structure.fields.map((field) => ({
      name: source.toString('latin1', field.start, field.valueStart - 1).trim(),
      value: source.toString('latin1', field.valueStart, field.end).replace(/\r?\n/gu, '').trim(),
    }));
  }

  recipients(name: string): { emailAddress: { name: string; address: string } }[] {
    return parseAddresses(this.field(name) ?? '').flatMap((address: Address) => {
      if (address.kind !== 'mailbox') return [];
      const spec = address.host === '' ? address.local : `${address.local}@${address.host}`;
      const shown = address.name === undefined ? spec : decodeHeader(address.name);
      return [{ emailAddress: { name: shown, address: spec } }];
    });
  }
}

/** @param select property names; all that come without being asked when undefined */
export function renderMessage(
  placed: Placed,
  select: readonly string[] | undefined,
  isImmutable: boolean,
): Resource {
  const reader = new MessageReader(placed);
  const names = select ?? Object.keys(MESSAGE_PROPERTIES);
  const resource: Resource = {
    '@odata.etag': `W/"${String(reader.property('changeKey'))}"`,
    id: messageId(placed.mail, placed.folder, isImmutable),
  };
  for (const name of names) if (name !== 'id') resource[name] = reader.property(name);
  return resource;
}

const FOLDER_PROPERTIES: Readonly<
  Record<string, (folder: MailFolder | 'root', index: MailboxIndex) => unknown>
> = {
  id: (folder) => (folder === 'root' ? ROOT_ID : folderId(folder)),
  displayName: (folder, index) =>
    folder === 'root' ? 'Top of Information Store' : index.displayName(folder),
  parentFolderId: (folder, index) => {
    const parent =
      folder === 'root'
        ? undefined
        : index.mailbox.findFolder(folder.path.slice(0, Math.max(0, folder.path.lastIndexOf('/'))));
    return parent === undefined ? ROOT_ID : folderId(parent);
  },
  childFolderCount: (folder, index) => index.children(folder).length,
  unreadItemCount: (folder) => (folder === 'root' ? 0 : folder.unseenCount),
  totalItemCount: (folder) => (folder === 'root' ? 0 : folder.mails.length),
  isHidden: () => false,
};

export const isFolderProperty = (name: string): boolean => Object.hasOwn(FOLDER_PROPERTIES, name);

export function renderFolder(
  folder: MailFolder | 'root',
  index: MailboxIndex,
  select: readonly string[] | undefined,
): Resource {
  const names = new Set(['id', ...(select ?? Object.keys(FOLDER_PROPERTIES))]);
  return Object.fromEntries([...names].map((name) => [name, FOLDER_PROPERTIES[name]?.(folder, index)]));
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64').slice(0, 24);
}
