/**
 * One POP3 connection from greeting to goodbye (RFC 1939), as Exchange Online holds it: XOAUTH2 in two lines only, one
 * command at a time, deletions at QUIT. Verdicts and texts are made elsewhere.
 */
import type { Socket } from 'node:net';
import type { Answers } from '../answers/answers.js';
import type { Cloud } from '../directory/cloud.js';
import type { Directory } from '../directory/directory.js';
import { judgeMailAccess } from '../directory/mail-access.js';
import { parseXoauth2 } from '../sasl/xoauth2.js';
import { ConnectionLost, LineReader, LineTooLong } from '../sockets/line-reader.js';
import { Output } from '../sockets/output.js';
import { reportSize, type StoredMail } from '../store/mail-folder.js';
import type { MailStore } from '../store/mail-store.js';
import type { AccessTokens } from '../token/access-tokens.js';
import { stuffed, top } from './dot-stuffing.js';
import { Maildrop } from './maildrop.js';
import { REPLIES } from './replies.js';

export interface Pop3Services {
  readonly cloud: Cloud;
  readonly accessTokens: AccessTokens;
  readonly answers: Answers;
  readonly store: MailStore;
  readonly now: () => number;
  /** Takes errors that are the sandbox's own fault. */
  readonly reportFault: (fault: unknown) => void;
}

/** RFC 2449 section 4: a command is no longer than 255 octets, which is why a token needs a line of its own. */
const MAX_COMMAND_BYTES = 255;
const MAX_RESPONSE_BYTES = 64 * 1024;
const MAX_BAD_COMMANDS = 20;
const HANG_UP_MS = 1000;

interface OpenMailbox {
  readonly directory: Directory;
  readonly address: string;
  readonly maildrop: Maildrop;
  /** Milliseconds. */
  readonly expiresAt: number;
}

export class Pop3Session {
  readonly #services: Pop3Services;
  readonly #socket: Socket;
  readonly #reader: LineReader;
  readonly #output: Output;
  #open: OpenMailbox | undefined;
  #isOver = false;
  #badCommands = 0;

  constructor(socket: Socket, services: Pop3Services) {
    this.#socket = socket;
    this.#services = services;
    this.#reader = new LineReader(socket);
    this.#output = new Output(socket);
  }

  /** Runs until the connection is over; never rejects. */
  async serve(): Promise<void> {
    try {
      const host = Buffer.from('sandbox.contoso.example').toString('base64');
      await this.#say(this.#takeDictated('greeting') ?? REPLIES.ready(host));
      while (!this.#isOver) await this.#serveCommand();
      this.#hangUp();
    } catch (failure) {
      if (failure instanceof LineTooLong) {
        await this.#say(REPLIES.protocolError).catch(() => undefined);
        this.#hangUp();
        return;
      }
      // A lost connection is no event; anything else ends this connection, never the server.
      if (!(failure instanceof ConnectionLost)) this.#services.reportFault(failure);
      this.#socket.destroy();
    }
  }

  async #serveCommand(): Promise<void> {
    // Longer lines are read to their end, so that they can be answered.
    const line = (await this.#reader.readLine(MAX_RESPONSE_BYTES)).toString('latin1');
    if (line.length > MAX_COMMAND_BYTES) throw new LineTooLong();
    const [verb = '', ...args] = line.trimEnd().split(' ');
    // Exchange is not known to say anything here; the connection is gone.
    if (this.#open !== undefined && this.#services.now() >= this.#open.expiresAt) {
      this.#isOver = true;
      return;
    }
    const dictated = this.#takeDictated(verb);
    if (dictated !== undefined) await this.#say(dictated);
    else await this.#answer(verb.toUpperCase(), args);
  }

  /** What was dictated for this step, if anything was. */
  #takeDictated(step: string): string | undefined {
    const dictated = this.#services.answers.takePop3(step);
    if (dictated?.thenClose === true) this.#isOver = true;
    return dictated?.reply.replace(/\r?\n/gu, '\r\n');
  }

  async #answer(verb: string, args: readonly string[]): Promise<void> {
    switch (verb) {
      case 'CAPA':
        return this.#sayLines(REPLIES.ok, REPLIES.capabilities);
      case 'QUIT':
        return this.#quit();
      case 'AUTH':
        return this.#authenticate(args);
      case 'USER':
        return this.#say(this.#open === undefined ? REPLIES.ok : REPLIES.invalidState);
      case 'PASS':
        return this.#refuse(this.#open === undefined ? REPLIES.passwordRefused : REPLIES.invalidState);
      default:
        return this.#open === undefined
          ? this.#refuse(REPLIES.invalidState)
          : this.#transact(this.#open, verb, args);
    }
  }

  async #authenticate([mechanism = '', initial]: readonly string[]): Promise<void> {
    if (this.#open !== undefined) return this.#refuse(REPLIES.invalidState);
    if (initial !== undefined) {
      this.#isOver = true;
      return this.#say(REPLIES.protocolError);
    }
    if (mechanism.toUpperCase() !== 'XOAUTH2') return this.#refuse(REPLIES.signInRefused);
    await this.#say(REPLIES.goAhead);
    const response = (await this.#reader.readLine(MAX_RESPONSE_BYTES)).toString('latin1');
    // The response is a step of its own: what is dictated for it comes in place of the verdict.
    const dictated = this.#takeDictated('response');
    if (dictated !== undefined) return this.#say(dictated);
    if (!this.#signIn(response)) return this.#refuse(REPLIES.signInRefused);
    return this.#say(REPLIES.signedIn);
  }

  #signIn(response: string): boolean {
    const { cloud, accessTokens, store, now } = this.#services;
    const credentials = parseXoauth2(response);
    const claims = credentials === undefined ? undefined : accessTokens.verify(credentials.accessToken);
    if (credentials === undefined || claims === undefined) return false;
    const access = judgeMailAccess(cloud, 'pop', claims, credentials.userName, now());
    // POP3 has no way to be signed in and not connected: a missing FullAccess is refused like everything else.
    if (access.verdict !== 'granted') return false;
    const { directory, expiresAt } = access;
    const { address } = access.mailbox;
    this.#open = {
      directory,
      address,
      expiresAt,
      maildrop: new Maildrop(store.open(access.mailbox).folder('INBOX')),
    };
    return true;
  }

  async #transact(open: OpenMailbox, verb: string, args: readonly string[]): Promise<void> {
    const { maildrop, directory } = open;
    if (directory.findMailbox(open.address)?.backEndUnavailable === true) {
      return this.#say(REPLIES.serverUnavailable);
    }
    const [number = ''] = args;
    const mail = maildrop.find(number);
    switch (verb) {
      case 'NOOP':
        return this.#say(REPLIES.ok);
      case 'RSET':
        maildrop.unmark();
        return this.#say(REPLIES.ok);
      case 'STAT': {
        const sizes = [...maildrop.list()].map(([, one]) => this.#sizeOf(one));
        return this.#say(`+OK ${sizes.length} ${sizes.reduce((sum, size) => sum + size, 0)}`);
      }
      case 'LIST':
        return this.#list(args, (one) => `${this.#sizeOf(one)}`);
      case 'UIDL':
        return this.#list(args, (one) => maildrop.idOf(one));
      case 'RETR':
        if (mail === undefined) return this.#say(REPLIES.noSuchMessage);
        await this.#sayMessage(mail.source.read());
        maildrop.markSeen(mail);
        return;
      case 'TOP': {
        const lines = /^\d{1,9}$/u.test(args[1] ?? '') ? Number(args[1]) : undefined;
        if (mail === undefined || lines === undefined) return this.#say(REPLIES.noSuchMessage);
        return this.#sayMessage(top(mail.source.read(), lines));
      }
      case 'DELE':
        if (mail === undefined) return this.#say(REPLIES.noSuchMessage);
        maildrop.markDeleted(mail);
        return this.#say(REPLIES.ok);
      default:
        return this.#refuse(REPLIES.invalidState);
    }
  }

  async #list(args: readonly string[], valueOf: (mail: StoredMail) => string): Promise<void> {
    const { maildrop } = this.#open ?? {};
    if (maildrop === undefined) return;
    const [number] = args;
    if (number !== undefined) {
      const mail = maildrop.find(number);
      return this.#say(mail === undefined ? REPLIES.noSuchMessage : `+OK ${number} ${valueOf(mail)}`);
    }
    await this.#output.write(`${REPLIES.ok}\r\n`);
    for (const [index, mail] of maildrop.list()) await this.#output.write(`${index} ${valueOf(mail)}\r\n`);
    await this.#say('.');
  }

  async #quit(): Promise<void> {
    this.#isOver = true;
    this.#open?.maildrop.commit();
    await this.#say(REPLIES.goodbye);
  }

  #sizeOf(mail: StoredMail): number {
    return reportSize(mail, this.#open?.directory.tenant.sizeEstimate === true);
  }

  async #sayMessage(message: Buffer): Promise<void> {
    await this.#output.write(`${REPLIES.ok}\r\n`);
    for (const piece of stuffed(message)) await this.#output.write(piece);
    await this.#say('.');
  }

  async #sayLines(status: string, lines: readonly string[]): Promise<void> {
    for (const line of [status, ...lines]) await this.#output.write(`${line}\r\n`);
    await this.#say('.');
  }

  /** Says no, and hangs up on a client that does not learn. */
  async #refuse(reply: string): Promise<void> {
    this.#badCommands += 1;
    if (this.#badCommands >= MAX_BAD_COMMANDS) this.#isOver = true;
    await this.#say(reply);
  }

  async #say(reply: string): Promise<void> {
    if (this.#socket.destroyed) throw new ConnectionLost();
    await this.#output.write(`${reply}\r\n`);
    await this.#output.flush();
  }

  /** Ends our side first: closing at once with unread bytes would reset the connection and take the last words along. */
  #hangUp(): void {
    this.#socket.end();
    setTimeout(() => this.#socket.destroy(), HANG_UP_MS).unref();
  }
}
