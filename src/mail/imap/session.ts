/**
 * The IMAP adapter of the reading port: imapflow behind MailboxSession.
 * Owns: which commands are sent and that a source is fetched in bounded pieces, never setting \Seen (PEEK).
 * Must not: parse MIME, decide what an activity does.
 */
import type { FetchMessageObject } from 'imapflow';
import { Failure } from '../../errors/index.js';
import type { Route } from '../../net/index.js';
import type { MailboxSession, MessageFacts, MessageQuery, MessageSource, OpenFolder } from '../ports.js';
import { connectImap, PIECE_BYTES, type ImapConnection } from './connect.js';
import type { ImapContext } from './failures.js';
import { toFolders } from './folders.js';

/** UIDs per FETCH of facts: keeps a command line well under the 8 KB that servers take. */
const FACTS_PER_FETCH = 500;
/** Small messages are fetched together up to this many bytes; each round trip costs more than a small message. */
const GROUP_BYTES = 2 * 1024 * 1024;
const DAY_MS = 24 * 60 * 60 * 1000;

/** Opens a signed-in session. @throws Failure as connectImap */
export async function openImapSession(
  route: Route,
  accessToken: string,
  context: ImapContext,
  signal?: AbortSignal,
): Promise<MailboxSession> {
  return new ImapSession(await connectImap(route, accessToken, context, signal));
}

class ImapSession implements MailboxSession {
  readonly #connection: ImapConnection;
  #folder: string | undefined;

  constructor(connection: ImapConnection) {
    this.#connection = connection;
  }

  get greeting(): string {
    return this.#connection.greeting;
  }

  async folders(): Promise<ReturnType<typeof toFolders>> {
    return toFolders(await this.#connection.run((client) => client.list()));
  }

  async openFolder(path: string, purpose: 'read' | 'change'): Promise<OpenFolder> {
    // A refused SELECT says only NO; LIST tells a missing folder from one that holds no messages.
    const listed = await this.#connection.run((client) => client.list({ listOnly: true }), path);
    const found = listed.find((folder) => folder.path === path || (isInbox(folder.path) && isInbox(path)));
    const parameters = { mailbox: this.#connection.context.mailbox, folder: path };
    if (found === undefined) throw new Failure('folder-not-found', { parameters });
    if (found.flags.has('\\Noselect') || found.flags.has('\\NonExistent')) {
      throw new Failure('folder-not-selectable', { parameters });
    }
    const opened = await this.#connection.run(
      (client) => client.mailboxOpen(found.path, { readOnly: purpose === 'read' }),
      path,
    );
    this.#folder = path;
    return {
      path: found.path,
      uidValidity: String(opened.uidValidity),
      messages: opened.exists,
      canMarkRead:
        opened.readOnly !== true &&
        (opened.permanentFlags === undefined || opened.permanentFlags.has('\\Seen')),
    };
  }

  async find(query: MessageQuery, limit: number): Promise<MessageFacts[]> {
    const since = query.receivedSince;
    const uids = await this.#connection.run(
      (client) =>
        client.search(
          {
            ...(query.readState === 'any' ? { all: true } : { seen: query.readState === 'read' }),
            // SINCE knows days only, in the server's time zone: ask a day earlier and compare to the second here.
            ...(since === undefined ? {} : { since: new Date(since.getTime() - DAY_MS) }),
          },
          { uid: true },
        ),
      this.#folder,
    );
    const facts: MessageFacts[] = [];
    for (let start = 0; start < uids.length && facts.length < limit; start += FACTS_PER_FETCH) {
      const range = uids.slice(start, start + FACTS_PER_FETCH).join(',');
      const fetched = await this.#connection.run(
        (client) =>
          client.fetchAll(range, { uid: true, flags: true, internalDate: true, size: true }, { uid: true }),
        this.#folder,
      );
      for (const message of fetched.sort((a, b) => a.uid - b.uid)) {
        const fact = toFacts(message);
        if (since === undefined || fact.receivedAt.getTime() >= since.getTime()) facts.push(fact);
      }
    }
    return facts.slice(0, limit);
  }

  async *sources(messages: readonly MessageFacts[]): AsyncGenerator<MessageSource> {
    for (const group of groupsOf(messages)) {
      const [first] = group;
      if (group.length === 1 && first !== undefined) {
        const piece = await this.#piece(first.uid, 0);
        if (piece !== undefined) yield { facts: first, pieces: this.#pieces(first.uid, piece) };
        continue;
      }
      const fetched = await this.#connection.run(
        (client) =>
          client.fetchAll(
            group.map(({ uid }) => uid).join(','),
            { uid: true, source: { start: 0, maxLength: PIECE_BYTES } },
            { uid: true },
          ),
        this.#folder,
      );
      for (const facts of group) {
        const source = fetched.find(({ uid }) => uid === facts.uid)?.source;
        if (source !== undefined) yield { facts, pieces: this.#pieces(facts.uid, source) };
      }
    }
  }

  async *source(uid: number): AsyncGenerator<Buffer> {
    const first = await this.#piece(uid, 0);
    if (first === undefined) throw this.#gone(uid);
    yield* this.#pieces(uid, first);
  }

  async markRead(uids: readonly number[]): Promise<{ marked: Set<number>; refused: Set<number> }> {
    const range = uids.join(',');
    await this.#connection.run(
      (client) => client.messageFlagsAdd(range, ['\\Seen'], { uid: true }),
      this.#folder,
    );
    // STORE answers OK even for flags it did not keep and messages that have gone: look.
    const after = await this.#connection.run(
      (client) => client.fetchAll(range, { uid: true, flags: true }, { uid: true }),
      this.#folder,
    );
    const seen = (message: FetchMessageObject): boolean => message.flags?.has('\\Seen') === true;
    return {
      marked: new Set(after.filter(seen).map(({ uid }) => uid)),
      refused: new Set(after.filter((message) => !seen(message)).map(({ uid }) => uid)),
    };
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

  /** The rest of a source after its first piece; the next piece is under way while one is being worked on. */
  async *#pieces(uid: number, first: Buffer): AsyncGenerator<Buffer> {
    let piece = first;
    let offset = piece.length;
    while (piece.length === PIECE_BYTES) {
      const next = this.#piece(uid, offset);
      next.catch(() => undefined); // reported below, unless the consumer stops before
      yield piece;
      const following = await next;
      // Gone between two pieces: what there is would look like a whole message that is shorter.
      if (following === undefined) throw this.#gone(uid);
      piece = following;
      offset += piece.length;
    }
    if (piece.length > 0) yield piece;
  }

  #gone(uid: number): Failure {
    return new Failure('message-gone', { parameters: { folder: this.#folder ?? '', uid } });
  }

  /** One piece of a source; undefined when the message is not there (any more). */
  async #piece(uid: number, start: number): Promise<Buffer | undefined> {
    const [message] = await this.#connection.run(
      (client) =>
        client.fetchAll(String(uid), { uid: true, source: { start, maxLength: PIECE_BYTES } }, { uid: true }),
      this.#folder,
    );
    return message?.source;
  }
}

function isInbox(path: string): boolean {
  return path.toUpperCase() === 'INBOX';
}

function toFacts(message: FetchMessageObject): MessageFacts {
  return {
    uid: message.uid,
    flags: [...(message.flags ?? [])].sort(),
    receivedAt: new Date(message.internalDate ?? 0),
    statedSize: message.size ?? 0,
  };
}

/** Runs of neighbours that fit into one FETCH. A message that may be large stands alone. */
function* groupsOf(messages: readonly MessageFacts[]): Generator<MessageFacts[]> {
  let group: MessageFacts[] = [];
  let bytes = 0;
  for (const message of messages) {
    if (group.length > 0 && (bytes + message.statedSize > GROUP_BYTES || group.length >= FACTS_PER_FETCH)) {
      yield group;
      group = [];
      bytes = 0;
    }
    group.push(message);
    bytes += message.statedSize;
  }
  if (group.length > 0) yield group;
}
