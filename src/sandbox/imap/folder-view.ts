/**
 * One session's view of its selected folder: sequence numbers, and what changed since the client was last told.
 * Sequence numbers move only when the session says so, as RFC 3501 section 7.4.1 demands.
 */
import type { FolderWatcher, MailFolder, StoredMail } from '../store/mail-folder.js';
import { renderFlags } from './flags.js';
import type { NumberSet } from './number-set.js';
import { mergedRanges } from './number-set.js';

export interface NumberedMail {
  readonly sequence: number;
  readonly mail: StoredMail;
}

export class FolderView implements FolderWatcher {
  readonly folder: MailFolder;
  readonly isReadOnly: boolean;
  /** Called after every change; IDLE sets it. */
  onChange: (() => void) | undefined;
  #mails: StoredMail[];
  #added: StoredMail[] = [];
  #removed: StoredMail[] = [];
  readonly #flagged = new Set<StoredMail>();
  readonly #stopWatching: () => void;

  constructor(folder: MailFolder, isReadOnly: boolean) {
    this.folder = folder;
    this.isReadOnly = isReadOnly;
    this.#mails = [...folder.mails];
    this.#stopWatching = folder.watch(this);
  }

  get mails(): readonly StoredMail[] {
    return this.#mails;
  }

  /** The messages a set of sequence numbers or UIDs means, in order. Unknown UIDs are left out silently. */
  select(set: NumberSet, byUid: boolean): NumberedMail[] {
    const mails = this.#mails;
    const numberAt = (index: number): number => (byUid ? (mails[index]?.uid ?? Infinity) : index + 1);
    const selected: NumberedMail[] = [];
    // Not message by message: a client that names 500 UIDs of a large folder would be served in minutes.
    for (const { first, last } of mergedRanges(set, byUid ? (mails.at(-1)?.uid ?? 0) : mails.length)) {
      for (let index = firstIndexFrom(first, mails.length, numberAt); index < mails.length; index++) {
        const mail = mails[index];
        if (mail === undefined || numberAt(index) > last) break;
        selected.push({ sequence: index + 1, mail });
      }
    }
    return selected;
  }

  /** Whether a set of sequence numbers lies within the folder. */
  holds(set: NumberSet): boolean {
    const size = this.#mails.length;
    return set.every(({ first, last }) => [first, last].every((number) => number === '*' || number <= size));
  }

  /** The untagged answers the client is owed; expunges wait while the client counts on sequence numbers. */
  drainUpdates(mayExpunge: boolean): string {
    let text = '';
    if (mayExpunge) {
      for (const mail of this.#removed) {
        const index = this.#mails.indexOf(mail);
        if (index === -1) continue;
        this.#mails.splice(index, 1);
        text += `* ${index + 1} EXPUNGE\r\n`;
      }
      this.#removed = [];
    }
    const arrived = this.#added.filter(({ expunged }) => !expunged);
    this.#added = [];
    if (arrived.length > 0) {
      this.#mails.push(...arrived);
      text += `* ${this.#mails.length} EXISTS\r\n`;
    }
    for (const mail of this.#flagged) {
      const index = this.#mails.indexOf(mail);
      if (index !== -1 && !mail.expunged) {
        text += `* ${index + 1} FETCH (UID ${mail.uid} FLAGS ${renderFlags(mail.flags)})\r\n`;
      }
    }
    this.#flagged.clear();
    return text;
  }

  close(): void {
    this.onChange = undefined;
    this.#stopWatching();
  }

  added(mail: StoredMail): void {
    this.#added.push(mail);
    this.onChange?.();
  }

  removed(mail: StoredMail): void {
    this.#removed.push(mail);
    this.onChange?.();
  }

  flagsChanged(mail: StoredMail, by: unknown): void {
    if (by === this) return;
    this.#flagged.add(mail);
    this.onChange?.();
  }
}

/** Index of the first message whose number is not below the given one; numbers ascend. */
function firstIndexFrom(number: number, size: number, numberAt: (index: number) => number): number {
  let low = 0;
  let high = size;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (numberAt(middle) < number) low = middle + 1;
    else high = middle;
  }
  return low;
}
