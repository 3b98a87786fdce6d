/**
 * Ids of folders and messages as Graph shows them: opaque base64 with all its letters, slashes included.
 * A message has two: one for its place, which a move changes, and an immutable one
 * (https://learn.microsoft.com/graph/outlook-immutable-id).
 */
import type { MailFolder, StoredMail } from '../store/mail-folder.js';

/** In base64 these bytes show slashes and pluses, as ids of Exchange may: who does not encode them fails. */
const MARK = '\u0000\u00ff\u00ff\u00fb\u00ef\u00be';

/** The folder that holds all others; no message lies in it. */
export const ROOT_ID = idOf('F', 'root');

export function folderId(folder: MailFolder): string {
  return idOf('F', String(folder.id));
}

export function messageId(mail: StoredMail, folder: MailFolder, isImmutable: boolean): string {
  return isImmutable ? idOf('I', mail.itemId) : idOf('P', `${mail.itemId} ${String(folder.id)}`);
}

export type ReadId =
  | { readonly kind: 'folder'; readonly folder: string }
  | { readonly kind: 'message'; readonly itemId: string; readonly folder: string | undefined };

/** What an id names; undefined for what was never one of ours. */
export function readId(id: string): ReadId | undefined {
  const text = Buffer.from(id, 'base64').toString('latin1');
  if (!text.startsWith(MARK)) return undefined;
  const value = text.slice(MARK.length + 1);
  switch (text.charAt(MARK.length)) {
    case 'F':
      return { kind: 'folder', folder: value };
    case 'I':
      return { kind: 'message', itemId: value, folder: undefined };
    case 'P': {
      const [itemId = '', folder = ''] = value.split(' ');
      return { kind: 'message', itemId, folder };
    }
    default:
      return undefined;
  }
}

function idOf(kind: 'F' | 'I' | 'P', value: string): string {
  return Buffer.from(`${MARK}${kind}${value}`, 'latin1').toString('base64');
}
