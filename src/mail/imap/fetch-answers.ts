/**
 * Sends UID FETCH and reads its answers: facts, body sections, the structure as the server wrote it.
 * Asks for bodies with PEEK only, so nothing is marked as read. Must not: hold more than one command's answers.
 */
import type { MessageFacts } from '../reading.js';
import { isList, textOf, type ImapConnection, type ImapValue } from './connect.js';
import { readFetchItems, type FetchItem, type RawAnswer } from './fetch-syntax.js';
import { chunks, uidSet, UIDS_PER_COMMAND } from './uid-set.js';

export interface FetchAnswer {
  readonly uid: number;
  readonly flags: readonly string[] | undefined;
  readonly internalDate: Date | null;
  readonly size: number;
  readonly structure: ImapValue | undefined;
  /** By what stood in the brackets: '' for the whole message, HEADER, 1.2. No entry where the server said NIL. */
  readonly sections: ReadonlyMap<string, Buffer>;
}

const FACTS = 'UID FLAGS INTERNALDATE RFC822.SIZE';

/** Answers by UID. Messages that have gone are missing. */
export async function fetchAnswers(
  connection: ImapConnection,
  folder: string,
  uids: readonly number[],
  items: string,
): Promise<Map<number, FetchAnswer>> {
  const found = new Map<number, FetchAnswer>();
  if (uids.length === 0) return found;
  const asked = new Set(uids);
  const take = (raw: RawAnswer): void => {
    const answer = readFetchAnswer(raw);
    // Servers also report flags that others changed this way; such a report has none of what was asked for.
    if (answer === undefined || !asked.has(answer.uid)) return;
    const known = found.get(answer.uid);
    found.set(answer.uid, known === undefined ? answer : merged(known, answer));
  };
  await connection.fetch(`${uidSet(uids)} (${items})`, { answer: take }, folder);
  return found;
}

/** Facts in the order of the UIDs; those that have gone are left out. */
export async function fetchFacts(
  connection: ImapConnection,
  folder: string,
  uids: readonly number[],
): Promise<MessageFacts[]> {
  const facts: MessageFacts[] = [];
  for (const some of chunks(uids, UIDS_PER_COMMAND)) {
    const answers = await fetchAnswers(connection, folder, some, FACTS);
    for (const uid of some) {
      const answer = answers.get(uid);
      if (answer !== undefined) facts.push(toFacts(answer));
    }
  }
  return facts;
}

function toFacts({ uid, flags = [], internalDate, size }: FetchAnswer): MessageFacts {
  return {
    id: String(uid),
    isRead: flags.includes('\\Seen'),
    flags,
    receivedAt: internalDate,
    statedSize: size,
  };
}

function merged(known: FetchAnswer, answer: FetchAnswer): FetchAnswer {
  return {
    uid: known.uid,
    flags: answer.flags ?? known.flags,
    internalDate: answer.internalDate ?? known.internalDate,
    size: Math.max(answer.size, known.size),
    structure: answer.structure ?? known.structure,
    sections: new Map([...known.sections, ...answer.sections]),
  };
}

/** undefined for what cannot be read: the message is then as good as not answered for. */
export function readFetchAnswer(raw: RawAnswer): FetchAnswer | undefined {
  const sections = new Map<string, Buffer>();
  let uid: number | undefined;
  let flags: string[] | undefined;
  let internalDate: Date | null = null;
  let size = 0;
  let structure: ImapValue | undefined;
  for (const { name, section, value } of itemsOf(raw)) {
    switch (name) {
      case 'UID':
        uid = Number(textOf(value));
        break;
      case 'FLAGS':
        flags = isList(value) ? flagsOf(value) : [];
        break;
      case 'INTERNALDATE':
        internalDate = dateOf(textOf(value));
        break;
      case 'RFC822.SIZE':
        size = Number(textOf(value)) || 0;
        break;
      case 'BODYSTRUCTURE':
        structure = value;
        break;
      case 'BODY': {
        const bytes = bytesOf(value);
        if (section !== undefined && bytes !== undefined) sections.set(section, bytes);
        break;
      }
    }
  }
  return uid === undefined || !Number.isSafeInteger(uid)
    ? undefined
    : { uid, flags, internalDate, size, structure, sections };
}

function itemsOf(raw: RawAnswer): FetchItem[] {
  try {
    return readFetchItems(raw);
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

function flagsOf(list: readonly ImapValue[]): string[] {
  return list
    .map((flag) => textOf(flag) ?? '')
    .filter((flag) => flag !== '' && flag !== '\\Recent')
    .sort();
}

function dateOf(text: string | undefined): Date | null {
  const date = new Date(text?.trim() ?? '');
  return Number.isNaN(date.getTime()) ? null : date;
}

function bytesOf(value: ImapValue | undefined): Buffer | undefined {
  if (value === null || value === undefined || isList(value)) return undefined;
  return typeof value.value === 'string' ? Buffer.from(value.value, 'latin1') : value.value;
}
