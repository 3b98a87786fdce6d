/**
 * What a command may take for granted after the session has checked its state.
 */
import type { SandboxMailbox } from '../store/sandbox-mailbox.js';
import { CommandFailure } from './command-failure.js';
import type { FolderView } from './folder-view.js';
import type { ImapSession } from './session.js';

export function requireMailbox(session: ImapSession): SandboxMailbox {
  if (session.mailbox === undefined) throw new CommandFailure('BAD', 'Command received in Invalid state.');
  return session.mailbox;
}

export function requireView(session: ImapSession): FolderView {
  if (session.view === undefined) throw new CommandFailure('BAD', 'Command received in Invalid state.');
  return session.view;
}

/** The selected folder, for commands that change it. */
export function requireWritableView(session: ImapSession): FolderView {
  const view = requireView(session);
  if (view.isReadOnly) throw new CommandFailure('NO', 'Folder is opened read-only.');
  return view;
}
