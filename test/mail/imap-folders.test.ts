/**
 * Roles of folders: by attribute where the server sends any, else by the names that Exchange gives in the language of the
 * mailbox; folders that hold no mail are left out, unless somebody made them.
 */
import { describe, expect, test } from '@jest/globals';
import { findFolder, toFolders, type ListedFolder } from '../../src/mail/imap/folders.js';

function listed(...paths: readonly (string | [string, ...string[]])[]): ListedFolder[] {
  return paths.map((entry) => {
    const [path, ...flags] = typeof entry === 'string' ? [entry] : entry;
    const parent = path.split('/');
    const name = parent.pop() ?? '';
    return { path, name, parent, delimiter: '/', flags: new Set(flags) };
  });
}

const roles = (folders: readonly ListedFolder[]): Record<string, string> =>
  Object.fromEntries(
    toFolders(folders).flatMap(({ value, role }) => (role === undefined ? [] : [[role, value]])),
  );

const MAILBOXES: Readonly<Record<string, readonly string[]>> = {
  en: [
    'Sent Items',
    'Drafts',
    'Deleted Items',
    'Junk Email',
    'Archive',
    'Calendar',
    'Contacts',
    'Journal',
    'Notes',
    'Tasks',
  ],
  de: [
    'Gesendete Elemente',
    'Entwürfe',
    'Gelöschte Elemente',
    'Junk-E-Mail',
    'Archiv',
    'Kalender',
    'Kontakte',
    'Journal',
    'Notizen',
    'Aufgaben',
  ],
  es: [
    'Elementos enviados',
    'Borradores',
    'Elementos eliminados',
    'Correo no deseado',
    'Archivo',
    'Calendario',
    'Contactos',
    'Diario',
    'Notas',
    'Tareas',
  ],
  fr: [
    'Éléments envoyés',
    'Brouillons',
    'Éléments supprimés',
    'Courrier indésirable',
    'Archive',
    'Calendrier',
    'Contacts',
    'Journal',
    'Notes',
    'Tâches',
  ],
};

describe.each(Object.entries(MAILBOXES))('a mailbox in %s', (_, names) => {
  const [sent, drafts, trash, junk, archive, ...withoutMail] = names as [
    string,
    string,
    string,
    string,
    string,
    ...string[],
  ];
  const folders = listed('INBOX', 'INBOX/Project', ...names, `${withoutMail[0] ?? ''}/Birthdays`);

  test('without attributes has its roles by name', () => {
    expect(roles(folders)).toEqual({ inbox: 'INBOX', sent, drafts, trash, junk, archive });
  });

  test('shows no folder that holds no mail, nor what is below one', () => {
    expect(
      toFolders(folders)
        .map(({ value }) => value)
        .sort(),
    ).toEqual(['INBOX', 'INBOX/Project', sent, drafts, trash, junk, archive].sort());
  });
});

test('an attribute counts more than a name', () => {
  const folders = listed('INBOX', 'Deleted Items', ['Bin', '\\Trash'], 'Sent Items', 'Drafts');
  expect(roles(folders)).toMatchObject({ trash: 'Bin', sent: 'Sent Items' });
});

test('folders that somebody called Notes or Tasks are shown', () => {
  const folders = listed('INBOX', 'Notes', 'Tasks', 'INBOX/Calendar', 'Sent Items');
  expect(toFolders(folders).map(({ value }) => value)).toEqual([
    'INBOX',
    'INBOX/Calendar',
    'Notes',
    'Sent Items',
    'Tasks',
  ]);
});

test('a folder below another has no role by its name', () => {
  expect(roles(listed('INBOX', 'Projects/Archive', 'Sent Items'))).toEqual({
    inbox: 'INBOX',
    sent: 'Sent Items',
  });
});

test('a path counts more than a well-known name, and the inbox has any spelling', () => {
  const folders = listed('INBOX', 'drafts', 'Entwürfe', 'Gesendete Elemente', 'Gelöschte Elemente');
  expect(findFolder(folders, 'drafts')?.value).toBe('drafts');
  expect(findFolder(folders, 'DeletedItems')?.value).toBe('Gelöschte Elemente');
  expect(findFolder(folders, 'Inbox')?.value).toBe('INBOX');
  expect(findFolder(folders, 'constructor')).toBeUndefined();
  expect(findFolder(folders, 'junkemail')).toBeUndefined();
});

test('the tree: a level each, children after their parent, folders that only hold others not to be chosen', () => {
  const folders = listed('B/c', 'A', ['B', '\\Noselect'], 'INBOX');
  expect(toFolders(folders).map(({ value, level, selectable }) => [value, level, selectable])).toEqual([
    ['INBOX', 0, true],
    ['A', 0, true],
    ['B', 0, false],
    ['B/c', 1, true],
  ]);
});
