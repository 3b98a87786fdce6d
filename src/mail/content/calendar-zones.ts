/**
 * Local times of iCalendar as instants. Owns: which rules count: those of the file (VTIMEZONE), else those of the zone
 * that the name means, IANA's or Windows'. Must not: guess; a time in an unknown zone has no instant.
 */
import type { CalendarComponent, CalendarProperty } from './calendar-lines.js';
import { windowsZone } from './windows-zones.js';

/** Milliseconds since 1970 as if the local time were UTC. */
export type WallTime = number;

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MAX_OBSERVANCES = 50;
const MAX_DATES = 200;

/** What begins at a local time: from then on the offset is `to`. */
interface Onset {
  readonly wall: WallTime;
  readonly from: number;
  readonly to: number;
}

interface Yearly {
  readonly month: number;
  /** undefined: the day of the month alone counts. */
  readonly weekday: number | undefined;
  /** 1 the first, -1 the last; 0: any, the days of the month decide. */
  readonly nth: number;
  readonly monthDays: readonly number[];
  readonly until: number;
}

interface Observance {
  readonly start: WallTime;
  readonly from: number;
  readonly to: number;
  readonly yearly: Yearly | undefined;
  readonly dates: readonly WallTime[];
}

/** "2026-11-02T09:30:00" or "2026-11-02" as jCal writes it; undefined for what is no time. */
export function wallTime(written: unknown): WallTime | undefined {
  if (typeof written !== 'string') return undefined;
  const found = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):(\d\d)Z?)?$/u.exec(written);
  if (found === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found
    .slice(1)
    .map((digits: string | undefined) => Number(digits ?? 0));
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, Math.min(second, 59));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60
    ? date.getTime()
    : undefined;
}

export class CalendarZones {
  readonly #ofFile = new Map<string, Observance[]>();
  readonly #onsets = new Map<Observance, Map<number, Onset[]>>();
  readonly #formats = new Map<string, Intl.DateTimeFormat | undefined>();

  constructor(components: readonly CalendarComponent[]) {
    for (const zone of components.filter(({ name }) => name === 'vtimezone').slice(0, MAX_OBSERVANCES)) {
      const id = zone.properties.find(({ name }) => name === 'tzid')?.raw.trim();
      const observances = zone.components.slice(0, MAX_OBSERVANCES).map(observance);
      // One that is not understood makes all of them worthless.
      const known = observances.filter((one) => one !== undefined);
      if (id !== undefined && known.length > 0 && known.length === observances.length)
        this.#ofFile.set(id, known);
    }
  }

  /** The instant in milliseconds; undefined when nobody knows the zone. */
  instant(wall: WallTime, zone: string): number | undefined {
    const observances = this.#ofFile.get(zone);
    if (observances !== undefined) return wall - this.#offset(observances, wall);
    const format = this.#format(zone);
    return format === undefined ? undefined : instantOf(format, wall);
  }

  #offset(observances: readonly Observance[], wall: WallTime): number {
    const year = new Date(wall).getUTCFullYear();
    let latest: Onset | undefined;
    let earliest: Onset | undefined;
    for (const observance of observances) {
      for (const onset of [...this.#onsetsOf(observance, year - 1), ...this.#onsetsOf(observance, year)]) {
        if (earliest === undefined || onset.wall < earliest.wall) earliest = onset;
        // A time that the clock leaves out counts by the offset before (RFC 5545 section 3.3.5).
        const reached = onset.wall + Math.max(0, onset.to - onset.from) <= wall;
        if (reached && (latest === undefined || onset.wall > latest.wall)) latest = onset;
      }
    }
    return latest?.to ?? earliest?.from ?? 0;
  }

  #onsetsOf(observance: Observance, year: number): readonly Onset[] {
    let years = this.#onsets.get(observance);
    if (years === undefined) this.#onsets.set(observance, (years = new Map<number, Onset[]>()));
    let onsets = years.get(year);
    if (onsets === undefined) {
      // Calendars span few years; a hostile one may name them all.
      if (years.size >= 100) years.clear();
      years.set(year, (onsets = onsetsIn(observance, year)));
    }
    return onsets;
  }

  #format(zone: string): Intl.DateTimeFormat | undefined {
    if (!this.#formats.has(zone)) {
      if (this.#formats.size >= MAX_OBSERVANCES) this.#formats.clear();
      this.#formats.set(zone, formatOf(zone));
    }
    return this.#formats.get(zone);
  }
}

function observance(component: CalendarComponent): Observance | undefined {
  const one = (name: string): CalendarProperty | undefined =>
    component.properties.find((property) => property.name === name);
  const start = wallTime(one('dtstart')?.values[0]);
  const from = offsetOf(one('tzoffsetfrom')?.values[0]);
  const to = offsetOf(one('tzoffsetto')?.values[0]);
  if (start === undefined || from === undefined || to === undefined) return undefined;
  const rule = one('rrule');
  const yearly = rule === undefined ? undefined : yearlyRule(rule.values[0]);
  if (rule !== undefined && yearly === undefined) return undefined;
  const dates = component.properties
    .filter(({ name }) => name === 'rdate')
    .flatMap(({ values }) => values.map(wallTime))
    .filter((date) => date !== undefined)
    .slice(0, MAX_DATES);
  return { start, from, to, yearly, dates };
}

function offsetOf(value: unknown): number | undefined {
  const found = typeof value === 'string' ? /^([+-])(\d\d):(\d\d)/u.exec(value) : null;
  if (found === null) return undefined;
  const size = Number(found[2]) * HOUR + Number(found[3]) * 60_000;
  return size > DAY ? undefined : found[1] === '-' ? -size : size;
}

const WEEKDAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];

/** Once a year on one day, as time zones have it; undefined for any other rule. */
function yearlyRule(value: unknown): Yearly | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { freq, interval = 1, bymonth, byday, bymonthday, until, ...rest } = value as Record<string, unknown>;
  const known = Object.keys(rest).every((key) => key === 'wkst');
  if (freq !== 'YEARLY' || interval !== 1 || typeof bymonth !== 'number' || !known) return undefined;
  const days = bymonthday === undefined ? [] : Array.isArray(bymonthday) ? bymonthday : [bymonthday];
  if (!days.every((day) => typeof day === 'number')) return undefined;
  const found = typeof byday === 'string' ? /^([+-]?\d)?(SU|MO|TU|WE|TH|FR|SA)$/u.exec(byday) : null;
  if (byday !== undefined && found === null) return undefined;
  if (byday === undefined && days.length === 0) return undefined;
  return {
    month: bymonth,
    weekday: found === null ? undefined : WEEKDAYS.indexOf(found[2] ?? ''),
    nth: Number(found?.[1] ?? 0),
    monthDays: days,
    until: wallTime(until) ?? Number.POSITIVE_INFINITY,
  };
}

function onsetsIn({ start, from, to, yearly, dates }: Observance, year: number): Onset[] {
  const onset = (wall: WallTime): Onset => ({ wall, from, to });
  const found = [start, ...dates].filter((wall) => wall <= Date.UTC(year, 11, 31, 23)).map(onset);
  if (yearly === undefined) return found;
  const timeOfDay = ((start % DAY) + DAY) % DAY;
  const day = dayOf(yearly, year);
  if (day === undefined) return found;
  const wall = day + timeOfDay;
  if (wall > start && wall <= yearly.until + DAY) found.push(onset(wall));
  return found;
}

function dayOf({ month, weekday, nth, monthDays }: Yearly, year: number): WallTime | undefined {
  const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const days: WallTime[] = [];
  for (let date = 1; date <= last; date++) {
    const day = Date.UTC(year, month - 1, date);
    const onWeekday = weekday === undefined || new Date(day).getUTCDay() === weekday;
    const onDate = monthDays.length === 0 || monthDays.includes(date) || monthDays.includes(date - last - 1);
    if (onWeekday && onDate) days.push(day);
  }
  return nth < 0 ? days.at(nth) : days[Math.max(nth, 1) - 1];
}

/** A zone by its IANA name, with what programs put around it, or by its name in Windows. */
function formatOf(zone: string): Intl.DateTimeFormat | undefined {
  const plain = zone.trim().replace(/^"|"$/gu, '');
  const segments = plain.split('/');
  const candidates = [
    windowsZone(plain),
    // Offsets such as "+01:00" are no names of IANA, but Node takes them.
    /^[A-Za-z]/u.test(plain) ? plain : undefined,
    // /freeassociation.sourceforge.net/Europe/Berlin, /mozilla.org/20050126_1/America/Indiana/Knox
    segments.length > 2 ? segments.slice(-2).join('/') : undefined,
    segments.length > 3 ? segments.slice(-3).join('/') : undefined,
    plain.toLowerCase() === 'tzone://microsoft/utc' ? 'UTC' : undefined,
  ];
  for (const timeZone of candidates) {
    if (timeZone === undefined || timeZone.length > 60) continue;
    try {
      return new Intl.DateTimeFormat('en-US-u-ca-iso8601', {
        timeZone,
        hourCycle: 'h23',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
      });
    } catch {
      continue; // RangeError: no such zone
    }
  }
  return undefined;
}

function offsetAt(format: Intl.DateTimeFormat, instant: number): number {
  const part: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(instant)) part[type] = Number(value);
  const wall = Date.UTC(
    part['year'] ?? 0,
    (part['month'] ?? 1) - 1,
    part['day'] ?? 1,
    part['hour'] ?? 0,
    part['minute'] ?? 0,
    part['second'] ?? 0,
  );
  return wall - Math.floor(instant / 1000) * 1000;
}

/** The first of two where the clock is set back; by the offset before where it is set forward (RFC 5545 section 3.3.5). */
function instantOf(format: Intl.DateTimeFormat, wall: WallTime): number {
  const before = offsetAt(format, wall - DAY);
  const after = offsetAt(format, wall + DAY);
  const valid = [before, after].find((offset) => offsetAt(format, wall - offset) === offset);
  return wall - (valid ?? before);
}
