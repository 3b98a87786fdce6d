/**
 * SELECT, EXAMINE, CLOSE, UNSELECT: which folder the session looks at.
 */
import { noSuchFolder } from '../command-failure.js';
import { FLAG_LIST } from '../flags.js';
import { decodeFolderName } from '../folder-names.js';
import { FolderView } from '../folder-view.js';
import type { ImapCommand } from '../session.js';
import { requireMailbox, requireView } from '../session-access.js';

export const select: ImapCommand = {
  needs: 'connected',
  async run(session, { name, arguments: args }) {
    const path = decodeFolderName(args.aString());
    args.end();
    // RFC 3501 section 6.3.1: a failed SELECT leaves no folder selected.
    session.closeFolder();
    const folder = requireMailbox(session).findFolder(path);
    if (folder === undefined) throw noSuchFolder(path);
    const isReadOnly = name === 'EXAMINE';
    const view = new FolderView(folder, isReadOnly);
    session.view = view;
    const firstUnseen = view.mails.findIndex(({ flags }) => !flags.has('\\Seen')) + 1;
    const lines = [
      `* ${view.mails.length} EXISTS`,
      '* 0 RECENT',
      `* FLAGS ${FLAG_LIST}`,
      `* OK [PERMANENTFLAGS ${isReadOnly ? '()' : FLAG_LIST}] Permanent flags`,
      ...(firstUnseen > 0 ? [`* OK [UNSEEN ${firstUnseen}] Is the first unseen message`] : []),
      `* OK [UIDVALIDITY ${folder.uidValidity}] UIDVALIDITY value`,
      `* OK [UIDNEXT ${folder.uidNext}] The next unique identifier value`,
    ];
    await session.send(lines.join('\r\n'));
    return `[${isReadOnly ? 'READ-ONLY' : 'READ-WRITE'}] ${name} completed.`;
  },
};

export const close: ImapCommand = {
  needs: 'selected',
  run(session) {
    const { folder, isReadOnly } = requireView(session);
    session.closeFolder();
    if (!isReadOnly) {
      for (const mail of folder.mails.filter(({ flags }) => flags.has('\\Deleted'))) folder.remove(mail);
    }
    return 'CLOSE completed.';
  },
};

export const unselect: ImapCommand = {
  needs: 'selected',
  run(session) {
    session.closeFolder();
    return 'UNSELECT completed.';
  },
};
