/** How a sliding window judges: the one calculation that every implementation of State.spend shares. */
import type { Spending, SpendOptions, Spent } from './port.js';

/**
 * @param used sum of what lies within the window
 * @param spendings what lies within the window, oldest first; asked for only when the amount does not fit
 */
export function judge(
  { amount, limit, windowMs }: SpendOptions,
  now: number,
  used: number,
  spendings: readonly Spending[],
): Spent {
  if (used + amount <= limit) return { granted: true, left: limit - used - amount };
  let rest = used;
  for (const spending of spendings) {
    rest -= spending.amount;
    if (rest + amount <= limit) return { granted: false, retryAfterMs: spending.at + windowMs - now };
  }
  return { granted: false, retryAfterMs: Number.POSITIVE_INFINITY };
}
