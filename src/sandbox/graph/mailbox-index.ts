/**
 * Finds folders and messages of a mailbox by their ids and well-known names.
 */
import type { Language } from '../directory/entities.js';
import { INBOX_NAMES, isForMail } from '../store/default-folders.js';
import type { FolderRole, MailFolder, StoredMail } from '../store/mail-folder.js';
import type { SandboxMailbox } from '../store/sandbox-mailbox.js';
import { GraphError, notFound } from './graph-error.js';
import { folderId, readId, ROOT_ID } from './ids.js';

export interface Placed {
  readonly mail: StoredMail;
  readonly folder: MailFolder;
}

const WELL_KNOWN: Readonly<Record<string, FolderRole>> = {
  inbox: 'inbox',
  sentitems: 'sent',
  drafts: 'drafts',
  deleteditems: 'trash',
  junkemail: 'junk',
  archive: 'archive',
};

/** Where messages were last seen: looking through all folders for each would be slow in a large mailbox. */
const places = new WeakMap<SandboxMailbox, Map<string, Placed>>();

export class MailboxIndex {
  readonly mailbox: SandboxMailbox;
  readonly language: Language;
  readonly #places: Map<string, Placed>;

  constructor(mailbox: SandboxMailbox, language: Language) {
    this.mailbox = mailbox;
    this.language = language;
    this.#places = places.get(mailbox) ?? new Map<string, Placed>();
    places.set(mailbox, this.#places);
  }

  /** 'root' for the folder of all folders. @throws GraphError */
  folder(name: string): MailFolder | 'root' {
    const wellKnown = name.toLowerCase();
    if (wellKnown === 'msgfolderroot' || name === ROOT_ID) return 'root';
    const role = Object.hasOwn(WELL_KNOWN, wellKnown) ? WELL_KNOWN[wellKnown] : undefined;
    const found =
      role === undefined
        ? this.folders().find((folder) => folderId(folder) === name)
        : this.mailbox.findByRole(role);
    if (found !== undefined) return found;
    const read = readId(name);
    if (role === undefined && read === undefined) {
      throw new GraphError(400, 'ErrorInvalidIdMalformed', 'Id is malformed.');
    }
    throw notFound();
  }

  folders(): MailFolder[] {
    return this.mailbox.listFolders().filter(isForMail);
  }

  /** Folders right below another. */
  children(parent: MailFolder | 'root'): MailFolder[] {
    const prefix = parent === 'root' ? '' : `${parent.path.toLowerCase()}/`;
    return this.folders().filter(({ path }) => {
      const rest = path.toLowerCase();
      return rest.startsWith(prefix) && rest !== prefix && !rest.slice(prefix.length).includes('/');
    });
  }

  displayName(folder: MailFolder): string {
    if (folder.role === 'inbox') return INBOX_NAMES[this.language];
    return folder.path.slice(folder.path.lastIndexOf('/') + 1);
  }

  /** @throws GraphError */
  message(id: string): Placed {
    const read = readId(id);
    if (read === undefined) throw new GraphError(400, 'ErrorInvalidIdMalformed', 'Id is malformed.');
    if (read.kind !== 'message') throw notFound();
    const placed = this.#place(read.itemId);
    // The id of a place does not follow a message that moved.
    const hasMoved =
      placed !== undefined && read.folder !== undefined && String(placed.folder.id) !== read.folder;
    if (placed === undefined || hasMoved) throw notFound();
    return placed;
  }

  #place(itemId: string): Placed | undefined {
    const known = this.#places.get(itemId);
    if (known !== undefined && !known.mail.expunged) return known;
    this.#places.clear();
    for (const folder of this.folders()) {
      for (const mail of folder.mails) this.#places.set(mail.itemId, { mail, folder });
    }
    return this.#places.get(itemId);
  }
}
