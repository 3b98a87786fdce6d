/**
 * What became of the messages of an activity: done, waiting for another try, parked, or with an action still due. Owns: how
 * that is kept, and when a record is parked. Must not: touch a mailbox.
 *
 * Messages are known by their content key, so that one that comes again elsewhere (after a move, in a folder that the
 * server numbered anew, over another transport) is recognised.
 */
import type { State, StateWrite } from '../../state/index.js';
import type { Json, MailAction } from '../../mail/index.js';
import { folderDigest, type BatchMessage, type FolderPlace } from './references.js';

const DONE = 'read-done';
const WAITING = 'read-waiting';
const PARKED = 'read-parked';
const DUE = 'read-due';
const PAGE = 500;
/** Writes per commit: a batch has at most fifty messages, four writes each, which are one commit. */
const WRITES = 300;
const DAY_MS = 24 * 60 * 60 * 1000;
/** So long is remembered what was done; a folder is never read again from further back (read.ts). */
export const REMEMBER_DAYS = 400;

/** A record that is to be tried again. */
export interface Waiting extends FolderPlace {
  readonly id: string;
  readonly contentKey: string;
  /** How often the consumer said that it failed. */
  readonly attempts: number;
  /** ISO 8601. */
  readonly since: string;
}

/** A record that failed too often, or for good. */
export type Parked = Waiting & { readonly reason: 'attempts' | 'dead' };

/** An action that is to be done to a message, now or later. */
export interface Due {
  readonly id: string;
  readonly generation: string;
  readonly action: MailAction;
  /** Milliseconds since 1970. */
  readonly dueAt: number;
  /**
   * Of a copy, which must not be made twice. begun: perhaps it was made, by a process that ended before it could say so.
   * over: it was made, and who settles again is told so.
   */
  readonly stage?: 'begun' | 'over';
}

const join = (...parts: readonly string[]): string => parts.map(encodeURIComponent).join('/');

function entryOf(
  place: FolderPlace,
  { id, contentKey }: BatchMessage,
  attempts: number,
  since: string,
): Waiting {
  const { mailbox, transport, folder, folderId, generation } = place;
  return { mailbox, transport, folder, folderId, generation, id, contentKey, attempts, since };
}

export class Handled {
  readonly #state: State;
  readonly #now: () => number;

  constructor(state: State, now: () => number) {
    this.#state = state;
    this.#now = now;
  }

  /** Whether a message is not to be delivered: it was done, or is parked. */
  async settledAs(activity: string, contentKey: string): Promise<'done' | 'parked' | undefined> {
    const key = join(activity, contentKey);
    if ((await this.#state.get(DONE, key)) !== undefined) return 'done';
    return (await this.#state.get(PARKED, key)) === undefined ? undefined : 'parked';
  }

  async isParked(activity: string, contentKey: string): Promise<boolean> {
    return (await this.#state.get(PARKED, join(activity, contentKey))) !== undefined;
  }

  /** Records of a folder that are to be tried again. */
  async waiting(activity: string, place: FolderPlace): Promise<Waiting[]> {
    return this.#all<Waiting>(WAITING, `${join(activity, folderDigest(place))}/`);
  }

  async parked(activity: string): Promise<Parked[]> {
    return this.#all<Parked>(PARKED, `${join(activity)}/`);
  }

  /**
   * Notes what the consumer made of the messages of a batch, and at the same moment which actions are due: what was done and
   * has no action noted would never get one. @returns the content keys of those that are parked now
   */
  async note(
    activity: string,
    place: FolderPlace,
    outcomes: readonly {
      readonly message: BatchMessage;
      readonly outcome: 'done' | 'retry' | 'dead' | 'open';
    }[],
    options: { readonly maxAttempts: number; readonly keepsPosition: boolean; readonly due?: readonly Due[] },
  ): Promise<Set<string>> {
    const parked = new Set<string>();
    const writes = this.#planned(activity, place, await this.#notYetMade(activity, place, options.due ?? []));
    const since = new Date(this.#now()).toISOString();
    const any = { expect: 'any' } as const;
    for (const { message, outcome } of outcomes) {
      const own = join(activity, message.contentKey);
      const waitingKey = join(activity, folderDigest(place), message.contentKey);
      const waiting = { collection: WAITING, key: waitingKey, ...any };
      if (outcome === 'done') {
        const expiresAt = this.#now() + REMEMBER_DAYS * DAY_MS;
        const value = entryOf(place, message, 0, since) as unknown as Json;
        // Without a position nothing is looked up here: what matches comes again by design, until it is marked or moved.
        if (options.keepsPosition) writes.push({ collection: DONE, key: own, value, expiresAt, ...any });
        writes.push(waiting, { collection: PARKED, key: own, ...any });
        continue;
      }
      if (outcome === 'open' && !options.keepsPosition) continue;
      const before = (await this.#state.get(WAITING, waitingKey))?.value as Waiting | undefined;
      // What was done in an earlier call stays done: settling twice must not bring a message back.
      if (options.keepsPosition && (await this.settledAs(activity, message.contentKey)) !== undefined)
        continue;
      const attempts = (before?.attempts ?? 0) + (outcome === 'retry' ? 1 : 0);
      const entry = entryOf(place, message, attempts, before?.since ?? since);
      if (outcome === 'dead' || attempts >= options.maxAttempts) {
        const value = { ...entry, reason: outcome === 'dead' ? 'dead' : 'attempts' };
        writes.push(waiting, { collection: PARKED, key: own, value, ...any });
        parked.add(message.contentKey);
      } else {
        writes.push({ ...waiting, value: entry as unknown as Json });
      }
    }
    await this.#write(writes);
    return parked;
  }

  /** Lets the records that were done last come again. @returns how many */
  async repeatLast(activity: string, count: number): Promise<number> {
    const all = await this.#all<Waiting>(DONE, `${join(activity)}/`);
    const last = all.sort((a, b) => (a.since < b.since ? 1 : -1)).slice(0, count);
    await this.#wait(activity, DONE, last);
    return last.length;
  }

  /** Takes parked records back into the next run. @returns how many */
  async replay(activity: string, contentKeys?: readonly string[]): Promise<number> {
    const chosen = (await this.parked(activity)).filter(
      ({ contentKey }) => contentKeys?.includes(contentKey) ?? true,
    );
    await this.#wait(activity, PARKED, chosen);
    return chosen.length;
  }

  /** Removes a record that waits no longer: its message has gone, or came again under another id. */
  async drop(activity: string, place: FolderPlace, contentKey: string): Promise<void> {
    await this.#state.remove(WAITING, join(activity, folderDigest(place), contentKey), { expect: 'any' });
  }

  /** Forgets what was done, so that messages may come again. */
  async forget(activity: string): Promise<void> {
    for (const collection of [DONE, WAITING, PARKED]) {
      for (;;) {
        const entries = await this.#state.list(collection, { prefix: `${join(activity)}/`, limit: PAGE });
        await this.#write(entries.map(({ key }) => ({ collection, key, expect: 'any' })));
        if (entries.length < PAGE) break;
      }
    }
  }

  // --- actions that are due ------------------------------------------------------------------------------------

  /** Notes how far copies have come. */
  async reached(
    activity: string,
    place: FolderPlace,
    due: readonly Due[],
    stage: 'begun' | 'over' | 'open',
  ): Promise<void> {
    const noted = due.map(({ id, generation, action, dueAt }) => ({
      ...{ id, generation, action, dueAt },
      ...(stage === 'open' ? {} : { stage }),
    }));
    await this.#write(this.#planned(activity, place, noted));
  }

  /** Actions of a folder whose time has come. */
  async due(activity: string, place: FolderPlace): Promise<Due[]> {
    const all = await this.#all<Due>(DUE, `${join(activity, folderDigest(place))}/`);
    return all.filter(({ dueAt, stage }) => dueAt <= this.#now() && stage !== 'over');
  }

  async settled(activity: string, place: FolderPlace, ids: readonly string[]): Promise<void> {
    await this.#write(
      ids.map((id) => ({ collection: DUE, key: join(activity, folderDigest(place), id), expect: 'any' })),
    );
  }

  /** All but copies that were made already, or perhaps. */
  async #notYetMade(activity: string, place: FolderPlace, due: readonly Due[]): Promise<Due[]> {
    const open: Due[] = [];
    for (const one of due) {
      const key = join(activity, folderDigest(place), one.id);
      const known =
        one.action.kind === 'copy'
          ? ((await this.#state.get(DUE, key))?.value as unknown as Due | undefined)
          : undefined;
      if (known?.stage === undefined || known.generation !== one.generation) open.push(one);
    }
    return open;
  }

  #planned(activity: string, place: FolderPlace, due: readonly Due[]): StateWrite[] {
    return due.map((one) => ({
      collection: DUE,
      key: join(activity, folderDigest(place), one.id),
      value: one as unknown as Json,
      // A folder that the server numbered anew never has these messages again.
      expiresAt: one.dueAt + REMEMBER_DAYS * DAY_MS,
      expect: 'any',
    }));
  }

  /** From done or parked to waiting, with all attempts left. */
  async #wait(activity: string, from: string, entries: readonly Waiting[]): Promise<void> {
    await this.#write(
      entries.flatMap((entry) => [
        { collection: from, key: join(activity, entry.contentKey), expect: 'any' as const },
        {
          collection: WAITING,
          key: join(activity, folderDigest(entry), entry.contentKey),
          value: { ...entry, attempts: 0 } as unknown as Json,
          expect: 'any' as const,
        },
      ]),
    );
  }

  async #all<T>(collection: string, prefix: string): Promise<T[]> {
    const found: T[] = [];
    for (let after = ''; ;) {
      const entries = await this.#state.list(collection, {
        prefix,
        limit: PAGE,
        ...(after === '' ? {} : { after }),
      });
      found.push(...entries.map(({ value }) => value as unknown as T));
      const last = entries.at(-1);
      if (last === undefined || entries.length < PAGE) return found;
      after = last.key;
    }
  }

  async #write(all: readonly StateWrite[]): Promise<void> {
    // Copies of a message in one batch are one entry.
    const writes = [...new Map(all.map((write) => [`${write.collection}/${write.key}`, write])).values()];
    for (let start = 0; start < writes.length; start += WRITES)
      await this.#state.commit(writes.slice(start, start + WRITES));
  }
}
