/**
 * A reading session that breaks at chosen moments, on a mailbox that outlives it. Every exchange has two moments: before
 * the server does what it is told, and after it did and before its answer comes.
 */
import { Failure } from '../../../src/errors/index.js';
import type {
  ChangesPage,
  ChangesQuery,
  FetchedMessage,
  FindQuery,
  MailAction,
  MessageFacts,
  MessageOutline,
  OpenedFolder,
  ReadingSession,
  WholeMessage,
} from '../../../src/mail/reading.js';

export const PIECES = 3;
export const pieceOf = (id: string, at: number): string => `${id}:${String(at)};`;
export const sourceOf = (id: string): string =>
  Array.from({ length: PIECES }, (_, at) => pieceOf(id, at)).join('');

export class BreakingServer {
  ids = ['1', '2', '3', '4', '5', '6', '7'];
  generation = '1';
  /** Ids in the order in which they were copied. */
  readonly copied: string[] = [];
  /** Moments so far. */
  moment = 0;
  opened = 0;
  /** Iterations that have begun and not ended. */
  underWay = 0;
  /** What a session breaks with at a moment; undefined: it does not. */
  breakAt: (moment: number) => Failure | undefined = () => undefined;
  /** Pieces are different at each download. */
  rendersAnew = false;

  readonly open = async (): Promise<ReadingSession> => {
    this.opened += 1;
    const session = new BreakingSession(this);
    await session.exchange(() => undefined);
    return session;
  };
}

const factsOf = (id: string): MessageFacts => ({
  id,
  isRead: false,
  flags: [],
  receivedAt: new Date(Number(id) * 1000),
  statedSize: 1,
});

class BreakingSession implements ReadingSession {
  readonly transport = 'imap';
  readonly greeting = 'hello';
  usable = true;
  readonly #server: BreakingServer;
  #folder: string | undefined;

  constructor(server: BreakingServer) {
    this.#server = server;
  }

  exchange<T>(act: () => T): Promise<T> {
    this.#mayBreak();
    const result = act();
    this.#mayBreak();
    return Promise.resolve(result);
  }

  folders(): ReturnType<ReadingSession['folders']> {
    return this.exchange(() => [{ value: 'INBOX', label: 'INBOX', level: 0, selectable: true }]);
  }

  async openFolder(path: string): Promise<OpenedFolder> {
    const { generation, ids } = this.#server;
    await this.exchange(() => undefined);
    this.#folder = path;
    return { id: path, path, generation, messages: ids.length };
  }

  async *find({ pageSize }: FindQuery): AsyncGenerator<MessageFacts[]> {
    const ids = [...this.#inFolder()];
    for (let at = 0; at < ids.length; at += pageSize)
      yield await this.exchange(() => ids.slice(at, at + pageSize).map(factsOf));
  }

  async *changes({ after, pageSize }: ChangesQuery): AsyncGenerator<ChangesPage> {
    const ids = this.#inFolder().filter((id) => Number(id) > Number(after ?? 0));
    for (let at = 0; at < ids.length; at += pageSize) {
      const page = ids.slice(at, at + pageSize);
      yield await this.exchange(() => ({ messages: page.map(factsOf), position: Number(page.at(-1)) }));
    }
  }

  now(): Promise<number> {
    return this.exchange(() => Number(this.#inFolder().at(-1)));
  }

  facts(ids: readonly string[]): Promise<MessageFacts[]> {
    return this.exchange(() =>
      this.#inFolder()
        .filter((id) => ids.includes(id))
        .map(factsOf),
    );
  }

  async *outlines(messages: readonly MessageFacts[]): AsyncGenerator<MessageOutline> {
    for (const facts of messages) {
      if (!this.#inFolder().includes(facts.id)) continue;
      yield await this.exchange(() => ({ facts, header: Buffer.from(facts.id), leaves: undefined }));
    }
  }

  async *fetch(messages: readonly MessageFacts[]): AsyncGenerator<FetchedMessage> {
    this.#server.underWay += 1;
    try {
      for (const facts of messages) {
        if (!this.#inFolder().includes(facts.id)) continue;
        yield await this.exchange((): WholeMessage => {
          return { kind: 'whole', facts, pieces: this.source(facts.id) };
        });
      }
    } finally {
      this.#server.underWay -= 1;
    }
  }

  async *source(id: string): AsyncGenerator<Buffer> {
    this.#server.underWay += 1;
    const mark = this.#server.rendersAnew ? String(this.#server.opened) : '';
    try {
      for (let at = 0; at < PIECES; at += 1)
        yield await this.exchange(() => Buffer.from(mark + pieceOf(id, at)));
    } finally {
      this.#server.underWay -= 1;
    }
  }

  async apply(action: MailAction, ids: readonly string[]): Promise<Map<string, 'done' | Failure>> {
    const there = this.#inFolder().filter((id) => ids.includes(id));
    try {
      await this.exchange(() => {
        if (action.kind === 'copy') this.#server.copied.push(...there);
        else if (action.kind === 'move')
          this.#server.ids = this.#server.ids.filter((id) => !there.includes(id));
      });
    } catch (error) {
      if (action.kind !== 'copy') throw error;
      return new Map(there.map((id) => [id, new Failure('action-outcome-unknown')]));
    }
    return new Map(ids.map((id) => [id, there.includes(id) ? 'done' : new Failure('message-gone')]));
  }

  close(): Promise<void> {
    this.usable = false;
    return Promise.resolve();
  }

  #inFolder(): readonly string[] {
    if (this.#folder === undefined) throw new Error('No folder is open.');
    return this.#server.ids;
  }

  #mayBreak(): void {
    if (!this.usable) throw new Failure('connection-lost');
    this.#server.moment += 1;
    const failure = this.#server.breakAt(this.#server.moment);
    if (failure === undefined) return;
    this.usable = false;
    throw failure;
  }
}
