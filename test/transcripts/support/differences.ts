/** Compares two dialogues line by line, once everything that differs from run to run has a common name. */
import type { Entry } from './bundle.js';

const COMMON: readonly (readonly [RegExp, string])[] = [
  [/<redacted \d+ characters>/gu, '<redacted>'],
  [/\b[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} [\d:]+ [+-]\d{4}/gu, '<time>'],
  [/\b\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}Z?/gu, '<time>'],
  [/"((?:ext_)?expires_in)":\d+/gu, '"$1":<seconds>'],
  [/\[UID(VALIDITY|NEXT) \d+\]/gu, '[UID$1 <number>]'],
  [/\b[A-Z\d]{8,20}\.[A-Z\d]{3,12}\.PROD\.OUTLOOK\.COM\b/giu, '<server>'],
  // Versions of libraries are ours and change with them.
  [/^x-client-VER=.*/gmu, 'x-client-VER=<version>'],
  [/("version" )"[^"]*"/gu, '$1<version>'],
];

/** Ids by the order in which they first come up: which number the recorder gave one says nothing. */
function renumbered(text: string, seen: Map<string, string>): string {
  return text.replace(/\b0{8}-0{4}-4000-8000-\d{12}\b/gu, (id) => {
    if (!seen.has(id)) seen.set(id, `<id ${String(seen.size + 1)}>`);
    return seen.get(id) ?? '';
  });
}

export function comparable(entries: readonly Entry[]): string[] {
  const seen = new Map<string, string>();
  const connections = new Map<number, string>();
  const counts = new Map<string, number>();
  return entries.flatMap(({ protocol, connection, from, text }) => {
    let name = connections.get(connection);
    if (name === undefined) {
      counts.set(protocol, (counts.get(protocol) ?? 0) + 1);
      name = `${protocol} ${String(counts.get(protocol))}`;
      connections.set(connection, name);
    }
    let plain = renumbered(text, seen);
    for (const [pattern, common] of COMMON) plain = plain.replace(pattern, common);
    return plain.split('\n').map((line) => `${name} ${from}: ${line}`);
  });
}

/** Lines that only one of the two has: "- " recorded, "+ " now. Empty when both say the same. */
export function differences(recorded: readonly string[], now: readonly string[]): string[] {
  // lengths[i][j]: the longest common subsequence of what follows i and j
  const lengths = Array.from({ length: recorded.length + 1 }, () =>
    new Array<number>(now.length + 1).fill(0),
  );
  const at = (i: number, j: number): number => lengths[i]?.[j] ?? 0;
  for (let i = recorded.length - 1; i >= 0; i -= 1) {
    for (let j = now.length - 1; j >= 0; j -= 1) {
      lengths[i]![j] = recorded[i] === now[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const found: string[] = [];
  let i = 0;
  let j = 0;
  while (i < recorded.length || j < now.length) {
    if (i < recorded.length && j < now.length && recorded[i] === now[j]) {
      i += 1;
      j += 1;
    } else if (j >= now.length || (i < recorded.length && at(i + 1, j) >= at(i, j + 1))) {
      found.push(`- ${recorded[i] ?? ''}`);
      i += 1;
    } else {
      found.push(`+ ${now[j] ?? ''}`);
      j += 1;
    }
  }
  return found;
}
