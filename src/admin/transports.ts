/** Which transports a set of configured activities uses. Must not: know what they need. */
import type { ManifestActivity } from '../generated/types.js';
import { Failure } from '../errors/index.js';
import type { SetupRequest, Transport } from './request.js';

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
    const own = (config as { readonly transport?: unknown } | undefined)?.transport;
    const all = known.find((one) => one.id === id)?.transports ?? [];
    return all.find((one) => one === own) ?? all.slice(0, 1);
  });
  return [...new Set(used)];
}

const COVERED: ReadonlySet<string> = new Set(['imap', 'smtp']);

/** Whether the setup kit knows what a transport needs. */
export const isCovered = (transport: Transport): boolean => COVERED.has(transport);

/** A script that looks complete and grants nothing would be worse than none. @throws Failure setup-not-covered */
export function assertCovered({ transports }: Pick<SetupRequest, 'transports'>): void {
  const other = transports.find((transport) => !isCovered(transport));
  if (other !== undefined) throw new Failure('setup-not-covered', { parameters: { transport: other } });
}
