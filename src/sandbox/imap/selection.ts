/**
 * Reads the set of messages a command is about and looks it up in the session's view.
 */
import type { ArgumentReader } from './argument-reader.js';
import { badArgument } from './command-failure.js';
import type { FolderView, NumberedMail } from './folder-view.js';
import { readNumberSet } from './number-set.js';

export function readSelection(view: FolderView, args: ArgumentReader, byUid: boolean): NumberedMail[] {
  const set = readNumberSet(args);
  // A UID that does not exist is no error, a sequence number that does not exist is one.
  if (!byUid && !view.holds(set)) throw badArgument();
  return view.select(set, byUid);
}
