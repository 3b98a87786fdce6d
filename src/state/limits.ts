/** Numbers that all implementations share. */

/** How often what has expired is removed; it is never returned in the meantime. */
export const SWEEP_EVERY_MS = 10 * 60_000;

/**
 * How long an ended lease is remembered. A forgotten one starts again with the time of day as its fence, which is beyond
 * every earlier fence unless the clock was set back by more than this.
 */
export const FENCE_KEPT_MS = 7 * 24 * 60 * 60_000;

/** Versions are drawn below this number: that one comes twice for a key is as likely as guessing 48 bits. */
export const VERSION_LIMIT = 2 ** 48 - 1;
