/**
 * The Graph adapter of the reading port. Owns: which folder is open; every call is made by the files beside this one.
 * Must not: parse MIME, decide what an activity does.
 *
 * Ids are immutable ones (https://learn.microsoft.com/graph/outlook-immutable-id): a message keeps its id when it is
 * moved within the mailbox, and ids have no generation.
 */
import { Failure } from '../../errors/index.js';
import type { Folder } from '../../generated/types.js';
import type { Route } from '../../net/index.js';
import type {
  ChangesPage,
  ChangesQuery,
  FindQuery,
  Json,
  MailAction,
  MessageFacts,
  MessageOutline,
  OpenedFolder,
  ReadingSession,
  WholeMessage,
} from '../reading.js';
import { applyAction } from './actions.js';
import { GraphClient, type GraphTokens } from './client.js';
import { changedMessages, positionNow } from './delta.js';
import type { GraphContext } from './failures.js';
import { findMessages } from './find.js';
import { GraphFolders, type GraphFolder } from './folders.js';
import { factsOf } from './messages-by-id.js';
import { fetchWhole, openSource, outlinesOf } from './sources.js';

/** Opens a session; the first call is made when something is asked of it. */
export function openGraphSession(
  route: Route,
  tokens: GraphTokens,
  context: GraphContext,
  signal?: AbortSignal,
): Promise<ReadingSession> {
  return Promise.resolve(new GraphSession(new GraphClient(route, tokens, context, signal)));
}

class GraphSession implements ReadingSession {
  readonly transport = 'graph';
  /** A service of calls greets nobody. */
  readonly greeting = '';
  readonly #client: GraphClient;
  readonly #folders: GraphFolders;
  #folder: GraphFolder | undefined;

  constructor(client: GraphClient) {
    this.#client = client;
    this.#folders = new GraphFolders(client);
  }

  get usable(): boolean {
    return this.#client.usable;
  }

  folders(): Promise<Folder[]> {
    return this.#folders.list();
  }

  async openFolder(folder: string): Promise<OpenedFolder> {
    this.#folder = await this.#folders.find(folder);
    const { id, path, messages } = this.#folder;
    return { id, path, generation: '', messages };
  }

  find(query: FindQuery): AsyncIterable<readonly MessageFacts[]> {
    return findMessages(this.#client, this.#opened(), query);
  }

  changes(query: ChangesQuery): AsyncIterable<ChangesPage> {
    return changedMessages(this.#client, this.#opened(), query);
  }

  now(): Promise<Json> {
    return positionNow(this.#client, this.#opened());
  }

  facts(ids: readonly string[]): Promise<MessageFacts[]> {
    return factsOf(this.#client, ids);
  }

  outlines(messages: readonly MessageFacts[]): AsyncIterable<MessageOutline> {
    return outlinesOf(this.#client, messages);
  }

  fetch(messages: readonly MessageFacts[]): AsyncIterable<WholeMessage> {
    return fetchWhole(this.#client, messages);
  }

  async *source(id: string): AsyncGenerator<Buffer> {
    const source = await openSource(this.#client, id);
    try {
      yield* source.pieces;
    } finally {
      source.discard();
    }
  }

  apply(action: MailAction, ids: readonly string[]): Promise<ReadonlyMap<string, 'done' | Failure>> {
    return applyAction(this.#client, this.#folders, action, ids);
  }

  close(): Promise<void> {
    this.#client.close();
    return Promise.resolve();
  }

  #opened(): GraphFolder {
    if (this.#folder !== undefined) return this.#folder;
    throw new Failure('internal-error', { serverText: 'no folder is open' });
  }
}
