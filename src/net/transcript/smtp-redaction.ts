/**
 * Which parts of an SMTP dialogue may be known. Message content never comes here: the library reports commands and
 * replies alone. Everything not listed as harmless is replaced by its length.
 */
import type { Scrubber } from './scrubber.js';
import { redactedValue } from './secrets.js';

const HARMLESS = /^(?:STARTTLS|MAIL FROM:|RCPT TO:|DATA$|BDAT \d|RSET|NOOP|QUIT)/iu;

export class SmtpRedaction {
  #signingIn = false;
  readonly #scrubber: Scrubber;

  constructor(scrubber: Scrubber) {
    this.#scrubber = scrubber;
  }

  client(line: string): string {
    if (this.#signingIn) return line === '' || line === '*' ? line : '<redacted>';
    const greeting = /^(?:EHLO|HELO|LHLO)\b/iu.exec(line)?.[0];
    // The name of the machine this runs on is nobody's business.
    if (greeting !== undefined) return `${greeting} <name>`;
    const auth = /^AUTH (?<mechanism>[\w-]+)(?: (?<blob>.*))?$/isu.exec(line)?.groups;
    if (auth !== undefined) {
      this.#signingIn = true;
      const { mechanism = '', blob } = auth;
      return `AUTH ${mechanism}${blob === undefined ? '' : ' <redacted>'}`;
    }
    return HARMLESS.test(line) ? this.#scrubber.text(line) : redactedValue(line);
  }

  /** A whole reply, lines separated by LF or CRLF. */
  server(reply: string): string {
    if (this.#signingIn && reply.startsWith('334')) {
      return reply.length > 4 ? '334 <redacted>' : reply;
    }
    this.#signingIn = false;
    return this.#scrubber.text(reply.replace(/\r?\n/gu, '\n'));
  }
}
