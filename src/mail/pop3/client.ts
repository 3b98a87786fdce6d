/**
 * node-pop3 on our own wire. The library's commands and its reading of their answers are used; its socket, framing and
 * way of signing in are not: they corrupt messages, wait for ever, sign in again by themselves with an empty password,
 * and put the token into errors. Owns: where the library meets the wire. Must not: decide when a command is sent.
 */
import { Readable } from 'node:stream';
import Pop3Command from 'node-pop3';
import { lost, type AnswerKind, type Pop3Wire } from './wire.js';

/** Commands whose good answer has more lines; the second ones only when no message is named. */
const WITH_LINES = new Set(['CAPA', 'RETR', 'TOP']);
const WITH_LINES_FOR_ALL = new Set(['LIST', 'UIDL']);

function kindOf(command: string): AnswerKind {
  const [verb = '', argument] = command.split(' ');
  return WITH_LINES.has(verb) || (WITH_LINES_FOR_ALL.has(verb) && argument === undefined) ? 'lines' : 'line';
}

export class Pop3Client extends Pop3Command {
  readonly wire: Pop3Wire;

  constructor(wire: Pop3Wire, host: string, port: number) {
    super({ user: '', password: '', host, port });
    this.wire = wire;
    // All that the library does with its socket is to write a command and to wait for 'response' or 'error'.
    const socket = { write: (line: string) => void this.#say(line.trimEnd()) };
    this._socket = socket as unknown as typeof this._socket;
  }

  /** The wire is connected and signed in before the library gets it. */
  override connect(): Promise<void> {
    return this.wire.usable ? Promise.resolve() : Promise.reject(lost());
  }

  /** Its own version would sign in with an empty password once the connection is gone. */
  override async _connect(): Promise<string> {
    await this.connect();
    return '';
  }

  async #say(command: string): Promise<void> {
    try {
      const { text, body } = await this.wire.ask(command, kindOf(command));
      this.emit('response', text, Readable.from(body, { objectMode: false }));
    } catch (error) {
      // The library keeps listening for the answer of a command that failed.
      this.removeAllListeners('response');
      if (this.listenerCount('error') > 0) this.emit('error', error);
    }
  }
}
