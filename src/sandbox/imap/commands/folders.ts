/**
 * CREATE, DELETE, RENAME. The folders a mailbox is born with can be neither deleted nor renamed.
 */
import type { MailFolder } from '../../store/mail-folder.js';
import { CommandFailure, noSuchFolder } from '../command-failure.js';
import { decodeFolderName } from '../folder-names.js';
import type { ImapCommand, ImapSession } from '../session.js';
import { requireMailbox } from '../session-access.js';

const MAX_PATH_LENGTH = 400;

export const createFolder: ImapCommand = {
  needs: 'connected',
  run(session, { arguments: args }) {
    const path = decodeFolderName(args.aString()).replace(/\/$/u, '');
    args.end();
    checkNewPath(session, path);
    requireMailbox(session).openOrCreate(path);
    return 'CREATE completed.';
  },
};

export const deleteFolder: ImapCommand = {
  needs: 'connected',
  run(session, { arguments: args }) {
    const path = decodeFolderName(args.aString());
    args.end();
    const folder = requireOwnFolder(session, path);
    if (session.view?.folder === folder) session.closeFolder();
    requireMailbox(session).deleteFolder(folder);
    return 'DELETE completed.';
  },
};

export const renameFolder: ImapCommand = {
  needs: 'connected',
  run(session, { arguments: args }) {
    const from = decodeFolderName(args.aString());
    args.space();
    const to = decodeFolderName(args.aString()).replace(/\/$/u, '');
    args.end();
    const folder = requireOwnFolder(session, from);
    checkNewPath(session, to);
    if (to.toLowerCase().startsWith(`${folder.path.toLowerCase()}/`)) {
      throw new CommandFailure('NO', 'RENAME failed.');
    }
    const mailbox = requireMailbox(session);
    const parent = to.slice(0, Math.max(0, to.lastIndexOf('/')));
    if (parent !== '') mailbox.openOrCreate(parent);
    mailbox.renameFolder(folder, to);
    return 'RENAME completed.';
  },
};

function checkNewPath(session: ImapSession, path: string): void {
  const names = path.split('/');
  // eslint-disable-next-line no-control-regex -- control characters are exactly what is refused
  if (path.length > MAX_PATH_LENGTH || names.includes('') || /[\x00-\x1f*%]/u.test(path)) {
    throw new CommandFailure('NO', 'Folder name is not valid.');
  }
  if (requireMailbox(session).findFolder(path) !== undefined) {
    throw new CommandFailure('NO', 'Folder already exists.');
  }
}

function requireOwnFolder(session: ImapSession, path: string): MailFolder {
  const folder = requireMailbox(session).findFolder(path);
  if (folder === undefined) throw noSuchFolder(path);
  if (folder.role !== 'other') throw new CommandFailure('NO', 'Folder cannot be deleted or renamed.');
  return folder;
}
