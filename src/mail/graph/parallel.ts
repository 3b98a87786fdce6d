/**
 * Does work on many things, a few at a time. Owns: order of results and that nothing new is begun after a failure.
 */
import { CALLS_AT_A_TIME } from './gate.js';

/** @throws what the first failing piece of work threw, after those under way have ended */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const failures: unknown[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length && failures.length === 0) {
      const index = next;
      next += 1;
      try {
        results[index] = await work(items[index] as Item);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(CALLS_AT_A_TIME, items.length) }, worker));

  if (failures.length > 0) throw failures[0];
  return results;
}
