/**
 * A reading session that outlives its connections. What breaks is opened anew, with the same folder, and goes on where it
 * was. Owns: what has been delivered, so that nothing comes twice, and what is asked for again. Must not: know a protocol,
 * or do anything that an adapter does.
 */
import { createHash } from 'node:crypto';
import { Failure, isFailure } from '../errors/index.js';
import type { Folder } from '../generated/types.js';
import type {
  ChangesPage,
  ChangesQuery,
  FetchedMessage,
  FindQuery,
  Json,
  MailAction,
  MessageFacts,
  MessageOutline,
  OpenedFolder,
  ReadingSession,
  ReadTransport,
  Wanted,
} from './reading.js';
import { applyResuming, type Outcomes } from './resuming-actions.js';
import { behind, Remaining } from './resuming-rest.js';
import { Resumption, type ResumeOptions } from './resumption.js';

export type { ResumeOptions } from './resumption.js';

interface FolderInUse {
  readonly name: string;
  readonly purpose: 'read' | 'change';
  readonly generation: string;
}

/**
 * Opens the session when it is first needed. A first session that cannot be opened is a failure at once, except that a
 * connection which was cut is tried once more: nothing has begun that could be resumed, and whoever runs the activity
 * knows better when to come back.
 * @throws in every method, the failure of the last try when resuming has come to its limits
 */
export function resumingSession(
  transport: ReadTransport,
  open: () => Promise<ReadingSession>,
  options: ResumeOptions = {},
): ReadingSession {
  return new ResumingSession(transport, open, options);
}

class ResumingSession implements ReadingSession {
  readonly transport: ReadTransport;
  readonly #open: () => Promise<ReadingSession>;
  readonly #resumption: Resumption;
  #session: ReadingSession | undefined;
  #hasStood = false;
  readonly #openingTries: number;
  /** Tries to open the first session that failed. */
  #openings = 0;
  #folder: FolderInUse | undefined;
  /** What a message broke with whose pieces the consumer was reading; the next call has to see to it. */
  #broken: Failure | undefined;
  #isClosed = false;

  constructor(transport: ReadTransport, open: () => Promise<ReadingSession>, options: ResumeOptions) {
    this.transport = transport;
    this.#open = open;
    this.#openingTries = options.openingTries ?? 2;
    this.#resumption = new Resumption(options);
  }

  /** '' before the first session is open. */
  get greeting(): string {
    return this.#session?.greeting ?? '';
  }

  get usable(): boolean {
    return !this.#isClosed;
  }

  folders(): Promise<Folder[]> {
    return this.#call((session) => session.folders());
  }

  async openFolder(name: string, purpose: 'read' | 'change'): Promise<OpenedFolder> {
    this.#folder = undefined;
    const opened = await this.#call((session) => session.openFolder(name, purpose));
    this.#folder = { name, purpose, generation: opened.generation };
    return opened;
  }

  async *find(query: FindQuery): AsyncGenerator<readonly MessageFacts[]> {
    const seen = new Set<string>();
    // After a break it begins at the beginning: pages that came before are no progress.
    const isNew = (page: readonly MessageFacts[]): boolean => page.some(({ id }) => !seen.has(id));
    for await (const page of this.#each((session) => session.find(query), isNew)) {
      const fresh = page.filter(({ id }) => !seen.has(id));
      for (const { id } of fresh) seen.add(id);
      if (fresh.length > 0) yield fresh;
    }
  }

  async *changes(query: ChangesQuery): AsyncGenerator<ChangesPage> {
    let { after } = query;
    for await (const page of this.#each((session) => session.changes({ ...query, after }))) {
      after = page.position;
      yield page;
    }
  }

  now(): Promise<Json> {
    return this.#call((session) => session.now());
  }

  facts(ids: readonly string[]): Promise<MessageFacts[]> {
    return this.#call((session) => session.facts(ids));
  }

  async *outlines(messages: readonly MessageFacts[]): AsyncGenerator<MessageOutline> {
    const rest = new Remaining(messages);
    for await (const outline of this.#each((session) => session.outlines(rest.messages))) {
      rest.yielded(outline.facts.id);
      yield outline;
    }
  }

  async *fetch(messages: readonly MessageFacts[], wanted?: Wanted): AsyncGenerator<FetchedMessage> {
    const rest = new Remaining(messages);
    const start = (session: ReadingSession): AsyncIterable<FetchedMessage> =>
      session.fetch(rest.messages, wanted);
    // What comes in pieces is delivered once they are, not when they begin.
    const isHeld = (message: FetchedMessage): boolean =>
      message.kind === 'parts' && message.leaves.every(({ pieces }) => pieces === undefined);
    for await (const message of this.#each(start, isHeld)) {
      rest.yielded(message.facts.id);
      const session = this.#session;
      const noted = (pieces: AsyncIterable<Buffer>): AsyncIterable<Buffer> => this.#noting(pieces, session);
      yield message.kind === 'whole'
        ? { ...message, pieces: noted(message.pieces) }
        : {
            ...message,
            leaves: message.leaves.map((leaf) =>
              leaf.pieces === undefined ? leaf : { ...leaf, pieces: noted(leaf.pieces) },
            ),
          };
    }
  }

  /** After a break the bytes that came already are compared with what comes now: Exchange may render a message anew. */
  async *source(id: string): AsyncGenerator<Buffer> {
    const delivered = createHash('sha256');
    let length = 0;
    let broken: Failure | undefined;
    const start = (session: ReadingSession): AsyncIterable<Buffer> =>
      length === 0
        ? session.source(id)
        : behind(session.source(id), {
            length,
            sha256: delivered.copy().digest('hex'),
            failure: broken ?? new Failure('connection-lost'),
          });
    const onBreak = (failure: Failure): void => void (broken = failure);
    const pieces = this.#each(start, () => true, onBreak);
    for await (const piece of pieces) {
      delivered.update(piece);
      length += piece.length;
      yield piece;
    }
  }

  apply(action: MailAction, ids: readonly string[]): Promise<Outcomes> {
    return applyResuming(action, ids, {
      session: () => this.#ready(),
      facts: (some) => this.facts(some),
      progress: () => this.#resumption.progress(),
      recover: (error) => this.#recover(error, this.#session),
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const session = this.#session;
    this.#session = undefined;
    await session?.close();
  }

  /** One answer, however many sessions it takes. */
  async #call<T>(use: (session: ReadingSession) => Promise<T>): Promise<T> {
    for (;;) {
      let session: ReadingSession | undefined;
      try {
        session = await this.#ready();
        const answer = await use(session);
        this.#resumption.progress();
        return answer;
      } catch (error) {
        await this.#recover(error, session);
      }
    }
  }

  /** All items, however many sessions it takes; `start` is called for each and says where to go on. */
  async *#each<T>(
    start: (session: ReadingSession) => AsyncIterable<T>,
    isProgress: (item: T) => boolean = () => true,
    onBreak: (failure: Failure) => void = () => undefined,
  ): AsyncGenerator<T> {
    for (;;) {
      let session: ReadingSession | undefined;
      let items: AsyncIterator<T> | undefined;
      try {
        session = await this.#ready();
        items = start(session)[Symbol.asyncIterator]();
      } catch (error) {
        await this.#recover(error, session);
        continue;
      }
      try {
        for (;;) {
          let next: IteratorResult<T>;
          try {
            next = await items.next();
          } catch (error) {
            if (isFailure(error)) onBreak(error);
            await this.#recover(error, session);
            break;
          }
          if (next.done === true) return;
          if (isProgress(next.value)) this.#resumption.progress();
          yield next.value;
          // Another call has found the session broken meanwhile, and has opened the next one.
          if (this.#session !== session || this.#broken !== undefined) break;
        }
      } finally {
        await items.return?.().catch(() => undefined); // what it has under way ends before the next command
      }
    }
  }

  /** Pieces as they come; that they break is remembered, and that they end is progress. */
  async *#noting(pieces: AsyncIterable<Buffer>, session: ReadingSession | undefined): AsyncGenerator<Buffer> {
    try {
      yield* pieces;
    } catch (error) {
      const isGone = session?.usable === false;
      if (this.#session === session && isFailure(error) && (error.retryable || isGone)) this.#broken = error;
      throw error;
    }
    this.#resumption.progress();
  }

  /** A session that can be used, with the folder open. */
  async #ready(): Promise<ReadingSession> {
    if (this.#isClosed) throw new Error('The session is closed.');
    const broken = this.#broken;
    this.#broken = undefined;
    if (broken !== undefined) await this.#recover(broken, this.#session);
    if (this.#session?.usable === true) return this.#session;
    await this.#discard();
    const session = await this.#open();
    this.#hasStood = true;
    try {
      await this.#openAgain(session);
    } catch (error) {
      await session.close().catch(() => undefined);
      throw error;
    }
    this.#session = session;
    return session;
  }

  async #openAgain(session: ReadingSession): Promise<void> {
    if (this.#folder === undefined) return;
    const { name, purpose, generation } = this.#folder;
    const opened = await session.openFolder(name, purpose);
    // The ids that are at work here mean other messages now.
    if (opened.generation !== generation)
      throw new Failure('folder-renewed', { parameters: { folder: name } });
  }

  /** Returns once another try makes sense. @throws the error when none does */
  async #recover(error: unknown, session: ReadingSession | undefined): Promise<void> {
    // An iteration that was left alone while another call opened the next session has only to start again.
    if (session !== undefined && session !== this.#session && isFailure(error)) return;
    this.#resumption.assertResumable(error, session?.usable === false);
    if (!this.#hasStood) {
      this.#openings += 1;
      if (error.code !== 'connection-lost' || this.#openings >= this.#openingTries) throw error;
    }
    await this.#discard();
    await this.#resumption.wait(error);
  }

  async #discard(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.close().catch(() => undefined); // why it is given up is told already
  }
}
