/**
 * What each condition is as SEARCH keys (RFC 3501 section 6.4.4). Owns: the one table that both find() and explain()
 * follow. Keys never miss a message that fulfils the condition; they may find more, and then the plan says `both`.
 *
 * Only ASCII goes out, in quoted strings: Exchange refuses other charsets and has taken literals for text.
 */
import { Failure } from '../../errors/index.js';
import type { Condition, ConditionField, ConditionPlan } from '../reading.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const MAX_WORDS = 5;
const MAX_WORD_LENGTH = 100;
const MAX_ID_LENGTH = 500;
/** How far Exchange's estimate of a size may be off before a search by size misses a message. */
const SIZE_SHARE = 0.25;
const SIZE_SLACK_BYTES = 4096;
const MAX_NUMBER = 0xffff_ffff;
const LAST_DAY = Date.UTC(2037, 11, 31);
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

type Plan = Omit<ConditionPlan, 'condition'>;
type Planners = { readonly [F in ConditionField]: (condition: Extract<Condition, { field: F }>) => Plan };

export function planOf<C extends Condition>(condition: C): Plan {
  return (PLANNERS[condition.field] as (condition: Condition) => Plan)(condition);
}

/**
 * The keys of all conditions, as they stand in the command; empty when none can be asked.
 * @throws Failure search-expression-invalid
 */
export function checkedSearchKeys(conditions: readonly Condition[]): string {
  for (const condition of conditions) if (condition.field === 'raw') checkExpression(condition.expression);
  return conditions.flatMap((condition) => planOf(condition).asked ?? []).join(' ');
}

/**
 * An expert's keys go out as they stand, so they must not be able to end the command or to reach out of the parentheses
 * around them: printable ASCII, closed strings, balanced parentheses, no literal.
 */
function checkExpression(expression: string): void {
  const refuse = (): never => {
    throw new Failure('search-expression-invalid', { parameters: { expression: expression.slice(0, 200) } });
  };
  if (!isPrintable(expression) || expression.trim() === '') refuse();
  let depth = 0;
  let isQuoted = false;
  for (let at = 0; at < expression.length; at += 1) {
    const char = expression.charAt(at);
    if (isQuoted) {
      if (char === '\\') at += 1;
      else if (char === '"') isQuoted = false;
    } else if (char === '"') isQuoted = true;
    else if (char === '{') refuse();
    else if (char === '(') depth += 1;
    else if (char === ')') depth -= 1;
    if (depth < 0 || at >= expression.length) refuse();
  }
  if (depth !== 0 || isQuoted) refuse();
}

const local = (because: Plan['because']): Plan => ({ where: 'local', because });
const onServer = (asked: string): Plan => ({ where: 'server', asked });

const PLANNERS: Planners = {
  readState: ({ is }) => onServer(is === 'read' ? 'SEEN' : 'UNSEEN'),
  flagged: ({ is }) => onServer(is ? 'FLAGGED' : 'UNFLAGGED'),
  from: ({ contains }) => planText('FROM', contains),
  to: ({ contains }) => planText('TO', contains),
  cc: ({ contains }) => planText('CC', contains),
  subject: ({ contains }) => planText('SUBJECT', contains),
  body: ({ contains }) => planText('BODY', contains),
  header: ({ name, contains }) => {
    // No field can have such a name (RFC 5322 section 3.6.8); nothing to ask for, and nothing will fit.
    if (!isPrintable(name) || /[ :]|^$/u.test(name)) return local('not-in-protocol');
    const key = `HEADER ${quoted(name)}`;
    return contains === ''
      ? { where: 'both', because: 'looser-match', asked: `${key} ""` }
      : planText(key, contains);
  },
  received: (range) => planDays('SINCE', 'BEFORE', range),
  sent: (range) => planDays('SENTSINCE', 'SENTBEFORE', range),
  hasAttachment: () => local('not-in-protocol'),
  attachment: () => local('not-in-protocol'),
  size: planSize,
  importance: ({ is }) => {
    const asked = IMPORTANCE[is];
    return asked === undefined
      ? local('not-in-protocol')
      : { where: 'both', because: 'looser-match', asked: anyHeader(asked) };
  },
  conversation: ({ messageId }) => {
    const id = messageId.trim().replace(/^<|>$/gu, '');
    if (!isPrintable(id) || /\s|^$/u.test(id) || id.length > MAX_ID_LENGTH) return local('ascii-only');
    const names = ['Message-ID', 'In-Reply-To', 'References'];
    return {
      where: 'both',
      because: 'looser-match',
      asked: anyHeader(names.map((name) => [name, id])),
    };
  },
  // In parentheses: keys that are not complete cannot take in what comes after them.
  raw: ({ expression }) => onServer(`(${expression})`),
};

/** Every field that says so in some product; normal is what none of them says, so it cannot be asked for. */
const IMPORTANCE: Readonly<
  Record<'low' | 'normal' | 'high', readonly (readonly [string, string])[] | undefined>
> = {
  high: [
    ['Importance', 'high'],
    ['X-Priority', '1'],
    ['X-Priority', '2'],
    ['X-MSMail-Priority', 'high'],
    ['Priority', 'urgent'],
  ],
  normal: undefined,
  low: [
    ['Importance', 'low'],
    ['X-Priority', '4'],
    ['X-Priority', '5'],
    ['X-MSMail-Priority', 'low'],
    ['Priority', 'non-urgent'],
  ],
};

/**
 * Asks word by word: a server may fold white space, keep quotes in names, or look words up in an index, and would miss
 * the text as a whole. Words with a letter beyond ASCII in them are left to us.
 */
function planText(key: string, text: string): Plan {
  const chunks = text.split(/[^\p{L}\p{N}\p{M}@._+-]+/u).filter((chunk) => chunk !== '');
  const isAscii = isPrintable(text.replace(/\s/gu, ' '));
  const words = chunks
    .filter(isPrintable)
    .map((chunk) => chunk.slice(0, MAX_WORD_LENGTH))
    .sort((a, b) => b.length - a.length)
    .slice(0, MAX_WORDS);
  if (words.length === 0) return local(isAscii ? 'looser-match' : 'ascii-only');
  return {
    where: 'both',
    because: isAscii ? 'looser-match' : 'ascii-only',
    asked: words.map((word) => `${key} ${quoted(word)}`).join(' '),
  };
}

/** Servers compare days, each in a time zone of its own: a day more on either side, and the second is judged here. */
function planDays(
  sinceKey: string,
  beforeKey: string,
  { since, before }: { readonly since?: Date | undefined; readonly before?: Date | undefined },
): Plan {
  const asked = [
    ...(since === undefined ? [] : dayKey(sinceKey, since.getTime() - DAY_MS)),
    ...(before === undefined ? [] : dayKey(beforeKey, before.getTime() + 2 * DAY_MS)),
  ];
  if (asked.length === 0) return local('whole-days-only');
  return { where: 'both', because: 'whole-days-only', asked: asked.join(' ') };
}

function planSize({ minBytes, maxBytes }: Extract<Condition, { field: 'size' }>): Plan {
  const least = minBytes === undefined ? 0 : Math.floor(minBytes * (1 - SIZE_SHARE)) - SIZE_SLACK_BYTES - 1;
  const most =
    maxBytes === undefined ? MAX_NUMBER : Math.ceil(maxBytes * (1 + SIZE_SHARE)) + SIZE_SLACK_BYTES + 1;
  const asked = [
    ...(least > 0 ? [`LARGER ${String(Math.min(least, MAX_NUMBER))}`] : []),
    ...(most < MAX_NUMBER ? [`SMALLER ${String(most)}`] : []),
  ];
  return asked.length === 0
    ? local('estimated-size')
    : { where: 'both', because: 'estimated-size', asked: asked.join(' ') };
}

/** HEADER keys of which one must hold. */
function anyHeader(pairs: readonly (readonly [string, string])[]): string {
  const keys = pairs.map(([name, text]) => `HEADER ${quoted(name)} ${quoted(text)}`);
  return keys.map((key, at) => (at < keys.length - 1 ? `OR ${key}` : key)).join(' ');
}

/** `date` of RFC 3501: 1-Feb-2026. Days that a server with 32-bit times cannot hold are not asked for. */
function dayKey(key: string, time: number): string[] {
  if (!(time > 0 && time < LAST_DAY)) return [];
  const date = new Date(time);
  const month = MONTHS[date.getUTCMonth()] ?? '';
  return [`${key} ${String(date.getUTCDate())}-${month}-${String(date.getUTCFullYear())}`];
}

/** ASCII without control characters: what a quoted string can hold. */
function isPrintable(text: string): boolean {
  return /^[\x20-\x7e]*$/u.test(text);
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/gu, '\\$&')}"`;
}
