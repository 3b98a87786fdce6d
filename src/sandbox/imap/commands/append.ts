/**
 * APPEND: stores a message as it came, byte for byte.
 */
import { badArgument, noTargetFolder } from '../command-failure.js';
import { readFlags } from '../flags.js';
import { decodeFolderName } from '../folder-names.js';
import type { ImapCommand } from '../session.js';
import { requireMailbox } from '../session-access.js';
import { parseDateTime } from '../dates.js';

export const append: ImapCommand = {
  needs: 'connected',
  run(session, { arguments: args }) {
    const mailbox = requireMailbox(session);
    const path = decodeFolderName(args.aString());
    args.space();
    let flags: string[] = [];
    if (args.peek() === '(') {
      flags = readFlags(args);
      args.space();
    }
    let internalDate = new Date(session.services.now());
    if (args.peek() === '"') {
      const parsed = parseDateTime(args.aString());
      if (parsed === undefined) throw badArgument();
      internalDate = parsed;
      args.space();
    }
    const source = args.literal();
    args.end();
    const folder = mailbox.findFolder(path);
    if (folder === undefined) throw noTargetFolder();
    const { uid } = folder.add(mailbox.keepSource(source), flags, internalDate);
    return `[APPENDUID ${folder.uidValidity} ${uid}] APPEND completed.`;
  },
};
