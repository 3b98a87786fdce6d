/**
 * All mailboxes of the tenant, opened when first needed, in memory or below a folder on disk.
 */
import { join } from 'node:path';
import type { Mailbox } from '../directory/entities.js';
import { DiskStorage } from './disk-storage.js';
import { createMemoryStorage } from './mail-storage.js';
import { SandboxMailbox } from './sandbox-mailbox.js';

export class MailStore {
  readonly #open = new Map<string, SandboxMailbox>();
  readonly #dataDir: string | undefined;
  readonly #now: () => number;

  constructor(dataDir: string | undefined, now: () => number) {
    this.#dataDir = dataDir;
    this.#now = now;
  }

  open(mailbox: Mailbox): SandboxMailbox {
    const key = mailbox.address.toLowerCase();
    const known = this.#open.get(key);
    if (known !== undefined) return known;
    const storage =
      this.#dataDir === undefined
        ? createMemoryStorage()
        : new DiskStorage(join(this.#dataDir, 'mailboxes', toFolderName(key)));
    const opened = new SandboxMailbox(mailbox.address, mailbox.language, storage, this.#now);
    this.#open.set(key, opened);
    return opened;
  }
}

/** An address may hold characters that a file system gives a meaning to. */
function toFolderName(address: string): string {
  return address.replace(/[^\w.@+-]/gu, (char) => `%${char.codePointAt(0)?.toString(16) ?? ''}`);
}
