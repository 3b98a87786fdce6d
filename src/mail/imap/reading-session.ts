/**
 * The IMAP adapter of the reading port: a signed-in connection and the folder that is open on it.
 * Owns: the order of commands. Must not: parse MIME, decide what an activity does, set \Seen except in apply().
 */
import { Failure, isFailure } from '../../errors/index.js';
import type { Folder } from '../../generated/types.js';
import type { Route } from '../../net/index.js';
import type {
  ChangesPage,
  ChangesQuery,
  Condition,
  FetchedMessage,
  FindQuery,
  Json,
  MailAction,
  MessageFacts,
  MessageOutline,
  OpenedFolder,
  ReadingSession,
  Wanted,
} from '../reading.js';
import { applyAction } from './actions.js';
import { connectImap, type ImapConnection } from './connect.js';
import type { ImapContext } from './failures.js';
import { fetchFacts } from './fetch-answers.js';
import { findFolder, listFolders, toFolders } from './folders.js';
import { fetchMessages } from './messages.js';
import { fetchOutlines } from './outlines.js';
import { checkedSearchKeys } from './search-keys.js';
import { searchUids, searchWindows } from './uid-search.js';
import { chunks, uidOf } from './uid-set.js';
import { allPieces, firstPieces, messageGone, SMALL_WINDOW_BYTES } from './whole-messages.js';

/** Outlines are held together; headers have some KB each. */
const OUTLINES_PER_COMMAND = 200;

/** Opens a signed-in reading session. @throws Failure as connectImap */
export async function openImapReading(
  route: Route,
  accessToken: string,
  context: ImapContext,
  signal?: AbortSignal,
): Promise<ReadingSession> {
  return new ImapReadingSession(await connectImap(route, accessToken, context, signal));
}

interface Selected {
  readonly path: string;
  readonly messages: number;
  /** As SELECT told it; newer messages have this UID or a higher one. */
  readonly uidNext: number;
}

class ImapReadingSession implements ReadingSession {
  readonly transport = 'imap';
  readonly #connection: ImapConnection;
  #selected: Selected | undefined;

  constructor(connection: ImapConnection) {
    this.#connection = connection;
  }

  get greeting(): string {
    return this.#connection.greeting;
  }

  get usable(): boolean {
    return this.#connection.client.usable;
  }

  async folders(): Promise<Folder[]> {
    return toFolders(await listFolders(this.#connection));
  }

  async openFolder(folder: string, purpose: 'read' | 'change'): Promise<OpenedFolder> {
    const found = findFolder(await listFolders(this.#connection), folder);
    const parameters = { mailbox: this.#connection.context.mailbox, folder };
    if (found === undefined) throw new Failure('folder-not-found', { parameters });
    if (!found.selectable) throw new Failure('folder-not-selectable', { parameters });
    const path = found.value;
    this.#selected = undefined;
    const opened = await this.#connection.run(
      (client) => client.mailboxOpen(path, { readOnly: purpose === 'read' }),
      path,
    );
    this.#selected = { path, messages: opened.exists, uidNext: opened.uidNext };
    return { id: path, path, generation: String(opened.uidValidity), messages: opened.exists };
  }

  async *find({ conditions, order, pageSize }: FindQuery): AsyncGenerator<MessageFacts[]> {
    const selected = this.#open();
    const keys = checkedSearchKeys(conditions);
    if (selected.messages === 0) return;
    const range = { first: 1, last: await this.#newestUid() };
    let waiting: number[] = [];
    const windows = searchWindows(this.#connection, selected, range, keys, order);
    for await (const { uids } of blamingExpert(windows, conditions)) {
      waiting = waiting.length === 0 ? [...uids] : [...waiting, ...uids];
      while (waiting.length >= pageSize) yield this.#facts(waiting.splice(0, pageSize));
    }
    if (waiting.length > 0) yield this.#facts(waiting);
  }

  async *changes({ after, conditions, pageSize }: ChangesQuery): AsyncGenerator<ChangesPage> {
    const selected = this.#open();
    const keys = checkedSearchKeys(conditions);
    const from = positionOf(after, this.#connection.context, selected.path);
    const newest = await this.#newestUid();
    const range = { first: from + 1, last: newest };
    const windows = searchWindows(this.#connection, selected, range, keys, 'oldest-first');
    for await (const window of blamingExpert(windows, conditions)) {
      let isTold = false;
      for (const uids of chunks(window.uids, pageSize)) {
        const end = uids.at(-1) === window.uids.at(-1) ? window.last : (uids.at(-1) ?? window.last);
        yield { messages: await this.#facts(uids), position: { uid: end } };
        isTold = true;
      }
      if (!isTold) yield { messages: [], position: { uid: window.last } };
    }
    if (newest <= from) yield { messages: [], position: { uid: from } };
  }

  async now(): Promise<Json> {
    return { uid: await this.#newestUid() };
  }

  async facts(ids: readonly string[]): Promise<MessageFacts[]> {
    return this.#facts(ids.flatMap((id) => uidOf(id) ?? []));
  }

  async *outlines(messages: readonly MessageFacts[]): AsyncGenerator<MessageOutline> {
    const { path } = this.#open();
    for (const some of chunks(messages, OUTLINES_PER_COMMAND)) {
      for (const { facts, header, leaves } of await fetchOutlines(this.#connection, path, some)) {
        yield { facts, header, leaves };
      }
    }
  }

  fetch(messages: readonly MessageFacts[], wanted?: Wanted): AsyncGenerator<FetchedMessage> {
    return fetchMessages(this.#connection, this.#open().path, messages, wanted);
  }

  async *source(id: string): AsyncGenerator<Buffer> {
    const { path } = this.#open();
    const uid = uidOf(id);
    const [facts] = uid === undefined ? [] : await this.#facts([uid]);
    if (uid === undefined || facts === undefined) throw messageGone(path, id);
    const first = (await firstPieces(this.#connection, path, [facts])).get(uid);
    if (first === undefined) throw messageGone(path, id);
    yield* allPieces(this.#connection, path, { uid, section: '' }, first, SMALL_WINDOW_BYTES);
  }

  apply(action: MailAction, ids: readonly string[]): Promise<ReadonlyMap<string, 'done' | Failure>> {
    return applyAction(this.#connection, this.#open().path, action, ids);
  }

  async close(): Promise<void> {
    const { client } = this.#connection;
    try {
      if (client.usable) await client.logout();
    } catch {
      // The work is done or has failed with a reason of its own; a refused LOGOUT changes neither.
    } finally {
      client.close();
    }
  }

  #open(): Selected {
    if (this.#selected === undefined) throw new Error('No folder is open: call openFolder() first.');
    return this.#selected;
  }

  #facts(uids: readonly number[]): Promise<MessageFacts[]> {
    return fetchFacts(this.#connection, this.#open().path, uids);
  }

  /** SELECT told what there was; messages that came since are asked for. */
  async #newestUid(): Promise<number> {
    const { path, uidNext } = this.#open();
    await this.#connection.command('NOOP', '', {}, path); // a server need not look for new mail at a SEARCH
    const since = await searchUids(this.#connection, path, { first: uidNext, last: Infinity }, '');
    return since.at(-1) ?? uidNext - 1;
  }
}

/** A search that the server does not understand can only be that of an expert. */
async function* blamingExpert<T>(
  windows: AsyncIterable<T>,
  conditions: readonly Condition[],
): AsyncGenerator<T> {
  const raw = conditions.find((condition) => condition.field === 'raw');
  try {
    yield* windows;
  } catch (error) {
    if (raw === undefined || !isFailure(error) || error.code !== 'server-answer-unexpected') throw error;
    throw new Failure('search-expression-invalid', {
      parameters: { expression: raw.expression },
      serverText: error.facts.serverText,
      cause: error,
    });
  }
}

/** @throws Failure cursor-expired for what is no position of this adapter: whoever asks knows what to do without one */
function positionOf(after: Json | undefined, { mailbox }: ImapContext, folder: string): number {
  if (after === undefined) return 0;
  const uid = typeof after === 'object' && after !== null && 'uid' in after ? after.uid : undefined;
  if (typeof uid === 'number' && Number.isSafeInteger(uid) && uid >= 0) return uid;
  throw new Failure('cursor-expired', { parameters: { mailbox, folder } });
}
