/**
 * The SMTP adapter of the sending port. Owns: what is known about a message when something goes wrong on the wire.
 * Must not: retry, or compose.
 *
 * A message is `deferred` or `rejected` as long as its last byte has not been handed over, or when the server says
 * so in a reply. Once it has been handed over and no reply came, it is `unknown`: the server may have taken it.
 */
import { Readable } from 'node:stream';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import { Failure } from '../../errors/index.js';
import type { Route } from '../../net/index.js';
import type { Envelope, Outcome, Submission, SubmissionSession } from '../ports.js';
import { connectSmtp, type SignedInConnection } from './connect.js';
import { replyFailure, smtpFailure, type SmtpContext, type SmtpPhase } from './failures.js';

/** Opens a signed-in session. @throws Failure as connectSmtp */
export async function openSmtpSession(
  route: Route,
  authResponse: string,
  context: SmtpContext,
  signal?: AbortSignal,
): Promise<SubmissionSession> {
  return new SmtpSession(await connectSmtp(route, authResponse, context, signal), context);
}

interface NodemailerError extends Error {
  readonly code?: string;
  readonly response?: string;
  readonly responseCode?: number;
  readonly command?: string;
  readonly rejectedErrors?: readonly (NodemailerError & { readonly recipient?: string })[];
  readonly recipient?: string;
}

interface SendInfo {
  readonly accepted: readonly string[];
  readonly response: string;
  readonly rejectedErrors?: readonly NodemailerError[] | undefined;
}

class SmtpSession implements SubmissionSession {
  readonly #connection: SMTPConnection;
  readonly #context: SmtpContext;
  readonly signInReply: string;
  #usable = true;

  constructor({ connection, signInReply }: SignedInConnection, context: SmtpContext) {
    this.#connection = connection;
    this.#context = context;
    this.signInReply = signInReply;
    connection.once('end', () => (this.#usable = false));
    connection.once('error', () => (this.#usable = false));
  }

  get usable(): boolean {
    return this.#usable;
  }

  async submit(envelope: Envelope, source: Readable): Promise<Submission> {
    const progress: { handedOver: boolean; sourceError?: Error } = { handedOver: false };
    const paced = Readable.from(inSlices(source), { objectMode: false });
    paced.once('end', () => (progress.handedOver = true));
    paced.once('error', (error: Error) => {
      progress.sourceError = error;
      // Inside DATA the only way not to deliver half a message is to drop the connection before the final dot.
      this.close();
    });
    try {
      const info = await this.#send(envelope, paced);
      return this.#accepted(envelope, info);
    } catch (error) {
      paced.destroy();
      source.destroy();
      if (progress.sourceError !== undefined) throw progress.sourceError;
      const failed = error as NodemailerError;
      const replied = typeof failed.response === 'string' && /^[45]\d\d/u.test(failed.response);
      if (replied) await this.#reset();
      else this.close();
      return this.#notAccepted(envelope, failed, progress.handedOver && !replied);
    }
  }

  close(): void {
    this.#usable = false;
    this.#connection.close();
  }

  /** Clears what a refused message left behind; a session that cannot is not used again. */
  #reset(): Promise<void> {
    return new Promise((resolve) => {
      const settle = (error?: unknown): void => {
        this.#connection.off('end', settle);
        if (error) this.close();
        resolve();
      };
      this.#connection.once('end', settle);
      this.#connection.reset(settle);
    });
  }

  #send(envelope: Envelope, source: Readable): Promise<SendInfo> {
    return new Promise((resolve, reject) => {
      // A connection that ends without an error would leave the callback waiting for the time-out.
      const ended = (): void =>
        reject(Object.assign(new Error('connection closed'), { code: 'ECONNECTION' }));
      this.#connection.once('end', ended);
      this.#connection.send({ from: envelope.from, to: [...envelope.to] }, source, (error, info) => {
        this.#connection.off('end', ended);
        if (error) reject(error);
        else resolve(info as unknown as SendInfo);
      });
    });
  }

  #accepted(envelope: Envelope, info: SendInfo): Submission {
    const refused = new Map((info.rejectedErrors ?? []).map((error) => [error.recipient, error]));
    const recipients = envelope.to.map((address) => {
      const error = refused.get(address);
      if (error === undefined) return { address, outcome: 'accepted' as const, serverText: info.response };
      const failure = smtpFailure(error, 'recipient', this.#context, { recipient: address });
      return { address, outcome: outcomeOf(failure), serverText: error.response, failure };
    });
    return { outcome: 'accepted', serverText: info.response, recipients };
  }

  #notAccepted(envelope: Envelope, error: NodemailerError, unknown: boolean): Submission {
    const parameters = { sender: envelope.from };
    const phase = phaseOf(error);
    const failure = unknown
      ? new Failure('acceptance-unknown', {
          parameters: { host: this.#context.host, mailbox: this.#context.mailbox },
          serverText: error.message,
          cause: error,
        })
      : smtpFailure(error, phase, this.#context, { ...parameters, recipient: envelope.to.join(', ') });
    const outcome: Outcome = unknown ? 'unknown' : outcomeOf(failure);
    const refused = new Map((error.rejectedErrors ?? []).map((one) => [one.recipient, one]));
    const recipients = envelope.to.map((address) => {
      const own = refused.get(address);
      if (own?.response === undefined) return { address, outcome, failure };
      const ownFailure = replyFailure(own.response, 'recipient', this.#context, { recipient: address });
      return { address, outcome: outcomeOf(ownFailure), serverText: own.response, failure: ownFailure };
    });
    return { outcome, serverText: error.response, failure, recipients };
  }
}

const SLICE_BYTES = 64 * 1024;

/** The composer hands over a whole encoded attachment at once; in slices, the socket's pace tells how far we are. */
async function* inSlices(source: Readable): AsyncGenerator<Buffer> {
  for await (const chunk of source as AsyncIterable<Buffer>) {
    for (let at = 0; at < chunk.length; at += SLICE_BYTES) yield chunk.subarray(at, at + SLICE_BYTES);
  }
}

/** Not accepted, and known so: a later try can help or not. */
function outcomeOf(failure: Failure): 'rejected' | 'deferred' {
  return failure.retryable ? 'deferred' : 'rejected';
}

function phaseOf({ command, code }: NodemailerError): SmtpPhase {
  if (command?.startsWith('MAIL') === true) return 'sender';
  if (command?.startsWith('RCPT') === true || code === 'EENVELOPE') return 'recipient';
  return 'message';
}
