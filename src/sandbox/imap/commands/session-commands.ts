/**
 * Commands about the session itself: CAPABILITY, NOOP, LOGOUT, ID, NAMESPACE, CHECK.
 */
import type { ImapCommand } from '../session.js';

/** The lines of Exchange Online's newer front end; nothing is announced that is not there. */
const CAPABILITIES = {
  beforeSignIn:
    'IMAP4 IMAP4rev1 AUTH=XOAUTH2 LOGINDISABLED SASL-IR UIDPLUS MOVE ID UNSELECT CHILDREN IDLE NAMESPACE LITERAL+',
  signedIn:
    'IMAP4 IMAP4rev1 AUTH=XOAUTH2 LOGINDISABLED SASL-IR UIDPLUS MOVE ID UNSELECT CLIENTACCESSRULES ' +
    'CLIENTNETWORKPRESENCELOCATION BACKENDAUTHENTICATE CHILDREN IDLE NAMESPACE LITERAL+',
};

export const capability: ImapCommand = {
  needs: 'nothing',
  async run(session) {
    await session.send(
      `* CAPABILITY ${session.isSignedIn ? CAPABILITIES.signedIn : CAPABILITIES.beforeSignIn}`,
    );
    return 'CAPABILITY completed.';
  },
};

export const noop: ImapCommand = { needs: 'nothing', run: () => 'NOOP completed.' };

export const check: ImapCommand = { needs: 'selected', run: () => 'CHECK completed.' };

export const logout: ImapCommand = {
  needs: 'nothing',
  async run(session) {
    session.closeFolder();
    session.finish();
    await session.send('* BYE Microsoft Exchange Server IMAP4 server signing off.');
    return 'LOGOUT completed.';
  },
};

export const id: ImapCommand = {
  needs: 'nothing',
  async run(session) {
    await session.send('* ID ("name" "Microsoft.Exchange.Imap4.Imap4Server" "version" "15.21")');
    return 'ID completed.';
  },
};

export const namespace: ImapCommand = {
  needs: 'connected',
  async run(session) {
    await session.send('* NAMESPACE (("" "/")) NIL NIL');
    return 'NAMESPACE completed.';
  },
};
