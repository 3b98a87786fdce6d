/**
 * Fills new mailboxes with believable mail, dated relative to now. A mailbox that was kept on disk is left as it is.
 */
import type { Cloud } from '../directory/cloud.js';
import { formatDate } from '../mime/header.js';
import type { MailStore } from '../store/mail-store.js';
import type { SeedMessage } from './compose.js';
import { listEnglishMail } from './mail-en.js';
import { listGermanMail } from './mail-de.js';
import { listSharedMail, listSpanishMail } from './mail-es.js';

const HOUR_MS = 3_600_000;

export function seedMailboxes(cloud: Cloud, store: MailStore, now: number): void {
  for (const mailbox of cloud.tenants.flatMap(({ mailboxes }) => mailboxes)) {
    const opened = store.open(mailbox);
    if (!opened.isNew) continue;
    const messages = mailbox.owner === undefined ? listSharedMail() : listMail(mailbox.language, now);
    // Oldest first, as mail arrives.
    for (const message of messages.sort((left, right) => right.ageHours - left.ageHours)) {
      const at = new Date(now - message.ageHours * HOUR_MS);
      const source = message.build(formatDate(at));
      opened.findByRole(message.folder)?.add(opened.keepSource(source), message.flags ?? [], at);
    }
  }
}

function listMail(language: 'en' | 'de' | 'es', now: number): SeedMessage[] {
  switch (language) {
    case 'en':
      return listEnglishMail(now);
    case 'de':
      return listGermanMail();
    case 'es':
      return listSpanishMail();
  }
}
