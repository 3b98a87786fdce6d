/**
 * Read Email, first phase: the messages of the chosen folders as records, in batches. Owns: the order of things and the
 * two-phase contract. Must not: change anything in the mailbox; settle.ts does, later.
 */
import { openReading, type Access } from '../../connection/index.js';
import { Failure, isFailure } from '../../errors/index.js';
import type { EmailRecord, FailureReport, ReadEmailConfig, ReadEmailRequest } from '../../generated/types.js';
import type { Json, MessageFacts, ReadingSession } from '../../mail/index.js';
import { chosenMailbox } from '../mailbox-choice.js';
import { DeliveryRules } from './delivery.js';
import { TargetFolder } from './files.js';
import { foldersOf } from './folders.js';
import type { Waiting } from './handled.js';
import type { Memory } from './memory.js';
import { RecordReader, type ReadRecord } from './messages.js';
import { between, type Position } from './position.js';
import { firstPosition, renewedPosition } from './starting.js';
import { folderDigest, recordKey, settleToken, type Advance, type FolderPlace } from './references.js';
import { actionOf, assertReadable, conditionsOf, transportOf } from './selection.js';

export interface ReadBatch {
  /** May be empty: then there is only something to do for settle(), such as messages to delete after their days. */
  readonly records: EmailRecord[];
  /** Hand to settle() with what became of each record: only then are messages changed. Plain text, survives a restart. */
  readonly token: string;
  /** Messages that could not be read: they are tried again by later runs, and parked in the end, where there is an activity id. */
  readonly unreadable: readonly UnreadableMessage[];
  /** Messages that were left out because the activity had them already, or because they are parked. */
  readonly repeated: number;
}

export interface UnreadableMessage {
  /** As a record's key: where the message is. */
  readonly key: string;
  readonly failure: FailureReport;
}

export interface ReadContext {
  readonly access: Access;
  readonly memory: Memory;
  readonly config: ReadEmailConfig;
  readonly request: ReadEmailRequest;
  /** The host's lasting name for this configured activity; needed to remember anything between runs. */
  readonly activity?: string | undefined;
  /** Folders that the operator lets attachments be written to. */
  readonly fileFolders?: readonly string[] | undefined;
  /** @throws Failure for a record that is not what the schema promises */
  readonly verify: (record: EmailRecord) => void;
  readonly signal?: AbortSignal | undefined;
}

const RECORDS_PER_BATCH = 50;
/** A batch is closed early when its records hold this many bytes of bodies and attachments. */
const BYTES_PER_BATCH = 16 * 1024 * 1024;
/** Between two pages nothing is under way; what is known of a message before it is fetched is small. */
const PAGE = 500;
const DEFAULT_LIMIT = 100;
const DEFAULT_ATTEMPTS = 5;
/** In place of a content key, which only the content gives. */
const UNREADABLE = 'unreadable:';

/**
 * Yields batches; the consumer's pace is the reader's pace. A run that ends early, by failure or by return, has changed
 * nothing.
 * @throws Failure of sign-in, network and protocol; settings-invalid, override-not-allowed, folder-not-found, activity-not-named
 */
export async function* readEmail(context: ReadContext): AsyncGenerator<ReadBatch> {
  const { access, config, request, activity, signal } = context;
  assertReadable(config, request);
  if (config.take === 'new' && activity === undefined) throw new Failure('activity-not-named');
  const mailbox = chosenMailbox(access.settings, config, request);
  const session = openReading(access, mailbox, transportOf(config), signal);
  try {
    const { attachmentFolder } = config;
    const folder =
      attachmentFolder === undefined
        ? undefined
        : await TargetFolder.open(attachmentFolder, context.fileFolders ?? []);
    const run = new Run(context, session, mailbox, folder);
    for (const name of await foldersOf(session, config)) yield* run.folder(name);
  } finally {
    await session.close();
  }
}

class Run {
  readonly #context: ReadContext;
  readonly #session: ReadingSession;
  readonly #mailbox: string;
  readonly #rules: DeliveryRules;
  readonly #files: TargetFolder | undefined;
  /** What this run has delivered: copies, and records that wait and stand behind the position as well, come once. */
  readonly #delivered = new Set<string>();
  readonly #unreadable: UnreadableMessage[] = [];
  #left: number;

  constructor(
    context: ReadContext,
    session: ReadingSession,
    mailbox: string,
    files: TargetFolder | undefined,
  ) {
    const { config, request } = context;
    this.#context = context;
    this.#session = session;
    this.#mailbox = mailbox;
    this.#files = files;
    this.#rules = new DeliveryRules(config);
    this.#left = request.limit ?? config.limit ?? DEFAULT_LIMIT;
  }

  async *folder(folder: string): AsyncGenerator<ReadBatch> {
    if (this.#left <= 0) return;
    const { id: folderId, path, generation } = await this.#session.openFolder(folder, 'read');
    const transport = transportOf(this.#context.config);
    const place: FolderPlace = { mailbox: this.#mailbox, transport, folder: path, folderId, generation };
    const batches = this.#context.config.take === 'new' ? this.#news(place) : this.#matching(place);
    let any = false;
    for await (const batch of batches) {
      any = true;
      yield batch;
    }
    if (this.#unreadable.length > 0 || (!any && (await this.#somethingDue(place))))
      yield this.#batch(place, [], 0);
  }

  // --- take: matching ------------------------------------------------------------------------------------------

  async *#matching(place: FolderPlace): AsyncGenerator<ReadBatch> {
    const { config, request, activity, memory } = this.#context;
    const conditions = conditionsOf(config, request);
    const reader = this.#reader(place, conditions, 'find');
    let batch = new Batch();
    const order = config.order ?? 'oldest-first';
    const pageSize = Math.min(PAGE, this.#left);
    for await (const page of this.#session.find({ conditions, order, pageSize })) {
      for await (const one of reader.records(page)) {
        const { record } = one;
        const parked = activity !== undefined && (await memory.handled.isParked(activity, record.contentKey));
        if (parked) batch.repeated++;
        else {
          batch.add(one);
          this.#left--;
        }
        if (batch.full || this.#left <= 0) {
          yield this.#batch(place, batch.records, batch.repeated);
          batch = new Batch();
        }
        if (this.#left <= 0) return;
      }
    }
    if (!batch.empty) yield this.#batch(place, batch.records, batch.repeated);
  }

  // --- take: new -----------------------------------------------------------------------------------------------

  async *#news(place: FolderPlace): AsyncGenerator<ReadBatch> {
    const { config, activity = '', memory } = this.#context;
    const known = await memory.positions.get(activity, place);
    const position =
      known === undefined
        ? await firstPosition(memory.positions, activity, place, config, this.#session, memory.now)
        : known.generation === place.generation
          ? known
          : await renewedPosition(memory.positions, activity, place, known, memory.now);
    try {
      yield* this.#from(place, position);
    } catch (error) {
      if (!isFailure(error) || error.code !== 'cursor-expired') throw error;
      // The server has forgotten the place: read from the beginning, and recognise what was done.
      yield* this.#from(
        place,
        await renewedPosition(memory.positions, activity, place, position, memory.now),
      );
    }
  }

  async *#from(place: FolderPlace, position: Position): AsyncGenerator<ReadBatch> {
    const { config, request, activity = '', memory } = this.#context;
    const since =
      position.since !== undefined && position.fromBefore
        ? [{ field: 'received' as const, since: new Date(position.since) }]
        : [];
    const conditions = [...conditionsOf(config, request), ...since];
    yield* this.#again(place, conditions);

    const reader = this.#reader(place, conditions, 'changes');
    let batch = new Batch();
    let from: Json = position.at ?? null;
    let reached: Json = from;
    let after: Json | undefined = position.at;
    const close = (): ReadBatch => {
      const advance: Advance | undefined =
        JSON.stringify(from) === JSON.stringify(reached)
          ? undefined
          : { epoch: position.epoch, from, to: reached };
      const closed = this.#batch(place, batch.records, batch.repeated, advance);
      from = reached;
      batch = new Batch();
      return closed;
    };
    while (this.#left > 0) {
      const pageSize = Math.min(PAGE, this.#left);
      let more = false;
      for await (const page of this.#session.changes({ after, conditions, pageSize })) {
        for await (const one of reader.records(page.messages)) {
          const { contentKey } = one.record;
          if (
            this.#delivered.has(contentKey) ||
            (await memory.handled.settledAs(activity, contentKey)) !== undefined
          ) {
            batch.repeated++;
            continue;
          }
          this.#delivered.add(contentKey);
          batch.add(one);
          this.#left--;
          if (batch.full) {
            reached = between();
            yield close();
          }
        }
        reached = page.position;
        after = page.position;
        // The next page must not be larger than what is left.
        more = this.#left > 0 && this.#left < pageSize;
        if (this.#left < pageSize) break;
      }
      if (!more) break;
    }
    if (!batch.empty) yield close();
    else if (JSON.stringify(from) !== JSON.stringify(reached)) {
      // Nothing of these pages was the activity's, so there is nothing to settle; only a batch that is still out could be
      // overtaken, and the step waits for it.
      await memory.positions.advance(activity, place, { epoch: position.epoch, from, to: reached });
    }
  }

  /** Records that are to be tried again. */
  async *#again(place: FolderPlace, conditions: ReturnType<typeof conditionsOf>): AsyncGenerator<ReadBatch> {
    const { activity = '', memory } = this.#context;
    const waiting = (await memory.handled.waiting(activity, place)).filter(
      ({ generation }) => generation === place.generation,
    );
    const reader = this.#reader(place, conditions, 'none');
    for (let start = 0; start < waiting.length && this.#left > 0; start += RECORDS_PER_BATCH) {
      const group = waiting.slice(start, start + Math.min(RECORDS_PER_BATCH, this.#left));
      const facts = await this.#session.facts(group.map(({ id }) => id));
      const there = new Set(facts.map(({ id }) => id));
      for (const { id, contentKey } of group) {
        // Gone from the folder: moved or deleted by somebody else. There is nothing left to read.
        if (!there.has(id)) await memory.handled.drop(activity, place, contentKey);
      }
      let batch = new Batch();
      for await (const one of reader.records(facts)) {
        await this.#nowReadable(place, group, one);
        this.#delivered.add(one.record.contentKey);
        batch.add(one);
        this.#left--;
        if (batch.full) {
          yield this.#batch(place, batch.records, 0);
          batch = new Batch();
        }
      }
      if (!batch.empty) yield this.#batch(place, batch.records, 0);
    }
  }

  // -------------------------------------------------------------------------------------------------------------

  #reader(
    place: FolderPlace,
    conditions: ReturnType<typeof conditionsOf>,
    purpose: 'find' | 'changes' | 'none',
  ): RecordReader {
    const { access, config, signal, verify } = this.#context;
    return new RecordReader(this.#session, {
      place,
      conditions,
      purpose,
      config,
      settings: access.settings,
      rules: this.#rules,
      folder: this.#files,
      signal,
      verify,
      unreadable: (facts, failure) => this.#noteUnreadable(place, facts, failure),
    });
  }

  /** Without its content it is known by where it is. */
  async #noteUnreadable(place: FolderPlace, { id }: MessageFacts, failure: Failure): Promise<void> {
    const { activity, config, memory } = this.#context;
    const key = recordKey(place, id);
    this.#unreadable.push({ key, failure: failure.toJSON() });
    if (activity === undefined || config.take !== 'new') return;
    const message = { id, contentKey: `${UNREADABLE}${folderDigest(place)}:${id}` };
    await memory.handled.note(activity, place, [{ message, outcome: 'retry' }], {
      maxAttempts: config.maxAttempts ?? DEFAULT_ATTEMPTS,
      keepsPosition: true,
    });
  }

  /** A message that could not be read before waits under its real key from now on. */
  async #nowReadable(place: FolderPlace, waiting: readonly Waiting[], { record }: ReadRecord): Promise<void> {
    const { activity = '', config, memory } = this.#context;
    const before = waiting.find(
      ({ id, contentKey }) => id === record.id && contentKey.startsWith(UNREADABLE),
    );
    if (before === undefined) return;
    const message = { id: record.id, contentKey: record.contentKey };
    const maxAttempts = config.maxAttempts ?? DEFAULT_ATTEMPTS;
    await memory.handled.note(activity, place, [{ message, outcome: 'open' }], {
      maxAttempts,
      keepsPosition: true,
    });
    await memory.handled.drop(activity, place, before.contentKey);
  }

  #batch(place: FolderPlace, read: readonly ReadRecord[], repeated: number, advance?: Advance): ReadBatch {
    const { config, activity, access } = this.#context;
    const token = settleToken(
      {
        ...place,
        messages: read.map(({ record, receivedAt }) => ({
          id: record.id,
          contentKey: record.contentKey,
          ...(receivedAt === undefined ? {} : { receivedAt }),
        })),
        action: actionOf(config),
        ...(config.deleteAfterDays === undefined ? {} : { deleteAfterDays: config.deleteAfterDays }),
        ...(activity === undefined ? {} : { activity }),
        keepsPosition: config.take === 'new',
        maxAttempts: config.maxAttempts ?? DEFAULT_ATTEMPTS,
        ...(advance === undefined ? {} : { advance }),
      },
      access.settings,
    );
    const unreadable = this.#unreadable.splice(0);
    return { records: read.map(({ record }) => record), token, unreadable, repeated };
  }

  async #somethingDue(place: FolderPlace): Promise<boolean> {
    const { activity, memory } = this.#context;
    return activity !== undefined && (await memory.handled.due(activity, place)).length > 0;
  }
}

/** Records on their way to the consumer. */
class Batch {
  readonly records: ReadRecord[] = [];
  repeated = 0;
  #bytes = 0;

  get empty(): boolean {
    return this.records.length === 0 && this.repeated === 0;
  }

  get full(): boolean {
    return this.records.length >= RECORDS_PER_BATCH || this.#bytes >= BYTES_PER_BATCH;
  }

  add(one: ReadRecord): void {
    this.records.push(one);
    this.#bytes += one.weight;
  }
}
