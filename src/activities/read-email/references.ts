/**
 * The opaque strings that Read Email gives out and takes back: record keys, settle tokens, content references.
 * Tokens and references are signed with a key made of the connection's credential: they survive a restart, and record
 * data cannot invent one and have some other message mailed out or marked. Must not: reach a server.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { Failure, type FailureCode } from '../../errors/index.js';
import type { Microsoft365Connection } from '../../generated/types.js';
import type { Json, MailAction, ReadTransport } from '../../mail/index.js';

export interface FolderPlace {
  readonly mailbox: string;
  readonly transport: ReadTransport;
  /** Path for people; `folderId` is what opens it again. */
  readonly folder: string;
  readonly folderId: string;
  /** UIDVALIDITY; '' where ids are for ever. */
  readonly generation: string;
}

/** A message of a batch, as far as settling needs it. */
export interface BatchMessage {
  readonly id: string;
  readonly contentKey: string;
  /** Milliseconds since 1970; missing where nobody knows. */
  readonly receivedAt?: number | undefined;
}

/** A step of the reading position: good once everything in the batch is settled. */
export interface Advance {
  /** Changes when the position is set anew: steps of before mean nothing then. */
  readonly epoch: string;
  readonly from: Json;
  readonly to: Json;
}

export interface SettlePlace extends FolderPlace {
  readonly messages: readonly BatchMessage[];
  readonly action?: MailAction | undefined;
  readonly deleteAfterDays?: number | undefined;
  /** The activity whose reading position and attempts are kept; missing when the host names none. */
  readonly activity?: string | undefined;
  /** Whether there is a reading position (take: new), so that what is done must be remembered. */
  readonly keepsPosition: boolean;
  readonly maxAttempts: number;
  readonly advance?: Advance | undefined;
}

export interface PartPlace extends FolderPlace {
  readonly id: string;
  /** IMAP part number; missing for the whole source. */
  readonly part?: string | undefined;
}

/** Where a message is, in the manner of an IMAP URL (RFC 5092). */
export function recordKey({ mailbox, transport, folder, generation }: FolderPlace, id: string): string {
  const path = [mailbox.toLowerCase(), folder].map(encodeURIComponent).join('/');
  return transport === 'imap'
    ? `${path};UIDVALIDITY=${generation}/;UID=${id}`
    : `${path};${transport.toUpperCase()}=${encodeURIComponent(id)}`;
}

/** A folder as part of a key in the state, whose keys are short. */
export function folderDigest(place: Pick<FolderPlace, 'mailbox' | 'transport' | 'folderId'>): string {
  const material = JSON.stringify([place.mailbox.toLowerCase(), place.transport, place.folderId]);
  return createHash('sha256').update(material).digest('base64url').slice(0, 22);
}

const SPACE = 0x20;
const NO_BREAK_SPACE = 0xa0;

/**
 * What a message is, whichever folder and transport it comes through. Servers render the source anew, so it is made of
 * what they leave alone. The text belongs to it, since some senders give every message the same Message-ID.
 */
export function contentKey(identity: {
  readonly messageId: string | null;
  readonly sentAt: string | null;
  readonly from: readonly string[];
  readonly subject: string;
  readonly text: string | null;
  readonly html: string | null;
}): string {
  const { messageId, sentAt, from, subject, text, html } = identity;
  const head = JSON.stringify([messageId, sentAt, from.map((address) => address.toLowerCase()), subject]);
  const hash = createHash('sha256').update(head);
  const body = text ?? html ?? '';
  for (let at = 0; at < body.length; at += UNITS_AT_ONCE) {
    hash.update(withoutBlanks(body.slice(at, at + UNITS_AT_ONCE)));
  }
  return hash.digest('base64url');
}

const UNITS_AT_ONCE = 8192;
/** Used for one piece of text at a time. */
const units = new Uint16Array(UNITS_AT_ONCE);
const unitBytes = Buffer.from(units.buffer);

/** As UTF-16; white space is what servers change most. */
function withoutBlanks(text: string): Buffer {
  unitBytes.write(text, 'utf16le');
  let length = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = units[at] ?? 0;
    if (unit <= SPACE || unit === NO_BREAK_SPACE) continue;
    units[length] = unit;
    length += 1;
  }
  return unitBytes.subarray(0, 2 * length);
}

/** Sealed for one purpose: a content reference is no settle token. */
type Purpose = 'settle' | 'content';

function seal(payload: string, purpose: Purpose, { tenant, authentication }: Microsoft365Connection): string {
  const key = createHash('sha256')
    .update(JSON.stringify([tenant.toLowerCase(), authentication]))
    .digest();
  return createHmac('sha256', key).update(`${purpose}:${payload}`).digest('base64url');
}

/** Grows when what is inside changes: tokens of before are refused, and their messages read again. */
const FORMAT = 2;

function encode(place: object, purpose: Purpose, settings: Microsoft365Connection): string {
  const payload = Buffer.from(JSON.stringify({ v: FORMAT, ...place })).toString('base64url');
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
  const place = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as { v?: unknown };
  if (place.v !== FORMAT) throw new Failure(code);
  return place;
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
