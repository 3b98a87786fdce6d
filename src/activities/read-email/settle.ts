/**
 * Read Email, second phase: once the consumer knows what became of the records, note it, do the after-read action for those
 * that are done, and move the reading position. Works on a new connection, after a restart, any number of times with the
 * same result. Owns: that order. Must not: fetch messages.
 *
 * First is noted what is done and which actions are due, then they are done, then the note is struck out: whatever comes in
 * between, no message is delivered again and no action is forgotten.
 */
import { openReading, type Access } from '../../connection/index.js';
import { Failure } from '../../errors/index.js';
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
    parked = await memory.handled.note(activity, place, judged, place);
    await memory.handled.plan(activity, place, due);
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
    signal,
  );
  if (activity !== undefined) {
    const over = due.filter(({ id }) => {
      const result = results.get(id);
      return result !== undefined && !(result instanceof Failure && result.retryable);
    });
    await memory.handled.settled(
      activity,
      place,
      over.map(({ id }) => id),
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

/** The outcome for every message whose action is due. */
async function act(
  access: Access,
  place: SettlePlace,
  due: readonly Due[],
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
    for (const [action, ids] of byAction(due)) {
      for (const [id, result] of await session.apply(action, ids)) results.set(id, result);
    }
  } finally {
    await session.close();
  }
  return results;
}

function byAction(due: readonly Due[]): [MailAction, string[]][] {
  const groups = new Map<string, [MailAction, string[]]>();
  for (const { action, id } of due) {
    const key = JSON.stringify(action);
    const group = groups.get(key) ?? [action, []];
    groups.set(key, group);
    if (!group[1].includes(id)) group[1].push(id);
  }
  return [...groups.values()];
}
