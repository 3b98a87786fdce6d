/**
 * Fetches whole messages in bounded pieces. Small ones come together, because each round trip costs more than a small
 * message; of a large one the next piece is under way while one is being worked on. Must not: look into a message.
 */
import { Failure } from '../../errors/index.js';
import type { MessageFacts } from '../reading.js';
import { PIECE_BYTES, type ImapConnection } from './connect.js';
import { fetchAnswers } from './fetch-answers.js';

/** What an estimated size may be short of before a message comes in two pieces. */
const SLACK_BYTES = 64 * 1024;

/** First pieces of messages by UID; those that have gone are missing. */
export async function firstPieces(
  connection: ImapConnection,
  folder: string,
  messages: readonly MessageFacts[],
): Promise<Map<number, FirstPiece>> {
  const largest = messages.reduce((most, { statedSize }) => Math.max(most, statedSize ?? 0), 0);
  const length = Math.min(PIECE_BYTES, 2 * largest + SLACK_BYTES);
  const uids = messages.map(({ id }) => Number(id));
  const answers = await fetchAnswers(connection, folder, uids, `UID BODY.PEEK[]<0.${String(length)}>`);
  const pieces = new Map<number, FirstPiece>();
  for (const [uid, { sections }] of answers) {
    const bytes = sections.get('');
    if (bytes !== undefined) pieces.set(uid, { bytes, isLast: bytes.length < length });
  }
  return pieces;
}

export interface FirstPiece {
  readonly bytes: Buffer;
  readonly isLast: boolean;
}

/** All of a message after its first piece has come. @throws Failure message-gone when it vanishes in between */
export async function* allPieces(
  connection: ImapConnection,
  folder: string,
  uid: number,
  first: FirstPiece,
): AsyncGenerator<Buffer> {
  let piece = first.bytes;
  let offset = piece.length;
  let isLast = first.isLast;
  while (!isLast) {
    const next = pieceAt(connection, folder, uid, offset);
    next.catch(() => undefined); // reported below, unless the consumer stops before
    try {
      yield piece;
    } finally {
      await next.catch(() => undefined); // whoever stops here may send the next command
    }
    const following = await next;
    // Gone between two pieces: what there is would look like a whole message that is shorter.
    if (following === undefined) throw messageGone(folder, uid);
    piece = following;
    offset += piece.length;
    isLast = piece.length < PIECE_BYTES;
  }
  if (piece.length > 0) yield piece;
}

export function messageGone(folder: string, id: number | string): Failure {
  return new Failure('message-gone', { parameters: { folder, uid: Number(id) } });
}

async function pieceAt(
  connection: ImapConnection,
  folder: string,
  uid: number,
  offset: number,
): Promise<Buffer | undefined> {
  const partial = `<${String(offset)}.${String(PIECE_BYTES)}>`;
  const answers = await fetchAnswers(connection, folder, [uid], `UID BODY.PEEK[]${partial}`);
  return answers.get(uid)?.sections.get('');
}
