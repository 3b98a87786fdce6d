/**
 * Keeps one mailbox in a folder: every message as an .eml file, every change as a line of index.jsonl.
 * A message file is complete before it gets its name, and has its name before the index mentions it, so that a crash
 * at any moment leaves a mailbox that opens. One sandbox at a time may use the folder.
 */
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { MailFolder, StoredMail } from './mail-folder.js';
import { MailSource } from './mail-source.js';
import type { MailStorage, RestoredFolder } from './mail-storage.js';
import type { JournalEntry, MailEntry, ReplayedFolder } from './journal-entries.js';
import { describeFolder, describeMail, parseJournal, replayJournal } from './journal-entries.js';

export class DiskStorage implements MailStorage {
  readonly #root: string;
  readonly #index: string;
  /** How many messages share a file: a copied message is not written twice. */
  readonly #uses = new Map<string, number>();
  #nextFile = 1;

  constructor(root: string) {
    this.#root = root;
    this.#index = join(root, 'index.jsonl');
    mkdirSync(root, { recursive: true });
  }

  load(): readonly RestoredFolder[] {
    const replayed = [...replayJournal(parseJournal(readIfPresent(this.#index))).values()];
    for (const { mails } of replayed) {
      for (const [uid, mail] of mails) {
        if (statIfPresent(join(this.#root, mail.file)) !== mail.size) mails.delete(uid);
        else this.#use(mail.file);
      }
    }
    this.#compact(replayed);
    this.#removeOrphans();
    return replayed.map(({ folder, mails }) => ({
      ...folder,
      mails: [...mails.values()].map((mail) => this.#restore(mail)),
    }));
  }

  keepSource(bytes: Buffer): MailSource {
    const file = `${String(this.#nextFile++).padStart(8, '0')}.eml`;
    writeWhole(join(this.#root, file), bytes);
    return this.#open(file, bytes.length);
  }

  folderCreated(folder: MailFolder): void {
    this.#append(describeFolder(folder));
  }

  folderRenamed(folder: MailFolder): void {
    this.#append({ op: 'rename', id: folder.id, path: folder.path });
  }

  folderDeleted(folder: MailFolder): void {
    this.#append({ op: 'drop', id: folder.id });
    for (const { source } of folder.mails) this.#release(source.file);
  }

  added(folder: MailFolder, mail: StoredMail): void {
    this.#use(mail.source.file ?? '');
    this.#append(describeMail(folder, mail));
  }

  removed(folder: MailFolder, mail: StoredMail): void {
    this.#append({ op: 'remove', id: folder.id, uid: mail.uid });
    this.#release(mail.source.file);
  }

  flagsChanged(folder: MailFolder, mail: StoredMail): void {
    this.#append({ op: 'flags', id: folder.id, uid: mail.uid, flags: [...mail.flags] });
  }

  #append(entry: JournalEntry): void {
    appendFileSync(this.#index, `${JSON.stringify(entry)}\n`);
  }

  #compact(folders: readonly ReplayedFolder[]): void {
    const lines = folders.flatMap(({ folder, mails }) =>
      [folder, ...mails.values()].map((entry) => JSON.stringify(entry)),
    );
    writeWhole(this.#index, Buffer.from(lines.map((line) => `${line}\n`).join('')));
  }

  /** Files a crash left behind without an entry; also finds the next free name. */
  #removeOrphans(): void {
    for (const file of readdirSync(this.#root)) {
      const number = /^(?<number>\d{8,})\.eml$/u.exec(file)?.groups?.number;
      if (number !== undefined) this.#nextFile = Math.max(this.#nextFile, Number(number) + 1);
      if (file !== 'index.jsonl' && !this.#uses.has(file)) rmSync(join(this.#root, file), { force: true });
    }
  }

  #restore(mail: MailEntry): RestoredFolder['mails'][number] {
    return {
      uid: mail.uid,
      itemId: mail.item,
      source: this.#open(mail.file, mail.size),
      flags: mail.flags,
      internalDate: new Date(mail.at),
    };
  }

  #open(file: string, size: number): MailSource {
    return MailSource.onDisk(size, file, () => readFileSync(join(this.#root, file)));
  }

  #use(file: string): void {
    this.#uses.set(file, (this.#uses.get(file) ?? 0) + 1);
  }

  #release(file: string | undefined): void {
    if (file === undefined) return;
    const left = (this.#uses.get(file) ?? 1) - 1;
    if (left > 0) {
      this.#uses.set(file, left);
      return;
    }
    this.#uses.delete(file);
    rmSync(join(this.#root, file), { force: true });
  }
}

/** Writes beside and renames over: the name never stands for half a file. */
export function writeWhole(path: string, bytes: Buffer | string, mode = 0o600): void {
  const temporary = `${path}.tmp`;
  writeFileSync(temporary, bytes, { mode });
  renameSync(temporary, path);
}

export function readIfPresent(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw failure;
  }
}

function statIfPresent(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size;
}
