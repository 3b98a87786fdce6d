/**
 * Sequence sets and UID sets: '1:3,7,9:*'.
 */
import type { ArgumentReader } from './argument-reader.js';
import { badArgument } from './command-failure.js';

interface Range {
  readonly first: number | '*';
  readonly last: number | '*';
}

export type NumberSet = readonly Range[];

export function readNumberSet(args: ArgumentReader): NumberSet {
  const text = args.takeWhile((char) => /[\d*,:]/u.test(char));
  return text.split(',').map((piece) => {
    const [first, last, ...rest] = piece.split(':').map(parseNumber);
    if (first === undefined || rest.length > 0) throw badArgument();
    return { first, last: last ?? first };
  });
}

/** '*' is the largest number in use; a range may run backwards, and '9:*' always includes that largest number. */
export function isInSet(set: NumberSet, number: number, largest: number): boolean {
  return set.some((range) => {
    const first = range.first === '*' ? largest : range.first;
    const last = range.last === '*' ? largest : range.last;
    return number >= Math.min(first, last) && number <= Math.max(first, last);
  });
}

/** Ascending, without overlaps; '*' is the largest number in use. */
export function mergedRanges(set: NumberSet, largest: number): { first: number; last: number }[] {
  const merged: { first: number; last: number }[] = [];
  const ends = set.map(({ first, last }) => [first, last].map((end) => (end === '*' ? largest : end)));
  const ranges = ends.map((pair) => ({ first: Math.min(...pair), last: Math.max(...pair) }));
  for (const range of ranges.sort((a, b) => a.first - b.first)) {
    const before = merged.at(-1);
    if (before !== undefined && range.first <= before.last) before.last = Math.max(before.last, range.last);
    else merged.push(range);
  }
  return merged;
}

function parseNumber(text: string): number | '*' {
  if (text === '*') return '*';
  const number = Number(text);
  if (!/^\d{1,10}$/u.test(text) || number === 0) throw badArgument();
  return number;
}
