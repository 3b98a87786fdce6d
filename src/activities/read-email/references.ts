/**
 * The opaque strings that Read Email gives out and takes back: record keys, settle tokens, content references.
 * They hold places in a mailbox, no secret and no right: whoever brings one back still needs a connection
 * that may open that mailbox. Must not: reach a server.
 */
import { createHash } from 'node:crypto';
import { Failure, type FailureCode } from '../../errors/index.js';
import type { Microsoft365Connection, ReadEmailConfig } from '../../generated/types.js';
import { activityMailbox, recordMayName } from '../mailbox-choice.js';

export interface FolderPlace {
  readonly mailbox: string;
  readonly folder: string;
  readonly uidValidity: string;
}

export interface SettlePlace extends FolderPlace {
  readonly uids: readonly number[];
  readonly afterRead: ReadEmailConfig['afterRead'];
}

export interface PartPlace extends FolderPlace {
  readonly uid: number;
  readonly part: string;
}

/** Where a message is, in the manner of an IMAP URL (RFC 5092). */
export function recordKey({ mailbox, folder, uidValidity }: FolderPlace, uid: number): string {
  const path = [mailbox.toLowerCase(), folder].map(encodeURIComponent).join('/');
  return `${path};UIDVALIDITY=${uidValidity}/;UID=${String(uid)}`;
}

/**
 * What a message is, whichever folder and transport it comes through. Servers render the source anew, so it is
 * made of what they leave alone; without a Message-ID the text stands in for it.
 */
export function contentKey(identity: {
  readonly messageId: string | null;
  readonly sentAt: string | null;
  readonly from: readonly string[];
  readonly subject: string;
  readonly text: string | null;
}): string {
  const { messageId, sentAt, from, subject, text } = identity;
  const unnamed = messageId === null ? (text ?? '').replace(/\s+/gu, ' ').trim() : '';
  const material = JSON.stringify([
    messageId,
    sentAt,
    from.map((address) => address.toLowerCase()),
    subject,
    unnamed,
  ]);
  return createHash('sha256').update(material).digest('base64url');
}

const encode = (place: object): string =>
  Buffer.from(JSON.stringify({ v: 1, ...place })).toString('base64url');

function decode(text: string, code: FailureCode): Record<string, unknown> {
  try {
    const value = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as unknown;
    if (typeof value === 'object' && value !== null && (value as { v?: unknown }).v === 1) {
      return value as Record<string, unknown>;
    }
  } catch {
    // Not JSON: the same refusal as for any other string that Read Email did not make.
  }
  throw new Failure(code);
}

/** Only a mailbox that the activity or the connection names may be reached through a string from outside. */
function folderPlace(
  value: Record<string, unknown>,
  settings: Microsoft365Connection,
  config: ReadEmailConfig,
  code: FailureCode,
): FolderPlace {
  const { mailbox, folder, uidValidity } = value;
  if (typeof mailbox !== 'string' || typeof folder !== 'string' || typeof uidValidity !== 'string') {
    throw new Failure(code);
  }
  if (!recordMayName(settings, mailbox, [activityMailbox(settings, config)])) throw new Failure(code);
  return { mailbox, folder, uidValidity };
}

function isUid(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

export const settleToken = (place: SettlePlace): string => encode(place);

/** @throws Failure settle-token-invalid */
export function readSettleToken(
  text: string,
  settings: Microsoft365Connection,
  config: ReadEmailConfig,
): SettlePlace {
  const code = 'settle-token-invalid';
  const value = decode(text, code);
  const { uids, afterRead } = value;
  if (!Array.isArray(uids) || !uids.every(isUid)) throw new Failure(code);
  if (afterRead !== 'none' && afterRead !== 'mark-read') throw new Failure(code);
  return { ...folderPlace(value, settings, config, code), uids, afterRead };
}

export const contentReference = (place: PartPlace): string => encode(place);

/** @throws Failure content-reference-invalid */
export function readContentReference(
  text: string,
  settings: Microsoft365Connection,
  config: ReadEmailConfig,
): PartPlace {
  const code = 'content-reference-invalid';
  const value = decode(text, code);
  const { uid, part } = value;
  if (!isUid(uid) || typeof part !== 'string') throw new Failure(code);
  return { ...folderPlace(value, settings, config, code), uid, part };
}
