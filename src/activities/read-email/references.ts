/**
 * The opaque strings that Read Email gives out and takes back: record keys, settle tokens, content references.
 * Tokens and references are signed with a key made of the connection's credential: they survive a restart, and record
 * data cannot invent one and have some other message mailed out or marked. Must not: reach a server.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { Failure, type FailureCode } from '../../errors/index.js';
import type { Microsoft365Connection, ReadEmailConfig } from '../../generated/types.js';

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

/** Sealed for one purpose: a content reference is no settle token. */
type Purpose = 'settle' | 'content';

function seal(payload: string, purpose: Purpose, { tenant, authentication }: Microsoft365Connection): string {
  const key = createHash('sha256')
    .update(JSON.stringify([tenant.toLowerCase(), authentication]))
    .digest();
  return createHmac('sha256', key).update(`${purpose}:${payload}`).digest('base64url');
}

function encode(place: object, purpose: Purpose, settings: Microsoft365Connection): string {
  const payload = Buffer.from(JSON.stringify({ v: 1, ...place })).toString('base64url');
  return `${payload}.${seal(payload, purpose, settings)}`;
}

function decode(
  text: unknown,
  purpose: Purpose,
  settings: Microsoft365Connection,
  code: FailureCode,
): unknown {
  // From outside: a host may pass on anything.
  if (typeof text !== 'string') throw new Failure(code);
  const [payload = '', signature = ''] = text.split('.');
  const [given, wanted] = [Buffer.from(signature), Buffer.from(seal(payload, purpose, settings))];
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) throw new Failure(code);
  return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
}

export const settleToken = (place: SettlePlace, settings: Microsoft365Connection): string =>
  encode(place, 'settle', settings);

/** @throws Failure settle-token-invalid for a string that Read Email did not make with this credential */
export function readSettleToken(text: string, settings: Microsoft365Connection): SettlePlace {
  return decode(text, 'settle', settings, 'settle-token-invalid') as SettlePlace;
}

export const contentReference = (place: PartPlace, settings: Microsoft365Connection): string =>
  encode(place, 'content', settings);

/** @throws Failure content-reference-invalid for a string that Read Email did not make with this credential */
export function readContentReference(text: string, settings: Microsoft365Connection): PartPlace {
  return decode(text, 'content', settings, 'content-reference-invalid') as PartPlace;
}
