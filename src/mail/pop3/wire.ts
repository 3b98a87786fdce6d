/**
 * The wire under node-pop3: framing, dot-stuffing, pace and deadlines on a socket that is already connected.
 * Owns: which answer belongs to which command, and that a lost or silent connection ends everything that waits for it.
 * Must not: know what a command means, reconnect, or put into an error what was sent.
 */
import type { Socket } from 'node:net';
import type { MailListener } from '../../net/index.js';
import { Body } from './body.js';
import { DotDecoder } from './dot-decoder.js';

/** The server said -ERR. */
export class Pop3Refusal extends Error {
  override readonly name = 'Pop3Refusal';
  /** As it was on the wire. */
  readonly line: string;

  constructor(line: string) {
    super(line);
    this.line = line;
  }
}

/** The server said something that is no answer at all. */
export class Pop3Nonsense extends Error {
  override readonly name = 'Pop3Nonsense';
}

/** What may follow a status line: nothing, lines up to a lone dot, or the next step of a sign-in ("+ …"). */
export type AnswerKind = 'line' | 'lines' | 'challenge';

export interface Answer {
  /** What the status line says after +OK, or after + of a challenge. */
  readonly text: string;
  readonly isChallenge: boolean;
  /** For 'lines'. The next answer waits until it is read or discarded. */
  readonly body: Body;
}

interface Question {
  /** Undefined for the greeting, which nobody asks for. */
  readonly command: string | undefined;
  readonly kind: AnswerKind;
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

/** RFC 2449 section 4 allows 512 bytes. */
const MAX_STATUS_LINE_BYTES = 8 * 1024;
/** How much is held for whoever reads the answers; beyond it, the server has to wait. */
const HIGH_WATER_BYTES = 512 * 1024;
const LF = 0x0a;
/** What is left of an answer in an error: enough to recognise the server. */
const MAX_SHOWN = 200;

export const lost = (): Error =>
  Object.assign(new Error('The server closed the connection.'), { code: 'ECONNRESET' });
export const timedOut = (what: string): Error =>
  Object.assign(new Error(`No ${what} in time.`), { code: 'ETIMEDOUT' });

export class Pop3Wire {
  /** Commands may be sent before the one before is answered (RFC 2449 section 6.6). */
  pipelining = false;
  readonly #socket: Socket;
  readonly #listener: MailListener | undefined;
  readonly #idleTimeoutMs: number;
  /** Not sent yet, and sent but not answered yet. */
  #waiting: Question[] = [];
  #asked: Question[] = [];
  #outgoing = '';
  #line = '';
  #body: { readonly body: Body; readonly decoder: DotDecoder } | undefined;
  #bodyBytes = 0;
  #held = 0;
  #isPaused = false;
  #end: { readonly error: Error } | undefined;

  constructor(socket: Socket, idleTimeoutMs: number, listener?: MailListener) {
    this.#socket = socket;
    this.#idleTimeoutMs = idleTimeoutMs;
    this.#listener = listener;
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    socket.on('error', (error) => this.end(error));
    socket.on('end', () => this.end(lost()));
    socket.on('close', () => this.end(lost()));
    socket.on('timeout', () => {
      // Silence counts only while it is the server's turn.
      if (this.#isAwaiting && !this.#isPaused) this.end(timedOut('answer'));
    });
  }

  get usable(): boolean {
    return this.#end === undefined;
  }

  /** Nothing was asked that is not answered to its end. */
  get isIdle(): boolean {
    return !this.#isAwaiting && this.#waiting.length === 0;
  }

  get #isAwaiting(): boolean {
    return this.#asked.length > 0 || this.#body !== undefined;
  }

  /** The line that the server says first. */
  greeting(timeoutMs: number): Promise<Answer> {
    const timer = setTimeout(() => this.end(timedOut('greeting')), timeoutMs);
    return this.#question(undefined, 'line').finally(() => clearTimeout(timer));
  }

  /**
   * Sends a command when its turn has come and answers with what the server said to it.
   * @throws Pop3Refusal, Pop3Nonsense, or what ended the connection
   */
  ask(command: string, kind: AnswerKind = 'line'): Promise<Answer> {
    if (/[\r\n]/u.test(command)) throw new TypeError('A command is one line.');
    return this.#question(command, kind);
  }

  /** Commands that were not sent yet are not sent any more. */
  withdraw(): void {
    const questions = this.#waiting;
    this.#waiting = [];
    for (const question of questions) question.reject(new Error('The command was withdrawn.'));
  }

  /** Ends the connection; everything that waits for it rejects. */
  end(error: Error): void {
    if (this.#end !== undefined) return;
    this.#end = { error };
    this.#socket.destroy();
    const questions = [...this.#asked, ...this.#waiting];
    this.#asked = [];
    this.#waiting = [];
    this.#body?.body.fail(error);
    this.#body = undefined;
    for (const question of questions) question.reject(error);
  }

  #question(command: string | undefined, kind: AnswerKind): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      if (this.#end !== undefined) {
        reject(this.#end.error);
        return;
      }
      this.#waiting.push({ command, kind, resolve, reject });
      this.#send();
    });
  }

  #send(): void {
    while (this.pipelining || !this.#isAwaiting) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      if (!this.#isAwaiting) this.#socket.setTimeout(this.#idleTimeoutMs);
      this.#asked.push(next);
      if (next.command === undefined) continue;
      this.#listener?.client(next.command);
      // What is asked in one go leaves in one piece.
      if (this.#outgoing === '') queueMicrotask(() => this.#flush());
      this.#outgoing += `${next.command}\r\n`;
    }
  }

  #flush(): void {
    const commands = this.#outgoing;
    this.#outgoing = '';
    if (this.usable) this.#socket.write(commands, 'latin1');
  }

  #onData(chunk: Buffer): void {
    let rest: Buffer | undefined = chunk;
    while (rest !== undefined && rest.length > 0 && this.usable) {
      rest = this.#body === undefined ? this.#takeLine(rest) : this.#takeBody(this.#body, rest);
    }
    this.#setPace();
  }

  #takeLine(chunk: Buffer): Buffer | undefined {
    const end = chunk.indexOf(LF);
    this.#line += chunk.toString('latin1', 0, end === -1 ? chunk.length : end);
    if (this.#line.length > MAX_STATUS_LINE_BYTES) {
      this.end(new Pop3Nonsense(this.#line.slice(0, MAX_SHOWN)));
      return undefined;
    }
    if (end === -1) return undefined;
    const line = this.#line.replace(/\r$/u, '');
    this.#line = '';
    this.#listener?.server(line);
    this.#answered(line);
    return chunk.subarray(end + 1);
  }

  #takeBody({ body, decoder }: { body: Body; decoder: DotDecoder }, chunk: Buffer): Buffer | undefined {
    const { data, rest } = decoder.push(chunk);
    for (const piece of data) {
      this.#held += piece.length;
      this.#bodyBytes += piece.length;
      body.push(piece);
    }
    if (rest === undefined) return undefined;
    this.#body = undefined;
    this.#listener?.content(this.#bodyBytes, 'server');
    body.complete();
    this.#send();
    return rest;
  }

  #answered(line: string): void {
    const question = this.#asked.shift();
    const { status, text = '' } = /^(?<status>\+OK|-ERR|\+)(?:\s(?<text>.*))?$/isu.exec(line)?.groups ?? {};
    const refused = status?.toUpperCase() === '-ERR';
    if (question === undefined) {
      // Words without a question are a farewell. Whatever they are, later answers could not be told apart any more.
      this.end(refused ? new Pop3Refusal(line) : new Pop3Nonsense(line.slice(0, MAX_SHOWN)));
      return;
    }
    if (refused) {
      question.reject(new Pop3Refusal(line));
      this.#send();
      return;
    }
    const isChallenge = status === '+';
    if (status === undefined || (isChallenge && question.kind !== 'challenge')) {
      const error = new Pop3Nonsense(line.slice(0, MAX_SHOWN));
      question.reject(error);
      this.end(error);
      return;
    }
    const body = new Body((bytes) => this.#release(bytes));
    if (question.kind === 'lines') {
      this.#body = { body, decoder: new DotDecoder() };
      this.#bodyBytes = 0;
    } else {
      body.complete();
    }
    question.resolve({ text, isChallenge, body });
    this.#send();
  }

  #release(bytes: number): void {
    this.#held -= bytes;
    this.#setPace();
  }

  #setPace(): void {
    const mustPause = this.#held > HIGH_WATER_BYTES;
    if (mustPause === this.#isPaused || !this.usable) return;
    this.#isPaused = mustPause;
    if (mustPause) {
      this.#socket.pause();
    } else {
      this.#socket.setTimeout(this.#idleTimeoutMs);
      this.#socket.resume();
    }
  }
}
