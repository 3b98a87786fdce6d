/**
 * COPY and MOVE, both with COPYUID (RFC 4315, RFC 6851).
 */
import { noTargetFolder } from '../command-failure.js';
import { decodeFolderName } from '../folder-names.js';
import type { ImapCommand } from '../session.js';
import { requireMailbox, requireView, requireWritableView } from '../session-access.js';
import { readSelection } from '../selection.js';
import { renderNumberSet } from '../wire.js';
import type { MailFolder, StoredMail } from '../../store/mail-folder.js';
import type { ImapSession } from '../session.js';
import type { RawCommand } from '../command-reader.js';

export const copy: ImapCommand = {
  needs: 'selected',
  freezesNumbers: true,
  run(session, command) {
    const { mails, target } = readTransfer(session, command);
    const mailbox = requireMailbox(session);
    const report = transferAll(mails, target, (mail) => mailbox.copy(mail, target));
    return `${report === undefined ? '' : `${report} `}COPY completed.`;
  },
};

export const move: ImapCommand = {
  needs: 'selected',
  async run(session, command) {
    const view = requireWritableView(session);
    const { mails, target } = readTransfer(session, command);
    const mailbox = requireMailbox(session);
    const report = transferAll(mails, target, (mail) => mailbox.move(mail, view.folder, target));
    if (report !== undefined) await session.output.write(`* OK ${report}\r\n`);
    return 'MOVE completed.';
  },
};

function readTransfer(
  session: ImapSession,
  { name, arguments: args }: RawCommand,
): { mails: StoredMail[]; target: MailFolder } {
  const selection = readSelection(requireView(session), args, name.startsWith('UID '));
  args.space();
  const path = decodeFolderName(args.aString());
  args.end();
  const target = requireMailbox(session).findFolder(path);
  if (target === undefined) throw noTargetFolder();
  return { mails: selection.map(({ mail }) => mail).filter(({ expunged }) => !expunged), target };
}

/** The COPYUID response code, or undefined when there was nothing to transfer. */
function transferAll(
  mails: readonly StoredMail[],
  target: MailFolder,
  transfer: (mail: StoredMail) => StoredMail,
): string | undefined {
  if (mails.length === 0) return undefined;
  const from = renderNumberSet(mails.map(({ uid }) => uid));
  const to = renderNumberSet(mails.map(transfer).map(({ uid }) => uid));
  return `[COPYUID ${target.uidValidity} ${from} ${to}]`;
}
