/**
 * iCalendar (RFC 5545) as components of properties. Owns: lines, nesting and limits; ical.js reads one property at a time,
 * so that a line which it refuses costs no other. Must not: know what a property means.
 */
import type ICAL from 'ical.js';
import { cleanText } from '../mime/charset.js';
import type { Warnings } from './warnings.js';

export interface CalendarProperty {
  /** Lower case. */
  readonly name: string;
  /** Names in lower case. */
  readonly parameters: Readonly<Record<string, string>>;
  /** As jCal writes them (RFC 7265); empty when the value was refused. */
  readonly values: readonly unknown[];
  /** As it stands behind the colon. */
  readonly raw: string;
}

export interface CalendarComponent {
  /** Lower case. */
  readonly name: string;
  readonly properties: readonly CalendarProperty[];
  readonly components: readonly CalendarComponent[];
}

const MAX_LENGTH = 1_000_000;
const MAX_LINES = 50_000;
const MAX_DEPTH = 8;
/** The description with its HTML copy; longer lines are cut. */
const MAX_LINE = 200_000;
/** Parameters and values of times and rules are short; ical.js needs time for each of them. */
const MAX_SHORT_LINE = 20_000;
const LONG = new Set(['description', 'summary', 'location', 'comment', 'x-alt-desc', 'attach']);

interface Open {
  name: string;
  properties: CalendarProperty[];
  components: Open[];
}

let parser: Promise<typeof ICAL.parse> | undefined;

/** The components of the text, mostly one `vcalendar`. Components that are not closed count as closed at the end. */
export async function readCalendarLines(text: string, warnings: Warnings): Promise<CalendarComponent[]> {
  if (text.length > MAX_LENGTH) warnings.add('calendar-cut', text.length);
  parser ??= import('ical.js').then((library) => library.default.parse);
  const parse = await parser;
  const root: Open = { name: '', properties: [], components: [] };
  const open: Open[] = [root];
  let count = 0;
  for (const line of unfold(cleanText(text.slice(0, MAX_LENGTH)))) {
    if (++count > MAX_LINES) {
      warnings.add('calendar-cut', MAX_LINES);
      break;
    }
    const begin = /^(begin|end)[ \t]*:[ \t]*([\w-]{1,50})[ \t]*$/iu.exec(line.slice(0, 80));
    const name = begin?.[2]?.toLowerCase() ?? '';
    if (begin?.[1]?.toLowerCase() === 'begin') {
      const component: Open = { name, properties: [], components: [] };
      if (open.length <= MAX_DEPTH) open.at(-1)?.components.push(component);
      else warnings.add('calendar-too-deep', MAX_DEPTH);
      // What is too deep is read and forgotten; its own depth is of no interest.
      if (open.length <= MAX_DEPTH + 1) open.push(component);
    } else if (begin !== null) {
      const index = open.findLastIndex((component) => component.name === name);
      if (index > 0) open.length = index;
    } else if (line.trim() !== '') {
      const property = readProperty(parse, line, warnings);
      if (property !== undefined) open.at(-1)?.properties.push(property);
    }
  }
  return root.components;
}

/** Lines, continued ones joined. */
function* unfold(text: string): Generator<string> {
  let pieces: string[] = [];
  for (const line of text.replace(/^\uFEFF/u, '').split(/\r\n|\n|\r/u)) {
    if (line.startsWith(' ') || line.startsWith('\t')) {
      pieces.push(line.slice(1));
      continue;
    }
    if (pieces.length > 0) yield pieces.join('');
    pieces = [line];
  }
  yield pieces.join('');
}

function readProperty(
  parse: typeof ICAL.parse,
  line: string,
  warnings: Warnings,
): CalendarProperty | undefined {
  const name = /^[\w-]{1,100}/u.exec(line)?.[0].toLowerCase();
  const colon = valueStart(line);
  if (name === undefined || colon === -1) {
    warnings.add('calendar-line-unreadable', line);
    return undefined;
  }
  const limit = LONG.has(name) ? MAX_LINE : MAX_SHORT_LINE;
  if (line.length > limit) warnings.add('calendar-line-cut', name);
  const raw = line.slice(colon + 1, limit);
  try {
    const parsed = parse.property(line.slice(0, limit)) as unknown;
    if (!Array.isArray(parsed)) return { name, parameters: {}, values: [], raw };
    return { name, parameters: parametersOf(parsed[1]), values: parsed.slice(3), raw };
  } catch {
    // ParserError; its message quotes the line
    warnings.add('calendar-value-unreadable', name);
    return { name, parameters: {}, values: [], raw };
  }
}

/** The first colon outside of quotes. */
function valueStart(line: string): number {
  let quoted = false;
  for (let at = 0; at < line.length; at++) {
    if (line[at] === '"') quoted = !quoted;
    else if (line[at] === ':' && !quoted) return at;
  }
  return -1;
}

function parametersOf(parameters: unknown): Record<string, string> {
  if (typeof parameters !== 'object' || parameters === null) return {};
  return Object.fromEntries(
    Object.entries(parameters)
      .filter(([name]) => name !== '__proto__')
      .map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : String(value)]),
  );
}
