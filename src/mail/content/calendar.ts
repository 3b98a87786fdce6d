/**
 * Invitations and other calendar objects in mail (RFC 5545, RFC 5546): what, when, where, who, how often. Times are given
 * as they were written and as instants. Owns: what a property means. Must not: expand recurrences.
 */
import { readCalendarLines, type CalendarComponent, type CalendarProperty } from './calendar-lines.js';
import { CalendarZones, wallTime } from './calendar-zones.js';
import { Warnings, type ContentWarning } from './warnings.js';

export interface CalendarTime {
  /** As written, in the form 2026-11-02T09:30:00, with Z when it is UTC; 2026-11-02 for a whole day. */
  readonly written: string;
  /** Time zone as written; UTC for times with Z; null for a local time without one and for whole days. */
  readonly timeZone: string | null;
  /** ISO 8601, UTC. null for whole days, for times without a zone, and where the zone is not known. */
  readonly instant: string | null;
}

export interface CalendarPerson {
  /** Without mailto:. */
  readonly address: string;
  readonly name: string;
}

export interface CalendarAttendee extends CalendarPerson {
  /** Lower case: req-participant, opt-participant, non-participant, chair. */
  readonly role: string;
  /** Lower case: needs-action, accepted, declined, tentative, delegated. */
  readonly status: string;
  /** An answer is asked for. */
  readonly rsvp: boolean;
  /** Lower case: individual, group, resource, room, unknown. */
  readonly kind: string;
}

export interface CalendarRule {
  /** Upper case: YEARLY, MONTHLY, WEEKLY, DAILY, HOURLY, MINUTELY, SECONDLY. */
  readonly frequency: string;
  readonly interval: number;
  readonly count: number | null;
  /** As written, in the form of CalendarTime.written. */
  readonly until: string | null;
  /** For example MO, or -1SU for the last Sunday. */
  readonly byDay: readonly string[];
  readonly byMonth: readonly number[];
  readonly byMonthDay: readonly number[];
  readonly bySetPosition: readonly number[];
}

export interface CalendarRecurrence {
  /** The RRULE as written. */
  readonly text: string;
  /** null when it cannot be read, or has more than this form can say (BYHOUR, BYWEEKNO …): then the text alone tells. */
  readonly rule: CalendarRule | null;
}

export interface CalendarEvent {
  readonly uid: string | null;
  /** The instance of a recurring event that this is about. */
  readonly recurrenceId: CalendarTime | null;
  readonly sequence: number;
  /** Lower case: confirmed, tentative, cancelled. */
  readonly status: string | null;
  readonly summary: string | null;
  readonly description: string | null;
  readonly location: string | null;
  readonly start: CalendarTime | null;
  /** Behind the last moment, and behind the last day of whole days; out of the duration where that is written. */
  readonly end: CalendarTime | null;
  readonly allDay: boolean;
  readonly organizer: CalendarPerson | null;
  readonly attendees: readonly CalendarAttendee[];
  readonly recurrence: readonly CalendarRecurrence[];
  /** Instances that do not take place. */
  readonly exceptions: readonly CalendarTime[];
  /** Instances beside those of the rule. */
  readonly additions: readonly CalendarTime[];
}

export interface MailCalendar {
  /** Upper case: REQUEST, REPLY, CANCEL, COUNTER, PUBLISH …; null when none is written. */
  readonly method: string | null;
  readonly productId: string | null;
  readonly events: readonly CalendarEvent[];
}

export interface ReadCalendar {
  /** null when the text is no calendar. */
  readonly calendar: MailCalendar | null;
  readonly warnings: readonly ContentWarning[];
}

const MAX_EVENTS = 1000;
const MAX_ATTENDEES = 2000;
const MAX_TIMES = 2000;

export async function readCalendar(text: string): Promise<ReadCalendar> {
  const warnings = new Warnings();
  const roots = await readCalendarLines(text, warnings);
  const calendar = roots.find(({ name }) => name === 'vcalendar');
  if (calendar === undefined) {
    warnings.add('calendar-unreadable');
    return { calendar: null, warnings: warnings.list };
  }
  if (roots.length > 1) warnings.add('calendar-further-left-out', roots.length - 1);
  const events = calendar.components.filter(({ name }) => name === 'vevent');
  if (events.length > MAX_EVENTS) warnings.add('calendar-too-many-events', events.length);
  for (const { name } of calendar.components)
    if (name !== 'vevent' && name !== 'vtimezone') warnings.add('calendar-component-left-out', name);
  const reader = new EventReader(new CalendarZones(calendar.components), warnings);
  return {
    calendar: {
      method: textOf(calendar, 'method')?.toUpperCase() ?? null,
      productId: textOf(calendar, 'prodid'),
      events: events.slice(0, MAX_EVENTS).map((event) => reader.read(event)),
    },
    warnings: warnings.list,
  };
}

const all = (component: CalendarComponent, name: string): CalendarProperty[] =>
  component.properties.filter((property) => property.name === name);

function textOf(component: CalendarComponent, name: string): string | null {
  const property = component.properties.find((one) => one.name === name);
  if (property === undefined) return null;
  const [value] = property.values;
  const text = typeof value === 'string' ? value : property.raw;
  return text.trim() === '' ? null : text.trim();
}

class EventReader {
  readonly #zones: CalendarZones;
  readonly #warnings: Warnings;
  /** Over all events: a hostile calendar has many in each. */
  #times = 0;
  #attendees = 0;

  constructor(zones: CalendarZones, warnings: Warnings) {
    this.#zones = zones;
    this.#warnings = warnings;
  }

  read(event: CalendarComponent): CalendarEvent {
    const start = this.#first(event, 'dtstart');
    const allDay = start !== null && /^\d{4}-\d\d-\d\d$/u.test(start.written);
    const sequence = Number.parseInt(textOf(event, 'sequence') ?? rawOf(event, 'sequence'), 10);
    return {
      uid: textOf(event, 'uid'),
      recurrenceId: this.#first(event, 'recurrence-id'),
      sequence: Number.isSafeInteger(sequence) ? sequence : 0,
      status: textOf(event, 'status')?.toLowerCase() ?? null,
      summary: textOf(event, 'summary'),
      description: textOf(event, 'description'),
      location: textOf(event, 'location'),
      start,
      end: this.#first(event, 'dtend') ?? this.#computedEnd(event, start, allDay),
      allDay,
      organizer: all(event, 'organizer').map(person)[0] ?? null,
      attendees: this.#attendeesOf(event),
      recurrence: this.#recurrences(event),
      exceptions: this.#timesOf(event, 'exdate'),
      additions: this.#timesOf(event, 'rdate'),
    };
  }

  #first(event: CalendarComponent, name: string): CalendarTime | null {
    const property = event.properties.find((one) => one.name === name);
    return property === undefined ? null : this.#time(property.values[0], property);
  }

  #timesOf(event: CalendarComponent, name: string): CalendarTime[] {
    const times: CalendarTime[] = [];
    for (const property of all(event, name)) {
      for (const value of property.values) {
        if (this.#times >= MAX_TIMES) {
          this.#warnings.add('calendar-too-many-times', MAX_TIMES);
          return times;
        }
        this.#times++;
        // A period is an array of its start and its end or duration.
        const time = this.#time(Array.isArray(value) ? (value[0] as unknown) : value, property);
        if (time !== null) times.push(time);
      }
    }
    return times;
  }

  #time(value: unknown, property: CalendarProperty): CalendarTime | null {
    const wall = wallTime(value);
    if (wall === undefined || typeof value !== 'string') {
      this.#warnings.add('calendar-time-unreadable', `${property.name}:${property.raw}`);
      return null;
    }
    if (!value.includes('T')) return { written: value, timeZone: null, instant: null };
    if (value.endsWith('Z')) return { written: value, timeZone: 'UTC', instant: iso(wall) };
    return this.#local(value, wall, property.parameters['tzid'] ?? null);
  }

  #local(written: string, wall: number, timeZone: string | null): CalendarTime {
    const instant = timeZone === null ? undefined : this.#zones.instant(wall, timeZone);
    if (timeZone !== null && instant === undefined) this.#warnings.add('calendar-zone-unknown', timeZone);
    return { written, timeZone, instant: instant === undefined ? null : iso(instant) };
  }

  /** Start and duration; a whole day without an end lasts one day (RFC 5545 section 3.6.1). */
  #computedEnd(event: CalendarComponent, start: CalendarTime | null, allDay: boolean): CalendarTime | null {
    const duration = event.properties.find(({ name }) => name === 'duration');
    const wall = wallTime(start?.written);
    if (start === null || wall === undefined || (duration === undefined && !allDay)) return null;
    const length = duration === undefined ? { days: 1, exact: 0 } : durationOf(duration.raw);
    if (length === undefined) {
      this.#warnings.add('calendar-value-unreadable', 'duration');
      return null;
    }
    // Days are days of the calendar, hours are hours (RFC 5545 section 3.3.6).
    const wallEnd = wall + length.days * 86_400_000;
    if (allDay) return { written: iso(wallEnd + length.exact).slice(0, 10), timeZone: null, instant: null };
    const written = (time: number): string => iso(time).slice(0, 19);
    if (start.timeZone === 'UTC') {
      const end = wallEnd + length.exact;
      return { written: `${written(end)}Z`, timeZone: 'UTC', instant: iso(end) };
    }
    const dayEnd = this.#local(written(wallEnd), wallEnd, start.timeZone);
    const end = this.#local(written(wallEnd + length.exact), wallEnd + length.exact, start.timeZone);
    return dayEnd.instant === null
      ? end
      : { ...end, instant: iso(Date.parse(dayEnd.instant) + length.exact) };
  }

  #attendeesOf(event: CalendarComponent): CalendarAttendee[] {
    const found: CalendarAttendee[] = [];
    for (const property of all(event, 'attendee')) {
      if (this.#attendees >= MAX_ATTENDEES) {
        this.#warnings.add('calendar-too-many-attendees', MAX_ATTENDEES);
        break;
      }
      this.#attendees++;
      const { role, partstat, rsvp, cutype } = property.parameters;
      found.push({
        ...person(property),
        role: (role ?? 'req-participant').toLowerCase(),
        status: (partstat ?? 'needs-action').toLowerCase(),
        rsvp: rsvp?.toLowerCase() === 'true',
        kind: (cutype ?? 'individual').toLowerCase(),
      });
    }
    return found;
  }

  #recurrences(event: CalendarComponent): CalendarRecurrence[] {
    return all(event, 'rrule')
      .slice(0, 10)
      .map(({ raw, values }) => ({ text: raw.slice(0, 1000).toWellFormed(), rule: ruleOf(values[0]) }));
  }
}

const rawOf = (component: CalendarComponent, name: string): string =>
  component.properties.find((property) => property.name === name)?.raw ?? '';

/** Years beyond four digits have no form of their own here. */
function iso(instant: number): string {
  const limited = Math.min(
    Math.max(instant, Date.parse('0000-01-01T00:00:00Z')),
    Date.UTC(9999, 11, 31, 23, 59, 59),
  );
  return new Date(limited).toISOString();
}

function person(property: CalendarProperty): CalendarPerson {
  const [value] = property.values;
  const stated = (typeof value === 'string' ? value : property.raw).trim();
  return {
    address: stated.replace(/^mailto:\s*/iu, '').trim(),
    name: (property.parameters['cn'] ?? '').trim(),
  };
}

/** "P1DT2H", "PT15M", "P2W". */
function durationOf(raw: string): { days: number; exact: number } | undefined {
  const found =
    /^([+-]?)P(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,9})S)?)?$/iu.exec(
      raw.trim(),
    );
  if (found === null) return undefined;
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = found
    .slice(2)
    .map((digits: string | undefined) => Number(digits ?? 0));
  const sign = found[1] === '-' ? -1 : 1;
  return {
    days: sign * (weeks * 7 + days),
    exact: sign * ((hours * 60 + minutes) * 60 + seconds) * 1000,
  };
}

const RULE_PARTS = new Set([
  ...['freq', 'interval', 'count', 'until', 'byday', 'bymonth', 'bymonthday', 'bysetpos', 'wkst'],
]);

function ruleOf(value: unknown): CalendarRule | null {
  if (typeof value !== 'object' || value === null) return null;
  const parts = value as Record<string, unknown>;
  if (typeof parts['freq'] !== 'string' || !Object.keys(parts).every((key) => RULE_PARTS.has(key)))
    return null;
  const list = (part: unknown): unknown[] => (Array.isArray(part) ? part : part === undefined ? [] : [part]);
  const numbers = (part: unknown): number[] => list(part).filter((item) => typeof item === 'number');
  return {
    frequency: parts['freq'],
    interval: typeof parts['interval'] === 'number' ? parts['interval'] : 1,
    count: typeof parts['count'] === 'number' ? parts['count'] : null,
    until: typeof parts['until'] === 'string' ? parts['until'] : null,
    byDay: list(parts['byday']).filter((item) => typeof item === 'string'),
    byMonth: numbers(parts['bymonth']),
    byMonthDay: numbers(parts['bymonthday']),
    bySetPosition: numbers(parts['bysetpos']),
  };
}
