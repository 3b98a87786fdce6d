/**
 * Fetches whole messages, and large parts, in bounded memory. Small ones come together, because each round trip costs
 * more than a small message; of a large one the next window is under way while one is being worked on. Must not: look
 * into a message.
 */
import { setImmediate as breathe } from 'node:timers/promises';
import { Failure } from '../../errors/index.js';
import type { MessageFacts } from '../reading.js';
import { WINDOW_BYTES, type ImapConnection } from './connect.js';
import { fetchAnswers, readFetchAnswer } from './fetch-answers.js';

/** So much of each message comes together with the others. */
const FIRST_PIECE_BYTES = 2 * 1024 * 1024;
/** What an estimated size may be short of before a message comes in two pieces. */
const SLACK_BYTES = 64 * 1024;
/** Pieces of a window are put together up to this size: many small ones take longer to work on. */
const PIECE_BYTES = 512 * 1024;
/** The next window is asked for when no more than this waits to be worked on. */
const LOW_WATER_BYTES = 2 * 1024 * 1024;
/** For whoever takes a source more slowly than it comes: a whole window of it may have to wait. */
export const SMALL_WINDOW_BYTES = 4 * 1024 * 1024;
/** Asked for from the last byte of a part on: more than one byte comes when it is longer than was said. */
const END_BYTES = 16;

/** A message, or a part of one. */
export interface Fetchable {
  readonly uid: number;
  /** What stands in the brackets: '' for the whole message. */
  readonly section: string;
}

/** First pieces of messages by UID; those that have gone are missing. */
export async function firstPieces(
  connection: ImapConnection,
  folder: string,
  messages: readonly MessageFacts[],
): Promise<Map<number, FirstPiece>> {
  const largest = messages.reduce((most, { statedSize }) => Math.max(most, statedSize ?? 0), 0);
  const length = Math.min(FIRST_PIECE_BYTES, 2 * largest + SLACK_BYTES);
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

/** All of it after its first piece has come. @throws Failure message-gone when it vanishes in between */
export async function* allPieces(
  connection: ImapConnection,
  folder: string,
  from: Fetchable,
  first: FirstPiece,
  windowBytes = WINDOW_BYTES,
): AsyncGenerator<Buffer> {
  if (first.isLast) {
    if (first.bytes.length > 0) yield first.bytes;
    return;
  }
  yield first.bytes;
  yield* new LargeSource(connection, folder, from, first.bytes.length, windowBytes).pieces();
}

/** A part that is as long as the server said. @throws Failure message-gone, server-answer-unexpected */
export async function* partPieces(
  connection: ImapConnection,
  folder: string,
  from: Fetchable,
  statedSize: number,
): AsyncGenerator<Buffer> {
  let size = 0;
  for await (const piece of new LargeSource(connection, folder, from, 0).pieces()) {
    size += piece.length;
    yield piece;
  }
  if (size === statedSize) return;
  const { host, port, mailbox } = connection.context;
  const serverText = `part ${from.section} of ${String(statedSize)} bytes has ${String(size)}`;
  throw new Failure('server-answer-unexpected', { parameters: { host, port, mailbox }, serverText });
}

/** Whether parts end where the server said, which costs no more than their last bytes. */
export async function endAsStated(
  connection: ImapConnection,
  folder: string,
  uid: number,
  parts: readonly { readonly part: string; readonly statedSize: number }[],
): Promise<boolean> {
  const items = parts.map(
    ({ part, statedSize }) => `BODY.PEEK[${part}]<${String(statedSize - 1)}.${String(END_BYTES)}>`,
  );
  const answers = await fetchAnswers(connection, folder, [uid], `UID ${items.join(' ')}`);
  const sections = answers.get(uid)?.sections;
  return parts.every(({ part }) => sections?.get(part)?.length === 1);
}

export function messageGone(folder: string, id: number | string): Failure {
  return new Failure('message-gone', { parameters: { folder, uid: Number(id) } });
}

/** The rest of a source, window by window; what has come waits in a queue. */
class LargeSource {
  readonly #connection: ImapConnection;
  readonly #folder: string;
  readonly #from: Fetchable;
  readonly #windowBytes: number;
  #offset: number;
  #queue: Buffer[] = [];
  #queued = 0;
  #ended = false;
  #error: unknown;
  /** The command that is under way. */
  #command: Promise<void> | undefined;
  #wake: () => void = () => undefined;

  constructor(
    connection: ImapConnection,
    folder: string,
    from: Fetchable,
    offset: number,
    windowBytes = WINDOW_BYTES,
  ) {
    this.#windowBytes = windowBytes;
    this.#connection = connection;
    this.#folder = folder;
    this.#from = from;
    this.#offset = offset;
  }

  async *pieces(): AsyncGenerator<Buffer> {
    try {
      for (;;) {
        if (this.#error !== undefined) throw this.#error as Error;
        if (this.#queued <= LOW_WATER_BYTES && !this.#ended) this.#command ??= this.#fetchWindow();
        if (this.#queued >= PIECE_BYTES || (this.#command === undefined && this.#queued > 0)) {
          yield this.#taken();
          await breathe(); // so that the socket is read meanwhile
        } else if (this.#ended) {
          return;
        } else {
          await new Promise<void>((resolve) => (this.#wake = resolve));
        }
      }
    } finally {
      await this.#command; // whoever stops here may send the next command
    }
  }

  async #fetchWindow(): Promise<void> {
    const came = { bytes: 0, answer: false };
    const take = (piece: Buffer): void => {
      came.bytes += piece.length;
      this.#queue.push(piece);
      this.#queued += piece.length;
      if (this.#queued >= PIECE_BYTES) this.#wake();
    };
    try {
      const { uid, section } = this.#from;
      const window = `<${String(this.#offset)}.${String(this.#windowBytes)}>`;
      await this.#connection.fetch(
        `${String(uid)} (UID BODY.PEEK[${section}]${window})`,
        {
          literal: take,
          answer: (raw) => {
            const answer = readFetchAnswer(raw);
            const short = answer?.sections.get(section);
            if (answer?.uid !== uid || short === undefined) return;
            came.answer = true;
            if (short.length > 0) take(short); // it was so short that the server sent it in quotes
          },
        },
        this.#folder,
      );
      // Gone between two windows: what there is would look like a whole message that is shorter.
      if (!came.answer) this.#error = messageGone(this.#folder, uid);
      this.#offset += came.bytes;
      this.#ended = came.bytes < this.#windowBytes;
    } catch (error) {
      this.#error = error;
    }
    this.#command = undefined;
    this.#wake();
  }

  #taken(): Buffer {
    let count = 0;
    let bytes = 0;
    while (count < this.#queue.length && bytes < PIECE_BYTES) {
      bytes += this.#queue[count]?.length ?? 0;
      count += 1;
    }
    this.#queued -= bytes;
    return Buffer.concat(this.#queue.splice(0, count));
  }
}
