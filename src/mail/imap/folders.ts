/**
 * The folders of a mailbox as pick-list entries, and which of them a name means. Must not: open a folder.
 */
import type { ListResponse } from 'imapflow';
import type { Folder } from '../../generated/types.js';
import type { ImapConnection } from './connect.js';
import { FOLDER_NAMES, type FolderNames } from './exchange-folder-names.js';

type Role = NonNullable<Folder['role']>;

/** Attributes of RFC 6154. Mailboxes of Outlook carry them although the server does not announce the extension. */
const ATTRIBUTES: readonly (readonly [string, Role])[] = [
  ['\\Sent', 'sent'],
  ['\\Drafts', 'drafts'],
  ['\\Trash', 'trash'],
  ['\\Junk', 'junk'],
  ['\\Archive', 'archive'],
];
const NAMED_ROLES = ['sent', 'drafts', 'trash', 'junk', 'archive'] as const;

/** Well-known names of Graph. */
const WELL_KNOWN: Readonly<Record<string, Role>> = {
  inbox: 'inbox',
  sentitems: 'sent',
  deleteditems: 'trash',
  drafts: 'drafts',
  junkemail: 'junk',
  archive: 'archive',
};

/** With fewer of these names in a mailbox than this, they are folders that somebody made. */
const BORN_WITHOUT_MAIL = 4;

export type ListedFolder = Pick<ListResponse, 'path' | 'name' | 'parent' | 'delimiter' | 'flags'>;

export function listFolders(connection: ImapConnection): Promise<ListedFolder[]> {
  return connection.run((client) => client.list({ listOnly: true }));
}

/** Entries in tree order, the inbox first; without the folders of Exchange that hold no mail. */
export function toFolders(listed: readonly ListedFolder[]): Folder[] {
  const names = namesIn(listed);
  const born = listed.filter((folder) => isAtTop(folder) && names.withoutMail.includes(folder.name));
  const without = new Set(born.length < BORN_WITHOUT_MAIL ? [] : born.map(({ name }) => name));
  const roles = rolesIn(listed, names);
  return listed
    .filter((folder) => !without.has(folder.parent[0] ?? folder.name))
    .sort(inTreeOrder)
    .map((folder) => {
      const role = roles.get(folder.path);
      return {
        value: folder.path,
        label: folder.name,
        level: folder.parent.length,
        selectable: !folder.flags.has('\\Noselect') && !folder.flags.has('\\NonExistent'),
        ...(role === undefined ? {} : { role }),
      };
    });
}

/** The folder that a path or a well-known name means. */
export function findFolder(listed: readonly ListedFolder[], name: string): Folder | undefined {
  const folders = toFolders(listed);
  const role = WELL_KNOWN[name.toLowerCase()];
  return (
    folders.find(({ value }) => value === name) ??
    folders.find((folder) => role !== undefined && folder.role === role) ??
    folders.find(({ value }) => isInbox(value) && isInbox(name))
  );
}

export function folderOfRole(listed: readonly ListedFolder[], role: Role): Folder | undefined {
  return toFolders(listed).find((folder) => folder.role === role);
}

/** The names of the language that most of the folders at the top are in. */
function namesIn(listed: readonly ListedFolder[]): FolderNames {
  const atTop = new Set(listed.filter(isAtTop).map(({ name }) => name));
  const fit = ({ withoutMail, ...roles }: FolderNames): number =>
    [withoutMail, ...NAMED_ROLES.map((role) => roles[role])].flat().filter((name) => atTop.has(name)).length;
  return FOLDER_NAMES.reduce((best, names) => (fit(names) > fit(best) ? names : best));
}

function rolesIn(listed: readonly ListedFolder[], names: FolderNames): Map<string, Role> {
  const roles = new Map<string, Role>();
  const give = (folder: ListedFolder | undefined, role: Role): void => {
    if (folder !== undefined && !roles.has(folder.path)) roles.set(folder.path, role);
  };
  give(
    listed.find(({ path }) => isInbox(path)),
    'inbox',
  );
  for (const [attribute, role] of ATTRIBUTES) {
    give(
      listed.find(({ flags }) => flags.has(attribute)),
      role,
    );
  }
  const given = new Set(roles.values());
  for (const role of NAMED_ROLES.filter((one) => !given.has(one))) {
    give(
      listed.find((folder) => isAtTop(folder) && names[role].includes(folder.name)),
      role,
    );
  }
  return roles;
}

/** Inbox first; level by level, so that children follow their parent at once. */
function inTreeOrder(a: ListedFolder, b: ListedFolder): number {
  const [left, right] = [levelsOf(a), levelsOf(b)];
  for (let level = 0; level < Math.min(left.length, right.length); level += 1) {
    const [one = '', other = ''] = [left[level], right[level]];
    if (one === other) continue;
    if (level === 0 && (isInbox(one) || isInbox(other))) return isInbox(one) ? -1 : 1;
    return one.localeCompare(other);
  }
  return left.length - right.length;
}

function levelsOf({ path, delimiter, parent, name }: ListedFolder): string[] {
  return delimiter === '' ? [path] : [...parent, name];
}

function isAtTop({ parent }: ListedFolder): boolean {
  return parent.length === 0;
}

function isInbox(name: string): boolean {
  return name.toUpperCase() === 'INBOX';
}
