/**
 * Answers that a test or a person dictates: the next requests get them instead of what the state of the tenant would
 * say. Every AADSTS number and every protocol line can be had this way. Keeps the queue; servers ask for their turn.
 */

interface Repeated {
  /** How many requests get this answer; default 1. */
  readonly times?: number;
  /** How many requests that it fits are answered as usual first; default none. */
  readonly after?: number;
}

export interface TokenAnswerScript extends Repeated {
  /** The number after AADSTS. */
  readonly aadsts: number;
  /** Which endpoint; default 'token'. */
  readonly on?: 'token' | 'devicecode';
  /** Whatever is not said comes from the sandbox's own table of refusals. */
  readonly error?: string;
  readonly text?: string;
  readonly suberror?: string;
  /** A claims challenge: true for one of the sandbox's making, or the JSON to send. */
  readonly claims?: boolean | string;
  readonly status?: number;
  readonly retryAfterSeconds?: number;
}

export interface LineScript<Step extends string> extends Repeated {
  readonly on: Step;
  /** One or more lines, without the last line break. In IMAP, lines that begin with OK, NO or BAD get the command's tag. */
  readonly reply: string;
  /** Hang up afterwards. */
  readonly thenClose?: boolean;
}

/** 'greeting', or a command's name in lower case; 'fetch' also means UID FETCH. */
export type ImapStep =
  | 'greeting'
  | 'capability'
  | 'id'
  | 'namespace'
  | 'noop'
  | 'logout'
  | 'authenticate'
  | 'login'
  | 'list'
  | 'status'
  | 'select'
  | 'examine'
  | 'create'
  | 'append'
  | 'search'
  | 'fetch'
  | 'store'
  | 'copy'
  | 'move'
  | 'expunge'
  | 'idle'
  | 'close';

/** 'greeting', a verb in lower case, or 'message': the reply after the final dot. */
export type SmtpStep =
  'greeting' | 'ehlo' | 'starttls' | 'auth' | 'mail' | 'rcpt' | 'data' | 'message' | 'rset' | 'noop' | 'quit';

/** 'greeting', a command in lower case, or 'response': what is said to the second line of a sign-in. */
export type Pop3Step =
  | 'greeting'
  | 'capa'
  | 'auth'
  | 'response'
  | 'stat'
  | 'list'
  | 'uidl'
  | 'retr'
  | 'top'
  | 'dele'
  | 'noop'
  | 'rset'
  | 'quit';

/** What a call of Graph is for. */
export type GraphStep =
  | 'list-folders'
  | 'get-folder'
  | 'create-folder'
  | 'list-messages'
  | 'get-message'
  | 'update-message'
  | 'delete-message'
  | 'delta'
  | 'source'
  | 'move'
  | 'copy'
  | 'permanent-delete'
  | 'send-mail'
  | 'create-draft'
  | 'add-attachment'
  | 'create-upload'
  | 'send-draft';

export interface GraphAnswerScript extends Repeated {
  readonly on: GraphStep | 'any';
  readonly status: number;
  /** An error with this code, or the body as it is. */
  readonly error?: { readonly code: string; readonly message: string };
  readonly body?: unknown;
  readonly retryAfterSeconds?: number;
  /** A claims challenge: its JSON. */
  readonly claims?: string;
  /** Hang up instead, after so many bytes of the answer's body. */
  readonly cutAfterBytes?: number;
}

class Script<Answer extends Repeated> {
  #queue: { readonly answer: Answer; left: number; wait: number }[] = [];

  add(answer: Answer): void {
    this.#queue.push({ answer, left: answer.times ?? 1, wait: answer.after ?? 0 });
  }

  /** The first answer that fits, used up by one. */
  take(fits: (answer: Answer) => boolean): Answer | undefined {
    const next = this.#queue.find(({ answer, left }) => left > 0 && fits(answer));
    if (next === undefined) return undefined;
    if (next.wait > 0) {
      next.wait -= 1;
      return undefined;
    }
    next.left -= 1;
    this.#queue = this.#queue.filter(({ left }) => left > 0);
    return next.answer;
  }

  clear(): void {
    this.#queue = [];
  }
}

export class Answers {
  readonly #token = new Script<TokenAnswerScript>();
  readonly #imap = new Script<LineScript<ImapStep>>();
  readonly #smtp = new Script<LineScript<SmtpStep>>();
  readonly #pop3 = new Script<LineScript<Pop3Step>>();
  readonly #graph = new Script<GraphAnswerScript>();

  token(answer: TokenAnswerScript): void {
    this.#token.add(answer);
  }

  imap(answer: LineScript<ImapStep>): void {
    this.#imap.add(answer);
  }

  smtp(answer: LineScript<SmtpStep>): void {
    this.#smtp.add(answer);
  }

  pop3(answer: LineScript<Pop3Step>): void {
    this.#pop3.add(answer);
  }

  graph(answer: GraphAnswerScript): void {
    this.#graph.add(answer);
  }

  /** Forgets what has not been used. */
  clear(): void {
    this.#token.clear();
    this.#imap.clear();
    this.#smtp.clear();
    this.#pop3.clear();
    this.#graph.clear();
  }

  // --- for servers -------------------------------------------------------------------------------------------

  takeToken(endpoint: 'token' | 'devicecode'): TokenAnswerScript | undefined {
    return this.#token.take(({ on }) => (on ?? 'token') === endpoint);
  }

  takeImap(command: string): LineScript<ImapStep> | undefined {
    const step = command.toLowerCase().replace(/^uid /u, '');
    return this.#imap.take(({ on }) => on === step);
  }

  takeSmtp(step: string): LineScript<SmtpStep> | undefined {
    return this.#smtp.take(({ on }) => on === step.toLowerCase());
  }

  takePop3(step: string): LineScript<Pop3Step> | undefined {
    return this.#pop3.take(({ on }) => on === step.toLowerCase());
  }

  takeGraph(step: GraphStep): GraphAnswerScript | undefined {
    return this.#graph.take(({ on }) => on === 'any' || on === step);
  }
}
