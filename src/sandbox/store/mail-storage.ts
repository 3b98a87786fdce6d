/**
 * The port between mailboxes and wherever they are kept, and the simplest keeper: memory.
 */
import type { FolderState, FolderRecorder, MailFolder } from './mail-folder.js';
import { MailSource } from './mail-source.js';

export interface RestoredFolder extends FolderState {
  readonly mails: readonly {
    readonly uid: number;
    /** Absent in what was kept before items had names. */
    readonly itemId: string | undefined;
    readonly source: MailSource;
    readonly flags: readonly string[];
    readonly internalDate: Date;
  }[];
}

export interface MailStorage extends FolderRecorder {
  /** What was kept before, in order of creation; empty for a new mailbox. */
  load(): readonly RestoredFolder[];
  keepSource(bytes: Buffer): MailSource;
  folderCreated(folder: MailFolder): void;
  folderRenamed(folder: MailFolder): void;
  folderDeleted(folder: MailFolder): void;
}

/** Keeps messages in memory; the mailbox itself is the record of everything else. */
export function createMemoryStorage(): MailStorage {
  const recordNothing = (): void => undefined;
  return {
    load: () => [],
    keepSource: (bytes) => MailSource.inMemory(bytes),
    folderCreated: recordNothing,
    folderRenamed: recordNothing,
    folderDeleted: recordNothing,
    added: recordNothing,
    removed: recordNothing,
    flagsChanged: recordNothing,
  };
}
