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
