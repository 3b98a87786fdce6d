/**
 * Where an activity has got to in a folder: the reading position of `take: new`. Owns: how it is kept, and that it moves
 * only over what is settled, whatever the order in which batches are. Must not: know a protocol; a position is whatever
 * the transport made it.
 */
import { randomUUID } from 'node:crypto';
import type { State } from '../../state/index.js';
import { Failure } from '../../errors/index.js';
import type { Json } from '../../mail/index.js';
import { folderDigest, type Advance, type FolderPlace } from './references.js';

const COLLECTION = 'read-positions';
/** Steps that were settled before an earlier one; more than a run has batches is a host that never settles its first. */
const MAX_AHEAD = 1000;
/** Writers of one position at the same time: two runs of an activity, at most a few. */
const TRIES = 20;

export interface Position {
  readonly mailbox: string;
  readonly transport: string;
  readonly folder: string;
  readonly generation: string;
  /** undefined: before the first message of the folder. */
  readonly at?: Json | undefined;
  /** Messages received before this instant are not the activity's (ISO 8601); missing: all are. */
  readonly since?: string | undefined;
  /** Whether the walk began before that instant, so that it has to be looked at. */
  readonly fromBefore: boolean;
  readonly epoch: string;
  readonly ahead: readonly { readonly from: Json; readonly to: Json }[];
  readonly changedAt: string;
}

const same = (a: Json | undefined, b: Json | undefined): boolean =>
  JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

const keyOf = (activity: string, place: FolderPlace): string =>
  `${encodeURIComponent(activity)}/${folderDigest(place)}`;

/** The positions of one store. */
export class Positions {
  readonly #state: State;
  readonly #now: () => number;

  constructor(state: State, now: () => number) {
    this.#state = state;
    this.#now = now;
  }

  async get(activity: string, place: FolderPlace): Promise<Position | undefined> {
    return (await this.#state.get(COLLECTION, keyOf(activity, place)))?.value as Position | undefined;
  }

  /** All positions of an activity, by mailbox, transport and folder. */
  async list(activity: string): Promise<Position[]> {
    const entries = await this.#state.list(COLLECTION, { prefix: `${encodeURIComponent(activity)}/` });
    return entries.map(({ value }) => value as unknown as Position);
  }

  /** Sets a position anew; steps that are under way no longer count. */
  async set(
    activity: string,
    place: FolderPlace,
    { at, since }: Pick<Position, 'at' | 'since'>,
  ): Promise<Position> {
    const { mailbox, transport, folder, generation } = place;
    const position: Position = {
      ...{ mailbox, transport, folder, generation },
      ...(at === undefined ? {} : { at }),
      ...(since === undefined ? {} : { since }),
      fromBefore: at === undefined && since !== undefined,
      epoch: randomUUID(),
      ahead: [],
      changedAt: new Date(this.#now()).toISOString(),
    };
    await this.#state.put(COLLECTION, keyOf(activity, place), position as unknown as Json, { expect: 'any' });
    return position;
  }

  /** Forgets the positions of an activity in all other folders. */
  async keepOnly(activity: string, places: readonly FolderPlace[]): Promise<void> {
    const kept = new Set(places.map((place) => keyOf(activity, place)));
    for (const { key } of await this.#state.list(COLLECTION, { prefix: `${encodeURIComponent(activity)}/` }))
      if (!kept.has(key)) await this.#state.remove(COLLECTION, key, { expect: 'any' });
  }

  /**
   * Takes a step once its batch is settled. A step whose beginning has not been reached yet waits for it, so that batches
   * may be settled in any order, and a step of before a reset or one taken already changes nothing.
   */
  async advance(activity: string, place: FolderPlace, step: Advance): Promise<void> {
    const key = keyOf(activity, place);
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const entry = await this.#state.get(COLLECTION, key);
      const position = entry?.value as Position | undefined;
      if (entry === undefined || position?.epoch !== step.epoch) return;
      const next = taken(position, step, new Date(this.#now()).toISOString());
      const options = { expect: entry.version };
      if (await this.#state.put(COLLECTION, key, next as unknown as Json, options)) return;
    }
    throw new Failure('state-unavailable');
  }
}

/**
 * A place between two positions: a page whose records make several batches. No transport knows it, so the position moves
 * only once all of them are settled.
 */
export const between = (): Json => ({ between: randomUUID() });

const isBetween = (place: Json): boolean => typeof place === 'object' && place !== null && 'between' in place;

function taken(position: Position, { from, to }: Pick<Advance, 'from' | 'to'>, changedAt: string): Position {
  let ahead = [...position.ahead.filter((one) => !same(one.from, from)), { from, to }].slice(-MAX_AHEAD);
  let at = position.at;
  for (;;) {
    const steps = new Set<(typeof ahead)[number]>();
    let reached: Json = at ?? null;
    do {
      const step = ahead.find((one) => same(one.from, reached) && !steps.has(one));
      if (step === undefined) break;
      steps.add(step);
      reached = step.to;
    } while (isBetween(reached));
    if (steps.size === 0 || isBetween(reached)) break;
    at = reached;
    ahead = ahead.filter((one) => !steps.has(one));
  }
  return { ...position, ...(at === undefined ? {} : { at }), ahead, changedAt };
}
