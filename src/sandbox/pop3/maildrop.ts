/**
 * The inbox as one session sees it (RFC 1939 section 5): numbers that stay what they are, and marks that take effect at
 * the end. Says nothing on the wire.
 */
import { createHash } from 'node:crypto';
import type { MailFolder, StoredMail } from '../store/mail-folder.js';

export class Maildrop {
  readonly #folder: MailFolder;
  readonly #mails: readonly StoredMail[];
  readonly #deleted = new Set<StoredMail>();

  constructor(folder: MailFolder) {
    this.#folder = folder;
    this.#mails = [...folder.mails];
  }

  /** With their numbers, without those that are marked as deleted. */
  *list(): Generator<readonly [number, StoredMail]> {
    for (const [index, mail] of this.#mails.entries()) {
      if (!this.#deleted.has(mail)) yield [index + 1, mail];
    }
  }

  /** Undefined for numbers that are none, for marked messages, and for those that another session took away. */
  find(number: string): StoredMail | undefined {
    const mail = /^\d{1,9}$/u.test(number) ? this.#mails[Number(number) - 1] : undefined;
    return mail === undefined || mail.expunged || this.#deleted.has(mail) ? undefined : mail;
  }

  /** Opaque and the same in every session. */
  idOf({ uid }: StoredMail): string {
    return createHash('sha256').update(`${this.#folder.uidValidity}/${uid}`).digest('base64url').slice(0, 32);
  }

  markDeleted(mail: StoredMail): void {
    this.#deleted.add(mail);
  }

  unmark(): void {
    this.#deleted.clear();
  }

  /** Reading over POP3 marks as read (MailKit issue 952). */
  markSeen(mail: StoredMail): void {
    this.#folder.setFlags(mail, new Set([...mail.flags, '\\Seen']));
  }

  /** The UPDATE state of RFC 1939 section 6. */
  commit(): void {
    for (const mail of this.#deleted) if (!mail.expunged) this.#folder.remove(mail);
  }
}
