/**
 * What a POP3 server can be asked for: the sizes of messages, and nothing else. Everything is judged on what was fetched.
 */
import type { Condition, ConditionPlan, Explain } from '../reading.js';

/**
 * Sizes in LIST are estimates on Exchange: a message is left out only when its size is off by more than this, so that an
 * estimate costs a download at most and never a message.
 */
const SIZE_TOLERANCE = 0.5;
const SIZE_TOLERANCE_BYTES = 4096;

export const explainPop3: Explain = (conditions) =>
  conditions.map((condition): ConditionPlan =>
    condition.field === 'size'
      ? { condition, where: 'both', because: 'estimated-size', asked: 'LIST' }
      : { condition, where: 'local', because: 'not-in-protocol' },
  );

/** Whether a message of this stated size may fulfil what is asked of sizes. */
export function sizeMayFit(statedSize: number, conditions: readonly Condition[]): boolean {
  return conditions.every((condition) => {
    if (condition.field !== 'size') return true;
    const { minBytes = 0, maxBytes = Infinity } = condition;
    const slack = statedSize * SIZE_TOLERANCE + SIZE_TOLERANCE_BYTES;
    return statedSize + slack >= minBytes && statedSize - slack <= maxBytes;
  });
}
