/**
 * A mailbox: a tree of folders with messages. Servers work on its folders; tests and people use the plain methods
 * (append, messages, createFolder, folders) that look behind the protocol's back.
 */
import type { Language } from '../directory/entities.js';
import { listDefaultFolders } from './default-folders.js';
import type { FolderRole, FolderState, StoredMail } from './mail-folder.js';
import { MailFolder } from './mail-folder.js';
import type { MailSource } from './mail-source.js';
import type { MailStorage } from './mail-storage.js';

export interface MessageView {
  readonly uid: number;
  readonly flags: readonly string[];
  readonly internalDate: Date;
  readonly source: Buffer;
}

export interface AppendOptions {
  readonly flags?: readonly string[];
  readonly internalDate?: Date;
}

export class SandboxMailbox {
  readonly address: string;
  readonly #storage: MailStorage;
  readonly #now: () => number;
  /** By lower-case path: Exchange's folder names are case-insensitive. */
  readonly #folders = new Map<string, MailFolder>();
  #nextFolderId = 1;
  #lastUidValidity = 0;

  /** `isNew` tells whether the mailbox was created just now rather than found on disk. */
  readonly isNew: boolean;

  constructor(address: string, language: Language, storage: MailStorage, now: () => number) {
    this.address = address;
    this.#storage = storage;
    this.#now = now;
    const restored = storage.load();
    this.isNew = restored.length === 0;
    for (const { mails, ...state } of restored) {
      const folder = this.#place(state);
      for (const { uid, itemId, source, flags, internalDate } of mails)
        folder.restore(uid, source, flags, internalDate, itemId);
    }
    if (this.isNew) for (const { path, role } of listDefaultFolders(language)) this.#create(path, role);
  }

  // --- plain methods -----------------------------------------------------------------------------------------

  /** Paths of all folders, INBOX first. */
  folders(): string[] {
    return this.listFolders().map(({ path }) => path);
  }

  /** @throws when the folder exists */
  createFolder(path: string): void {
    if (this.findFolder(path) !== undefined) throw new Error(`${this.address} already has a folder ${path}.`);
    this.openOrCreate(path);
  }

  /** Puts a message, byte for byte, into a folder and returns its UID. @throws when there is no such folder */
  append(folder: string, source: Buffer, options: AppendOptions = {}): number {
    const internalDate = options.internalDate ?? new Date(this.#now());
    return this.folder(folder).add(this.keepSource(source), options.flags ?? [], internalDate).uid;
  }

  /** All messages of a folder by UID; reading them changes nothing. @throws when there is no such folder */
  messages(folder: string): MessageView[] {
    return this.folder(folder).mails.map(({ uid, flags, internalDate, source }) => ({
      uid,
      flags: [...flags],
      internalDate,
      source: source.read(),
    }));
  }

  // --- for servers -------------------------------------------------------------------------------------------

  listFolders(): readonly MailFolder[] {
    return [...this.#folders.values()];
  }

  findFolder(path: string): MailFolder | undefined {
    return this.#folders.get(path.toLowerCase());
  }

  /** @throws when there is no such folder */
  folder(path: string): MailFolder {
    const folder = this.findFolder(path);
    if (folder === undefined) throw new Error(`${this.address} has no folder ${path}.`);
    return folder;
  }

  findByRole(role: FolderRole): MailFolder | undefined {
    return this.listFolders().find((folder) => folder.role === role);
  }

  hasChildren(folder: MailFolder): boolean {
    const prefix = `${folder.path.toLowerCase()}/`;
    return [...this.#folders.keys()].some((key) => key.startsWith(prefix));
  }

  keepSource(bytes: Buffer): MailSource {
    return this.#storage.keepSource(bytes);
  }

  /** Adds a copy of a message of this mailbox to another of its folders. */
  copy(mail: StoredMail, target: MailFolder): StoredMail {
    return target.add(mail.source, mail.flags, mail.internalDate);
  }

  /** Moves a message to another folder, where it stays the same item. */
  move(mail: StoredMail, from: MailFolder, target: MailFolder): StoredMail {
    const moved = target.add(mail.source, mail.flags, mail.internalDate, mail.itemId);
    from.remove(mail);
    return moved;
  }

  /** Creates missing parents on the way, as CREATE must. */
  openOrCreate(path: string): MailFolder {
    const names = path.split('/');
    for (let depth = 1; depth < names.length; depth++) {
      const parent = names.slice(0, depth).join('/');
      if (this.findFolder(parent) === undefined) this.#create(parent, 'other');
    }
    return this.findFolder(path) ?? this.#create(path, 'other');
  }

  /** Deletes a folder and what is below it. */
  deleteFolder(folder: MailFolder): void {
    for (const doomed of this.#withDescendants(folder)) {
      this.#folders.delete(doomed.path.toLowerCase());
      this.#storage.folderDeleted(doomed);
    }
  }

  renameFolder(folder: MailFolder, path: string): void {
    const oldLength = folder.path.length;
    for (const moved of this.#withDescendants(folder)) {
      this.#folders.delete(moved.path.toLowerCase());
      moved.path = path + moved.path.slice(oldLength);
      this.#folders.set(moved.path.toLowerCase(), moved);
      this.#storage.folderRenamed(moved);
    }
  }

  #withDescendants(folder: MailFolder): MailFolder[] {
    const prefix = `${folder.path.toLowerCase()}/`;
    return this.listFolders().filter(
      (candidate) => candidate === folder || candidate.path.toLowerCase().startsWith(prefix),
    );
  }

  #create(path: string, role: FolderRole): MailFolder {
    // A folder deleted and created again, even after a restart, must not look like the old one: hence the clock.
    const uidValidity = Math.max(this.#lastUidValidity + 1, Math.floor(this.#now() / 1000));
    const folder = this.#place({ id: this.#nextFolderId, path, role, uidValidity, uidNext: 1 });
    this.#storage.folderCreated(folder);
    return folder;
  }

  #place(state: FolderState): MailFolder {
    const folder = new MailFolder(state, this.#storage);
    this.#folders.set(folder.path.toLowerCase(), folder);
    this.#nextFolderId = Math.max(this.#nextFolderId, state.id + 1);
    this.#lastUidValidity = Math.max(this.#lastUidValidity, state.uidValidity);
    return folder;
  }
}
