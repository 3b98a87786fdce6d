/**
 * Fills new mailboxes with believable mail. A mailbox that was kept on disk is left as it is.
 */
import type { Directory } from '../directory/directory.js';
import type { MailStore } from '../store/mail-store.js';

export function seedMailboxes(directory: Directory, store: MailStore, _now: number): void {
  for (const mailbox of directory.mailboxes) store.open(mailbox);
}
