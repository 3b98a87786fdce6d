/**
 * Finds UIDs by SEARCH, window by window, so that neither a large folder nor a large answer is ever held whole.
 * Must not: fetch anything.
 */
import { textOf, type ImapAnswer, type ImapConnection } from './connect.js';
import { uidSet } from './uid-set.js';

export interface UidRange {
  readonly first: number;
  readonly last: number;
}

/** UIDs of one window: all numbers that a SEARCH may answer with at a time. */
export interface UidWindow extends UidRange {
  /** Within the window, in the order asked for. */
  readonly uids: readonly number[];
}

/** A folder of up to so many messages is searched in one go, whatever its UIDs are. */
const MESSAGES_PER_SEARCH = 20_000;
/** Fewer hits than this, and the next window is wider. */
const FEW = 1000;
const GROWTH = 8;

/** All of a range, window by window; empty windows are told as well. */
export async function* searchWindows(
  connection: ImapConnection,
  folder: { readonly path: string; readonly messages: number },
  range: UidRange,
  keys: string,
  order: 'oldest-first' | 'newest-first',
): AsyncGenerator<UidWindow> {
  const isUp = order === 'oldest-first';
  let width = folder.messages <= MESSAGES_PER_SEARCH ? Infinity : MESSAGES_PER_SEARCH;
  let { first, last } = range;
  while (first <= last) {
    const window = isUp
      ? { first, last: Math.min(last, first + width - 1) }
      : { first: Math.max(first, last - width + 1), last };
    const uids = await searchUids(connection, folder.path, window, keys);
    yield { ...window, uids: isUp ? uids : uids.reverse() };
    if (isUp) first = window.last + 1;
    else last = window.first - 1;
    // Hits bound an answer, not the width: UIDs may lie far apart.
    width = uids.length < FEW ? width * GROWTH : MESSAGES_PER_SEARCH;
  }
}

/** UIDs within the range that fit the keys, ascending. */
export async function searchUids(
  connection: ImapConnection,
  folder: string,
  { first, last }: UidRange,
  keys: string,
): Promise<number[]> {
  const found = new Set<number>();
  const take = ({ attributes = [] }: ImapAnswer): void => {
    for (const value of attributes) {
      const uid = Number(textOf(value));
      // `n:*` names the last message even when it is older than n (RFC 3501 section 6.4.8).
      if (Number.isSafeInteger(uid) && uid >= first && uid <= last) found.add(uid);
    }
  };
  const set = `UID ${String(first)}:${last === Infinity ? '*' : String(last)}`;
  await connection.command('UID SEARCH', keys === '' ? set : `${set} ${keys}`, { SEARCH: take }, folder);
  return [...found].sort((a, b) => a - b);
}

/** Those of the UIDs that are there and fit the keys. */
export async function whichExist(
  connection: ImapConnection,
  folder: string,
  uids: readonly number[],
  keys = '',
): Promise<Set<number>> {
  const found = new Set<number>();
  if (uids.length === 0) return found;
  const asked = new Set(uids);
  const take = ({ attributes = [] }: ImapAnswer): void => {
    for (const value of attributes) {
      const uid = Number(textOf(value));
      if (asked.has(uid)) found.add(uid);
    }
  };
  const set = `UID ${uidSet(uids)}`;
  await connection.command('UID SEARCH', keys === '' ? set : `${set} ${keys}`, { SEARCH: take }, folder);
  return found;
}
