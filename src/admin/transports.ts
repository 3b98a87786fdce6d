/** How a set of configured activities uses a connection. Must not: know what that needs. */
import type { ManifestActivity } from '../generated/types.js';
import type { Transport } from './request.js';

interface ConfiguredActivity {
  readonly id: string;
  readonly config?: unknown;
}

/** The transport of each activity: its setting, else the first that it has. All activities when none is named. */
export function transportsInUse(
  activities: readonly ConfiguredActivity[],
  known: readonly ManifestActivity[],
): Transport[] {
  const inUse: readonly ConfiguredActivity[] =
    activities.length === 0 ? known.map(({ id }) => ({ id })) : activities;
  const used = inUse.flatMap(({ id, config }) => {
    const own = (config as { readonly transport?: unknown } | null | undefined)?.transport;
    const all = known.find((one) => one.id === id)?.transports ?? [];
    return all.find((one) => one === own) ?? all.slice(0, 1);
  });
  return [...new Set(used)];
}

/** Whether an activity marks, moves or deletes what it has read. */
export const changesMail = (activities: readonly ConfiguredActivity[]): boolean =>
  activities.some(({ config }) => {
    const action = (config as { readonly afterRead?: unknown } | null | undefined)?.afterRead;
    return action !== undefined && action !== 'none';
  });
