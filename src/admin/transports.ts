/** How a set of configured activities uses a connection. Must not: know what that needs. */
import type { Check, ManifestActivity } from '../generated/types.js';
import type { Transport } from './request.js';

interface ConfiguredActivity {
  readonly id: string;
  readonly config?: unknown;
}

/** The transport of an activity: its setting, else the first that it has. */
function transportOf({ id, config }: ConfiguredActivity, known: readonly ManifestActivity[]): Transport[] {
  const own = (config as { readonly transport?: unknown } | null | undefined)?.transport;
  const { transports: all = [], polarity } = known.find((one) => one.id === id) ?? {};
  return all
    .filter((one) => one === own)
    .concat(all)
    .slice(0, 1)
    .map((one) => (one === 'graph' && polarity === 'target' ? 'graph-send' : one));
}

/** What a connection and its test call a transport. */
export function protocolOf(transport: Transport): NonNullable<Check['transport']> {
  return transport === 'graph-send' ? 'graph' : transport;
}

/** The transport of each activity. All activities when none is named. */
export function transportsInUse(
  activities: readonly ConfiguredActivity[],
  known: readonly ManifestActivity[],
): Transport[] {
  const inUse: readonly ConfiguredActivity[] =
    activities.length === 0 ? known.map(({ id }) => ({ id })) : activities;
  return [...new Set(inUse.flatMap((one) => transportOf(one, known)))];
}

/** Those over which an activity marks, moves or deletes what it has read: reading elsewhere needs no right to. */
export function transportsThatChange(
  activities: readonly ConfiguredActivity[],
  known: readonly ManifestActivity[],
): Transport[] {
  const changing = activities.filter(({ config }) => {
    const action = (config as { readonly afterRead?: unknown } | null | undefined)?.afterRead;
    return action !== undefined && action !== 'none';
  });
  return [...new Set(changing.flatMap((one) => transportOf(one, known)))];
}
