/**
 * The POP3 adapter of the reading port. Owns: that numbers, which mean something within one session only, never leave it,
 * and that a mailbox is the inbox alone. Must not: parse MIME, or decide what an activity does.
 */
import { Failure } from '../../errors/index.js';
import type { Folder } from '../../generated/types.js';
import type { Route } from '../../net/index.js';
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
} from '../reading.js';
import { connectPop3, type Pop3Connection } from './connect.js';
import { deleteForGood, type Outcomes } from './deletion.js';
import { sizeMayFit } from './explain.js';
import { pop3Failure, type Pop3Context, type Pop3Phase } from './failures.js';
import { readMaildrop, type Entry, type Maildrop } from './maildrop.js';
import { digestOf, SeenBefore, SeenNow } from './seen.js';
import { headersOf, retrieve, transfer } from './transfer.js';
import { lost } from './wire.js';

const INBOX: Folder = { value: 'INBOX', label: 'INBOX', level: 0, selectable: true, role: 'inbox' };

/** Opens a signed-in session. @throws Failure as connectPop3 */
export async function openPop3Session(
  route: Route,
  accessToken: string,
  context: Pop3Context,
  signal?: AbortSignal,
): Promise<ReadingSession> {
  const connect = (): Promise<Pop3Connection> => connectPop3(route, accessToken, context, signal);
  return new Pop3Session(await connect(), context, connect, signal);
}

class Pop3Session implements ReadingSession {
  readonly transport = 'pop3';
  readonly greeting: string;
  readonly #connection: Pop3Connection;
  readonly #context: Pop3Context;
  readonly #connect: () => Promise<Pop3Connection>;
  readonly #signal: AbortSignal | undefined;
  #maildrop: Promise<Maildrop> | undefined;

  constructor(
    connection: Pop3Connection,
    context: Pop3Context,
    connect: () => Promise<Pop3Connection>,
    signal: AbortSignal | undefined,
  ) {
    this.#connection = connection;
    this.#context = context;
    this.#connect = connect;
    this.#signal = signal;
    this.greeting = connection.greeting;
  }

  get usable(): boolean {
    return this.#connection.wire.usable;
  }

  folders(): Promise<Folder[]> {
    return Promise.resolve([INBOX]);
  }

  async openFolder(folder: string): Promise<OpenedFolder> {
    if (folder.toUpperCase() !== 'INBOX') {
      throw new Failure('folder-not-found', { parameters: { mailbox: this.#context.mailbox, folder } });
    }
    // Large lists of ids are slow: they wait until somebody needs them.
    const status = await this.#run('command', () => this.#connection.client.STAT());
    const messages = Number(/^\d{1,15}(?= |$)/u.exec(status)?.[0] ?? Number.NaN);
    if (Number.isNaN(messages)) {
      throw new Failure('server-answer-unexpected', {
        parameters: { ...this.#context },
        serverText: `STAT: ${status.slice(0, 200)}`,
      });
    }
    return { id: 'INBOX', path: 'INBOX', generation: '', messages };
  }

  async *find({ conditions, order, pageSize }: FindQuery): AsyncGenerator<readonly MessageFacts[]> {
    const { entries } = await this.#list();
    const found = entries.filter(({ facts }) => sizeMayFit(facts.statedSize ?? 0, conditions));
    if (order === 'newest-first') found.reverse();
    for (let at = 0; at < found.length; at += pageSize) {
      yield found.slice(at, at + pageSize).map(({ facts }) => facts);
    }
  }

  async *changes({ after, conditions, pageSize }: ChangesQuery): AsyncGenerator<ChangesPage> {
    const { entries } = await this.#list();
    const before = new SeenBefore(after, INBOX.value);
    const now = new SeenNow();
    const fresh: { readonly facts: MessageFacts; readonly digest: string }[] = [];
    for (const { facts } of entries) {
      const digest = digestOf(facts.id);
      if (before.has(digest)) now.add(digest);
      else fresh.push({ facts, digest });
    }
    let page: MessageFacts[] = [];
    for (const { facts, digest } of fresh) {
      now.add(digest);
      if (sizeMayFit(facts.statedSize ?? 0, conditions)) page.push(facts);
      if (page.length < pageSize) continue;
      yield { messages: page, position: now.toPosition() };
      page = [];
    }
    // Ids that have left the server, and messages that no condition can fit, move the position as well.
    yield { messages: page, position: now.toPosition() };
  }

  async now(): Promise<Json> {
    const seen = new SeenNow();
    for (const { facts } of (await this.#list()).entries) seen.add(digestOf(facts.id));
    return seen.toPosition();
  }

  async facts(ids: readonly string[]): Promise<MessageFacts[]> {
    return (await this.#entriesOf(ids)).map(({ facts }) => facts);
  }

  async *outlines(messages: readonly MessageFacts[]): AsyncGenerator<MessageOutline> {
    const wanted = await this.#wanted(messages);
    const headers = headersOf(this.#connection, wanted);
    for await (const { of, header } of this.#translated(headers)) {
      yield { facts: of.facts, header, leaves: undefined };
    }
  }

  async *fetch(messages: readonly MessageFacts[]): AsyncGenerator<FetchedMessage> {
    const wanted = await this.#wanted(messages);
    for await (const { of, body, refusal } of this.#translated(
      transfer(this.#connection, wanted, retrieve),
    )) {
      // One message that the server does not give must not keep back the rest: who reads it is told.
      const pieces = body ?? rejecting(refusal);
      yield { kind: 'whole', facts: of.facts, pieces: this.#translated(pieces) };
    }
  }

  async *source(id: string): AsyncGenerator<Buffer> {
    const facts = await this.facts([id]);
    for await (const message of this.fetch(facts)) {
      if (message.kind === 'whole') yield* message.pieces;
      return;
    }
    throw new Failure('message-gone', { parameters: { folder: INBOX.value, id } });
  }

  /** A deletion takes effect at QUIT: the session is over afterwards. */
  async apply(action: MailAction, ids: readonly string[]): Promise<Outcomes> {
    if (action.kind !== 'delete-permanently') {
      const parameters = { transport: this.transport, action: action.kind };
      throw new Failure('action-not-on-transport', { parameters });
    }
    const maildrop = await this.#list();
    const deletion = {
      connection: this.#connection,
      context: this.#context,
      maildrop,
      look: () => this.#idsNow(),
    };
    return this.#run('message', () => deleteForGood(deletion, ids));
  }

  async close(): Promise<void> {
    const { client, wire } = this.#connection;
    try {
      // Nothing is marked for deletion here: apply() sees to its own QUIT. Whoever stops in the middle of a message does not
      // have to wait for its end.
      if (wire.usable && wire.isIdle) await client.QUIT();
    } catch {
      // The work is done or has failed with a reason of its own; a refused QUIT changes neither.
    } finally {
      wire.end(new Error('The session is over.'));
    }
  }

  /** The list of the session, asked for once: numbers stay what they are until QUIT. */
  async #list(): Promise<Maildrop> {
    if (!this.usable) throw this.#failure(lost(), 'command');
    this.#maildrop ??= this.#run('command', () => readMaildrop(this.#connection));
    return this.#maildrop;
  }

  /** The ids in the mailbox as a session of its own sees them. */
  async #idsNow(): Promise<ReadonlySet<string>> {
    const connection = await this.#connect();
    try {
      return new Set((await readMaildrop(connection)).byId.keys());
    } finally {
      await connection.client.QUIT().catch(() => undefined);
      connection.wire.end(new Error('The session is over.'));
    }
  }

  async #entriesOf(ids: readonly string[]): Promise<Entry[]> {
    const { byId } = await this.#list();
    return ids.map((id) => byId.get(id)).filter((entry) => entry !== undefined);
  }

  async #wanted(
    messages: readonly MessageFacts[],
  ): Promise<{ number: number; statedSize: number; facts: MessageFacts }[]> {
    const entries = await this.#entriesOf(messages.map(({ id }) => id));
    return entries.map(({ number, facts }) => ({ number, statedSize: facts.statedSize ?? 0, facts }));
  }

  async #run<T>(phase: Pop3Phase, use: () => Promise<T>): Promise<T> {
    try {
      return await use();
    } catch (error) {
      throw this.#failure(error, phase);
    }
  }

  async *#translated<T>(values: AsyncIterable<T>): AsyncGenerator<T> {
    try {
      yield* values;
    } catch (error) {
      throw this.#failure(error, 'message');
    }
  }

  #failure(error: unknown, phase: Pop3Phase): unknown {
    return this.#signal?.aborted === true ? this.#signal.reason : pop3Failure(error, phase, this.#context);
  }
}

async function* rejecting(error: Error): AsyncGenerator<Buffer> {
  return await Promise.reject(error);
}
