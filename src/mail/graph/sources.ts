/**
 * Sources of messages as MIME ($value), whole or up to the end of the header.
 *
 * Messages always come whole. Graph has no structure of a message to choose parts from, and its text as JSON is HTML
 * that Exchange has made over: it would not be the text that the other transports give. A consumer that has what it
 * wants may stop, and the rest stays undownloaded; attachments follow the texts in what Exchange composes.
 */
import { isFailure } from '../../errors/index.js';
import type { MessageFacts, MessageOutline, WholeMessage } from '../reading.js';
import type { GraphClient, GraphStream } from './client.js';

/** A header is cut here, for memory; the mime room has limits of its own below it. */
const MAX_HEADER_BYTES = 16 * 1024 * 1024;
/** A rest that is shorter is read, for the connection can be used again then. */
const WORTH_ABORTING_BYTES = 64 * 1024;

export function openSource(client: GraphClient, id: string): Promise<GraphStream> {
  const path = `/messages/${encodeURIComponent(id)}/$value`;
  return client.stream({ method: 'GET', path, subject: { kind: 'message', name: id } });
}

/** undefined when the message has gone. */
async function openIfThere(client: GraphClient, id: string): Promise<GraphStream | undefined> {
  try {
    return await openSource(client, id);
  } catch (error) {
    if (isFailure(error) && error.code === 'message-gone') return undefined;
    throw error;
  }
}

/** One after another; the next is asked for while one is being worked on. */
export async function* fetchWhole(
  client: GraphClient,
  messages: readonly MessageFacts[],
): AsyncGenerator<WholeMessage> {
  let opened: Promise<GraphStream | undefined> | undefined;
  try {
    for (const [index, facts] of messages.entries()) {
      const current = await (opened ?? openIfThere(client, facts.id));
      const following = messages[index + 1];
      // Only while others leave room: a message that waits for its turn must not keep them waiting.
      opened = following !== undefined && client.hasRoom ? openIfThere(client, following.id) : undefined;
      opened?.catch(() => undefined); // reported when its turn comes, unless the consumer stops before
      if (current === undefined) continue;
      try {
        yield { kind: 'whole', facts, pieces: current.pieces };
      } finally {
        current.discard();
      }
    }
  } finally {
    (await opened?.catch(() => undefined))?.discard();
  }
}

export async function* outlinesOf(
  client: GraphClient,
  messages: readonly MessageFacts[],
): AsyncGenerator<MessageOutline> {
  for (const facts of messages) {
    const source = await openIfThere(client, facts.id);
    if (source === undefined) continue;
    try {
      yield { facts, header: await headerOf(source), leaves: undefined };
    } finally {
      source.discard();
    }
  }
}

async function headerOf(source: GraphStream): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  let end: number | undefined;
  let tail: Buffer = Buffer.from('\n');
  for await (const piece of source.pieces) {
    if (end === undefined) {
      pieces.push(piece);
      // The empty line may lie across two pieces.
      const window = Buffer.concat([tail, piece]);
      const found = emptyLineIn(window);
      // Before the first piece stands a line end that is none of the message's.
      if (found !== undefined) end = size - tail.length + found;
      tail = Buffer.from(window.subarray(-3));
    }
    size += piece.length;
    if (end === undefined && size > MAX_HEADER_BYTES) end = MAX_HEADER_BYTES;
    if (end !== undefined && size - end > WORTH_ABORTING_BYTES) break;
  }
  return Buffer.concat(pieces).subarray(0, end);
}

/** Where the line before an empty one has ended. */
function emptyLineIn(bytes: Buffer): number | undefined {
  const ends = [bytes.indexOf('\n\r\n'), bytes.indexOf('\n\n')].filter((at) => at !== -1);
  return ends.length === 0 ? undefined : Math.min(...ends) + 1;
}
