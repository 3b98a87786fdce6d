/**
 * The sending port: what Send Email needs of a mail server; reading.ts is the reading one. Adapters beside this file
 * implement it and are the only ones to import a mail library. Must not: know an activity.
 */
import type { Readable } from 'node:stream';
import type { Failure } from '../errors/index.js';
import type { EmailAddress } from '../generated/types.js';

/** RFC 5321: where from and where to, each address once, domains in ASCII. Bcc recipients are here and nowhere else. */
export interface Envelope {
  readonly from: string;
  readonly to: readonly string[];
}

export interface OutgoingAttachment {
  readonly name: string;
  readonly contentType?: string | undefined;
  readonly contentId?: string | undefined;
  /** A function opens the content anew each time, when the composer comes to it: a mailbox has few connections. */
  readonly content: Buffer | (() => Readable);
}

/** What is said about a message beside its content. */
export interface OutgoingMarks {
  readonly importance?: 'low' | 'normal' | 'high' | undefined;
  readonly sensitivity?: 'normal' | 'personal' | 'private' | 'confidential' | undefined;
  readonly categories?: readonly string[] | undefined;
  /** A receipt to the sender shown is asked for. */
  readonly readReceipt?: boolean | undefined;
  /** Reports of the recipients' servers are asked for (RFC 3461). */
  readonly deliveryReceipt?: boolean | undefined;
  /** Message-IDs with their angle brackets. */
  readonly inReplyTo?: string | undefined;
  readonly references?: readonly string[] | undefined;
  readonly calendar?: { readonly method: 'REQUEST' | 'CANCEL'; readonly content: string } | undefined;
  /** One of these takes the place of the product's own of that name. */
  readonly headers?: readonly { readonly name: string; readonly value: string }[] | undefined;
  /** Sent by a program: no program shall answer it. */
  readonly automatic: boolean;
  /** Sent in answer to a message. */
  readonly answers?: boolean | undefined;
}

/** A message as data, before any transport has given it a form. */
export interface OutgoingMessage {
  /** With its angle brackets. */
  readonly messageId: string;
  readonly date: Date;
  /** Worth a round trip to know for sure that a line lost under it left nothing behind. */
  readonly holdsEnd?: boolean | undefined;
  readonly from: EmailAddress;
  readonly to: readonly EmailAddress[];
  readonly cc: readonly EmailAddress[];
  readonly bcc: readonly EmailAddress[];
  readonly replyTo: readonly EmailAddress[];
  readonly subject: string;
  readonly text?: string | undefined;
  readonly html?: string | undefined;
  readonly attachments: readonly OutgoingAttachment[];
  readonly marks?: OutgoingMarks | undefined;
}

/** accepted: a server took it. rejected, deferred: it is certain that none did. unknown: neither is certain. */
export type Outcome = 'accepted' | 'rejected' | 'deferred' | 'unknown';

export interface Submission {
  readonly outcome: Outcome;
  /** Of an accepted message for which reports of delivery were wanted: whether the service was told. */
  readonly deliveryReceipt?: 'asked' | 'not-offered' | undefined;
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

export type SendTransport = 'smtp' | 'graph';

/** A signed-in sending session. */
export interface SubmissionSession {
  /** The server's reply to the sign-in, for evidence. */
  readonly signInReply: string;
  /** False once the connection is gone: open another session for the next message. */
  readonly usable: boolean;
  /**
   * Submits one message, once. Resolves whatever happens on the wire: the outcome says what is known.
   * @throws Failure of an attachment whose content could not be had: the message was not sent then
   */
  submit(envelope: Envelope, message: OutgoingMessage): Promise<Submission>;
  close(): void;
}

/** Not accepted, and known so: a later try can help or not. */
export function outcomeOf(failure: Failure): 'rejected' | 'deferred' {
  return failure.retryable ? 'deferred' : 'rejected';
}

/** Of a message of which nothing was accepted, and known so. */
export function notAccepted(to: readonly string[], failure: Failure, serverText?: string): Submission {
  const outcome = outcomeOf(failure);
  return { outcome, serverText, failure, recipients: to.map((address) => ({ address, outcome, failure })) };
}
