/**
 * Every command the server knows, by its name on the wire.
 */
import type { ImapCommand } from '../session.js';
import { append } from './append.js';
import { authenticate, login } from './authenticate.js';
import { copy, move } from './copy.js';
import { expunge } from './expunge.js';
import { fetch } from './fetch.js';
import { createFolder, deleteFolder, renameFolder } from './folders.js';
import { idle } from './idle.js';
import { list, subscribe } from './list.js';
import { search } from './search.js';
import { close, select, unselect } from './select.js';
import { capability, check, id, logout, namespace, noop } from './session-commands.js';
import { status } from './status.js';
import { store } from './store.js';

export const COMMANDS: ReadonlyMap<string, ImapCommand> = new Map([
  ['CAPABILITY', capability],
  ['NOOP', noop],
  ['LOGOUT', logout],
  ['ID', id],
  ['AUTHENTICATE', authenticate],
  ['LOGIN', login],
  ['NAMESPACE', namespace],
  ['LIST', list],
  ['LSUB', list],
  ['SUBSCRIBE', subscribe],
  ['UNSUBSCRIBE', subscribe],
  ['STATUS', status],
  ['SELECT', select],
  ['EXAMINE', select],
  ['CREATE', createFolder],
  ['DELETE', deleteFolder],
  ['RENAME', renameFolder],
  ['APPEND', append],
  ['CHECK', check],
  ['CLOSE', close],
  ['UNSELECT', unselect],
  ['EXPUNGE', expunge],
  ['UID EXPUNGE', expunge],
  ['SEARCH', search],
  ['UID SEARCH', search],
  ['FETCH', fetch],
  ['UID FETCH', fetch],
  ['STORE', store],
  ['UID STORE', store],
  ['COPY', copy],
  ['UID COPY', copy],
  ['MOVE', move],
  ['UID MOVE', move],
  ['IDLE', idle],
]);
