/**
 * The leaf parts of mime4j's messages, byte by byte. A golden file is one parser's opinion: where ours is another, the case
 * is listed with its reason in exceptions.ts, and Python's email package is asked as well.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { MIME4J } from './exceptions.js';
import { leavesOf } from './support/leaves.js';
import { CORPORA, foreignMessages, sha256, withLf } from './support/messages.js';

const messages = foreignMessages().filter(({ name }) => name.startsWith('mime4j/'));

/** Part path of a stored leaf: 1_2 of X_decoded_1_2.bin. */
const PART = /_decoded_([\d_]+)\.(?:bin|txt)$/u;

function byPart(one: string, other: string): number {
  const numbers = (name: string): number[] => (PART.exec(name)?.[1] ?? '').split('_').map(Number);
  const [left, right] = [numbers(one), numbers(other)];
  const at = left.findIndex((number, index) => number !== right[index]);
  return at < 0 ? left.length - right.length : (left[at] ?? 0) - (right[at] ?? -1);
}

interface Stored {
  /** Part path as ours: 1.2 of X_decoded_1_2.bin. */
  readonly part: string;
  readonly digest: string;
}

function storedLeaves(name: string): Stored[] {
  const path = join(CORPORA, name);
  const folder = join(path, '..');
  const prefix = `${name.split('/').at(-1)?.slice(0, -'.msg'.length) ?? ''}_decoded_`;
  return readdirSync(folder)
    .filter((file) => file.startsWith(prefix) && PART.test(file))
    .sort(byPart)
    .map((file) => ({
      part: (PART.exec(file)?.[1] ?? '').replaceAll('_', '.'),
      digest: sha256(readFileSync(join(folder, file))),
    }));
}

/** The stored leaves that are not among ours; undefined when all are there, but not in that order, or we have more. */
function missingLeaves(name: string, source: Buffer): string[] | undefined {
  const ours = leavesOf(source).map(({ bytes }) => sha256(bytes));
  const stored = storedLeaves(name);
  const left = [...ours];
  const missing = stored.filter(({ digest }) => {
    const at = left.indexOf(digest);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  const same = JSON.stringify(ours) === JSON.stringify(stored.map(({ digest }) => digest));
  return missing.length === 0 && !same ? undefined : missing.map(({ part }) => part);
}

test('all messages are there', () => {
  expect(messages.length).toBeGreaterThanOrEqual(80);
});

test.each(messages)('$name has the stored leaves, but for those that are listed', ({ name, source }) => {
  const exception = MIME4J[name];
  const listed = exception === undefined ? [] : exception.missing;
  expect({ name, missing: missingLeaves(name, source) }).toEqual({ name, missing: listed });
});

test('every exception names a message that is there', () => {
  const names = new Set(messages.map(({ name }) => name));
  expect(Object.keys(MIME4J).filter((name) => !names.has(name))).toEqual([]);
});

test("Python's opinion on the exceptions is the one listed", () => {
  const names = Object.keys(MIME4J);
  const script = new URL('support/python-leaves.py', import.meta.url).pathname;
  const { stdout, error } = spawnSync('python3', [script], {
    input: JSON.stringify(names.map((name) => join(CORPORA, name))),
    encoding: 'utf8',
  });
  if (error !== undefined) {
    process.stderr.write('test:corpus: python3 is missing, the second opinion was not asked for.\n');
    return;
  }
  const opinions = JSON.parse(stdout) as Record<string, [number, string][] | null>;
  const found = names.map((name) => {
    const ours = leavesOf(readFileSync(join(CORPORA, name))).map(({ bytes }) => sha256(withLf(bytes)));
    const theirs = opinions[join(CORPORA, name)]?.map(([, digest]) => digest);
    return [name, JSON.stringify(ours) === JSON.stringify(theirs) ? 'as we' : 'otherwise'];
  });
  expect(Object.fromEntries(found)).toEqual(
    Object.fromEntries(Object.entries(MIME4J).map(([name, { python }]) => [name, python])),
  );
});
