/**
 * The folder list of a mailbox as pick-list entries. Must not: open a folder.
 */
import type { ListResponse } from 'imapflow';
import type { Folder } from '../../generated/types.js';

const ROLES: Readonly<Record<string, NonNullable<Folder['role']>>> = {
  '\\Inbox': 'inbox',
  '\\Sent': 'sent',
  '\\Drafts': 'drafts',
  '\\Trash': 'trash',
  '\\Junk': 'junk',
  '\\Archive': 'archive',
};

/** Entries in tree order, the inbox first. */
export function toFolders(listed: readonly ListResponse[]): Folder[] {
  return [...listed].sort(inTreeOrder).map(({ path, name, parent, flags, specialUse }) => {
    const role = specialUse === undefined ? undefined : ROLES[specialUse];
    return {
      value: path,
      label: name,
      level: parent.length,
      selectable: !flags.has('\\Noselect') && !flags.has('\\NonExistent'),
      ...(role === undefined ? {} : { role }),
    };
  });
}

/** Inbox first; level by level, so that children follow their parent at once. */
function inTreeOrder(a: ListResponse, b: ListResponse): number {
  const [left, right] = [levelsOf(a), levelsOf(b)];
  for (let level = 0; level < Math.min(left.length, right.length); level += 1) {
    const [one = '', other = ''] = [left[level], right[level]];
    if (one === other) continue;
    if (level === 0 && (isInbox(one) || isInbox(other))) return isInbox(one) ? -1 : 1;
    return one.localeCompare(other);
  }
  return left.length - right.length;
}

function levelsOf({ path, delimiter, parent, name }: ListResponse): string[] {
  return delimiter === '' ? [path] : [...parent, name];
}

function isInbox(name: string): boolean {
  return name.toUpperCase() === 'INBOX';
}
