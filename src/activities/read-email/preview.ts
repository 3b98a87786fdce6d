/**
 * What a run would do, without doing it: nothing is delivered, changed or remembered. Owns: the look at the first messages.
 * Must not: write anything, to a mailbox or to the state.
 */
import { openReading } from '../../connection/index.js';
import { isFailure } from '../../errors/index.js';
import type { ReadEmailConfig, ReceivedAddress, ReceivedAttachment } from '../../generated/types.js';
import type { MessageFacts, ReadingSession } from '../../mail/index.js';
import { chosenMailbox } from '../mailbox-choice.js';
import { DeliveryRules } from './delivery.js';
import { explainReading, type ReadingPlan } from './explain.js';
import { foldersOf } from './folders.js';
import { RecordReader } from './messages.js';
import type { ReadContext } from './read.js';
import type { FolderPlace } from './references.js';
import { conditionsOf, transportOf } from './selection.js';

export interface PreviewedMessage {
  readonly key: string;
  readonly folder: string;
  readonly subject: string;
  readonly from: readonly ReceivedAddress[];
  readonly receivedAt: string | null;
  readonly size: number;
  readonly attachments: readonly Pick<ReceivedAttachment, 'name' | 'contentType' | 'size' | 'omitted'>[];
  /** It would not be delivered: the activity had it before, or it is parked. */
  readonly repeated?: 'done' | 'parked';
}

export interface ReadPreview extends ReadingPlan {
  readonly folders: readonly string[];
  readonly messages: readonly PreviewedMessage[];
  /** There are more than were looked at. */
  readonly more: boolean;
  /** What would happen to each after it was processed. */
  readonly afterRead: NonNullable<ReadEmailConfig['afterRead']>;
}

/** Messages that are looked at when the settings allow more. */
const LOOK_AT = 25;
const PAGE = 50;

/** @throws Failure as readEmail does */
export async function previewReading(context: ReadContext): Promise<ReadPreview> {
  const { access, config, request, signal } = context;
  const plan = explainReading(config, request);
  const mailbox = chosenMailbox(access.settings, config, request);
  const session = openReading(access, mailbox, transportOf(config), signal);
  const limit = Math.min(LOOK_AT, request.limit ?? config.limit ?? LOOK_AT);
  const messages: PreviewedMessage[] = [];
  const folders: string[] = [];
  let more = false;
  try {
    for (const name of await foldersOf(session, config)) {
      const { id: folderId, path: folder, generation } = await session.openFolder(name, 'read');
      folders.push(folder);
      const place = { mailbox, transport: plan.transport, folder, folderId, generation };
      for await (const message of look(context, session, place)) {
        more = messages.length >= limit;
        if (more) break;
        messages.push(message);
      }
      if (more) break;
    }
  } finally {
    await session.close();
  }
  return { ...plan, folders, messages, more, afterRead: config.afterRead ?? 'none' };
}

async function* look(
  context: ReadContext,
  session: ReadingSession,
  place: FolderPlace,
): AsyncGenerator<PreviewedMessage> {
  const { access, config, request, activity, memory, signal } = context;
  const conditions = conditionsOf(config, request);
  const remembers = config.take === 'new' && activity !== undefined;
  // Bodies only: what the attachments are is said by the server, and what is left out by the rules.
  const reader = new RecordReader(session, {
    place,
    conditions,
    purpose: remembers ? 'changes' : 'find',
    config,
    settings: access.settings,
    rules: new DeliveryRules({ ...config, includeAttachments: false }),
    signal,
    verify: () => undefined,
    // What a preview cannot read, the run will tell.
    unreadable: () => Promise.resolve(),
  });
  const rules = new DeliveryRules(config);
  for await (const page of pages(context, session, place)) {
    for await (const { record } of reader.records(page)) {
      const delivery = rules.message();
      const repeated =
        activity === undefined ? undefined : await memory.handled.settledAs(activity, record.contentKey);
      yield {
        key: record.key,
        folder: place.folder,
        subject: record.subject,
        from: record.from,
        receivedAt: record.receivedAt,
        size: record.size,
        attachments: record.attachments.map(({ name, contentType, size, disposition }) => {
          const omitted = delivery.judge({ name, contentType, size, disposition });
          return { name, contentType, size, ...(omitted === undefined ? {} : { omitted }) };
        }),
        ...(repeated === undefined ? {} : { repeated }),
      };
    }
  }
}

async function* pages(
  { config, request, activity, memory }: ReadContext,
  session: ReadingSession,
  place: FolderPlace,
): AsyncGenerator<readonly MessageFacts[]> {
  const conditions = conditionsOf(config, request);
  if (config.take !== 'new' || activity === undefined) {
    yield* session.find({ conditions, order: config.order ?? 'oldest-first', pageSize: PAGE });
    return;
  }
  const position = await memory.positions.get(activity, place);
  // The first run of "from now" has nothing to show yet.
  if (position === undefined && (config.startAt ?? 'now') === 'now') return;
  const known = position?.generation === place.generation ? position.at : undefined;
  try {
    for await (const { messages } of session.changes({ after: known, conditions, pageSize: PAGE }))
      yield messages;
  } catch (error) {
    if (!isFailure(error) || error.code !== 'cursor-expired') throw error;
    for await (const { messages } of session.changes({ after: undefined, conditions, pageSize: PAGE }))
      yield messages;
  }
}
