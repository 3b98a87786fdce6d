/**
 * What is done to messages after their records: which call does it, and what in the answer proves it.
 */
import { Failure, isFailure } from '../../errors/index.js';
import type { MailAction } from '../reading.js';
import type { GraphCall, GraphClient } from './client.js';
import type { GraphFolders } from './folders.js';
import { isFlagged, isMessage, type GraphMessage } from './messages.js';
import { inParallel } from './parallel.js';

interface Deed {
  readonly call: (path: string) => Pick<GraphCall, 'method' | 'path' | 'body'>;
  /** Whether the answer shows it done. */
  readonly isDone: (answer: unknown) => boolean;
  /** Doing it again does more than doing it once. */
  readonly makesCopies?: boolean;
}

const patch = (body: unknown, isDone: (message: GraphMessage) => boolean): Deed => ({
  call: (path) => ({ method: 'PATCH', path, body }),
  isDone: (answer) => isMessage(answer) && isDone(answer),
});

const transfer = (verb: 'move' | 'copy', destinationId: string): Deed => ({
  call: (path) => ({ method: 'POST', path: `${path}/${verb}`, body: { destinationId } }),
  isDone: (answer) => isMessage(answer) && answer.parentFolderId === destinationId,
  makesCopies: verb === 'copy',
});

async function deedOf(action: MailAction, folders: GraphFolders): Promise<Deed> {
  switch (action.kind) {
    case 'mark-read':
      return patch({ isRead: true }, ({ isRead }) => isRead === true);
    case 'mark-unread':
      return patch({ isRead: false }, ({ isRead }) => isRead === false);
    case 'flag':
      return patch({ flag: { flagStatus: 'flagged' } }, isFlagged);
    case 'move':
    case 'copy': {
      const { kind, folder, create } = action;
      const target = await (create ? folders.findOrCreate(folder) : folders.find(folder));
      return transfer(kind, target.id);
    }
    case 'delete':
      return transfer('move', (await folders.find('deleteditems')).id);
    case 'delete-permanently':
      // 204: there is nothing left to look at.
      return {
        call: (path) => ({ method: 'POST', path: `${path}/permanentDelete` }),
        isDone: (answer) => answer === undefined,
      };
  }
}

/** The outcome for every id. @throws Failure when the first call already shows that none can be done */
export async function applyAction(
  client: GraphClient,
  folders: GraphFolders,
  action: MailAction,
  ids: readonly string[],
): Promise<Map<string, 'done' | Failure>> {
  const deed = await deedOf(action, folders);
  const outcomes = new Map<string, 'done' | Failure>();
  let general: Failure | undefined;
  await inParallel(ids, async (id) => {
    const outcome = general ?? (await outcomeOf(client, deed, id));
    outcomes.set(id, outcome);
    if (outcome !== 'done' && concernsAll(outcome)) general = outcome;
  });
  if (general !== undefined && [...outcomes.values()].every((one) => one === general)) throw general;
  return outcomes;
}

async function outcomeOf(client: GraphClient, deed: Deed, id: string): Promise<'done' | Failure> {
  const subject = { kind: 'message', name: id } as const;
  try {
    const answer = await client.json({ ...deed.call(`/messages/${encodeURIComponent(id)}`), subject });
    if (deed.isDone(answer)) return 'done';
    const { host, port, mailbox } = client.context;
    return new Failure('server-answer-unexpected', {
      parameters: { host, port, mailbox },
      serverText: 'the answer does not show the change',
    });
  } catch (error) {
    if (!isFailure(error)) throw error;
    // A copy that was asked for may have been made, whatever became of the answer.
    if (deed.makesCopies !== true || error.kind !== 'transient') return error;
    return new Failure('action-outcome-unknown', { parameters: { id }, cause: error });
  }
}

/** Whether the next message would meet the same. */
function concernsAll({ kind }: Failure): boolean {
  return kind === 'auth' || kind === 'permission' || kind === 'throttled' || kind === 'transient';
}
