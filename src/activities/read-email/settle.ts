/**
 * Read Email, second phase: once the consumer knows what became of the records, note it, do the after-read action for those
 * that are done, and move the reading position. Works on a new connection, after a restart, any number of times with the
 * same result. Owns: that order. Must not: fetch messages.
 *
 * First is noted, in one step, what is done and which actions are due; then they are done; then the note is struck out:
 * whatever comes in between, no message is delivered again and no action is forgotten. What is done twice does no harm, but for
 * a copy: that it begins is noted as well, and one that was begun by a process that ended is not made again.
 */
import { openReading, type Access } from '../../connection/index.js';
import { Failure, isFailure } from '../../errors/index.js';
import type { SettleOutcome, Settled } from '../../generated/types.js';
import type { MailAction } from '../../mail/index.js';
import type { Due } from './handled.js';
import type { Memory } from './memory.js';
import { readSettleToken, recordKey, type BatchMessage, type SettlePlace } from './references.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * @returns one entry per outcome, in order; a record that is not of this batch is `failed`
 * @throws Failure settle-token-invalid, folder-renewed, and those of sign-in, network and protocol: then call it again
 */
export async function settleEmail(
  access: Access,
  memory: Memory,
  token: string,
  outcomes: readonly SettleOutcome[],
  signal?: AbortSignal,
): Promise<Settled[]> {
  const place = readSettleToken(token, access.settings);
  const messages = new Map(place.messages.map((message) => [recordKey(place, message.id), message]));
  const said = new Map(outcomes.map(({ key, outcome }) => [key, outcome]));
  const judged = [...messages].map(([key, message]) => ({
    message,
    outcome: said.get(key) ?? ('open' as const),
  }));
  const done = judged.flatMap(({ message, outcome }) => (outcome === 'done' ? [message] : []));
  const { activity } = place;
  let parked = new Set<string>();
  let due = dueActions(place, done, memory.now());
  if (activity !== undefined) {
    parked = await memory.handled.note(activity, place, judged, { ...place, due });
    if (place.advance !== undefined) await memory.positions.advance(activity, place, place.advance);
    // What an earlier settle() could not do is done now, and what has waited its days.
    due = (await memory.handled.due(activity, place)).filter(
      ({ generation }) => generation === place.generation,
    );
  }
  const results = await act(
    access,
    place,
    due.filter(({ dueAt }) => dueAt <= memory.now()),
    activity === undefined ? undefined : copying(memory, activity, place),
    signal,
  );
  if (activity !== undefined) {
    const over = due.filter(({ id }) => {
      const result = results.get(id);
      return result !== undefined && !(result instanceof Failure && result.retryable);
    });
    // Who settles again is told what is known of a copy; any other action can be done again.
    const made = over.filter(
      ({ id, action }) => place.keepsPosition && action.kind === 'copy' && results.get(id) === 'done',
    );
    await memory.handled.reached(activity, place, made, 'over');
    await memory.handled.settled(
      activity,
      place,
      over.filter((one) => !made.includes(one)).map(({ id }) => id),
    );
  }
  return outcomes.map(({ key, outcome }): Settled => {
    const message = messages.get(key);
    if (message === undefined)
      return { key, result: 'failed', failure: new Failure('settle-token-invalid').toJSON() };
    if (outcome !== 'done') return { key, result: parked.has(message.contentKey) ? 'parked' : 'left' };
    const result = results.get(message.id);
    return result instanceof Failure
      ? { key, result: 'failed', failure: result.toJSON() }
      : { key, result: 'done' };
  });
}

function dueActions(place: SettlePlace, done: readonly BatchMessage[], now: number): Due[] {
  const { action, deleteAfterDays = 0, generation } = place;
  if (action === undefined) return [];
  const waits = action.kind === 'delete-permanently' ? deleteAfterDays * DAY_MS : 0;
  return done.map(({ id, receivedAt = now }) => ({
    id,
    generation,
    action,
    dueAt: waits === 0 ? now : receivedAt + waits,
  }));
}

type Apply = (some: readonly Due[]) => Promise<ReadonlyMap<string, 'done' | Failure>>;

/** Notes of copies that they begin, and which of them can be asked for again. */
function copying(memory: Memory, activity: string, place: SettlePlace) {
  return async (all: readonly Due[], apply: Apply): Promise<ReadonlyMap<string, 'done' | Failure>> => {
    const some = all.filter(({ stage }) => stage === undefined);
    const unknown = all
      .filter(({ stage }) => stage !== undefined)
      .map(({ id }) => [id, new Failure('action-outcome-unknown', { parameters: { id } })] as const);
    if (some.length === 0) return new Map(unknown);
    await memory.handled.reached(activity, place, some, 'begun');
    let results: ReadonlyMap<string, 'done' | Failure>;
    try {
      results = await apply(some);
    } catch (error) {
      // A failure that is thrown promises that asking again does no harm; a call that was cancelled promises nothing.
      if (isFailure(error)) await memory.handled.reached(activity, place, some, 'open');
      throw error;
    }
    const open = some.filter(({ id }) => {
      const result = results.get(id);
      return result instanceof Failure && result.retryable;
    });
    await memory.handled.reached(activity, place, open, 'open');
    return new Map([...unknown, ...results]);
  };
}

/** The outcome for every message whose action is due. @param copied how copies are made; without a memory, like the rest */
async function act(
  access: Access,
  place: SettlePlace,
  due: readonly Due[],
  copied: ReturnType<typeof copying> | undefined,
  signal: AbortSignal | undefined,
): Promise<Map<string, 'done' | Failure>> {
  const results = new Map<string, 'done' | Failure>();
  if (due.length === 0) return results;
  const { mailbox, transport, folder, folderId, generation } = place;
  const session = openReading(access, mailbox, transport, signal);
  try {
    const opened = await session.openFolder(transport === 'graph' ? `id:${folderId}` : folderId, 'change');
    // After a change of UIDVALIDITY the same number is another message: marking it would hide unread mail.
    const renewed = new Failure('folder-renewed', { parameters: { mailbox, folder } });
    if (opened.generation !== generation) throw renewed;
    for (const [action, all] of byAction(due)) {
      const apply: Apply = (some) =>
        session.apply(
          action,
          some.map(({ id }) => id),
        );
      const own =
        action.kind === 'copy' && copied !== undefined ? await copied(all, apply) : await apply(all);
      for (const [id, result] of own) results.set(id, result);
    }
  } finally {
    await session.close();
  }
  return results;
}

function byAction(due: readonly Due[]): [MailAction, Due[]][] {
  const groups = new Map<string, [MailAction, Map<string, Due>]>();
  for (const one of due) {
    const key = JSON.stringify(one.action);
    const group = groups.get(key) ?? [one.action, new Map<string, Due>()];
    groups.set(key, group);
    group[1].set(one.id, one);
  }
  return [...groups.values()].map(([action, some]) => [action, [...some.values()]]);
}
