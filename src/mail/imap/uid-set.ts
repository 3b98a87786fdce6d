/**
 * Sets of UIDs as they stand in commands and answers: `1:3,7` (RFC 3501 `sequence-set`, without `*`).
 */

/** UIDs per command: keeps its line well under the 8 KB that servers take. */
export const UIDS_PER_COMMAND = 500;

/** Compact: neighbours become ranges. Never names a UID that was not given. */
export function uidSet(uids: readonly number[]): string {
  const sorted = [...new Set(uids)].sort((a, b) => a - b);
  const ranges: string[] = [];
  for (let at = 0; at < sorted.length; at += 1) {
    const first = sorted[at] ?? 0;
    let last = first;
    while (sorted[at + 1] === last + 1) {
      at += 1;
      last += 1;
    }
    ranges.push(first === last ? String(first) : `${String(first)}:${String(last)}`);
  }
  return ranges.join(',');
}

/** Whether a set in an answer of the server names the UID. */
export function isInUidSet(set: string, uid: number): boolean {
  return set.split(',').some((range) => {
    const [first = 0, last = first] = range.split(':').map(Number);
    return uid >= Math.min(first, last) && uid <= Math.max(first, last);
  });
}

/** The UID that an id of the reading port stands for; undefined when it is none. */
export function uidOf(id: string): number | undefined {
  if (!/^[1-9]\d{0,9}$/u.test(id)) return undefined;
  const uid = Number(id);
  return uid <= MAX_UID ? uid : undefined;
}

/** UIDs are 32 bits wide (RFC 3501 section 2.3.1.1). */
export const MAX_UID = 0xffff_ffff;

export function* chunks<T>(items: readonly T[], size: number): Generator<T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
