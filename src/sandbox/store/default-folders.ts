/**
 * The folders a mailbox is born with, named in the mailbox's own language, as Exchange Online creates them.
 * INBOX keeps its protocol name; calendar-like folders are listed although no mail belongs in them.
 */
import type { Language } from '../directory/entities.js';
import type { FolderRole } from './mail-folder.js';

const ROLES: readonly FolderRole[] = ['inbox', 'drafts', 'sent', 'trash', 'junk', 'archive'];

/** In the order of ROLES, then the rest. */
const NAMES: Record<Language, readonly string[]> = {
  en: [
    'INBOX',
    'Drafts',
    'Sent Items',
    'Deleted Items',
    'Junk Email',
    'Archive',
    'Outbox',
    'Calendar',
    'Contacts',
    'Conversation History',
    'Journal',
    'Notes',
    'Tasks',
  ],
  de: [
    'INBOX',
    'Entwürfe',
    'Gesendete Elemente',
    'Gelöschte Elemente',
    'Junk-E-Mail',
    'Archiv',
    'Postausgang',
    'Kalender',
    'Kontakte',
    'Aufgezeichnete Unterhaltungen',
    'Journal',
    'Notizen',
    'Aufgaben',
  ],
  es: [
    'INBOX',
    'Borradores',
    'Elementos enviados',
    'Elementos eliminados',
    'Correo no deseado',
    'Archivo',
    'Bandeja de salida',
    'Calendario',
    'Contactos',
    'Historial de conversaciones',
    'Diario',
    'Notas',
    'Tareas',
  ],
};

export function listDefaultFolders(language: Language): { path: string; role: FolderRole }[] {
  return NAMES[language].map((path, index) => ({ path, role: ROLES[index] ?? 'other' }));
}

/** Folders that hold appointments, persons and the like: IMAP lists them, Graph knows them as something else. */
const NOT_FOR_MAIL: ReadonlySet<string> = new Set(
  Object.values(NAMES).flatMap((names) =>
    ['Calendar', 'Contacts', 'Journal', 'Notes', 'Tasks'].map((name) =>
      (names[NAMES.en.indexOf(name)] ?? name).toLowerCase(),
    ),
  ),
);

export function isForMail({ path, role }: { readonly path: string; readonly role: FolderRole }): boolean {
  return role !== 'other' || !NOT_FOR_MAIL.has((path.split('/')[0] ?? '').toLowerCase());
}

/** What the inbox is called wherever it is not called by its name in IMAP. */
export const INBOX_NAMES: Record<Language, string> = {
  en: 'Inbox',
  de: 'Posteingang',
  es: 'Bandeja de entrada',
};
