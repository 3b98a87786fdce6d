/**
 * Reads SEARCH criteria (RFC 3501 section 6.4.4) into one predicate over a message.
 * Exchange's limits are kept: US-ASCII only, no keywords, no extensions.
 */
import { readStructure } from '../mime/part-cache.js';
import { fieldValue } from '../mime/header.js';
import { decodeHeader, readTexts } from '../mime/text.js';
import type { StoredMail } from '../store/mail-folder.js';
import type { ArgumentReader } from './argument-reader.js';
import { badArgument, CommandFailure } from './command-failure.js';
import { dayOf, dayOfDateHeader, parseDay } from './dates.js';
import type { NumberSet } from './number-set.js';
import { isInSet, readNumberSet } from './number-set.js';

export interface Candidate {
  readonly mail: StoredMail;
  readonly sequence: number;
  readonly largestSequence: number;
  readonly largestUid: number;
}

export type SearchKey = (candidate: Candidate) => boolean;

const MAX_DEPTH = 32;

/** All criteria to the end of the command; together they must all hold. */
export function readSearchKeys(args: ArgumentReader): SearchKey {
  if (args.take('CHARSET ')) {
    const charset = args.aString().toUpperCase();
    if (charset !== 'US-ASCII') {
      throw new CommandFailure('NO', '[BADCHARSET (US-ASCII)] The specified charset is not supported.');
    }
    args.space();
  }
  const keys = [readKey(args, 0)];
  while (!args.isAtEnd()) {
    args.space();
    if (!args.isAtEnd()) keys.push(readKey(args, 0));
  }
  return allOf(keys);
}

const allOf =
  (keys: readonly SearchKey[]): SearchKey =>
  (candidate) =>
    keys.every((key) => key(candidate));

function readKey(args: ArgumentReader, depth: number): SearchKey {
  if (depth > MAX_DEPTH) throw badArgument();
  if (args.peek() === '(') return allOf(args.list(() => readKey(args, depth + 1)));
  if (/[\d*]/u.test(args.peek())) {
    const set = readNumberSet(args);
    return ({ sequence, largestSequence }) => isInSet(set, sequence, largestSequence);
  }
  const name = args.atom().toUpperCase();
  const simple = FLAG_KEYS.get(name);
  if (simple !== undefined) return simple;
  const reader = ARGUMENT_KEYS.get(name);
  if (reader === undefined) throw badArgument();
  args.space();
  return reader(args, depth);
}

const hasFlag =
  (flag: string, expected = true): SearchKey =>
  ({ mail }) =>
    mail.flags.has(flag) === expected;

const FLAG_KEYS = new Map<string, SearchKey>([
  ['ALL', () => true],
  ['ANSWERED', hasFlag('\\Answered')],
  ['DELETED', hasFlag('\\Deleted')],
  ['DRAFT', hasFlag('\\Draft')],
  ['FLAGGED', hasFlag('\\Flagged')],
  ['SEEN', hasFlag('\\Seen')],
  ['UNANSWERED', hasFlag('\\Answered', false)],
  ['UNDELETED', hasFlag('\\Deleted', false)],
  ['UNDRAFT', hasFlag('\\Draft', false)],
  ['UNFLAGGED', hasFlag('\\Flagged', false)],
  ['UNSEEN', hasFlag('\\Seen', false)],
  // The server reports no message as recent.
  ['NEW', () => false],
  ['OLD', () => true],
  ['RECENT', () => false],
]);

type KeyReader = (args: ArgumentReader, depth: number) => SearchKey;

const ARGUMENT_KEYS = new Map<string, KeyReader>([
  ['NOT', (args, depth) => negate(readKey(args, depth + 1))],
  ['OR', readOr],
  ['UID', (args) => matchUid(readNumberSet(args))],
  ['LARGER', (args) => matchSize(args, (size, limit) => size > limit)],
  ['SMALLER', (args) => matchSize(args, (size, limit) => size < limit)],
  ['BEFORE', (args) => matchDay(args, internalDay, (day, limit) => day < limit)],
  ['ON', (args) => matchDay(args, internalDay, (day, limit) => day === limit)],
  ['SINCE', (args) => matchDay(args, internalDay, (day, limit) => day >= limit)],
  ['SENTBEFORE', (args) => matchDay(args, sentDay, (day, limit) => day < limit)],
  ['SENTON', (args) => matchDay(args, sentDay, (day, limit) => day === limit)],
  ['SENTSINCE', (args) => matchDay(args, sentDay, (day, limit) => day >= limit)],
  ['SUBJECT', (args) => matchHeader('subject', readText(args))],
  ['FROM', (args) => matchHeader('from', readText(args))],
  ['TO', (args) => matchHeader('to', readText(args))],
  ['CC', (args) => matchHeader('cc', readText(args))],
  ['BCC', (args) => matchHeader('bcc', readText(args))],
  ['HEADER', readHeaderKey],
  ['BODY', (args) => matchBody(readText(args))],
  ['TEXT', (args) => readTextKey(readText(args))],
]);

function readOr(args: ArgumentReader, depth: number): SearchKey {
  const left = readKey(args, depth + 1);
  args.space();
  const right = readKey(args, depth + 1);
  return (candidate) => left(candidate) || right(candidate);
}

const negate =
  (key: SearchKey): SearchKey =>
  (candidate) =>
    !key(candidate);

const matchUid =
  (set: NumberSet): SearchKey =>
  ({ mail, largestUid }) =>
    isInSet(set, mail.uid, largestUid);

function matchSize(args: ArgumentReader, compare: (size: number, limit: number) => boolean): SearchKey {
  const limit = args.number();
  return ({ mail }) => compare(mail.source.size, limit);
}

function matchDay(
  args: ArgumentReader,
  read: (mail: StoredMail) => number | undefined,
  compare: (day: number, limit: number) => boolean,
): SearchKey {
  const limit = parseDay(args.aString());
  if (limit === undefined) throw badArgument();
  return ({ mail }) => {
    const day = read(mail);
    return day !== undefined && compare(day, limit);
  };
}

const internalDay = (mail: StoredMail): number => dayOf(mail.internalDate);

function sentDay(mail: StoredMail): number | undefined {
  const value = fieldValue(mail.source.read(), readStructure(mail.source).fields, 'date');
  return value === undefined ? undefined : dayOfDateHeader(value);
}

/** Non-ASCII without a charset it could be in is an argument error. */
function readText(args: ArgumentReader): string {
  const text = args.aString();
  if (/[^\x20-\x7e\t]/u.test(text)) throw badArgument();
  return text.toLowerCase();
}

function readHeaderKey(args: ArgumentReader): SearchKey {
  const name = readText(args);
  args.space();
  return matchHeader(name, readText(args));
}

/** An empty text asks only whether the field is there. */
function matchHeader(name: string, text: string): SearchKey {
  return ({ mail }) => {
    const source = mail.source.read();
    return readStructure(mail.source)
      .fields.filter((field) => field.name === name)
      .some(({ valueStart, end }) => {
        const raw = source.toString('latin1', valueStart, end).replace(/\r?\n/gu, '');
        return decodeHeader(raw).toLowerCase().includes(text) || raw.toLowerCase().includes(text);
      });
  };
}

function matchBody(text: string): SearchKey {
  return ({ mail }) => {
    for (const body of readTexts(mail.source.read(), readStructure(mail.source))) {
      if (body.toLowerCase().includes(text)) return true;
    }
    return false;
  };
}

function readTextKey(text: string): SearchKey {
  const inBody = matchBody(text);
  return (candidate) => {
    const { source } = candidate.mail;
    const header = source.read().toString('latin1', 0, readStructure(source).bodyStart);
    return decodeHeader(header.replace(/\r?\n/gu, '')).toLowerCase().includes(text) || inBody(candidate);
  };
}
