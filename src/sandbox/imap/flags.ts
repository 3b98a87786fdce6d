/**
 * The flags Exchange Online keeps. There are no custom keywords: anything else is an argument error, not ignored.
 */
import type { ArgumentReader } from './argument-reader.js';
import { badArgument } from './command-failure.js';

const FLAGS = ['\\Seen', '\\Answered', '\\Flagged', '\\Deleted', '\\Draft', '$MDNSent'];
const BY_LOWER_CASE = new Map(FLAGS.map((flag) => [flag.toLowerCase(), flag]));

export const FLAG_LIST = `(${FLAGS.join(' ')})`;

/** In the order Exchange lists them. */
export function renderFlags(flags: ReadonlySet<string>): string {
  return `(${FLAGS.filter((flag) => flags.has(flag)).join(' ')})`;
}

/** A parenthesised list, or bare flags to the end as STORE allows. */
export function readFlags(args: ArgumentReader): string[] {
  const readFlag = (): string => {
    const flag = BY_LOWER_CASE.get(args.atom().toLowerCase());
    if (flag === undefined) throw badArgument();
    return flag;
  };
  if (args.peek() === '(') return args.list(readFlag);
  const flags = [readFlag()];
  while (!args.isAtEnd()) {
    args.space();
    flags.push(readFlag());
  }
  return flags;
}
