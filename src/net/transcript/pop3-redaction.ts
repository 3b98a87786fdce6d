/**
 * Which parts of a POP3 dialogue may be known. Multi-line answers (messages, lists of ids) never come here: the wire
 * reports commands and status lines alone. Everything not listed as harmless is replaced by its length.
 */
import type { Scrubber } from './scrubber.js';
import { redactedValue } from './secrets.js';

/** Commands that name numbers of messages at most. */
const HARMLESS = /^(?:CAPA|STLS|STAT|NOOP|RSET|QUIT|(?:LIST|UIDL|RETR|DELE)(?: \d+)?|TOP \d+ \d+)$/iu;

export class Pop3Redaction {
  #signingIn = false;
  readonly #scrubber: Scrubber;

  constructor(scrubber: Scrubber) {
    this.#scrubber = scrubber;
  }

  client(line: string): string {
    if (this.#signingIn) return line === '' || line === '*' ? line : '<redacted>';
    const auth = /^AUTH (?<mechanism>[\w-]+)(?: (?<blob>.*))?$/isu.exec(line)?.groups;
    if (auth !== undefined) {
      this.#signingIn = true;
      const { mechanism = '', blob } = auth;
      return `AUTH ${mechanism}${blob === undefined ? '' : ' <redacted>'}`;
    }
    return HARMLESS.test(line) ? line : redactedValue(line);
  }

  /** A status line. */
  server(line: string): string {
    if (this.#signingIn && /^\+(?: |$)/u.test(line)) return line.length > 2 ? '+ <redacted>' : line;
    this.#signingIn = false;
    return this.#scrubber.text(line);
  }
}
