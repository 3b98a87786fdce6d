/** Records of foreign messages, through the door that `m365-email parse` uses. */
import { parseMessageSource, type ParsedRecord } from '../../../src/index.js';
import { problemsOf } from '../../../src/manifest/index.js';
import { sha256, withLf } from './messages.js';

/** Every setting that makes the connector look further into a message, and no limit that hides content. */
export const EVERYTHING = {
  textFromHtml: true,
  safeHtml: true,
  uniqueBody: true,
  nestedMessages: 'expand',
  attachmentContent: 'data',
  inlineContentLimit: 26_214_400,
} as const;

/** What only a mailbox tells; the schema wants it of every record. */
export const OF_A_MAILBOX = {
  key: 'k',
  mailbox: 'anna@contoso.example',
  folder: 'INBOX',
  transport: 'imap',
  id: '1',
  uidValidity: '1',
  uid: 1,
  isRead: false,
  flags: [],
};

export function recordOf(
  source: Buffer,
  settings: Readonly<Record<string, unknown>> = {},
): Promise<ParsedRecord> {
  async function* whole(): AsyncGenerator<Buffer> {
    yield await Promise.resolve(source);
  }
  return parseMessageSource(whole(), settings);
}

/** What the schema of the record says against it. */
export function schemaProblems(record: ParsedRecord): unknown[] {
  return problemsOf(
    'schemas/activities/read-email/response.schema.json',
    { ...OF_A_MAILBOX, ...record },
    'problems',
  );
}

/** The record with LF for the line ends within attachments, and without the sizes that follow from them. */
export function withoutLineEnds(record: ParsedRecord): unknown {
  return {
    ...record,
    size: undefined,
    attachments: record.attachments.map((attachment) => {
      const bytes = inlineBytes(attachment);
      if (bytes === undefined) throw new Error(`${attachment.name} came without its content`);
      const text = attachment.text?.replaceAll('\r\n', '\n');
      return { ...attachment, text, size: undefined, content: undefined, sha256: sha256(withLf(bytes)) };
    }),
  };
}

export function inlineBytes({
  content,
}: Pick<ParsedRecord['attachments'][number], 'content'>): Buffer | undefined {
  return content !== undefined && 'inline' in content ? Buffer.from(content.inline, 'base64') : undefined;
}
