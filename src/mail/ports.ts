/**
 * The sending port: what Send Email needs of a mail server; reading.ts is the reading one. Adapters beside this file
 * implement it and are the only ones to import a mail library. Must not: know an activity.
 */
import type { Readable } from 'node:stream';
import type { Failure } from '../errors/index.js';

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
