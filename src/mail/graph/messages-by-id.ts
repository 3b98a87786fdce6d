/**
 * Facts of messages that are known by their ids.
 */
import { Failure, isFailure } from '../../errors/index.js';
import type { MessageFacts } from '../reading.js';
import type { GraphClient } from './client.js';
import { isMessage, SELECT, toFacts } from './messages.js';
import { inParallel } from './parallel.js';

/** Those that have gone are left out. */
export async function factsOf(client: GraphClient, ids: readonly string[]): Promise<MessageFacts[]> {
  const found = await inParallel(ids, (id) => oneOf(client, id));
  return found.filter((facts) => facts !== undefined);
}

async function oneOf(client: GraphClient, id: string): Promise<MessageFacts | undefined> {
  const path = `/messages/${encodeURIComponent(id)}?$select=${SELECT}`;
  try {
    const answer = await client.json({ method: 'GET', path, subject: { kind: 'message', name: id } });
    if (isMessage(answer)) return toFacts(answer);
  } catch (error) {
    if (isFailure(error) && error.code === 'message-gone') return undefined;
    throw error;
  }
  throw new Failure('server-answer-unexpected', { serverText: 'a message without an id' });
}
