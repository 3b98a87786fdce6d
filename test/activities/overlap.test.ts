/** Several tasks at once, results in order, nothing left in the middle. */
import { expect, test } from '@jest/globals';
import { overlapped, type Task } from '../../src/activities/send-email/overlap.js';

/** Tasks that end when they are told to. */
function bench(): {
  task: (id: string, name?: string) => Task<string>;
  begun: string[];
  end: (id: string) => Promise<void>;
  fail: (id: string) => Promise<void>;
} {
  const begun: string[] = [];
  const ends = new Map<string, { resolve: (id: string) => void; reject: (error: Error) => void }>();
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    begun,
    task: (id, name) => ({
      name,
      run: () => {
        begun.push(id);
        return new Promise((resolve, reject) => ends.set(id, { resolve, reject }));
      },
    }),
    end: (id) => (ends.get(id)!.resolve(id), turn()),
    fail: (id) => (ends.get(id)!.reject(new Error(id)), turn()),
  };
}

async function* of(tasks: readonly Task<string>[]): AsyncGenerator<Task<string>> {
  for (const one of tasks) yield await Promise.resolve(one);
}

/** Takes results as they come. */
function follow(results: AsyncGenerator<string>): { got: string[]; done: Promise<unknown> } {
  const got: string[] = [];
  const done = (async () => {
    for await (const one of results) got.push(one);
  })().catch((error: unknown) => error);
  return { got, done };
}
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('no more than allowed are at work, a slow one holds nobody up, and results keep their order', async () => {
  const { task, begun, end } = bench();
  const { got, done } = follow(overlapped(of(['a', 'b', 'c', 'd', 'e'].map((id) => task(id, id))), 3));
  await settle();
  expect(begun).toEqual(['a', 'b', 'c']);
  await end('c');
  expect([got, begun]).toEqual([[], ['a', 'b', 'c', 'd']]);
  await end('b');
  expect([got, begun]).toEqual([[], ['a', 'b', 'c', 'd', 'e']]);
  await end('a');
  expect(got).toEqual(['a', 'b', 'c']);
  await end('d');
  await end('e');
  await done;
  expect(got).toEqual(['a', 'b', 'c', 'd', 'e']);
});

test('results that nobody has taken are not piled up without end', async () => {
  const { task, begun, end } = bench();
  const ids = Array.from({ length: 100 }, (_, at) => `t${String(at)}`);
  follow(overlapped(of(ids.map((id) => task(id, id))), 3));
  await settle();
  for (const id of ids.slice(1, 30)) if (begun.includes(id)) await end(id);
  expect(begun).toHaveLength(24);
});

test('one at a time: nothing is begun before the result was taken', async () => {
  const { task, begun, end } = bench();
  const results = overlapped(of([task('a', 'a'), task('b', 'b')]), 1);
  const first = results.next();
  await settle();
  await end('a');
  await first;
  await settle();
  expect(begun).toEqual(['a']);
  await results.return(undefined);
});

test('a task without a name overlaps with none', async () => {
  const { task, begun, end } = bench();
  const { done } = follow(overlapped(of([task('a', 'a'), task('alone'), task('c', 'c')]), 3));
  await settle();
  expect(begun).toEqual(['a']);
  await end('a');
  expect(begun).toEqual(['a', 'alone']);
  await end('alone');
  expect(begun).toEqual(['a', 'alone', 'c']);
  await end('c');
  await done;
});

test('tasks of one name follow one another', async () => {
  const { task, begun, end } = bench();
  const { done } = follow(overlapped(of([task('a', 'same'), task('b', 'same')]), 3));
  await settle();
  expect(begun).toEqual(['a']);
  await end('a');
  expect(begun).toEqual(['a', 'b']);
  await end('b');
  await done;
});

test('a result does not wait for the next task to be there', async () => {
  const { task, end } = bench();
  async function* slow(): AsyncGenerator<Task<string>> {
    yield task('a', 'a');
    await new Promise(() => undefined);
  }
  const results = overlapped(slow(), 3);
  const first = results.next();
  await settle();
  await end('a');
  expect(await first).toEqual({ done: false, value: 'a' });
});

test('a failure is thrown after the results of what was begun, and nothing is begun after it', async () => {
  const { task, begun, end, fail } = bench();
  const { got, done } = follow(overlapped(of(['a', 'b', 'c', 'd'].map((id) => task(id, id))), 3));
  await settle();
  await fail('a');
  await fail('c');
  expect(got).toEqual([]);
  await end('b');
  expect(await done).toEqual(new Error('a'));
  expect([got, begun]).toEqual([['b'], ['a', 'b', 'c']]);
});

test('whoever stops waits for what was begun', async () => {
  const { task, end } = bench();
  const results = overlapped(of([task('a', 'a'), task('b', 'b')]), 2);
  const first = results.next();
  await settle();
  await end('a');
  await first;
  let stopped = false;
  const stop = results.return(undefined).then(() => (stopped = true));
  await settle();
  expect(stopped).toBe(false);
  await end('b');
  await stop;
  expect(stopped).toBe(true);
});
