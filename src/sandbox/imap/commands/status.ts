/**
 * STATUS: counters of a folder without selecting it.
 */
import type { MailFolder } from '../../store/mail-folder.js';
import { badArgument, noSuchFolder } from '../command-failure.js';
import { decodeFolderName, encodeFolderName } from '../folder-names.js';
import type { ImapCommand } from '../session.js';
import { requireMailbox } from '../session-access.js';
import { renderAString } from '../wire.js';

const ITEMS = new Map<string, (folder: MailFolder) => number>([
  ['MESSAGES', (folder) => folder.mails.length],
  ['RECENT', () => 0],
  ['UIDNEXT', (folder) => folder.uidNext],
  ['UIDVALIDITY', (folder) => folder.uidValidity],
  ['UNSEEN', (folder) => folder.unseenCount],
]);

export const status: ImapCommand = {
  needs: 'connected',
  async run(session, { arguments: args }) {
    const path = decodeFolderName(args.aString());
    args.space();
    const items = args.list(() => args.atom().toUpperCase());
    args.end();
    const folder = requireMailbox(session).findFolder(path);
    if (folder === undefined) throw noSuchFolder(path);
    const values = items.map((item) => {
      const read = ITEMS.get(item);
      if (read === undefined) throw badArgument();
      return `${item} ${read(folder)}`;
    });
    await session.send(`* STATUS ${renderAString(encodeFolderName(folder.path))} (${values.join(' ')})`);
    return 'STATUS completed.';
  },
};
