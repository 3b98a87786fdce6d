/**
 * EXPUNGE and UID EXPUNGE (RFC 4315): removes what is marked \Deleted.
 */
import type { ImapCommand } from '../session.js';
import { requireWritableView } from '../session-access.js';
import { readSelection } from '../selection.js';

export const expunge: ImapCommand = {
  needs: 'selected',
  run(session, { name, arguments: args }) {
    const view = requireWritableView(session);
    const candidates =
      name === 'UID EXPUNGE'
        ? readSelection(view, args, true).map(({ mail }) => mail)
        : [...view.folder.mails];
    args.end();
    for (const mail of candidates.filter(({ flags }) => flags.has('\\Deleted'))) view.folder.remove(mail);
    return 'EXPUNGE completed.';
  },
};
