/**
 * One IMAP connection from greeting to goodbye: reads commands, checks state and token, runs them in order, answers.
 * Knows no single command; those are in commands/.
 */
import type { Socket } from 'node:net';
import type { Answers } from '../answers/answers.js';
import type { Cloud } from '../directory/cloud.js';
import type { Directory } from '../directory/directory.js';
import { ConnectionLost, LineReader, LineTooLong } from '../sockets/line-reader.js';
import { Output } from '../sockets/output.js';
import type { SandboxMailbox } from '../store/sandbox-mailbox.js';
import type { MailStore } from '../store/mail-store.js';
import type { AccessTokens } from '../token/access-tokens.js';
import { CommandFailure } from './command-failure.js';
import type { RawCommand, ReaderLimits } from './command-reader.js';
import { LiteralTooLarge, readCommand } from './command-reader.js';
import { COMMANDS } from './commands/registry.js';
import type { FolderView } from './folder-view.js';

export interface ImapServices {
  readonly cloud: Cloud;
  readonly accessTokens: AccessTokens;
  readonly answers: Answers;
  readonly store: MailStore;
  readonly now: () => number;
  /** Takes errors that are the sandbox's own fault. */
  readonly reportFault: (fault: unknown) => void;
}

/** A command gets the session and returns the text after OK. */
export interface ImapCommand {
  /** The state the session must be in; 'connected' needs a mailbox, 'selected' a folder. */
  readonly needs: 'nothing' | 'no-sign-in' | 'connected' | 'selected';
  /** Sequence numbers must stay put until it is done (RFC 3501 section 7.4.1). */
  readonly freezesNumbers?: boolean;
  run(session: ImapSession, command: RawCommand): Promise<string> | string;
}

const BEFORE_SIGN_IN: ReaderLimits = {
  maxLineBytes: 64 * 1024,
  maxAppendBytes: 0,
  maxLiteralBytes: 16 * 1024,
};
const SIGNED_IN: ReaderLimits = {
  maxLineBytes: 256 * 1024,
  maxAppendBytes: 150 * 1024 * 1024,
  maxLiteralBytes: 64 * 1024,
};
const MAX_BAD_COMMANDS = 20;
const HANG_UP_MS = 1000;

export class ImapSession {
  readonly services: ImapServices;
  readonly reader: LineReader;
  readonly output: Output;
  /** Milliseconds; set by AUTHENTICATE. */
  tokenExpiresAt: number | undefined;
  /** The tenant of the mailbox. */
  directory: Directory | undefined;
  /** Absent before sign-in, and after a sign-in that opens no mailbox. */
  mailbox: SandboxMailbox | undefined;
  view: FolderView | undefined;
  #isOver = false;
  #badCommands = 0;
  readonly #socket: Socket;

  constructor(socket: Socket, services: ImapServices) {
    this.#socket = socket;
    this.services = services;
    this.reader = new LineReader(socket);
    this.output = new Output(socket);
  }

  get isSignedIn(): boolean {
    return this.tokenExpiresAt !== undefined;
  }

  /** Runs until the connection is over; never rejects. */
  async serve(): Promise<void> {
    try {
      const host = Buffer.from('sandbox.contoso.example').toString('base64');
      if (!(await this.#sayDictated('greeting'))) {
        await this.send(`* OK The Microsoft Exchange IMAP4 service is ready. [${host}]`);
      }
      while (!this.#isOver) await this.#serveCommand();
      this.#hangUp();
    } catch (failure) {
      // A lost connection is no event; anything else ends this connection, never the server.
      if (!(failure instanceof ConnectionLost)) {
        this.services.reportFault(failure);
        await this.#sayGoodbye('Connection closed. 14').catch(() => undefined);
      }
      this.#socket.destroy();
    } finally {
      this.closeFolder();
    }
  }

  async send(line: string): Promise<void> {
    await this.output.write(`${line}\r\n`);
    await this.output.flush();
  }

  /** Sends what changed in the selected folder. */
  async sendUpdates(mayExpunge: boolean): Promise<void> {
    const updates = this.view?.drainUpdates(mayExpunge) ?? '';
    if (updates !== '') await this.output.write(updates);
  }

  closeFolder(): void {
    this.view?.close();
    this.view = undefined;
  }

  /** Ends the session after the current command has been answered. */
  finish(): void {
    this.#isOver = true;
  }

  /** Ends the session now when the access token is no longer valid; says whether it did. */
  async endIfTokenExpired(): Promise<boolean> {
    if (this.#isOver) return true;
    if (this.tokenExpiresAt === undefined || this.services.now() < this.tokenExpiresAt) return false;
    await this.#sayGoodbye('Session invalidated - AccessTokenExpired');
    this.#hangUp();
    return true;
  }

  async #serveCommand(): Promise<void> {
    let command: RawCommand;
    try {
      command = await readCommand(this.reader, this.output, this.isSignedIn ? SIGNED_IN : BEFORE_SIGN_IN);
    } catch (failure) {
      if (failure instanceof LineTooLong) {
        await this.#sayGoodbye('Command line too long.');
        return;
      }
      if (!(failure instanceof LiteralTooLarge)) throw failure;
      await this.#answer(failure.tag, 'BAD', 'Command Argument Error. 11');
      if (failure.isUnstoppable) await this.#sayGoodbye('Connection closed. 14');
      return;
    }
    if (!(await this.endIfTokenExpired())) await this.#run(command);
  }

  async #run(command: RawCommand): Promise<void> {
    const { tag, name } = command;
    if (await this.#sayDictated(name, tag)) return;
    const handler = COMMANDS.get(name);
    if (handler === undefined) {
      await this.#answer(tag, 'BAD', 'Command Error. 12');
      return;
    }
    if (handler.needs !== 'nothing' && !this.#isReadyFor(handler.needs)) {
      await this.#refuseState(tag, handler.needs);
      return;
    }
    try {
      this.#checkMailboxServer(handler.needs);
      const text = await handler.run(this, command);
      await this.sendUpdates(handler.freezesNumbers !== true);
      await this.#answer(tag, 'OK', text);
    } catch (failure) {
      if (!(failure instanceof CommandFailure)) throw failure;
      await this.sendUpdates(handler.freezesNumbers !== true);
      await this.#answer(tag, failure.status, failure.message);
    }
  }

  /** Says what was dictated for this step, if anything was; lines with a status get the tag. */
  async #sayDictated(step: string, tag = '*'): Promise<boolean> {
    const dictated = this.services.answers.takeImap(step);
    if (dictated === undefined) return false;
    for (const line of dictated.reply.split(/\r?\n/u)) {
      await this.send(/^(?:OK|NO|BAD) /u.test(line) ? `${tag} ${line}` : line);
    }
    if (dictated.thenClose === true) this.finish();
    return true;
  }

  /** @throws CommandFailure when the user is throttled or the mailbox's own server is away */
  #checkMailboxServer(needs: ImapCommand['needs']): void {
    const state = this.mailbox === undefined ? undefined : this.directory?.findMailbox(this.mailbox.address);
    if (state === undefined || (needs !== 'connected' && needs !== 'selected')) return;
    if (state.backEndUnavailable) throw new CommandFailure('NO', 'Server Unavailable. 15');
    if (state.imapThrottledMs === undefined) return;
    const wait = `Suggested Backoff Time: ${state.imapThrottledMs} milliseconds`;
    throw new CommandFailure('BAD', `Request is throttled. ${wait}`);
  }

  #isReadyFor(state: 'no-sign-in' | 'connected' | 'selected'): boolean {
    if (state === 'no-sign-in') return !this.isSignedIn;
    return state === 'connected' ? this.mailbox !== undefined : this.view !== undefined;
  }

  async #refuseState(tag: string, state: 'no-sign-in' | 'connected' | 'selected'): Promise<void> {
    if (state !== 'no-sign-in' && this.isSignedIn && this.mailbox === undefined) {
      await this.#answer(tag, 'BAD', 'User is authenticated but not connected.');
      await this.#sayGoodbye('Connection closed. 14');
      return;
    }
    await this.#answer(tag, 'BAD', 'Command received in Invalid state.');
  }

  async #answer(tag: string, status: 'OK' | 'NO' | 'BAD', text: string): Promise<void> {
    await this.send(`${tag} ${status} ${text}`);
    if (status !== 'BAD') return;
    if (++this.#badCommands >= MAX_BAD_COMMANDS) await this.#sayGoodbye('Connection closed. 14');
  }

  /** Ends our side first: closing at once with unread bytes would reset the connection and take the BYE with it. */
  #hangUp(): void {
    this.#socket.end();
    setTimeout(() => this.#socket.destroy(), HANG_UP_MS).unref();
  }

  async #sayGoodbye(text: string): Promise<void> {
    this.finish();
    await this.send(`* BYE ${text}`);
  }
}
