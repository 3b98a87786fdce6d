/** When to try once more. Owns: the length of the pauses. */

/** Each pause is this many times the one before. */
const GROWTH = 4;
const FIRST_MS = 2000;
const LONGEST_MS = 5 * 60 * 1000;

/**
 * Milliseconds until the next try: from half to the whole of 2 s, 8 s, 32 s … up to 5 minutes, and never earlier than the server asked.
 * Spread out, so that those who failed together do not come back together.
 * @param tried how often so far, from 1
 */
export function pauseBefore(tried: number, retryAfterMs = 0, random: () => number = Math.random): number {
  const whole = Math.min(FIRST_MS * GROWTH ** (tried - 1), LONGEST_MS);
  const spread = Math.round(whole * (0.5 + random() / 2));
  return retryAfterMs > 0 ? retryAfterMs + Math.round(spread / 2) : spread;
}
