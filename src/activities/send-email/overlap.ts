/**
 * Works on several tasks at once and gives their results in the order of the tasks. Owns: what may overlap, and that nothing
 * that was begun is left in the middle. Must not: know what a task does.
 */

export interface Task<Result> {
  /** Tasks of one name follow one another; a task without a name overlaps with none. */
  readonly name: string | undefined;
  readonly run: () => Promise<Result>;
}

interface UnderWay<Result> {
  readonly name: string | undefined;
  readonly result: Promise<Result>;
  /** Ends with the result, well or not. */
  readonly settled: Promise<void>;
  state: 'running' | 'done' | 'failed';
}

/** So many times as many as work at once may have been begun and not given yet: a slow one does not stop those behind it. */
const AHEAD = 8;

/**
 * @param most so many tasks at once
 * @throws the error of a task, after the results of all others that were begun; no further task is begun then
 */
export async function* overlapped<Result>(
  tasks: AsyncIterable<Task<Result>>,
  most: number,
): AsyncGenerator<Result> {
  const underWay: UnderWay<Result>[] = [];
  const iterator = tasks[Symbol.asyncIterator]();
  let next: Promise<IteratorResult<Task<Result>>> | undefined;
  let ended = false;
  try {
    while (!ended || underWay.length > 0) {
      if (underWay[0] !== undefined && underWay[0].state !== 'running') {
        yield await taken(underWay);
        continue;
      }
      const running = underWay.filter(({ state }) => state === 'running').map(({ settled }) => settled);
      const hasRoom =
        running.length < most &&
        underWay.length < most * AHEAD &&
        underWay.every(({ name, state }) => name !== undefined && state !== 'failed');
      if (ended || !hasRoom) {
        await Promise.race(running);
        continue;
      }
      next ??= iterator.next();
      next.catch(() => undefined); // thrown where it is waited for
      const came = await Promise.race([next, ...running]);
      if (came === undefined) continue;
      next = undefined;
      if (came.done === true) {
        ended = true;
        continue;
      }
      const task = came.value;
      if (task.name === undefined || underWay.some(({ name }) => name === task.name)) {
        while (underWay.length > 0) yield await taken(underWay);
      }
      underWay.push(begun(task));
    }
  } catch (error) {
    // Whatever the others came to has to be known.
    for (const { result } of underWay.splice(0)) {
      const [settled] = await Promise.allSettled([result]);
      if (settled.status === 'fulfilled') yield settled.value;
    }
    throw error;
  } finally {
    await Promise.allSettled(underWay.map(({ result }) => result));
    if (!ended) abandon(iterator);
  }
}

function begun<Result>({ name, run }: Task<Result>): UnderWay<Result> {
  const result = run();
  const one: UnderWay<Result> = {
    name,
    result,
    settled: result.then(
      () => void (one.state = 'done'),
      () => void (one.state = 'failed'), // thrown where its turn comes
    ),
    state: 'running',
  };
  return one;
}

/**
 * Tells an input that no more is wanted of it. Not awaited: one that hangs in next() would hang in return() as well; and its own
 * trouble with ending is nobody's here.
 */
export function abandon(iterator: Iterator<unknown> | AsyncIterator<unknown>): void {
  void Promise.resolve()
    .then(() => iterator.return?.())
    .catch(() => undefined);
}

/** The result whose turn it is. */
async function taken<Result>(underWay: UnderWay<Result>[]): Promise<Result> {
  const [first] = underWay.splice(0, 1);
  if (first === undefined) throw new Error('nothing is under way');
  return first.result;
}
