/**
 * Deletes messages for good. DELE only marks; the server deletes at QUIT (RFC 1939 section 6), all of them at once and at
 * the end of the session. Owns: what may be called done. Must not: call done what the server did not confirm.
 */
import { Failure } from '../../errors/index.js';
import type { Pop3Connection } from './connect.js';
import { pop3Failure, type Pop3Context } from './failures.js';
import type { Entry, Maildrop } from './maildrop.js';
import { Pop3Refusal } from './wire.js';

export type Outcomes = Map<string, 'done' | Failure>;

export interface Deletion {
  readonly connection: Pop3Connection;
  readonly context: Pop3Context;
  readonly maildrop: Maildrop;
  /** The ids in the mailbox as a new session sees them. */
  readonly look: () => Promise<ReadonlySet<string>>;
}

/**
 * The outcome for every id. Whenever something was marked, the session is over.
 * @throws what ended the connection before QUIT: nothing is deleted then
 */
export async function deleteForGood(deletion: Deletion, ids: readonly string[]): Promise<Outcomes> {
  const { connection, context, maildrop } = deletion;
  const outcomes: Outcomes = new Map();
  const marked: string[] = [];
  const asked = [...new Set(ids)].map((id) => {
    const entry = maildrop.byId.get(id);
    const answer = entry === undefined ? Promise.resolve(undefined) : mark(connection, entry);
    answer.catch(() => undefined); // reported when its turn comes
    return { id, answer };
  });
  for (const { id, answer } of asked) {
    try {
      const isMarked = (await answer) !== undefined;
      if (isMarked) marked.push(id);
      else outcomes.set(id, gone(context, id));
    } catch (error) {
      if (!(error instanceof Pop3Refusal) || !connection.wire.usable) throw error;
      outcomes.set(id, pop3Failure(error, 'message', context));
    }
  }
  if (marked.length > 0)
    for (const [id, outcome] of await commit(deletion, marked)) outcomes.set(id, outcome);
  return outcomes;
}

function mark({ wire }: Pop3Connection, { number }: Entry): Promise<unknown> {
  return wire.ask(`DELE ${String(number)}`);
}

function gone({ mailbox }: Pop3Context, id: string): Failure {
  return new Failure('message-gone', { parameters: { mailbox, folder: 'INBOX', id } });
}

async function commit(
  { connection, context, look }: Deletion,
  marked: readonly string[],
): Promise<Map<string, 'done' | Failure>> {
  try {
    await connection.client.QUIT();
    return new Map(marked.map((id) => [id, 'done']));
  } catch (error) {
    // "-ERR some deleted messages not removed", or no answer at all: only a look into the mailbox tells.
    const failure = pop3Failure(error, 'command', context);
    const left = await look().catch(() => undefined);
    return new Map(marked.map((id) => [id, left?.has(id) === false ? 'done' : failure]));
  } finally {
    connection.wire.end(new Error('The session is over.'));
  }
}
