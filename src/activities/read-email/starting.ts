/**
 * Where a reading position begins: at the first run, after the server numbered a folder anew, after a change of transport.
 * Owns: that nothing is lost then, and that what was done is recognised rather than read from there.
 */
import type { ReadEmailConfig } from '../../generated/types.js';
import type { ReadingSession } from '../../mail/index.js';
import { REMEMBER_DAYS } from './handled.js';
import type { Position, Positions } from './position.js';
import type { FolderPlace } from './references.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/** The later of two instants (ISO 8601). */
const later = (one: string | undefined, other: string): string =>
  one === undefined || other > one ? other : one;

/** Further back nothing is remembered, so a message from there would come as if it were new. */
const horizon = (now: () => number): string => new Date(now() - REMEMBER_DAYS * DAY_MS).toISOString();

/** When the newest message of the folder came; undefined for an empty folder and where no server says. */
async function newest(session: ReadingSession): Promise<Date | undefined> {
  for await (const [facts] of session.find({ conditions: [], order: 'newest-first', pageSize: 1 }))
    return facts?.receivedAt ?? undefined;
  return undefined;
}

/** The first run of an activity in a folder, or its first over this transport. */
export async function firstPosition(
  positions: Positions,
  activity: string,
  place: FolderPlace,
  config: ReadEmailConfig,
  session: ReadingSession,
  now: () => number,
): Promise<Position> {
  const before = (await positions.list(activity)).find(
    ({ mailbox, folder, transport }) =>
      mailbox.toLowerCase() === place.mailbox.toLowerCase() &&
      folder.toLowerCase() === place.folder.toLowerCase() &&
      transport !== place.transport,
  );
  if (before !== undefined) return renewedPosition(positions, activity, place, before, now);
  return startPosition(positions, activity, place, config, session, now);
}

/** Sets the position where the settings say that it begins. */
export async function startPosition(
  positions: Positions,
  activity: string,
  place: FolderPlace,
  config: ReadEmailConfig,
  session: ReadingSession,
  now: () => number,
): Promise<Position> {
  const { startAt = 'now', startDate } = config;
  if (startAt === 'beginning') return positions.set(activity, place, {});
  if (startAt === 'date')
    return positions.set(activity, place, { since: new Date(startDate ?? 0).toISOString() });
  // The server's clock, not ours: it is what the messages of tomorrow are compared with.
  const at = await session.now();
  const since = (await newest(session))?.toISOString() ?? new Date(now()).toISOString();
  return positions.set(activity, place, { at, since });
}

/** Ids of before mean nothing any more: read from the beginning again, and recognise what was done. */
export async function renewedPosition(
  positions: Positions,
  activity: string,
  place: FolderPlace,
  before: Position,
  now: () => number,
): Promise<Position> {
  return positions.set(activity, place, { since: later(before.since, horizon(now)) });
}
