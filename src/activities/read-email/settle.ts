/**
 * Read Email, second phase: once the consumer knows what became of the records, do the after-read action for
 * those that are done. Works on a new connection, after a restart, any number of times with the same result.
 */
import { openMailbox, type Access } from '../../connection/index.js';
import { Failure } from '../../errors/index.js';
import type { SettleOutcome, Settled } from '../../generated/types.js';
import type { MailboxSession } from '../../mail/index.js';
import { readSettleToken, recordKey, type SettlePlace } from './references.js';

/**
 * @returns one entry per outcome, in order; a record that is not of this batch is `failed`
 * @throws Failure settle-token-invalid, folder-renewed, and those of sign-in, network and IMAP: then nothing is known to have changed
 */
export async function settleEmail(
  access: Access,
  token: string,
  outcomes: readonly SettleOutcome[],
  signal?: AbortSignal,
): Promise<Settled[]> {
  const place = readSettleToken(token, access.settings);
  const uidOf = new Map(place.uids.map((uid) => [recordKey(place, uid), uid]));
  const done = outcomes.flatMap(({ key, outcome }) => (outcome === 'done' ? (uidOf.get(key) ?? []) : []));
  const act = place.afterRead === 'mark-read' && done.length > 0;
  const results = act ? await markRead(access, place, [...new Set(done)], signal) : undefined;
  return outcomes.map(({ key, outcome }) => {
    const uid = uidOf.get(key);
    if (uid === undefined)
      return { key, result: 'failed', failure: new Failure('settle-token-invalid').toJSON() };
    if (outcome === 'retry') return { key, result: 'left' };
    const failure = results?.get(uid);
    return failure === undefined
      ? { key, result: 'done' }
      : { key, result: 'failed', failure: failure.toJSON() };
  });
}

/** Failures by UID; a UID that is not in it carries the mark now. */
async function markRead(
  access: Access,
  place: SettlePlace,
  uids: readonly number[],
  signal?: AbortSignal,
): Promise<Map<number, Failure>> {
  const parameters = { mailbox: place.mailbox, folder: place.folder };
  const session: MailboxSession = await openMailbox(access, place.mailbox, signal);
  try {
    const folder = await session.openFolder(place.folder, 'change');
    // After a change of UIDVALIDITY the same number is another message: marking it would hide unread mail.
    if (folder.uidValidity !== place.uidValidity) throw new Failure('folder-renewed', { parameters });
    if (!folder.canMarkRead) throw new Failure('mark-read-not-permitted', { parameters });
    const { marked, refused } = await session.markRead(uids);
    const failures = new Map<number, Failure>();
    for (const uid of uids) {
      if (marked.has(uid)) continue;
      failures.set(uid, new Failure(refused.has(uid) ? 'mark-read-refused' : 'message-gone', { parameters }));
    }
    return failures;
  } finally {
    await session.close();
  }
}
