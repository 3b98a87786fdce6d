/**
 * Fetches headers and structure of messages without their bodies. Must not: fail because one message is odd; what
 * cannot be read of it is left out of its outline.
 */
import type { MessageFacts, MessageOutline } from '../reading.js';
import type { ImapConnection } from './connect.js';
import { fetchAnswers, type FetchAnswer } from './fetch-answers.js';
import { readLeaves } from './body-structure.js';

/** Headers are a few KB; of a larger one the rest is asked for on its own. */
const HEADER_BYTES = 64 * 1024;
/** More of a header than this is not looked at. */
const MAX_HEADER_BYTES = 1024 * 1024;

export interface Outline extends MessageOutline {
  /** False when there is more of the header than is looked at. */
  readonly isHeaderWhole: boolean;
}

/** Outlines in the order of the messages; those that have gone are left out. */
export async function fetchOutlines(
  connection: ImapConnection,
  folder: string,
  messages: readonly MessageFacts[],
): Promise<Outline[]> {
  const uids = messages.map(({ id }) => Number(id));
  const header = `BODY.PEEK[HEADER]<0.${String(HEADER_BYTES)}>`;
  const answers = await fetchAnswers(connection, folder, uids, `UID BODYSTRUCTURE ${header}`);
  // imapflow drops an answer that it cannot read, such as a structure nested deeper than it follows.
  const missing = uids.filter((uid) => answers.get(uid)?.sections.has('HEADER') !== true);
  const plain = await fetchAnswers(connection, folder, missing, `UID ${header}`);
  const outlines: Outline[] = [];
  for (const facts of messages) {
    const uid = Number(facts.id);
    const answer = plain.get(uid) ?? answers.get(uid);
    const start = answer?.sections.get('HEADER');
    if (answer === undefined || start === undefined) continue;
    const bytes =
      start.length < HEADER_BYTES ? start : ((await longHeader(connection, folder, uid)) ?? start);
    outlines.push({
      facts,
      header: withoutEmptyLine(bytes),
      leaves: readLeaves(answer.structure),
      isHeaderWhole: bytes.length < MAX_HEADER_BYTES,
    });
  }
  return outlines;
}

async function longHeader(
  connection: ImapConnection,
  folder: string,
  uid: number,
): Promise<Buffer | undefined> {
  const answers = await fetchAnswers(
    connection,
    folder,
    [uid],
    `UID BODY.PEEK[HEADER]<0.${String(MAX_HEADER_BYTES)}>`,
  );
  return headerOf(answers.get(uid));
}

function headerOf(answer: FetchAnswer | undefined): Buffer | undefined {
  return answer?.sections.get('HEADER');
}

/** The server sends the empty line that ends a header along with it. */
export function withoutEmptyLine(header: Buffer): Buffer {
  if (header.length === 2 && header.toString('latin1') === '\r\n') return header.subarray(2);
  return header.subarray(-4).toString('latin1') === '\r\n\r\n' ? header.subarray(0, -2) : header;
}
