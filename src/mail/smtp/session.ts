/**
 * The SMTP adapter of the sending port. Owns: what is known about a message when something goes wrong on the wire.
 * Must not: retry.
 *
 * A message is `deferred` or `rejected` as long as its last byte has not been handed over, or when the server says
 * so in a reply. Once it has been handed over and no reply came, it is `unknown`: the server may have taken it.
 */
import type { Socket } from 'node:net';
import { Readable, type Transform } from 'node:stream';
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import { Failure } from '../../errors/index.js';
import { standsAfter, type Route } from '../../net/index.js';
import { internationalAddresses, withoutInternational } from '../international.js';
import { composeMessage } from '../mime/compose.js';
import {
  outcomeOf,
  type Envelope,
  type Outcome,
  type OutgoingMessage,
  type Submission,
  type SubmissionSession,
} from '../sending.js';
import { connectSmtp, type SignedInConnection } from './connect.js';
import { replyFailure, smtpFailure, type SmtpContext, type SmtpPhase } from './failures.js';

const SLICE_BYTES = 64 * 1024;
const LOOK_AGAIN_MS = 5;
const FINAL_REPLY_MS = 10 * 60 * 1000;

/** Opens a signed-in session. @throws Failure as connectSmtp */
export async function openSmtpSession(
  route: Route,
  authResponse: string,
  context: SmtpContext,
  signal?: AbortSignal,
): Promise<SubmissionSession> {
  return new SmtpSession(
    await connectSmtp(route, authResponse, context, signal),
    context,
    route.idleTimeoutMs,
  );
}

interface NodemailerError extends Error {
  readonly code?: string;
  readonly response?: string;
  readonly responseCode?: number;
  readonly command?: string;
  readonly rejectedErrors?: readonly (NodemailerError & { readonly recipient?: string })[];
  readonly recipient?: string;
}

interface Progress {
  /** A byte of the message has been asked for: DATA has begun. */
  begun: boolean;
  /** The last byte of the message has been handed over: from here on only a reply tells. */
  handedOver: boolean;
  readonly startedAt: number;
  /**
   * The final dot waits as long as the server took to answer the envelope: a line that was cut under the message has told so
   * by then, and without the dot no server accepts.
   */
  readonly holdsEnd: boolean;
  sourceError?: Error;
}

interface SendInfo {
  readonly accepted: readonly string[];
  readonly response: string;
  readonly rejectedErrors?: readonly NodemailerError[] | undefined;
}

interface Receipts {
  readonly dsn: { readonly ret: 'HDRS'; readonly envid: string; readonly notify: string[] };
}

/** RFC 3461: the report names the message by what stands before the sign of its Message-ID, and holds its header alone. */
function receiptsOf(messageId: string): Receipts {
  const envid = messageId.slice(1).split('@')[0] ?? '';
  return { dsn: { ret: 'HDRS', envid, notify: ['success', 'failure', 'delay'] } };
}

class SmtpSession implements SubmissionSession {
  readonly #connection: SMTPConnection;
  readonly #context: SmtpContext;
  readonly #idleTimeoutMs: number;
  readonly signInReply: string;
  #usable = true;

  constructor({ connection, signInReply }: SignedInConnection, context: SmtpContext, idleTimeoutMs: number) {
    this.#idleTimeoutMs = idleTimeoutMs;
    this.#connection = connection;
    this.#context = context;
    this.signInReply = signInReply;
    connection.once('end', () => (this.#usable = false));
    connection.once('error', () => (this.#usable = false));
  }

  get usable(): boolean {
    return this.#usable;
  }

  async submit(envelope: Envelope, message: OutgoingMessage): Promise<Submission> {
    const international = internationalAddresses(message);
    if (international.length > 0 && !this.#announces('SMTPUTF8'))
      return withoutInternational(envelope, international, this.#context.host);
    const { source, release } = await composeMessage(message);
    try {
      return await this.#submitSource(envelope, source, message);
    } finally {
      release();
    }
  }

  async #submitSource(
    envelope: Envelope,
    source: Readable,
    { messageId, holdsEnd = false, marks }: OutgoingMessage,
  ): Promise<Submission> {
    const isWanted = marks?.deliveryReceipt === true;
    const deliveryReceipt = this.#announces('DSN') ? ('asked' as const) : ('not-offered' as const);
    const startedAt = performance.now();
    const progress: Progress = { begun: false, handedOver: false, startedAt, holdsEnd };
    const paced = Readable.from(this.#inSlices(source, progress), { objectMode: false });
    paced.once('end', () => {
      if (!this.#usable) return; // nothing leaves any more
      progress.handedOver = true;
      // RFC 5321 section 4.5.3.2.6: a server may take ten minutes to answer the final dot.
      this.#waitUpTo(FINAL_REPLY_MS);
    });
    try {
      const receipts = isWanted && deliveryReceipt === 'asked' ? receiptsOf(messageId) : {};
      const info = await this.#send({ ...envelope, ...receipts }, paced);
      return { ...this.#accepted(envelope, info), ...(isWanted ? { deliveryReceipt } : {}) };
    } catch (error) {
      paced.destroy();
      source.destroy();
      if (progress.sourceError !== undefined) throw progress.sourceError;
      const failed = error as NodemailerError;
      const replied = typeof failed.response === 'string' && /^[45]\d\d/u.test(failed.response);
      const refused = this.#refusedRecipients(failed); // before RSET makes nodemailer forget them
      // In the middle of DATA the server would take RSET for a line of the message.
      if (replied && (progress.handedOver || !progress.begun)) await this.#reset();
      else this.close();
      return this.#notAccepted(envelope, failed, refused, progress.handedOver && !replied);
    } finally {
      this.#waitUpTo(this.#idleTimeoutMs);
    }
  }

  /** What the server said it can, in its answer to EHLO under TLS. */
  #announces(extension: string): boolean {
    const { _supportedExtensions: extensions } = this.#connection as unknown as {
      _supportedExtensions: readonly string[];
    };
    return extensions.includes(extension);
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

  #send({ from, to, dsn }: Envelope & Partial<Receipts>, source: Readable): Promise<SendInfo> {
    return new Promise((resolve, reject) => {
      // A connection that ends without an error would leave the callback waiting for the time-out; one that ends with a
      // 421 tells the words a moment later.
      const ended = (): void => {
        setImmediate(() => reject(Object.assign(new Error('connection closed'), { code: 'ECONNECTION' })));
      };
      this.#connection.once('end', ended);
      this.#connection.send(
        { from, to: [...to], ...(dsn === undefined ? {} : { dsn }) },
        source,
        (error, info) => {
          this.#connection.off('end', ended);
          if (error) reject(error);
          else resolve(info as unknown as SendInfo);
        },
      );
    });
  }

  /**
   * The composer hands over a whole encoded attachment at once, and headers in many small pieces; in slices, the socket's
   * pace tells how far we are, and a small message is one write.
   * An error of the source is kept from nodemailer, which would go on or rewrite it: inside DATA the only way not to
   * deliver half a message is to drop the connection before the final dot.
   */
  async *#inSlices(source: Readable, progress: Progress): AsyncGenerator<Buffer> {
    // Nobody asks for a byte before the server has answered DATA.
    const answeredMs = performance.now() - progress.startedAt;
    try {
      let held: Buffer[] = [];
      let size = 0;
      for await (const chunk of source as AsyncIterable<Buffer>) {
        progress.begun = true;
        held.push(chunk);
        size += chunk.length;
        if (size < SLICE_BYTES) continue;
        yield* slicesOf(Buffer.concat(held));
        held = [];
        size = 0;
      }
      if (size > 0) yield Buffer.concat(held);
    } catch (error) {
      progress.sourceError = error instanceof Error ? error : new Error(String(error));
      this.close();
      throw new Error('the source of the message failed');
    }
    if (progress.holdsEnd) await this.#holdEnd(answeredMs);
  }

  /** Lets the message leave, and word of a lost line come back. */
  async #holdEnd(roundTripMs: number): Promise<void> {
    const { _socket: socket, _currentDataStream: stuffing } = this.#connection as unknown as {
      _socket?: Socket | false;
      _currentDataStream?: Transform | false;
    };
    if (!socket || !stuffing) return;
    await turn();
    while (this.#usable && socket.writableLength + stuffing.readableLength + stuffing.writableLength > 0)
      await pause(LOOK_AGAIN_MS);
    if (!(await standsAfter(socket, roundTripMs))) this.close();
  }

  /** Recipients that were refused before the message failed as a whole; nodemailer reports them only with some errors. */
  #refusedRecipients(error: NodemailerError): Map<string | undefined, NodemailerError> {
    const { _envelope: envelope } = this.#connection as unknown as {
      _envelope?: { rejectedErrors?: NodemailerError[] };
    };
    const all = error.rejectedErrors ?? envelope?.rejectedErrors ?? [];
    return new Map(all.map((one) => [one.recipient, one]));
  }

  #waitUpTo(milliseconds: number): void {
    const { _socket: socket } = this.#connection as unknown as { _socket?: Socket | false };
    if (socket) socket.setTimeout(milliseconds);
  }

  #accepted(envelope: Envelope, info: SendInfo): Submission {
    const refused = new Map((info.rejectedErrors ?? []).map((error) => [error.recipient, error]));
    const recipients = envelope.to.map((address) => {
      const error = refused.get(address);
      if (error === undefined) return { address, outcome: 'accepted' as const, serverText: info.response };
      const parameters = { sender: envelope.from, recipient: address };
      const failure = smtpFailure(error, 'recipient', this.#context, parameters);
      return { address, outcome: outcomeOf(failure), serverText: error.response, failure };
    });
    return { outcome: 'accepted', serverText: info.response, recipients };
  }

  #notAccepted(
    envelope: Envelope,
    error: NodemailerError,
    refused: ReadonlyMap<string | undefined, NodemailerError>,
    unknown: boolean,
  ): Submission {
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
    const recipients = envelope.to.map((address) => {
      const own = refused.get(address);
      if (own?.response === undefined) return { address, outcome, failure };
      const ownFailure = replyFailure(own.response, 'recipient', this.#context, {
        ...parameters,
        recipient: address,
      });
      return { address, outcome: outcomeOf(ownFailure), serverText: own.response, failure: ownFailure };
    });
    return { outcome, serverText: error.response, failure, recipients };
  }
}

function* slicesOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) yield bytes.subarray(at, at + SLICE_BYTES);
}

function phaseOf({ command, code }: NodemailerError): SmtpPhase {
  if (command === 'DATA') return 'message';
  if (command?.startsWith('MAIL') === true) return 'sender';
  if (command?.startsWith('RCPT') === true || code === 'EENVELOPE') return 'recipient';
  return 'message';
}
