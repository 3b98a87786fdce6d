/**
 * LIST and LSUB. Everything counts as subscribed; SUBSCRIBE and UNSUBSCRIBE are accepted and change nothing.
 */
import type { FolderRole } from '../../store/mail-folder.js';
import { CommandFailure, noSuchFolder } from '../command-failure.js';
import { decodeFolderName, encodeFolderName } from '../folder-names.js';
import type { ImapCommand } from '../session.js';
import { requireMailbox } from '../session-access.js';
import { renderAString } from '../wire.js';

/** Sent along although SPECIAL-USE is not announced, as Outlook-hosted mailboxes do. */
const ATTRIBUTES: Partial<Record<FolderRole, string>> = {
  drafts: '\\Drafts',
  sent: '\\Sent',
  trash: '\\Trash',
  junk: '\\Junk',
  archive: '\\Archive',
};

export const list: ImapCommand = {
  needs: 'connected',
  async run(session, { name, arguments: args }) {
    const mailbox = requireMailbox(session);
    const reference = decodeFolderName(args.aString());
    args.space();
    const pattern = decodeFolderName(
      args.peek() === '"' || args.peek() === '{' ? args.aString() : args.takeWhile((char) => char !== ' '),
    );
    args.end();
    if (pattern === '') {
      await session.output.write(`* ${name} (\\Noselect \\HasChildren) "/" ""\r\n`);
    } else {
      const isMatch = compilePattern(reference + pattern);
      for (const folder of mailbox.listFolders().filter(({ path }) => isMatch(path))) {
        const children = mailbox.hasChildren(folder) ? '\\HasChildren' : '\\HasNoChildren';
        const attributes = [children, ATTRIBUTES[folder.role] ?? ''].filter((attribute) => attribute !== '');
        const wireName = renderAString(encodeFolderName(folder.path));
        await session.output.write(`* ${name} (${attributes.join(' ')}) "/" ${wireName}\r\n`);
      }
    }
    return `${name} completed.`;
  },
};

export const subscribe: ImapCommand = {
  needs: 'connected',
  run(session, { name, arguments: args }) {
    const path = decodeFolderName(args.aString());
    args.end();
    if (name === 'SUBSCRIBE' && requireMailbox(session).findFolder(path) === undefined)
      throw noSuchFolder(path);
    return `${name} completed.`;
  },
};

/** `*` matches anything, `%` anything but the separator; names are compared without regard to case. */
function compilePattern(pattern: string): (path: string) => boolean {
  // Runs of wildcards mean the same as one and would make matching slow.
  const source = pattern
    .replace(/[*%]*\*[*%]*/gu, '*')
    .replace(/%+/gu, '%')
    .replace(/[$()+.?[\\\]^{|}]/gu, '\\$&')
    .replace(/\*/gu, '.*')
    .replace(/%/gu, '[^/]*');
  if ((source.match(/\*/gu)?.length ?? 0) > 10) throw new CommandFailure('BAD', 'Command Argument Error. 11');
  const expression = new RegExp(`^${source}$`, 'isu');
  return (path) => expression.test(path);
}
