/**
 * The wait before the last byte of what must be carried out once. Whoever reads needs that byte; so a line that was cut under
 * all before it leaves no doubt, if word of the cut is waited for. Must not: know a protocol.
 */
import type { Duplex } from 'node:stream';
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';

/** A server that is slow to answer is not made slower. */
const LONGEST_HOLD_MS = 500;

/**
 * Waits until word of a lost line would be back.
 * @param roundTripMs what the way there and back took on this line, at least
 * @returns whether the line stands, as far as can be known
 */
export async function standsAfter(socket: Duplex, roundTripMs: number): Promise<boolean> {
  await pause(Math.min(roundTripMs, LONGEST_HOLD_MS));
  // A timer comes before what the line has to say; the end of the line is told in two steps.
  for (let turns = 0; turns < 2; turns += 1) await turn();
  return !socket.readableEnded && !socket.destroyed;
}
