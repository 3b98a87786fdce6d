/**
 * What Exchange Online calls the folders a mailbox is born with, by language. It says nothing else of them: SPECIAL-USE
 * is not among its capabilities. Owns: the names, as data.
 */
import type { Folder } from '../../generated/types.js';

type NamedRole = Exclude<NonNullable<Folder['role']>, 'inbox'>;

export interface FolderNames extends Readonly<Record<NamedRole, readonly string[]>> {
  /** Calendar, Contacts, Journal, Notes, Tasks: listed over IMAP, though no mail belongs in them. */
  readonly withoutMail: readonly string[];
}

/** The first language that fits best is taken, so English comes first. */
export const FOLDER_NAMES: readonly FolderNames[] = [
  {
    sent: ['Sent Items'],
    drafts: ['Drafts'],
    trash: ['Deleted Items'],
    junk: ['Junk Email', 'Junk E-mail', 'Junk E-Mail'],
    archive: ['Archive'],
    withoutMail: ['Calendar', 'Contacts', 'Journal', 'Notes', 'Tasks'],
  },
  {
    sent: ['Gesendete Elemente'],
    drafts: ['Entwürfe'],
    trash: ['Gelöschte Elemente'],
    junk: ['Junk-E-Mail'],
    archive: ['Archiv'],
    withoutMail: ['Kalender', 'Kontakte', 'Journal', 'Notizen', 'Aufgaben'],
  },
  {
    sent: ['Elementos enviados'],
    drafts: ['Borradores'],
    trash: ['Elementos eliminados'],
    junk: ['Correo no deseado', 'Correo electrónico no deseado'],
    archive: ['Archivo'],
    withoutMail: ['Calendario', 'Contactos', 'Diario', 'Notas', 'Tareas'],
  },
  {
    sent: ['Éléments envoyés'],
    drafts: ['Brouillons'],
    trash: ['Éléments supprimés'],
    junk: ['Courrier indésirable'],
    archive: ['Archive'],
    withoutMail: ['Calendrier', 'Contacts', 'Journal', 'Notes', 'Tâches'],
  },
  {
    sent: ['Posta inviata'],
    drafts: ['Bozze'],
    trash: ['Posta eliminata'],
    junk: ['Posta indesiderata'],
    archive: ['Archivio'],
    withoutMail: ['Calendario', 'Contatti', 'Diario', 'Note', 'Attività'],
  },
  {
    sent: ['Verzonden items'],
    drafts: ['Concepten'],
    trash: ['Verwijderde items'],
    junk: ['Ongewenste e-mail'],
    archive: ['Archief'],
    withoutMail: ['Agenda', 'Contactpersonen', 'Logboek', 'Notities', 'Taken'],
  },
  {
    sent: ['Itens Enviados'],
    drafts: ['Rascunhos'],
    trash: ['Itens Excluídos', 'Itens Eliminados'],
    junk: ['Lixo Eletrônico', 'E-mail de Lixo', 'Lixo Eletrónico'],
    archive: ['Arquivo Morto', 'Arquivo Morto Local', 'Arquivo'],
    withoutMail: ['Calendário', 'Contatos', 'Contactos', 'Diário', 'Anotações', 'Notas', 'Tarefas'],
  },
  {
    sent: ['Elementy wysłane'],
    drafts: ['Wersje robocze', 'Kopie robocze'],
    trash: ['Elementy usunięte'],
    junk: ['Wiadomości-śmieci'],
    archive: ['Archiwum'],
    withoutMail: ['Kalendarz', 'Kontakty', 'Dziennik', 'Notatki', 'Zadania'],
  },
];
