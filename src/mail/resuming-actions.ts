/**
 * Actions on messages over several connections. Owns: what may be repeated, and that a message which our own command has
 * removed counts as done. Must not: open or close a session.
 */
import { isFailure, type Failure } from '../errors/index.js';
import type { MailAction, MessageFacts, ReadingSession } from './reading.js';

export type Outcomes = ReadonlyMap<string, 'done' | Failure>;

interface Sessions {
  /** One that can be used, with the folder open. */
  session(): Promise<ReadingSession>;
  facts(ids: readonly string[]): Promise<readonly MessageFacts[]>;
  progress(): void;
  /** Returns once another try makes sense. @throws the error when none does */
  recover(error: unknown): Promise<void>;
}

/** After these a message is no longer where it was. */
const REMOVING: ReadonlySet<MailAction['kind']> = new Set(['move', 'delete', 'delete-permanently']);

/**
 * The outcome for every id. A retryable failure of a message means that it can be asked for again without harm; an adapter
 * says action-outcome-unknown where that is not so.
 * @throws Failure when nothing is known of any of them
 */
export async function applyResuming(
  action: MailAction,
  ids: readonly string[],
  sessions: Sessions,
): Promise<Outcomes> {
  const outcomes = new Map<string, 'done' | Failure>();
  let rest = [...new Set(ids)];
  // Seen before the first command: what is missing after it was removed by us, as far as anybody can tell.
  const there = REMOVING.has(action.kind)
    ? new Set((await sessions.facts(rest)).map(({ id }) => id))
    : new Set<string>();
  const asked = new Set<string>();
  while (rest.length > 0) {
    let failure: unknown;
    try {
      const session = await sessions.session();
      const results = await session.apply(action, rest);
      for (const [id, result] of results) {
        const isOurs = isGone(result) && asked.has(id) && there.has(id);
        outcomes.set(id, isOurs ? 'done' : result);
      }
      const open = rest.filter((id) => isOpen(outcomes.get(id)));
      if (open.length < rest.length) sessions.progress();
      rest = open;
      failure = open.map((id) => outcomes.get(id)).find((outcome) => outcome !== undefined);
      if (failure === undefined) break;
    } catch (error) {
      failure = error;
    }
    for (const id of rest) asked.add(id);
    try {
      await sessions.recover(failure);
    } catch (error) {
      // Of some is known what became of them; that must not be lost with the connection.
      if (outcomes.size === 0 || !isFailure(error)) throw error;
      for (const id of rest) outcomes.set(id, error);
      break;
    }
  }
  return outcomes;
}

const isOpen = (outcome: 'done' | Failure | undefined): boolean =>
  outcome !== 'done' && outcome?.retryable === true;

const isGone = (outcome: 'done' | Failure): boolean => outcome !== 'done' && outcome.code === 'message-gone';
