/**
 * Read Email, first phase: select and fetch messages and yield them as records in batches.
 * Owns: batching and the two-phase contract. Must not: change anything in the mailbox; settle.ts does, later.
 */
import { openMailbox, type Access } from '../../connection/index.js';
import type { EmailRecord, ReadEmailConfig, ReadEmailRequest } from '../../generated/types.js';
import { isFailure } from '../../errors/index.js';
import { parseMessage, type ParsedMessage } from '../../mail/index.js';
import { chosenMailbox } from '../mailbox-choice.js';
import { toRecord } from './record.js';
import { settleToken } from './references.js';

export interface ReadBatch {
  readonly records: EmailRecord[];
  /** Hand to settle() with what became of each record: only then are messages changed. Plain text, survives a restart. */
  readonly token: string;
}

const RECORDS_PER_BATCH = 50;
/** A batch is closed early when its records hold this many bytes of bodies and attachments. */
const BYTES_PER_BATCH = 16 * 1024 * 1024;

/**
 * Yields batches, oldest message first; the consumer's pace is the reader's pace. A run that ends early, by
 * failure or by return, has changed nothing.
 * @throws Failure of sign-in, network, IMAP; override-not-allowed; folder-not-found
 */
export async function* readEmail(
  access: Access,
  config: ReadEmailConfig,
  request: ReadEmailRequest,
  signal?: AbortSignal,
): AsyncGenerator<ReadBatch> {
  const mailbox = chosenMailbox(access.settings, config, request);
  const since = request.receivedSince ?? config.receivedSince;
  const session = await openMailbox(access, mailbox, signal);
  try {
    const folder = await session.openFolder(config.folder, 'read');
    const place = { mailbox, folder: folder.path, uidValidity: folder.uidValidity };
    const found = await session.find(
      {
        readState: config.readState ?? 'unread',
        receivedSince: since === undefined ? undefined : new Date(since),
      },
      request.limit ?? config.limit ?? 100,
    );
    const close = (records: EmailRecord[]): ReadBatch => ({
      records,
      token: settleToken(
        {
          ...place,
          uids: records.map(({ uid }) => uid),
          afterRead: config.afterRead ?? 'none',
        },
        access.settings,
      ),
    });
    const limits = {
      keepAttachmentBytes: config.includeAttachments === false ? 0 : (config.inlineContentLimit ?? 0),
    };
    let records: EmailRecord[] = [];
    let bytes = 0;
    for await (const { facts, pieces } of session.sources(found)) {
      const message = await parseUnlessGone(pieces, limits);
      if (message === undefined) continue;
      signal?.throwIfAborted();
      records.push(toRecord(place, facts, message, config, access.settings));
      bytes += weightOf(message.text, message.html, records.at(-1));
      if (records.length >= RECORDS_PER_BATCH || bytes >= BYTES_PER_BATCH) {
        yield close(records);
        records = [];
        bytes = 0;
      }
    }
    if (records.length > 0) yield close(records);
  } finally {
    await session.close();
  }
}

/** A message that somebody else moved or deleted while it was read is not there any more: no record. */
async function parseUnlessGone(
  pieces: AsyncIterable<Buffer>,
  limits: Parameters<typeof parseMessage>[1],
): Promise<ParsedMessage | undefined> {
  try {
    return await parseMessage(pieces, limits);
  } catch (error) {
    if (isFailure(error) && error.code === 'message-gone') return undefined;
    throw error;
  }
}

function weightOf(text: string | null, html: string | null, record: EmailRecord | undefined): number {
  let bytes = (text?.length ?? 0) + (html?.length ?? 0);
  for (const { content } of record?.attachments ?? []) {
    if (content !== undefined && 'inline' in content) bytes += content.inline.length;
  }
  return bytes;
}
