/**
 * Fetches messages, whole or only the parts that are wanted, in the given order. Owns: which messages share a command,
 * and that a part is what the server said of it, or else the message comes whole. Must not: hold more than two batches.
 */
import { setImmediate as breathe } from 'node:timers/promises';
import type { FetchedMessage, LeafOutline, MessageFacts, MessageInParts, Wanted } from '../reading.js';
import type { ImapConnection } from './connect.js';
import { fetchAnswers, type FetchAnswer } from './fetch-answers.js';
import { fetchOutlines, type Outline } from './outlines.js';
import { chunks, UIDS_PER_COMMAND } from './uid-set.js';
import { allPieces, endAsStated, firstPieces, partPieces } from './whole-messages.js';

/** What is asked for together; each round trip costs more than a small message. */
const BATCH_BYTES = 2 * 1024 * 1024;
/** Parts of a message are held in memory up to this many bytes; what is more comes in pieces. */
const MAX_HELD_BYTES = 8 * 1024 * 1024;
const SMALLEST_PART_BYTES = 16 * 1024;
/** After about so much work, what has come meanwhile is read; each message counts for a little of its own. */
const BREATH_BYTES = 128 * 1024;
const MESSAGE_BYTES = 4 * 1024;

/** How one message is to be fetched. */
interface Plan {
  readonly facts: MessageFacts;
  readonly bytes: number;
  /** Absent for a whole message. */
  readonly parts?: {
    readonly outline: Outline;
    readonly held: readonly LeafOutline[];
    readonly items: string;
    readonly streamed: readonly LeafOutline[];
  };
}

/** Messages in the given order; those that have gone are left out. */
export async function* fetchMessages(
  connection: ImapConnection,
  folder: string,
  messages: readonly MessageFacts[],
  wanted: Wanted | undefined,
): AsyncGenerator<FetchedMessage> {
  const batches = batchesOf(plansOf(connection, folder, messages, wanted));
  const loaded = mapAsync(batches, (batch) => load(connection, folder, batch));
  let bytes = 0;
  for await (const batch of oneAhead(loaded)) {
    for (const message of batch) {
      yield message;
      bytes += MESSAGE_BYTES + (message.facts.statedSize ?? 0);
      if (bytes < BREATH_BYTES) continue;
      bytes = 0;
      await breathe(); // so that the socket is read while messages are worked on
    }
  }
}

async function* plansOf(
  connection: ImapConnection,
  folder: string,
  messages: readonly MessageFacts[],
  wanted: Wanted | undefined,
): AsyncGenerator<Plan> {
  if (wanted === undefined) {
    for (const facts of messages) yield wholePlan(facts);
    return;
  }
  for (const some of chunks(messages, UIDS_PER_COMMAND)) {
    for (const outline of await fetchOutlines(connection, folder, some)) yield planOf(outline, wanted);
  }
}

const wholePlan = (facts: MessageFacts): Plan => ({ facts, bytes: facts.statedSize ?? 0 });

function planOf(outline: Outline, wanted: Wanted): Plan {
  const { facts, leaves, isHeaderWhole } = outline;
  if (leaves === undefined || !isHeaderWhole) return wholePlan(facts);
  const some = wanted.leaves(leaves, facts);
  if (some.length === leaves.length) return wholePlan(facts);
  const held: LeafOutline[] = [];
  const streamed: LeafOutline[] = [];
  let bytes = 0;
  for (const leaf of some) {
    const fits = bytes + leaf.statedSize <= MAX_HELD_BYTES;
    if (fits) bytes += leaf.statedSize;
    (fits ? held : streamed).push(leaf);
  }
  return { facts, bytes, parts: { outline, held, items: held.map(itemOf).join(' '), streamed } };
}

/** Asks for a little more than there should be, so that a part that is longer shows; equal for parts of about a size. */
function itemOf({ part, statedSize }: LeafOutline): string {
  let length = SMALLEST_PART_BYTES;
  while (length <= statedSize) length *= 4;
  return `BODY.PEEK[${part}]<0.${String(length)}>`;
}

async function* batchesOf(plans: AsyncIterable<Plan>): AsyncGenerator<Plan[]> {
  let batch: Plan[] = [];
  let bytes = 0;
  for await (const plan of plans) {
    if (batch.length > 0 && (bytes + plan.bytes > BATCH_BYTES || batch.length >= UIDS_PER_COMMAND)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(plan);
    bytes += plan.bytes;
  }
  if (batch.length > 0) yield batch;
}

async function load(
  connection: ImapConnection,
  folder: string,
  batch: readonly Plan[],
): Promise<FetchedMessage[]> {
  const inParts = await loadParts(connection, folder, batch);
  const whole = batch.filter(({ facts }) => !inParts.has(facts.id)).map(({ facts }) => facts);
  const pieces = await firstPieces(connection, folder, whole);
  return batch.flatMap(({ facts }): FetchedMessage[] => {
    const parts = inParts.get(facts.id);
    if (parts !== undefined) return [parts];
    const uid = Number(facts.id);
    const first = pieces.get(uid);
    if (first === undefined) return [];
    return [{ kind: 'whole', facts, pieces: allPieces(connection, folder, { uid, section: '' }, first) }];
  });
}

/** By id; without the messages whose parts are not what the server said of them (Exchange renders MIME anew). */
async function loadParts(
  connection: ImapConnection,
  folder: string,
  batch: readonly Plan[],
): Promise<Map<string, MessageInParts>> {
  const groups = new Map<string, Plan[]>();
  for (const plan of batch) {
    if (plan.parts === undefined) continue;
    const group = groups.get(plan.parts.items);
    if (group === undefined) groups.set(plan.parts.items, [plan]);
    else group.push(plan);
  }
  const loaded = new Map<string, MessageInParts>();
  for (const [items, plans] of groups) {
    const uids = plans.map(({ facts }) => Number(facts.id));
    const answers =
      items === ''
        ? new Map<number, FetchAnswer>()
        : await fetchAnswers(connection, folder, uids, `UID ${items}`);
    for (const { facts, parts } of plans) {
      if (parts === undefined) continue;
      const uid = Number(facts.id);
      const bodies = bodiesOf(parts.held, answers.get(uid));
      if (bodies === undefined) continue;
      if (parts.streamed.length > 0 && !(await endAsStated(connection, folder, uid, parts.streamed)))
        continue;
      const pieces = ({ part, statedSize }: LeafOutline): AsyncIterable<Buffer> =>
        partPieces(connection, folder, { uid, section: part }, statedSize);
      loaded.set(facts.id, assemble(parts, bodies, pieces));
    }
  }
  return loaded;
}

/** undefined when a part is missing or has another length than the server said. */
function bodiesOf(
  leaves: readonly LeafOutline[],
  answer: FetchAnswer | undefined,
): Map<LeafOutline, Buffer> | undefined {
  const bodies = new Map<LeafOutline, Buffer>();
  for (const leaf of leaves) {
    const body = answer?.sections.get(leaf.part);
    if (body?.length !== leaf.statedSize) return undefined;
    bodies.set(leaf, body);
  }
  return bodies;
}

function assemble(
  { outline, streamed }: NonNullable<Plan['parts']>,
  bodies: ReadonlyMap<LeafOutline, Buffer>,
  pieces: (leaf: LeafOutline) => AsyncIterable<Buffer>,
): MessageInParts {
  return {
    kind: 'parts',
    facts: outline.facts,
    header: outline.header,
    leaves: (outline.leaves ?? []).map((leaf) => {
      const body = bodies.get(leaf);
      if (body !== undefined) return { ...leaf, body };
      return streamed.includes(leaf) ? { ...leaf, pieces: pieces(leaf) } : leaf;
    }),
  };
}

async function* mapAsync<T, R>(
  items: AsyncIterable<T>,
  map: (item: T) => Promise<R>,
): AsyncGenerator<R, void> {
  for await (const item of items) yield await map(item);
}

/** Asks for the next item while one is being worked on. */
async function* oneAhead<T>(items: AsyncGenerator<T, void>): AsyncGenerator<T> {
  let next = items.next();
  try {
    for (;;) {
      const current = await next;
      if (current.done === true) return;
      next = items.next();
      next.catch(() => undefined); // reported when its turn comes, unless the consumer stops before
      yield current.value;
    }
  } finally {
    await next.catch(() => undefined); // whoever stops here may send the next command
  }
}
