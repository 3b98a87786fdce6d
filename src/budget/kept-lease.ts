/** A lease that lasts as long as its holder lives. Owns: its renewal. */
import type { Lease } from '../state/index.js';
import type { Clock } from './clock.js';

/**
 * Renews the lease three times within its life, until the answered function is called, which gives it back. What cannot be
 * renewed is lost, and the next write under the lease tells.
 */
export function keepLease(lease: Lease, ttlMs: number, clock: Clock): () => Promise<void> {
  const ended = new AbortController();
  const renewing = (async () => {
    for (;;) {
      await clock.sleep(Math.floor(ttlMs / 3), { signal: ended.signal, background: true });
      await lease.renew(ttlMs).catch(() => undefined);
    }
  })();
  renewing.catch(() => undefined); // ends by the signal
  return async () => {
    ended.abort();
    await lease.release();
  };
}
