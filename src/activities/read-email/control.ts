/**
 * What an operator sees and sets of an activity's memory: reading positions and parked records. Owns: the shape that is
 * shown. Must not: hand out positions as the transports make them; they mean nothing to anybody else.
 */
import { openReading, type Access } from '../../connection/index.js';
import type { ReadEmailConfig } from '../../generated/types.js';
import { chosenMailbox } from '../mailbox-choice.js';
import { foldersOf } from './folders.js';
import type { Parked } from './handled.js';
import type { Memory } from './memory.js';
import type { FolderPlace } from './references.js';
import { startPosition } from './starting.js';
import { transportOf } from './selection.js';

export interface ReadingPosition {
  readonly mailbox: string;
  readonly transport: string;
  readonly folder: string;
  /** Messages received before are not the activity's (ISO 8601). */
  readonly since?: string;
  /** How many steps wait for an earlier batch to be settled. */
  readonly waitingSteps: number;
  /** When it moved last (ISO 8601). */
  readonly changedAt: string;
}

export interface ParkedRecord {
  /** Names it for replay(). */
  readonly contentKey: string;
  readonly mailbox: string;
  readonly folder: string;
  readonly id: string;
  readonly attempts: number;
  readonly reason: 'attempts' | 'dead';
  /** When it was first tried (ISO 8601). */
  readonly since: string;
}

export async function positionsOf({ positions }: Memory, activity: string): Promise<ReadingPosition[]> {
  return (await positions.list(activity)).map(({ mailbox, transport, folder, since, ahead, changedAt }) => ({
    ...{ mailbox, transport, folder },
    ...(since === undefined ? {} : { since }),
    waitingSteps: ahead.length,
    changedAt,
  }));
}

export async function parkedOf({ handled }: Memory, activity: string): Promise<ParkedRecord[]> {
  return (await handled.parked(activity)).map(shown);
}

function shown({ contentKey, mailbox, folder, id, attempts, reason, since }: Parked): ParkedRecord {
  return { contentKey, mailbox, folder, id, attempts, reason, since };
}

/** Where the next run starts. */
export type StartAt = { readonly at: 'now' | 'beginning' } | { readonly at: 'date'; readonly date: string };

/**
 * Sets the reading position of an activity anew, in all its folders, and forgets what it did: messages behind the new
 * position come again even if they were done. @throws Failure of sign-in, network and protocol
 */
export async function setPosition(
  access: Access,
  memory: Memory,
  activity: string,
  config: ReadEmailConfig,
  to: StartAt,
  signal?: AbortSignal,
): Promise<void> {
  const mailbox = chosenMailbox(access.settings, config, {});
  const transport = transportOf(config);
  const session = openReading(access, mailbox, transport, signal);
  const start: ReadEmailConfig = {
    ...config,
    startAt: to.at,
    ...(to.at === 'date' ? { startDate: to.date } : {}),
  };
  try {
    const folders = await foldersOf(session, config);
    const kept: FolderPlace[] = [];
    for (const name of folders) {
      const { id: folderId, path: folder, generation } = await session.openFolder(name, 'read');
      const place: FolderPlace = { mailbox, transport, folder, folderId, generation };
      await startPosition(memory.positions, activity, place, start, session, memory.now);
      kept.push(place);
    }
    // Last: whatever ends this early, a position is never missing, since a missing one would start from now.
    await memory.positions.keepOnly(activity, kept);
    await memory.handled.forget(activity);
  } finally {
    await session.close();
  }
}
