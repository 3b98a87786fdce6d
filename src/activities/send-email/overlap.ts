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
}

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
  const begin = ({ name, run }: Task<Result>): void => {
    const result = run();
    result.catch(() => undefined); // thrown below, where its turn comes
    underWay.push({ name, result });
  };
  let ended = false;
  try {
    while (!ended || underWay.length > 0) {
      const [first] = underWay;
      const hasRoom = underWay.length < most && !underWay.some(({ name }) => name === undefined);
      if (ended || !hasRoom) {
        yield await taken(underWay);
        continue;
      }
      next ??= iterator.next();
      next.catch(() => undefined); // thrown where it is waited for
      const came =
        first === undefined
          ? await next
          : await Promise.race([next, first.result.then(() => 'first' as const)]);
      if (came === 'first') {
        yield await taken(underWay);
        continue;
      }
      next = undefined;
      if (came.done === true) {
        ended = true;
        continue;
      }
      const task = came.value;
      if (task.name === undefined || underWay.some(({ name }) => name === task.name)) {
        while (underWay.length > 0) yield await taken(underWay);
      }
      begin(task);
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
    if (!ended) void iterator.return?.();
  }
}

/** The result whose turn it is. */
async function taken<Result>(underWay: UnderWay<Result>[]): Promise<Result> {
  const [first] = underWay.splice(0, 1);
  if (first === undefined) throw new Error('nothing is under way');
  return first.result;
}
