/**
 * What activities need of a mail server, whatever the protocol. Adapters beside this file implement it and are
 * the only ones to import a mail library. No method answers `false` or `undefined` for "it did not happen".
 */
import type { Readable } from 'node:stream';
import type { Failure } from '../errors/index.js';
import type { Folder } from '../generated/types.js';

export type { Folder };

export interface OpenFolder {
  readonly path: string;
  /** Decimal digits (RFC 3501 section 2.3.1.1). */
  readonly uidValidity: string;
  /** Number of messages. */
  readonly messages: number;
  /** Whether \Seen can be kept for good. */
  readonly canMarkRead: boolean;
}

export interface MessageQuery {
  readonly readState: 'unread' | 'read' | 'any';
  /** At or after this instant, to the second. */
  readonly receivedSince?: Date | undefined;
}

export interface MessageFacts {
  readonly uid: number;
  readonly flags: readonly string[];
  readonly receivedAt: Date;
  /** Bytes as the server states them. An estimate on Exchange: good for planning, never for checking. */
  readonly statedSize: number;
}

export interface MessageSource {
  readonly facts: MessageFacts;
  /** The source in order, piece by piece. To be consumed before the next message is asked for. */
  readonly pieces: AsyncIterable<Buffer>;
}

/** A signed-in reading session on one mailbox. Every method throws Failure. */
export interface MailboxSession {
  /** Greeting of the server, for evidence. */
  readonly greeting: string;
  folders(): Promise<Folder[]>;
  /** Opens a folder; `change` asks for the right to set flags. */
  openFolder(path: string, purpose: 'read' | 'change'): Promise<OpenFolder>;
  /** Facts of the messages that match, oldest UID first. Sets no flag. */
  find(query: MessageQuery, limit: number): Promise<MessageFacts[]>;
  /** Sources of messages in the given order. Messages that have gone meanwhile are left out. Sets no flag. */
  sources(messages: readonly MessageFacts[]): AsyncIterable<MessageSource>;
  /** Source of one message. @throws Failure message-gone */
  source(uid: number): AsyncIterable<Buffer>;
  /** Sets \Seen and confirms it: the UIDs that carry it now, and those that exist without it. Others are gone. */
  markRead(
    uids: readonly number[],
  ): Promise<{ readonly marked: ReadonlySet<number>; readonly refused: ReadonlySet<number> }>;
  close(): Promise<void>;
}

export interface Envelope {
  readonly from: string;
  readonly to: readonly string[];
}

export type Outcome = 'accepted' | 'rejected' | 'deferred' | 'unknown';

export interface Submission {
  readonly outcome: Outcome;
  /** The server's last words on the message. */
  readonly serverText?: string | undefined;
  /** Why the message as a whole was not accepted. */
  readonly failure?: Failure | undefined;
  readonly recipients: readonly {
    readonly address: string;
    readonly outcome: Outcome;
    readonly serverText?: string | undefined;
    readonly failure?: Failure | undefined;
  }[];
}

/** A signed-in sending session. */
export interface SubmissionSession {
  /** The server's reply to the sign-in, for evidence. */
  readonly signInReply: string;
  /** False once the connection is gone: open another session for the next message. */
  readonly usable: boolean;
  /** Submits one message. Resolves whatever happens on the wire; the outcome says what is known. */
  submit(envelope: Envelope, source: Readable): Promise<Submission>;
  close(): void;
}
