/**
 * The reading port: what Read Email needs of a mailbox, whatever the protocol. The adapters imap/, pop3/ and graph/
 * implement it and are the only ones to import a mail library. Owns: the contract. Must not: know an activity.
 *
 * Every method throws Failure. None answers `false` or `undefined` for "it did not happen". No method sets a flag or
 * changes a mailbox, apply() apart.
 *
 * A consumer may leave any iteration at any time, that of the pieces of a message included: on return() the adapter reads
 * to its end or throws away what is under way, so that the next command finds the connection free.
 */
import type { Failure } from '../errors/index.js';
import type { Folder } from '../generated/types.js';

export type ReadTransport = 'imap' | 'pop3' | 'graph';

/** A JSON value that only the adapter which made it can read. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** One member of a union for each field. */
type Each<F extends string, Rest> = { [K in F]: { readonly field: K } & Rest }[F];

/** All conditions of a query must hold. Text is compared without regard to case, anywhere in the value. */
export type Condition =
  | { readonly field: 'readState'; readonly is: 'read' | 'unread' }
  | { readonly field: 'flagged'; readonly is: boolean }
  | Each<'from' | 'to' | 'cc' | 'subject' | 'body', { readonly contains: string }>
  /** An empty `contains` asks only that the field is there. */
  | { readonly field: 'header'; readonly name: string; readonly contains: string }
  /** `since` is included, `before` is not; to the second. */
  | Each<'received' | 'sent', { readonly since?: Date | undefined; readonly before?: Date | undefined }>
  | { readonly field: 'hasAttachment'; readonly is: boolean }
  /** At least one attachment that fits all of it. `name` is a pattern with * and ?; `type` as image/* or application/pdf. */
  | {
      readonly field: 'attachment';
      readonly name?: string | undefined;
      readonly type?: string | undefined;
      readonly minBytes?: number | undefined;
      readonly maxBytes?: number | undefined;
    }
  /** Bytes of the whole message; an estimate on Exchange. */
  | { readonly field: 'size'; readonly minBytes?: number | undefined; readonly maxBytes?: number | undefined }
  | { readonly field: 'importance'; readonly is: 'low' | 'normal' | 'high' }
  /** Messages of a thread: a Message-ID that In-Reply-To, References or Message-ID names. */
  | { readonly field: 'conversation'; readonly messageId: string }
  /** For experts: the server's own search language, sent as it stands. IMAP: SEARCH keys; Graph: $filter. */
  | { readonly field: 'raw'; readonly expression: string };

export type ConditionField = Condition['field'];

/** Why a condition is not, or not alone, judged by the server; texts are in the locales under `explain.because`. */
export type PlanReason =
  | 'not-in-protocol'
  | 'ascii-only'
  | 'whole-days-only'
  | 'looser-match'
  | 'estimated-size'
  | 'not-with-cursor'
  | 'not-combinable';

/**
 * Who judges a condition. `server`: find() yields only messages that fulfil it. `both`: the server preselects, and what
 * find() yields must be judged again here. `local`: find() takes no account of it.
 */
export interface ConditionPlan {
  readonly condition: Condition;
  readonly where: 'server' | 'both' | 'local';
  readonly because?: PlanReason | undefined;
  /** What the server is asked, in its own language. */
  readonly asked?: string | undefined;
}

/** What one query can be asked for; a pure function of the transport, so it can be shown without a connection. */
export type Explain = (
  conditions: readonly Condition[],
  purpose: 'find' | 'changes',
) => readonly ConditionPlan[];

export interface OpenedFolder {
  /** Stays the same after a rename where the transport has such a thing (Graph); otherwise the path. */
  readonly id: string;
  readonly path: string;
  /** Ids of messages mean something only within it: UIDVALIDITY in decimal (RFC 3501 section 2.3.1.1); '' where ids are for ever. */
  readonly generation: string;
  readonly messages: number;
}

export interface MessageFacts {
  /** Within folder and generation: the UID in decimal, the POP3 UIDL, the immutable id of Graph. */
  readonly id: string;
  /** null where the protocol has no read state (POP3). */
  readonly isRead: boolean | null;
  /** In the spelling of IMAP: \Seen, \Flagged, \Answered. */
  readonly flags: readonly string[];
  /** null where it is only known from the message itself (POP3: the topmost Received field). */
  readonly receivedAt: Date | null;
  /**
   * Bytes as the server states them. An estimate on Exchange: good for planning, never for checking. null where the
   * server says nothing before the message itself comes (Graph).
   */
  readonly statedSize: number | null;
}

export interface FindQuery {
  readonly conditions: readonly Condition[];
  /** By arrival. */
  readonly order: 'oldest-first' | 'newest-first';
  readonly pageSize: number;
}

export interface ChangesQuery {
  /** Where to go on; what now() or an earlier page told. Undefined: from the beginning of the folder. */
  readonly after: Json | undefined;
  readonly conditions: readonly Condition[];
  /** No page has more messages, so that a run's limit needs no page in halves. */
  readonly pageSize: number;
}

export interface ChangesPage {
  /** Oldest first. May be empty: the position moves all the same. */
  readonly messages: readonly MessageFacts[];
  /** Where to go on once all messages up to the end of this page are dealt with. Small where it can be. */
  readonly position: Json;
}

/** A leaf of the message as the server describes it before anything is downloaded. */
export interface LeafOutline {
  /** IMAP part number (RFC 3501 section 6.4.5). */
  readonly part: string;
  /** Lower case, without parameters. */
  readonly contentType: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** Lower case: inline, attachment, or what the sender wrote. */
  readonly disposition: string | undefined;
  readonly dispositionParameters: Readonly<Record<string, string>>;
  readonly contentId: string | undefined;
  /** Content-Transfer-Encoding, lower case. */
  readonly encoding: string;
  /** Bytes as encoded, as the server states them. */
  readonly statedSize: number;
  /** Lower case subtype of the multipart that holds it: alternative, related, mixed …; undefined at the top. */
  readonly within: string | undefined;
}

export interface MessageOutline {
  readonly facts: MessageFacts;
  /** The header block as bytes, without the empty line. */
  readonly header: Buffer;
  /** undefined where only the message itself tells (POP3). */
  readonly leaves: readonly LeafOutline[] | undefined;
}

/** A message that was fetched whole, in order, piece by piece; to be consumed before the next message is asked for. */
export interface WholeMessage {
  readonly kind: 'whole';
  readonly facts: MessageFacts;
  readonly pieces: AsyncIterable<Buffer>;
}

/** A message of which only some leaves are fetched. */
export interface MessageInParts {
  readonly kind: 'parts';
  readonly facts: MessageFacts;
  readonly header: Buffer;
  /** All leaves in order; those that were not wanted have neither body nor pieces. */
  readonly leaves: readonly (LeafOutline & {
    /** As transferred, still encoded. */
    readonly body?: Buffer;
    /** In place of a body that is too large to be held; to be consumed in the order of the leaves, before the next message. */
    readonly pieces?: AsyncIterable<Buffer>;
  })[];
}

export type FetchedMessage = WholeMessage | MessageInParts;

export interface Wanted {
  /**
   * Which leaves of a message to download; asked for one message after the other, a little before it is fetched, and anew
   * when it has to be fetched again. A message of which all are wanted comes whole, and so does one whose parts do not fit
   * what the server said of them (Exchange renders MIME anew); POP3 knows no parts at all.
   */
  readonly leaves: (leaves: readonly LeafOutline[], facts: MessageFacts) => readonly LeafOutline[];
}

/** What is done to a message after its record has been processed. */
export type MailAction =
  | { readonly kind: 'mark-read' | 'mark-unread' | 'flag' | 'delete' | 'delete-permanently' }
  /** `create`: make the folder when it is missing. */
  | { readonly kind: 'move' | 'copy'; readonly folder: string; readonly create: boolean };

/** A signed-in reading session on one mailbox. One command at a time: callers wait for a method to end before the next. */
export interface ReadingSession {
  readonly transport: ReadTransport;
  /** Greeting of the server, for evidence. */
  readonly greeting: string;
  /** False once the connection is gone: open another session. */
  readonly usable: boolean;

  /** The tree in its order. POP3: the inbox alone. */
  folders(): Promise<Folder[]>;
  /**
   * Opens a folder for the methods below. Takes a path, a well-known name of Graph (inbox, sentitems, deleteditems,
   * drafts, junkemail, archive), or `id:` and an id where the transport has ids.
   * @param purpose `change` asks for the right to change messages @throws Failure folder-not-found, folder-not-selectable
   */
  openFolder(folder: string, purpose: 'read' | 'change'): Promise<OpenedFolder>;

  /** Messages that fulfil what explain() leaves to the server, page by page. */
  find(query: FindQuery): AsyncIterable<readonly MessageFacts[]>;
  /** Messages that came after a position, page by page. @throws Failure cursor-expired when the server no longer knows it */
  changes(query: ChangesQuery): AsyncIterable<ChangesPage>;
  /** The position behind the newest message there is. */
  now(): Promise<Json>;
  /** Facts of these messages, in any order; those that have gone are left out. */
  facts(ids: readonly string[]): Promise<MessageFacts[]>;

  /** Headers and structure without bodies, in the given order; messages that have gone are left out. */
  outlines(messages: readonly MessageFacts[]): AsyncIterable<MessageOutline>;
  /** Messages in the given order. Those that have gone meanwhile are left out. Whole ones when `wanted` is missing. */
  fetch(messages: readonly MessageFacts[], wanted?: Wanted): AsyncIterable<FetchedMessage>;
  /** Source of one message. @throws Failure message-gone */
  source(id: string): AsyncIterable<Buffer>;

  /**
   * Does it and looks whether it is done: the outcome for every id. A message that is not there is a Failure message-gone.
   * A retryable failure, of a message or thrown, promises that asking again does no harm. Where a second try could make a
   * second copy, the failure of the message is action-outcome-unknown instead.
   * @throws Failure when nothing is known of any of them
   */
  apply(action: MailAction, ids: readonly string[]): Promise<ReadonlyMap<string, 'done' | Failure>>;

  /** POP3 deletes at this moment only. @throws Failure when deletions that were asked for did not happen */
  close(): Promise<void>;
}
