/**
 * One folder of a mailbox: its messages by ascending UID, and those who want to know when something changes.
 * UIDs are never reused. Knows nothing of IMAP sequence numbers; sessions keep their own view.
 */
import { randomUUID } from 'node:crypto';
import type { MailSource } from './mail-source.js';

export type FolderRole = 'inbox' | 'drafts' | 'sent' | 'trash' | 'junk' | 'archive' | 'other';

export interface StoredMail {
  readonly uid: number;
  /** Names the message in whatever folder of the mailbox it is; a copy gets one of its own. */
  readonly itemId: string;
  readonly source: MailSource;
  readonly flags: ReadonlySet<string>;
  readonly internalDate: Date;
  /** Gone from the folder, though a session may still have it in its view. */
  readonly expunged: boolean;
}

export interface FolderWatcher {
  added(mail: StoredMail): void;
  removed(mail: StoredMail): void;
  /** `by` is whoever made the change; it already knows. */
  flagsChanged(mail: StoredMail, by: unknown): void;
}

/** Where changes are written down; the folder does not care whether that is a disk. */
export interface FolderRecorder {
  added(folder: MailFolder, mail: StoredMail): void;
  removed(folder: MailFolder, mail: StoredMail): void;
  flagsChanged(folder: MailFolder, mail: StoredMail): void;
}

interface MutableMail extends StoredMail {
  flags: ReadonlySet<string>;
  expunged: boolean;
}

export interface FolderState {
  readonly id: number;
  readonly path: string;
  readonly role: FolderRole;
  readonly uidValidity: number;
  readonly uidNext: number;
}

export class MailFolder {
  readonly id: number;
  readonly role: FolderRole;
  readonly uidValidity: number;
  path: string;
  #uidNext: number;
  readonly #mails: MutableMail[] = [];
  readonly #watchers = new Set<FolderWatcher>();
  readonly #recorder: FolderRecorder;

  constructor(state: FolderState, recorder: FolderRecorder) {
    this.id = state.id;
    this.path = state.path;
    this.role = state.role;
    this.uidValidity = state.uidValidity;
    this.#uidNext = state.uidNext;
    this.#recorder = recorder;
  }

  get uidNext(): number {
    return this.#uidNext;
  }

  /** By ascending UID. */
  get mails(): readonly StoredMail[] {
    return this.#mails;
  }

  get unseenCount(): number {
    return this.#mails.filter(({ flags }) => !flags.has('\\Seen')).length;
  }

  find(uid: number): StoredMail | undefined {
    return this.#mails.find((mail) => mail.uid === uid);
  }

  add(source: MailSource, flags: Iterable<string>, internalDate: Date, itemId?: string): StoredMail {
    const mail = this.restore(this.#uidNext, source, flags, internalDate, itemId);
    this.#recorder.added(this, mail);
    for (const watcher of this.#watchers) watcher.added(mail);
    return mail;
  }

  /** Puts back a message that was stored before: no record, no notice. */
  restore(
    uid: number,
    source: MailSource,
    flags: Iterable<string>,
    internalDate: Date,
    itemId: string = randomUUID(),
  ): StoredMail {
    const mail: MutableMail = { uid, itemId, source, flags: new Set(flags), internalDate, expunged: false };
    this.#mails.push(mail);
    this.#uidNext = Math.max(this.#uidNext, uid + 1);
    return mail;
  }

  remove(mail: StoredMail): void {
    const index = this.#mails.findIndex((candidate) => candidate === mail);
    const [found] = index === -1 ? [] : this.#mails.splice(index, 1);
    if (found === undefined) return;
    found.expunged = true;
    this.#recorder.removed(this, found);
    for (const watcher of this.#watchers) watcher.removed(found);
  }

  setFlags(mail: StoredMail, flags: ReadonlySet<string>, by?: unknown): void {
    const found = this.#mails.find((candidate) => candidate === mail);
    if (found === undefined || isSameSet(found.flags, flags)) return;
    found.flags = new Set(flags);
    this.#recorder.flagsChanged(this, found);
    for (const watcher of this.#watchers) watcher.flagsChanged(found, by);
  }

  /** Returns how to stop watching. */
  watch(watcher: FolderWatcher): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }
}

/** Exchange reports the size in its store, which is neither the size on the wire nor reliably above or below it. */
export function reportSize(mail: StoredMail, isEstimate: boolean): number {
  const { size } = mail.source;
  if (!isEstimate) return size;
  return mail.uid % 2 === 0 ? Math.ceil(size * 1.07) + 311 : Math.max(1, Math.floor(size * 0.96));
}

function isSameSet(left: ReadonlySet<string>, right: ReadonlySet<string>): boolean {
  return left.size === right.size && [...left].every((value) => right.has(value));
}
