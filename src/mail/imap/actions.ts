/**
 * What is done to messages after they were read: flags, copies, moves, deletions. Owns: that nothing counts as done
 * before it was looked at, and that no command removes a message that was not named. Must not: retry.
 */
import iconv from 'iconv-lite';
import { Failure, isFailure, type FailureCode } from '../../errors/index.js';
import type { MailAction } from '../reading.js';
import { responseCodeOf, type ImapAnswer, type ImapConnection } from './connect.js';
import { findFolder, folderOfRole, listFolders } from './folders.js';
import { whichExist } from './uid-search.js';
import { chunks, isInUidSet, uidOf, uidSet, UIDS_PER_COMMAND } from './uid-set.js';
import { messageGone } from './whole-messages.js';

type Outcomes = Map<string, 'done' | Failure>;

/** One action on one command's worth of messages that were there a moment ago. Says what became of each. */
type Act = (uids: readonly number[]) => Promise<ReadonlyMap<number, 'done' | Failure>>;

/** @throws Failure when nothing is known of any message */
export async function applyAction(
  connection: ImapConnection,
  folder: string,
  action: MailAction,
  ids: readonly string[],
): Promise<Outcomes> {
  const outcomes: Outcomes = new Map();
  const uids: number[] = [];
  for (const id of new Set(ids)) {
    const uid = uidOf(id);
    if (uid === undefined) outcomes.set(id, messageGone(folder, id));
    else uids.push(uid);
  }
  if (uids.length === 0) return outcomes;
  const act = await prepare(connection, folder, action);
  const batches = [...chunks(uids, UIDS_PER_COMMAND)];
  for (const [at, batch] of batches.entries()) {
    try {
      const there = await whichExist(connection, folder, batch);
      const present = batch.filter((uid) => there.has(uid));
      const results = present.length === 0 ? new Map<number, 'done'>() : await act(present);
      for (const uid of batch) outcomes.set(String(uid), results.get(uid) ?? messageGone(folder, uid));
    } catch (error) {
      // Of earlier batches is known what became of them; that must not be lost with the connection.
      if (outcomes.size === 0 || !isFailure(error)) throw error;
      for (const uid of batches.slice(at).flat()) outcomes.set(String(uid), error);
      break;
    }
  }
  return outcomes;
}

async function prepare(connection: ImapConnection, folder: string, action: MailAction): Promise<Act> {
  const { context, client } = connection;
  if (!mayDo(client.mailbox, action.kind)) return refuseWithoutRight(connection, folder, action.kind);
  const access: Access = { connection, folder, can: (capability) => client.capabilities.has(capability) };
  switch (action.kind) {
    case 'mark-read':
      return storeFlag(access, '+', '\\Seen', 'mark-read-refused');
    case 'mark-unread':
      return storeFlag(access, '-', '\\Seen', 'action-refused');
    case 'flag':
      return storeFlag(access, '+', '\\Flagged', 'action-refused');
    case 'copy':
      return copyTo(access, await targetOf(connection, action.folder, action.create));
    case 'move':
      return moveTo(access, await targetOf(connection, action.folder, action.create));
    case 'delete': {
      const trash = folderOfRole(await listFolders(connection), 'trash');
      if (trash === undefined) {
        throw new Failure('target-folder-not-found', {
          parameters: { mailbox: context.mailbox, folder: 'deleteditems' },
        });
      }
      return moveTo(access, trash.value);
    }
    case 'delete-permanently':
      return expunge(access);
  }
}

/**
 * Whether the folder lets us. Not left to the server: Dovecot takes a MOVE out of a folder that was opened for reading
 * only, and keeps flags that are not permanent until the session ends.
 */
function mayDo(opened: ImapConnection['client']['mailbox'], kind: MailAction['kind']): boolean {
  if (kind === 'copy') return true;
  if (opened === false || opened.readOnly === true) return false;
  const flag = FLAG_OF[kind];
  return flag === undefined || opened.permanentFlags === undefined || opened.permanentFlags.has(flag);
}

const FLAG_OF: Readonly<Partial<Record<MailAction['kind'], string>>> = {
  'mark-read': '\\Seen',
  'mark-unread': '\\Seen',
  flag: '\\Flagged',
  'delete-permanently': '\\Deleted',
};

function refuseWithoutRight({ context }: ImapConnection, folder: string, kind: MailAction['kind']): Act {
  const code = kind === 'mark-read' || kind === 'mark-unread' ? 'mark-read-not-permitted' : 'action-refused';
  const { mailbox, trustee } = context;
  return (uids) =>
    Promise.resolve(
      new Map(uids.map((uid) => [uid, new Failure(code, { parameters: { mailbox, trustee, folder, uid } })])),
    );
}

interface Access {
  readonly connection: ImapConnection;
  readonly folder: string;
  readonly can: (capability: string) => boolean;
}

/** STORE answers OK even for flags it did not keep and messages that have gone: look. */
function storeFlag({ connection, folder }: Access, sign: '+' | '-', flag: string, code: FailureCode): Act {
  return async (uids) => {
    const refusal = await attempt(
      connection,
      folder,
      'UID STORE',
      `${uidSet(uids)} ${sign}FLAGS.SILENT (${flag})`,
    );
    const there = await whichExist(connection, folder, uids);
    const flagged = await whichExist(connection, folder, uids, FLAG_KEYS[flag] ?? '');
    return new Map(
      [...there].map((uid) => [
        uid,
        flagged.has(uid) === (sign === '+') ? 'done' : refused(code, folder, uid, refusal),
      ]),
    );
  };
}

const FLAG_KEYS: Readonly<Record<string, string>> = { '\\Seen': 'SEEN', '\\Flagged': 'FLAGGED' };

function copyTo({ connection, folder }: Access, target: string): Act {
  return async (uids) => {
    let reply: Awaited<ReturnType<typeof copy>>;
    try {
      reply = await copy(connection, folder, 'UID COPY', uids, target);
    } catch (error) {
      // A refusal for now has copied nothing: COPY does all or nothing (RFC 3501 section 6.4.7).
      if (connection.client.usable) throw error;
      return copiedPerhaps(folder, uids, error);
    }
    const { refusal, copied } = reply;
    if (refusal !== undefined) return allRefused(folder, uids, refusal);
    try {
      // Without COPYUID (RFC 4315) a message that is still there was there to be copied.
      const there = copied === undefined ? await whichExist(connection, folder, uids) : undefined;
      const isDone = (uid: number): boolean => there?.has(uid) ?? isInUidSet(copied ?? '', uid);
      return new Map(uids.filter(isDone).map((uid) => [uid, 'done']));
    } catch (error) {
      return copiedPerhaps(folder, uids, error);
    }
  };
}

/** Nobody may take these for not done: a second try could make a second copy. @throws what is no failure */
function copiedPerhaps(folder: string, uids: readonly number[], error: unknown): Map<number, Failure> {
  if (!isFailure(error)) throw error;
  const unknown = (uid: number): Failure =>
    new Failure('action-outcome-unknown', { parameters: { folder, uid }, cause: error });
  return new Map(uids.map((uid) => [uid, unknown(uid)]));
}

function moveTo(access: Access, target: string): Act {
  const { connection, folder, can } = access;
  // Where it already is; MOVE would only give it another UID.
  if (target === folder) return (uids) => Promise.resolve(new Map(uids.map((uid) => [uid, 'done'])));
  if (!can('MOVE')) return copyAndExpunge(access, target);
  return async (uids) => {
    const { refusal, copied } = await copy(connection, folder, 'UID MOVE', uids, target);
    const there = await whichExist(connection, folder, uids);
    return new Map(
      uids.flatMap((uid): [number, 'done' | Failure][] => {
        if (there.has(uid)) return [[uid, refused('action-refused', folder, uid, refusal)]];
        // Gone, but not by us: somebody else moved or deleted it in between.
        const isOurs = copied === undefined ? refusal === undefined : isInUidSet(copied, uid);
        return isOurs ? [[uid, 'done']] : [];
      }),
    );
  };
}

/** What MOVE is made of (RFC 6851 section 3.3), where the server has UIDPLUS only. */
function copyAndExpunge(access: Access, target: string): Act {
  if (!access.can('UIDPLUS')) return refuseToExpunge(access);
  const copyAll = copyTo(access, target);
  const removeAll = expunge(access);
  return async (uids) => {
    const copied = await copyAll(uids);
    const safe = uids.filter((uid) => copied.get(uid) === 'done');
    if (safe.length === 0) return copied;
    try {
      return new Map([...copied, ...(await removeAll(safe))]);
    } catch (error) {
      return new Map([...copied, ...copiedPerhaps(access.folder, safe, error)]);
    }
  };
}

/** UID EXPUNGE removes these messages only; EXPUNGE would take everything that anybody marked as deleted. */
function expunge(access: Access): Act {
  const { connection, folder, can } = access;
  if (!can('UIDPLUS')) return refuseToExpunge(access);
  return async (uids) => {
    const set = uidSet(uids);
    const refusal =
      (await attempt(connection, folder, 'UID STORE', `${set} +FLAGS.SILENT (\\Deleted)`)) ??
      (await attempt(connection, folder, 'UID EXPUNGE', set));
    const there = await whichExist(connection, folder, uids);
    // A mark that stays would let any other client remove the message later, without a word.
    if (there.size > 0) {
      await attempt(connection, folder, 'UID STORE', `${uidSet([...there])} -FLAGS.SILENT (\\Deleted)`);
    }
    return new Map(
      uids.map((uid) => [uid, there.has(uid) ? refused('action-refused', folder, uid, refusal) : 'done']),
    );
  };
}

function refuseToExpunge({ folder }: Access): Act {
  return (uids) =>
    Promise.resolve(
      new Map(
        uids.map((uid) => [uid, new Failure('deletion-would-touch-others', { parameters: { folder, uid } })]),
      ),
    );
}

/** The path of the folder that messages go to. */
async function targetOf(connection: ImapConnection, name: string, create: boolean): Promise<string> {
  const found = findFolder(await listFolders(connection), name);
  const parameters = { mailbox: connection.context.mailbox, folder: name };
  if (found?.selectable === true) return found.value;
  if (found !== undefined) throw new Failure('folder-not-selectable', { parameters });
  if (!create) throw new Failure('target-folder-not-found', { parameters });
  const { path } = await connection.run((client) => client.mailboxCreate(name), name);
  return path;
}

async function copy(
  connection: ImapConnection,
  folder: string,
  command: 'UID COPY' | 'UID MOVE',
  uids: readonly number[],
  target: string,
): Promise<{ readonly refusal: Failure | undefined; readonly copied: string | undefined }> {
  let copied: string | undefined;
  // MOVE tells COPYUID before it is done, in an answer without a tag (RFC 6851 section 4.3).
  const note = (answer: ImapAnswer): void => {
    const [code, , from] = responseCodeOf(answer);
    if (code?.toUpperCase() === 'COPYUID')
      copied = [copied, from].filter((set) => set !== undefined).join(',');
  };
  const name = iconv.encode(target, 'utf-7-imap').toString('latin1').replace(/["\\]/gu, '\\$&');
  const refusal = await attempt(connection, folder, command, `${uidSet(uids)} "${name}"`, note);
  if (refusal?.code !== 'folder-not-found') return { refusal, copied };
  // TRYCREATE is said of the folder that messages go to; the one they are in is open.
  const parameters = { mailbox: connection.context.mailbox, folder: target };
  const { serverText } = refusal.facts;
  return {
    refusal: new Failure('target-folder-not-found', { parameters, serverText, cause: refusal }),
    copied,
  };
}

/** The failure when the server refused; a lost connection is thrown. */
async function attempt(
  connection: ImapConnection,
  folder: string,
  command: string,
  text: string,
  note: (answer: ImapAnswer) => void = () => undefined,
): Promise<Failure | undefined> {
  try {
    note(await connection.command(command, text, { OK: note }, folder));
    return undefined;
  } catch (error) {
    if (!isFailure(error) || !connection.client.usable || error.kind === 'throttled') throw error;
    return error;
  }
}

function allRefused(folder: string, uids: readonly number[], refusal: Failure): Map<number, Failure> {
  return new Map(uids.map((uid) => [uid, refused('action-refused', folder, uid, refusal)]));
}

function refused(code: FailureCode, folder: string, uid: number, refusal: Failure | undefined): Failure {
  if (refusal?.code === 'target-folder-not-found') return refusal;
  return new Failure(code, {
    parameters: { folder, uid },
    serverText: refusal?.facts.serverText,
    cause: refusal,
  });
}
