/**
 * Gets many messages one after another at the speed of the wire: where the server allows it, the next ones are asked for
 * while one is being read. Owns: how far ahead, and what becomes of messages that cannot be had. Must not: hold one whole.
 */
import type { Pop3Connection } from './connect.js';
import { saysGone } from './failures.js';
import { Pop3Refusal, type Answer } from './wire.js';

/** Asked for ahead of the one that is being read: enough for a slow line, little to throw away when the reader stops. */
const AHEAD_MESSAGES = 64;
const AHEAD_BYTES = 2 * 1024 * 1024;
/** Longer headers are cut: what says something about a message stands near its beginning. */
const MAX_HEADER_BYTES = 1024 * 1024;

interface Wanted {
  readonly number: number;
  readonly statedSize: number;
}

export type Transferred<T> =
  | { readonly of: T; readonly body: AsyncIterable<Buffer>; readonly refusal?: undefined }
  /** The server has the message and does not give it. */
  | { readonly of: T; readonly body?: undefined; readonly refusal: Pop3Refusal };

/**
 * Answers to one command for each message, in order. Messages that have gone are left out. A body that was not read
 * when the next one is asked for is thrown away.
 * @throws what ended the connection
 */
export async function* transfer<T extends Wanted>(
  { wire }: Pop3Connection,
  wanted: readonly T[],
  commandFor: (number: number) => string,
  bytesOf: (one: T) => number = ({ statedSize }) => statedSize,
): AsyncGenerator<Transferred<T>> {
  const underWay: { readonly of: T; readonly answer: Promise<Answer> }[] = [];
  let next = 0;
  let bytes = 0;
  const askAhead = (): void => {
    // Several at once: a command that is sent alone costs as much as the reading of a small message.
    if (underWay.length > AHEAD_MESSAGES / 2 || bytes > AHEAD_BYTES / 2) return;
    while (next < wanted.length && underWay.length < AHEAD_MESSAGES) {
      const of = wanted[next];
      if (of === undefined || (underWay.length > 0 && bytes + bytesOf(of) > AHEAD_BYTES)) return;
      const answer = wire.ask(commandFor(of.number), 'lines');
      answer.catch(() => undefined); // reported when its turn comes
      underWay.push({ of, answer });
      bytes += bytesOf(of);
      next += 1;
    }
  };
  try {
    for (;;) {
      askAhead();
      const first = underWay.shift();
      if (first === undefined) return;
      const { of } = first;
      bytes -= bytesOf(of);
      askAhead();
      try {
        const { body } = await first.answer;
        try {
          yield { of, body };
        } finally {
          body.discard();
        }
      } catch (error) {
        if (!(error instanceof Pop3Refusal) || !wire.usable) throw error;
        if (!saysGone(error)) yield { of, refusal: error };
      }
    }
  } finally {
    wire.withdraw();
    for (const { answer } of underWay) {
      answer.then(
        ({ body }) => body.discard(),
        () => undefined,
      );
    }
  }
}

export interface HeaderOf<T> {
  readonly of: T;
  /** Without the empty line. */
  readonly header: Buffer;
}

/**
 * Headers alone, in order; of a message that TOP is refused for, by fetching it and reading no further.
 * @throws what ended the connection, or a refusal of both commands
 */
export async function* headersOf<T extends Wanted>(
  connection: Pop3Connection,
  wanted: readonly T[],
): AsyncGenerator<HeaderOf<T>> {
  const withTop = connection.capabilities.has('TOP');
  const headers = withTop
    ? transfer(
        connection,
        wanted,
        (number) => `TOP ${String(number)} 0`,
        () => 0,
      )
    : transfer(connection, wanted, retrieve);
  for await (const { of, body } of headers) {
    if (body !== undefined) {
      yield { of, header: await headerIn(body) };
      continue;
    }
    for await (const whole of transfer(connection, [of], retrieve)) {
      if (whole.body === undefined) throw whole.refusal;
      yield { of, header: await headerIn(whole.body) };
    }
  }
}

export const retrieve = (number: number): string => `RETR ${String(number)}`;

async function headerIn(pieces: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  // The line end before the first line stands for the one that an empty header lacks.
  let seam = Buffer.from('\n');
  for await (const piece of pieces) {
    parts.push(piece);
    bytes += piece.length;
    // An empty line may be cut anywhere: look at the seam as well.
    seam = Buffer.concat([seam, piece]);
    if (endOfHeader(seam) !== -1 || bytes >= MAX_HEADER_BYTES) break;
    seam = seam.subarray(-3);
  }
  const header = Buffer.concat([Buffer.from('\n'), ...parts]);
  const end = endOfHeader(header);
  return header.subarray(1, Math.min(end === -1 ? header.length : end, MAX_HEADER_BYTES));
}

/** Where the empty line begins, with either kind of line end; -1 without one. */
function endOfHeader(bytes: Buffer): number {
  const found = [bytes.indexOf('\n\r\n'), bytes.indexOf('\n\n')].filter((at) => at !== -1);
  return found.length === 0 ? -1 : Math.min(...found) + 1;
}
