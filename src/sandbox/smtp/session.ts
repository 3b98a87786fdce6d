/**
 * One submission connection: the dialogue of RFC 5321 with STARTTLS and AUTH, strictly one command after the other
 * (pipelined commands simply wait their turn). Verdicts, delivery and limits live elsewhere.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Socket } from 'node:net';
import type { SecureContext, TLSSocket } from 'node:tls';
import type { Answers } from '../answers/answers.js';
import type { Cloud } from '../directory/cloud.js';
import { formatDate } from '../mime/header.js';
import { ConnectionLost, LineReader, LineTooLong } from '../sockets/line-reader.js';
import { Output } from '../sockets/output.js';
import type { AccessTokens } from '../token/access-tokens.js';
import type { SmtpIdentity } from './authentication.js';
import { signInWithXoauth2 } from './authentication.js';
import type { Delivery } from './delivery.js';
import { parseHeader, readAddresses } from './header-edit.js';
import { readMessage } from './message-reader.js';
import { parsePath } from './paths.js';
import { HOST, REPLIES } from './replies.js';
import { maySendAs } from './send-as.js';
import { refuseSending } from './sending-limits.js';
import { upgradeToTls } from './start-tls.js';
import type { SubmissionLimits } from './submission-limits.js';

export interface SmtpServices {
  readonly cloud: Cloud;
  readonly accessTokens: AccessTokens;
  readonly answers: Answers;
  readonly delivery: Delivery;
  readonly limits: SubmissionLimits;
  readonly secureContext: SecureContext;
  readonly now: () => number;
  /** Takes errors that are the sandbox's own fault. */
  readonly reportFault: (fault: unknown) => void;
}

const MAX_LINE_BYTES = 64 * 1024;
const ADVERTISED_SIZE = 157_286_400;
const MAX_BAD_COMMANDS = 20;
const HANG_UP_MS = 1000;

export class SmtpSession {
  readonly #services: SmtpServices;
  #socket: Socket | TLSSocket;
  #reader: LineReader;
  #output: Output;
  #isSecure = false;
  #isOver = false;
  #badCommands = 0;
  #clientName: string | undefined;
  #identity: SmtpIdentity | undefined;
  #leave: (() => void) | undefined;
  #from: string | undefined;
  #recipients: string[] = [];

  constructor(socket: Socket, services: SmtpServices) {
    this.#services = services;
    this.#socket = socket;
    this.#reader = new LineReader(socket);
    this.#output = new Output(socket);
  }

  /** Runs until the connection is over; never rejects. */
  async serve(): Promise<void> {
    try {
      await this.#send(
        this.#takeDictated('greeting') ?? REPLIES.ready(formatDate(new Date(this.#services.now()))),
      );
      while (!this.#isOver) await this.#serveCommand();
      const socket = this.#socket;
      socket.end();
      setTimeout(() => socket.destroy(), HANG_UP_MS).unref();
    } catch (failure) {
      if (failure instanceof LineTooLong) await this.#send(REPLIES.lineTooLong).catch(() => undefined);
      else if (!(failure instanceof ConnectionLost)) this.#services.reportFault(failure);
      this.#socket.destroy();
    } finally {
      this.#leave?.();
    }
  }

  async #serveCommand(): Promise<void> {
    const line = (await this.#reader.readLine(MAX_LINE_BYTES)).toString('utf8');
    const space = line.indexOf(' ');
    const verb = (space === -1 ? line : line.slice(0, space)).toUpperCase();
    const argument = space === -1 ? '' : line.slice(space + 1).trim();
    const dictated = this.#takeDictated(verb);
    if (dictated === undefined && verb === 'STARTTLS') {
      await this.#startTls();
      return;
    }
    const reply = dictated ?? (await this.#answer(verb, argument));
    await this.#send(reply);
    if (/^50[0-4]/u.test(reply) && ++this.#badCommands >= MAX_BAD_COMMANDS) this.#isOver = true;
  }

  /** What was dictated for this step, if anything was. */
  #takeDictated(step: string): string | undefined {
    const dictated = this.#services.answers.takeSmtp(step);
    if (dictated?.thenClose === true) this.#isOver = true;
    return dictated?.reply.replace(/\r?\n/gu, '\r\n');
  }

  async #answer(verb: string, argument: string): Promise<string> {
    switch (verb) {
      case 'EHLO':
      case 'HELO':
        return this.#greet(verb, argument);
      case 'AUTH':
        return this.#authenticate(argument);
      case 'MAIL':
        return this.#startMail(argument);
      case 'RCPT':
        return this.#addRecipient(argument);
      case 'DATA':
        return this.#receive();
      case 'RSET':
        this.#resetMail();
        return REPLIES.reset;
      case 'NOOP':
        return REPLIES.ok;
      case 'VRFY':
        return REPLIES.cannotVerify;
      case 'QUIT':
        this.#isOver = true;
        return REPLIES.goodbye;
      default:
        return REPLIES.unknownCommand(verb.replace(/[^\w-]/gu, '').slice(0, 40));
    }
  }

  #greet(verb: string, argument: string): string {
    this.#resetMail();
    this.#clientName = argument.replace(/[^\w.:[\]-]/gu, '').slice(0, 255) || 'unknown';
    const hello = `${HOST} Hello [127.0.0.1]`;
    if (verb === 'HELO') return `250 ${hello}`;
    const extensions = [
      hello,
      `SIZE ${ADVERTISED_SIZE}`,
      'PIPELINING',
      'DSN',
      'ENHANCEDSTATUSCODES',
      this.#isSecure ? 'AUTH LOGIN XOAUTH2' : 'STARTTLS',
      '8BITMIME',
      'SMTPUTF8',
    ];
    return extensions
      .map((text, index) => `250${index === extensions.length - 1 ? ' ' : '-'}${text}`)
      .join('\r\n');
  }

  async #startTls(): Promise<void> {
    if (this.#isSecure) {
      await this.#send(REPLIES.badSequence);
      return;
    }
    const plain = this.#socket;
    await this.#send(REPLIES.startTls);
    // Whatever was sent along with STARTTLS is forgotten, and so is all that was said before (RFC 3207 section 4.2).
    this.#reader.detach();
    this.#socket = await upgradeToTls(plain, this.#services.secureContext);
    this.#reader = new LineReader(this.#socket);
    this.#output = new Output(this.#socket);
    this.#isSecure = true;
    this.#clientName = undefined;
    this.#resetMail();
  }

  async #authenticate(argument: string): Promise<string> {
    if (!this.#isSecure) return REPLIES.startTlsFirst;
    if (this.#clientName === undefined) return REPLIES.helloFirst;
    if (this.#identity !== undefined) return REPLIES.badSequence;
    const [mechanism = '', initial = ''] = argument.split(/ +/u);
    switch (mechanism.toUpperCase()) {
      case 'XOAUTH2':
        return this.#signIn(initial === '' ? await this.#ask('') : initial);
      case 'LOGIN': {
        const userName = initial === '' ? await this.#ask('Username:') : initial;
        if (userName === '*' || (await this.#ask('Password:')) === '*')
          return REPLIES.authenticationCancelled;
        const isRetired = this.#services.cloud.tenants[0]?.tenant.smtpBasicAuthenticationRetired;
        return isRetired === true ? REPLIES.basicRetired : REPLIES.basicDisabled;
      }
      default:
        return REPLIES.unknownMechanism;
    }
  }

  #signIn(response: string): string {
    if (response === '*') return REPLIES.authenticationCancelled;
    const { reply, identity } = signInWithXoauth2(response, this.#services);
    if (identity !== undefined) {
      this.#identity = identity;
      this.#leave = this.#services.limits.enter(identity.mailbox.address, this);
    }
    return reply;
  }

  #startMail(argument: string): string {
    if (this.#clientName === undefined) return REPLIES.helloFirst;
    if (this.#identity === undefined) return REPLIES.notAuthenticated;
    if (this.#from !== undefined) return REPLIES.badSequence;
    const path = parsePath(argument, 'FROM');
    const body = path?.parameters.get('BODY')?.toUpperCase() ?? '7BIT';
    if (path === undefined || !['7BIT', '8BITMIME'].includes(body)) return REPLIES.badArguments;
    if (Number(path.parameters.get('SIZE') ?? 0) > this.#identity.mailbox.maxSendSizeBytes)
      return REPLIES.tooLarge;
    this.#from = path.address;
    return REPLIES.senderOk;
  }

  #addRecipient(argument: string): string {
    if (this.#from === undefined || this.#identity === undefined) return REPLIES.senderFirst;
    const path = parsePath(argument, 'TO');
    if (path === undefined) return REPLIES.badArguments;
    if (this.#recipients.length >= this.#identity.mailbox.recipientLimit) return REPLIES.tooManyRecipients;
    const { directory } = this.#identity;
    if (directory.hasDomain(path.address) && directory.findMailbox(path.address) === undefined) {
      return REPLIES.recipientNotFound;
    }
    this.#recipients.push(path.address);
    return REPLIES.recipientOk;
  }

  async #receive(): Promise<string> {
    const identity = this.#identity;
    const from = this.#from;
    if (identity === undefined || from === undefined) return REPLIES.senderFirst;
    if (this.#recipients.length === 0) return REPLIES.recipientFirst;
    await this.#send(REPLIES.startInput);
    const source = await readMessage(this.#reader, identity.mailbox.maxSendSizeBytes);
    const reply =
      this.#takeDictated('message') ??
      (source === undefined ? REPLIES.tooLarge : await this.#submit(identity, from, source));
    this.#resetMail();
    return reply;
  }

  async #submit(identity: SmtpIdentity, from: string, source: Buffer): Promise<string> {
    const { limits, delivery, now } = this.#services;
    const { directory, mailbox: acting, trustee } = identity;
    if (limits.isOverConnectionLimit(acting.address, this, acting.maxConnections)) {
      return REPLIES.tooManyConnections;
    }
    const { length } = this.#recipients;
    const isOverQuota = limits.isOverQuota(acting.address, length, acting.recipientsPerDay, now());
    const refusal = refuseSending(directory, acting, this.#recipients, isOverQuota);
    if (refusal !== undefined) return refusal;
    const [author = from] = readAddresses(source, parseHeader(source), 'from');
    const denied = [author, from].find((name) => name !== '' && !maySendAs(directory, acting, trustee, name));
    if (denied !== undefined)
      return REPLIES.sendAsDenied(acting.address, denied.replace(/[^\x20-\x7e]/gu, '?'));
    const heldBackMs = limits.book(acting.address, length, now());
    if (heldBackMs > 0 && directory.tenant.submissionRateDelay)
      await delay(heldBackMs, undefined, { ref: false });
    const clientName = this.#clientName ?? 'unknown';
    const messageId = delivery.deliver({
      directory,
      acting,
      from,
      recipients: this.#recipients,
      source,
      clientName,
    });
    return REPLIES.accepted(messageId);
  }

  #resetMail(): void {
    this.#from = undefined;
    this.#recipients = [];
  }

  async #ask(prompt: string): Promise<string> {
    await this.#send(`334 ${Buffer.from(prompt).toString('base64')}`);
    return (await this.#reader.readLine(MAX_LINE_BYTES)).toString('latin1');
  }

  async #send(reply: string): Promise<void> {
    if (this.#socket.destroyed) throw new ConnectionLost();
    await this.#output.write(Buffer.from(`${reply}\r\n`, 'utf8'));
    await this.#output.flush();
  }
}
