/**
 * Reads $filter (OData URL Conventions section 5.1.1) as far as Exchange takes it for messages, into a predicate.
 */
import { badRequest } from './graph-error.js';
import { MessageReader } from './message-resource.js';
import type { Placed } from './mailbox-index.js';

export interface Filter {
  readonly holds: (placed: Placed) => boolean;
  /** Properties in the order in which they are first named. */
  readonly properties: readonly string[];
}

type Value = string | number | boolean | null;
type Test = (reader: MessageReader) => boolean;

/** What may be filtered by, and as what it is compared. Times are compared in full, although shown in seconds. */
const PROPERTIES: Readonly<Record<string, (reader: MessageReader) => Value>> = {
  isRead: (reader) => reader.property('isRead') as boolean,
  isDraft: (reader) => reader.property('isDraft') as boolean,
  hasAttachments: (reader) => reader.hasAttachments,
  importance: (reader) => reader.importance,
  'flag/flagStatus': ({ placed }) => (placed.mail.flags.has('\\Flagged') ? 'flagged' : 'notFlagged'),
  receivedDateTime: ({ placed }) => placed.mail.internalDate.getTime(),
  sentDateTime: (reader) => reader.sentAt?.getTime() ?? null,
  subject: (reader) => reader.text('subject') ?? '',
  internetMessageId: (reader) => reader.field('message-id') ?? null,
  'from/emailAddress/address': (reader) => reader.recipients('from')[0]?.emailAddress.address ?? null,
  'from/emailAddress/name': (reader) => reader.recipients('from')[0]?.emailAddress.name ?? null,
};
const FUNCTIONS: Readonly<Record<string, (value: string, part: string) => boolean>> = {
  contains: (value, part) => value.includes(part),
  startswith: (value, part) => value.startsWith(part),
  endswith: (value, part) => value.endsWith(part),
};
const COMPARISONS: Readonly<Record<string, (left: number, right: number) => boolean>> = {
  gt: (left, right) => left > right,
  ge: (left, right) => left >= right,
  lt: (left, right) => left < right,
  le: (left, right) => left <= right,
};
const MAX_DEPTH = 32;
const TOKEN = /\s*(?:(?<literal>'(?:[^']|'')*')|(?<word>[\w./:+-]+)|(?<mark>[(),]))/uy;

const invalid = (): Error => badRequest('Invalid filter clause');

export function readFilter(text: string): Filter {
  const reader = new FilterReader(tokensOf(text));
  const test = reader.either(0);
  if (!reader.isAtEnd) throw invalid();
  return { holds: (placed) => test(new MessageReader(placed)), properties: [...reader.properties] };
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  const trimmed = text.trimEnd();
  while (TOKEN.lastIndex < trimmed.length) {
    const [token] = TOKEN.exec(trimmed) ?? [];
    if (token === undefined) throw invalid();
    tokens.push(token.trim());
  }
  return tokens;
}

class FilterReader {
  readonly properties = new Set<string>();
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#tokens.length;
  }

  either(depth: number): Test {
    if (depth > MAX_DEPTH) throw invalid();
    const tests = [this.#both(depth)];
    while (this.#take('or')) tests.push(this.#both(depth));
    return (message) => tests.some((test) => test(message));
  }

  #both(depth: number): Test {
    const tests = [this.#single(depth)];
    while (this.#take('and')) tests.push(this.#single(depth));
    return (message) => tests.every((test) => test(message));
  }

  #single(depth: number): Test {
    if (this.#take('not')) {
      const inner = this.#single(depth + 1);
      return (message) => !inner(message);
    }
    if (this.#take('(')) {
      const inner = this.either(depth + 1);
      this.#require(')');
      return inner;
    }
    const word = this.#next();
    const call = Object.hasOwn(FUNCTIONS, word) ? FUNCTIONS[word] : undefined;
    if (call !== undefined && this.#take('(')) return this.#call(call);
    return this.#comparison(this.#property(word));
  }

  #call(call: (value: string, part: string) => boolean): Test {
    const property = this.#property(this.#next());
    this.#require(',');
    const part = this.#literal();
    this.#require(')');
    if (typeof part !== 'string') throw invalid();
    const wanted = part.toLowerCase();
    return (message) => {
      const value = property(message);
      return typeof value === 'string' && call(value.toLowerCase(), wanted);
    };
  }

  #comparison(property: (reader: MessageReader) => Value): Test {
    const operator = this.#next();
    const literal = this.#literal();
    if (operator === 'eq' || operator === 'ne') {
      return (message) => same(property(message), literal) === (operator === 'eq');
    }
    const compare = Object.hasOwn(COMPARISONS, operator) ? COMPARISONS[operator] : undefined;
    if (compare === undefined || typeof literal !== 'number') throw invalid();
    return (message) => {
      const value = property(message);
      return typeof value === 'number' && compare(value, literal);
    };
  }

  #property(name: string): (reader: MessageReader) => Value {
    const property = Object.hasOwn(PROPERTIES, name) ? PROPERTIES[name] : undefined;
    if (property === undefined) {
      throw badRequest(
        `Could not find a property named '${name}' on type 'Microsoft.OutlookServices.Message'.`,
      );
    }
    this.properties.add(name);
    return property;
  }

  #literal(): Value {
    const token = this.#next();
    if (token.startsWith("'")) return token.slice(1, -1).replaceAll("''", "'");
    if (token === 'true' || token === 'false') return token === 'true';
    if (token === 'null') return null;
    const time = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z)?$/u.test(token)
      ? Date.parse(token)
      : Number.NaN;
    if (Number.isNaN(time)) throw invalid();
    return time;
  }

  #next(): string {
    const token = this.#tokens[this.#at];
    if (token === undefined) throw invalid();
    this.#at += 1;
    return token;
  }

  #take(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false;
    this.#at += 1;
    return true;
  }

  #require(token: string): void {
    if (!this.#take(token)) throw invalid();
  }
}

function same(left: Value, right: Value): boolean {
  return typeof left === 'string' && typeof right === 'string'
    ? left.toLowerCase() === right.toLowerCase()
    : left === right;
}
