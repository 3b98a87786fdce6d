/** A lease that lasts as long as its holder lives. Owns: its renewal. */
import type { Lease } from '../state/index.js';
import type { Clock } from './clock.js';

/**
 * Renews the lease three times within its life, until the answered function is called, which gives it back. What cannot be
 * renewed is lost, and the next write under the lease tells.
 */
export function keepLease(lease: Lease, ttlMs: number, clock: Clock): () => Promise<void> {
  const again = (): (() => void) =>
    clock.after(Math.floor(ttlMs / 3), () => {
      stop = again();
      void lease.renew(ttlMs).catch(() => undefined);
    });
  let stop = again();
  return async () => {
    stop();
    await lease.release();
  };
}
