/**
 * The lines of a mailbox's index on disk: one JSON object per change, replayed from the top.
 * Knows the format only; files are opened and written elsewhere.
 */
import type { FolderRole, MailFolder, StoredMail } from './mail-folder.js';

export type JournalEntry =
  | { op: 'folder'; id: number; path: string; role: FolderRole; uidValidity: number; uidNext: number }
  | { op: 'rename'; id: number; path: string }
  | { op: 'drop'; id: number }
  | {
      op: 'add';
      id: number;
      uid: number;
      item?: string;
      file: string;
      size: number;
      flags: string[];
      at: number;
    }
  | { op: 'flags'; id: number; uid: number; flags: string[] }
  | { op: 'remove'; id: number; uid: number };

export type MailEntry = Extract<JournalEntry, { op: 'add' }>;
export type FolderEntry = Extract<JournalEntry, { op: 'folder' }>;

export interface ReplayedFolder {
  readonly folder: FolderEntry;
  readonly mails: Map<number, MailEntry>;
}

export function describeFolder(folder: MailFolder): FolderEntry {
  const { id, path, role, uidValidity, uidNext } = folder;
  return { op: 'folder', id, path, role, uidValidity, uidNext };
}

export function describeMail(folder: MailFolder, mail: StoredMail): MailEntry {
  const { uid, itemId, source, flags, internalDate } = mail;
  const file = source.file ?? '';
  return {
    op: 'add',
    id: folder.id,
    uid,
    item: itemId,
    file,
    size: source.size,
    flags: [...flags],
    at: internalDate.getTime(),
  };
}

/** A last line that was cut off by a crash is ignored: its change was never confirmed to anybody. */
export function parseJournal(text: string): JournalEntry[] {
  const entries: JournalEntry[] = [];
  for (const line of text.split('\n')) {
    if (line === '') continue;
    try {
      entries.push(JSON.parse(line) as JournalEntry);
    } catch {
      break;
    }
  }
  return entries;
}

export function replayJournal(entries: readonly JournalEntry[]): Map<number, ReplayedFolder> {
  const folders = new Map<number, ReplayedFolder>();
  for (const entry of entries) {
    const known = folders.get(entry.id);
    switch (entry.op) {
      case 'folder':
        folders.set(entry.id, { folder: { ...entry }, mails: known?.mails ?? new Map<number, MailEntry>() });
        break;
      case 'drop':
        folders.delete(entry.id);
        break;
      case 'rename':
        if (known !== undefined) known.folder.path = entry.path;
        break;
      case 'add':
        known?.mails.set(entry.uid, entry);
        if (known !== undefined) known.folder.uidNext = Math.max(known.folder.uidNext, entry.uid + 1);
        break;
      case 'flags': {
        const mail = known?.mails.get(entry.uid);
        if (mail !== undefined) mail.flags = entry.flags;
        break;
      }
      case 'remove':
        known?.mails.delete(entry.uid);
        break;
    }
  }
  return folders;
}
