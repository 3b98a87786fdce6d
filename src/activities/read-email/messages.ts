/**
 * From the facts of messages to their records: judged by the conditions that the server left open, fetched, parsed and
 * shaped. Owns: that as little as possible is downloaded, and that one bad message costs no other. Must not: choose
 * folders, batches or positions.
 */
import { isFailure, type Failure } from '../../errors/index.js';
import type { EmailRecord, Microsoft365Connection, ReadEmailConfig } from '../../generated/types.js';
import {
  assembleMessage,
  attachmentOutline,
  explain,
  parseHeaderBlock,
  parseMessage,
  type Condition,
  type FetchedMessage,
  type LeafOutline,
  type MessageFacts,
  type ParsedAttachment,
  type ParsedMessage,
  type ParseLimits,
  type ReadingSession,
  type Wanted,
} from '../../mail/index.js';
import { lookInto, neededBytes } from './contents.js';
import type { DeliveryRules, Omission } from './delivery.js';
import { MessageFiles, type TargetFolder } from './files.js';
import { judge, judgeAll, type Known } from './judge.js';
import { INLINE_CONTENT_LIMIT, toRecord } from './record.js';
import { contentReference, type FolderPlace } from './references.js';

export interface ReadRecord {
  readonly record: EmailRecord;
  /** Bytes it holds in memory, roughly. */
  readonly weight: number;
  /** Milliseconds since 1970. */
  readonly receivedAt?: number | undefined;
}

interface Task {
  readonly place: FolderPlace;
  readonly conditions: readonly Condition[];
  /** How the messages were found, which says what the server has judged already. none: nothing needs judging. */
  readonly purpose: 'find' | 'changes' | 'none';
  readonly config: ReadEmailConfig;
  readonly settings: Microsoft365Connection;
  readonly rules: DeliveryRules;
  /** Where attachments are written to that are too large for a record. */
  readonly folder?: TargetFolder | undefined;
  readonly signal: AbortSignal | undefined;
  /** Whether a record is what its schema promises; what it breaks otherwise. */
  readonly verify: (record: EmailRecord) => void;
  /** Told of every message that cannot be read, whatever is tried. */
  readonly unreadable: (facts: MessageFacts, failure: Failure) => Promise<void>;
}

const MESSAGES = new Set(['message/rfc822', 'message/global']);
/** Failures that say nothing about the next message. */
const OF_ONE_MESSAGE: ReadonlySet<Failure['kind']> = new Set(['protocol', 'not-found', 'limit', 'internal']);
/** A message whose download broke is asked for again this often, before it counts as unreadable. */
const TRIES = 3;

export class RecordReader {
  readonly #session: ReadingSession;
  readonly #task: Task;
  /** Conditions that the server has not settled. */
  readonly #open: readonly Condition[];

  constructor(session: ReadingSession, task: Task) {
    this.#session = session;
    this.#task = task;
    this.#open =
      task.purpose === 'none'
        ? []
        : explain(session.transport, task.conditions, task.purpose)
            .filter(({ where }) => where !== 'server')
            .map(({ condition }) => condition);
  }

  /**
   * Records of the messages that fulfil all conditions, in the given order. A message that cannot be read is told and left
   * out; what concerns the connection or the settings is thrown.
   */
  async *records(page: readonly MessageFacts[]): AsyncGenerator<ReadRecord> {
    const wanted = await this.#preselected(page);
    let at = 0;
    let tries = 0;
    // One message can spoil the answer for all that are asked for with it: then each is asked for by itself.
    let together = wanted.length;
    while (at < wanted.length) {
      const end = Math.min(at + together, wanted.length);
      const reading: { inMessage: boolean } = { inMessage: false };
      try {
        for await (const fetched of this.#session.fetch(wanted.slice(at, end), this.#wanted())) {
          // Messages that have gone meanwhile are skipped by fetch(): catch up with the one it is at.
          at = wanted.findIndex(({ id }) => id === fetched.facts.id);
          reading.inMessage = true;
          const record = await this.#record(fetched);
          reading.inMessage = false;
          at++;
          tries = 0;
          if (record !== undefined) yield record;
        }
        at = end;
      } catch (error) {
        this.#task.signal?.throwIfAborted();
        const facts = wanted[at];
        if (facts === undefined || !isFailure(error)) throw error;
        if (error.retryable && reading.inMessage && ++tries < TRIES) continue;
        const ofOne = error.retryable ? reading.inMessage : OF_ONE_MESSAGE.has(error.kind);
        if (!ofOne) throw error;
        if (!reading.inMessage && together > 1) {
          together = 1;
          continue;
        }
        if (error.code !== 'message-gone') await this.#task.unreadable(facts, error);
        at++;
        tries = 0;
      }
    }
  }

  /** Drops messages that facts or headers and structure already rule out, before anything is downloaded. */
  async #preselected(page: readonly MessageFacts[]): Promise<MessageFacts[]> {
    const open = page.filter((facts) => judgeAll(this.#open, { facts }) !== false);
    const asksMore = (facts: MessageFacts): boolean =>
      this.#open.some(
        (one) => one.field !== 'body' && one.field !== 'size' && judge(one, { facts }) === undefined,
      );
    const undecided = open.filter(asksMore);
    if (undecided.length === 0) return open;
    const ruledOut = new Set<string>();
    for await (const { facts, header, leaves } of this.#session.outlines(undecided)) {
      const known: Known = { facts, fields: parseHeaderBlock(header), leaves };
      if (judgeAll(this.#open, known) === false) ruledOut.add(facts.id);
    }
    return open.filter(({ id }) => !ruledOut.has(id));
  }

  /** Which leaves to download; undefined: messages come whole. */
  #wanted(): Wanted | undefined {
    const { rules, config } = this.#task;
    if (rules.everything) return undefined;
    rules.forgetPlans();
    // What only the whole message tells can still speak against it.
    const isCertain = this.#open.every(({ field }) => field !== 'body' && field !== 'size');
    // A message that came along is opened for what is in it, whatever becomes of itself.
    const isOpened = ({ contentType }: LeafOutline): boolean =>
      config.nestedMessages === 'expand' && rules.any && MESSAGES.has(contentType);
    return {
      leaves(leaves, { id }) {
        const attachments = leaves.flatMap((leaf) => {
          const attachment = isOpened(leaf) ? undefined : attachmentOutline(leaf);
          return attachment === undefined || attachment.least <= neededBytes(attachment) ? [] : [attachment];
        });
        const omitted = rules.plan(id, attachments, isCertain);
        return leaves.filter(({ part }) => !omitted.has(part));
      },
    };
  }

  async #record(fetched: FetchedMessage): Promise<ReadRecord | undefined> {
    const { place, config, settings, rules } = this.#task;
    const { facts } = fetched;
    const delivery = rules.message(facts.id, fetched.kind === 'parts');
    const files = new MessageFiles(this.#task.folder, delivery.room);
    const limits: ParseLimits = {
      keepAttachmentBytes: config.inlineContentLimit ?? INLINE_CONTENT_LIMIT,
      wanted: (attachment) => rules.omission({ ...attachment, size: 0 }) === undefined,
      openMessages: config.nestedMessages === 'expand',
      keepAtLeast: neededBytes,
      sink: (attachment) => files.sink(attachment),
    };
    const parsed: ParsedMessage =
      fetched.kind === 'whole'
        ? await parseMessage(fetched.pieces, limits)
        : await assembleMessage(fetched, limits);
    this.#task.signal?.throwIfAborted();
    const { message, contents } = await lookInto(parsed, limits);
    if (judgeAll(this.#open, { facts, message }) !== true) {
      await files.discard();
      return undefined;
    }
    const omission = (attachment: ParsedAttachment): Omission | undefined => delivery.judge(attachment);
    const file = (part: string): string | undefined => files.path(part);
    const reference = (part?: string): string =>
      contentReference({ ...place, id: facts.id, ...(part === undefined ? {} : { part }) }, settings);
    const record = await toRecord(facts, message, { place, config, omission, file, reference, contents });
    await files.discard(new Set(record.attachments.flatMap(({ file: path }) => path ?? [])));
    this.#task.verify(record);
    return {
      record,
      weight: weightOf(record),
      receivedAt: record.receivedAt === null ? undefined : Date.parse(record.receivedAt),
    };
  }
}

function weightOf({ text, html, attachments }: EmailRecord): number {
  let bytes = (text?.length ?? 0) + (html?.length ?? 0);
  for (const { content } of attachments)
    if (content !== undefined && 'inline' in content) bytes += content.inline.length;
  return bytes;
}
