/**
 * Which parts of an IMAP dialogue may be known. Everything not listed here as harmless is replaced by its length.
 * Owns: that list. Must not: see the bytes of a literal (line-splitter.ts drops them).
 */
import type { Scrubber } from './scrubber.js';
import { redactedValue } from './secrets.js';

/** Commands with nothing private in them, for example FETCH, which names parts and no content. */
const HARMLESS = new Set(
  (
    'CAPABILITY NOOP LOGOUT STARTTLS IDLE CHECK CLOSE UNSELECT EXPUNGE ENABLE NAMESPACE FETCH STORE COMPRESS ID ' +
    'UID-FETCH UID-STORE UID-EXPUNGE'
  ).split(' '),
);
const WITH_FOLDERS = new Set(
  'SELECT EXAMINE STATUS LIST LSUB CREATE DELETE RENAME SUBSCRIBE UNSUBSCRIBE APPEND'.split(' '),
);
const TO_FOLDER = new Set('COPY MOVE UID-COPY UID-MOVE'.split(' '));
/** A quoted string, also one that never ends: a broken line must not show more than a whole one. */
const QUOTED = /"(?<value>(?:[^"\\]|\\.)*)(?:"|\\?$)/gu;
/** A search key, a number or set of numbers, a date. Keywords of people are none of them. */
const SEARCH_WORD =
  /^\(*(?:[\d:,*]+|"?\d{1,2}-[A-Z][a-z]{2}-\d{4}"?|ALL|ANSWERED|BEFORE|BODY|CHARSET|DELETED|DRAFT|FLAGGED|FROM|HEADER|LARGER|NEW|NOT|OLD|ON|OR|RECENT|SEEN|SENTBEFORE|SENTON|SENTSINCE|SINCE|SMALLER|SUBJECT|TEXT|TO|UID|UNANSWERED|UNDELETED|UNDRAFT|UNFLAGGED|UNSEEN|US-ASCII|UTF-8)\)*$/u;

/** Flags that everybody has; a keyword may be anything, a customer's name included. */
const KNOWN_FLAG = /^(?:\\\S+|\$(?:MDNSent|Forwarded|Junk|NotJunk|Phishing|Important))$/u;
const FLAG_LIST = /FLAGS(?<silent>\.SILENT)? \((?<flags>[^)]*)\)/giu;

const withoutKeywords = (line: string): string =>
  line.replace(FLAG_LIST, (all, _silent, flags: string) =>
    all.replace(
      flags,
      flags
        .split(' ')
        .map((flag) => (flag === '' || KNOWN_FLAG.test(flag) ? flag : 'keyword'))
        .join(' '),
    ),
  );

export class ImapRedaction {
  #signingIn = false;
  readonly #scrubber: Scrubber;

  constructor(scrubber: Scrubber) {
    this.#scrubber = scrubber;
  }

  #folders(text: string): string {
    return text.replace(QUOTED, (_all, value: string) => `"${this.#scrubber.pseudonyms.folder(value)}"`);
  }

  /** A command, from tag to end of line. */
  client(line: string): string {
    const parts = /^(?<tag>[\w.]+) (?<verb>(?:UID )?[A-Z]+)(?: (?<rest>.*))?$/isu.exec(line)?.groups;
    if (this.#signingIn || parts === undefined) {
      return line === '' || line === 'DONE' || line === '*' ? line : '<redacted>';
    }
    const { tag = '', verb = '', rest } = parts;
    const name = verb.toUpperCase().replace(' ', '-');
    const command = `${tag} ${verb}`;
    if (name === 'AUTHENTICATE') {
      this.#signingIn = true;
      const [mechanism = '', ...response] = (rest ?? '').split(' ');
      return `${command} ${mechanism}${response.length === 0 ? '' : ' <redacted>'}`;
    }
    if (rest === undefined) return command;
    if (HARMLESS.has(name)) return this.#text(`${command} ${rest}`);
    if (WITH_FOLDERS.has(name)) return `${command} ${this.#scrubber.text(this.#folderFirst(rest))}`;
    if (TO_FOLDER.has(name)) return `${command} ${this.#folderLast(rest)}`;
    if (name.endsWith('SEARCH')) {
      const words = rest.match(/"(?:[^"\\]|\\.)*(?:"|\\?$)|\S+/gu) ?? [];
      return `${command} ${words.map((word) => (SEARCH_WORD.test(word) ? word : redactedValue(word))).join(' ')}`;
    }
    return `${command} ${redactedValue(rest)}`;
  }

  /** A response, from `*`, `+` or tag to end of line. */
  server(line: string): string {
    if (line.startsWith('+')) {
      return this.#signingIn && line.length > 2 ? '+ <redacted>' : this.#text(line);
    }
    if (!line.startsWith('*')) {
      this.#signingIn = false;
      return this.#text(line);
    }
    const kind = /^\* (?:\d+ )?(?<kind>[A-Z]+)/iu.exec(line)?.groups?.['kind']?.toUpperCase() ?? '';
    switch (kind) {
      case 'OK':
      case 'NO':
      case 'BAD':
      case 'BYE':
      case 'PREAUTH':
      case 'CAPABILITY':
      case 'ENABLED':
      case 'ID':
      case 'FLAGS':
      case 'EXISTS':
      case 'RECENT':
      case 'EXPUNGE':
      case 'SEARCH':
        return this.#text(line);
      case 'LIST':
      case 'LSUB':
      case 'XLIST':
        return this.#text(this.#folderLast(line));
      case 'NAMESPACE':
        return this.#text(this.#folders(line));
      case 'STATUS':
        return this.#text(`* STATUS ${this.#folderFirst(line.slice('* STATUS '.length))}`);
      case 'FETCH':
        return this.#text(line.replace(QUOTED, (_all, value: string) => `"${redactedValue(value)}"`));
      default:
        return `* ${kind} ${redactedValue(line)}`;
    }
  }

  #text(line: string): string {
    return this.#scrubber.text(withoutKeywords(line));
  }

  #folderFirst(rest: string): string {
    if (rest.startsWith('"') || rest.startsWith('(')) return this.#folders(rest);
    return this.#folders(
      rest.replace(/^[^\s"(]+/u, (name) =>
        name.startsWith('{') ? name : this.#scrubber.pseudonyms.folder(name),
      ),
    );
  }

  #folderLast(rest: string): string {
    if (!/ [^\s")]+$/u.test(rest)) return this.#folders(rest);
    return this.#folders(
      rest.replace(/[^\s")]+$/u, (name) =>
        name.startsWith('{') ? name : this.#scrubber.pseudonyms.folder(name),
      ),
    );
  }
}
