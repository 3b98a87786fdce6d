/**
 * Dates as IMAP writes and compares them.
 */

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** '17-Jul-1996 02:44:25 -0700' */
export function parseDateTime(text: string): Date | undefined {
  const match =
    /^(?<date>[\d ]\d-[A-Z]{3}-\d{4}) (?<time>\d\d:\d\d:\d\d) (?<sign>[+-])(?<hours>\d\d)(?<minutes>\d\d)$/iu.exec(
      text,
    )?.groups;
  if (match === undefined) return undefined;
  const day = parseDay((match.date ?? '').trim());
  const [hour = 0, minute = 0, second = 0] = (match.time ?? '').split(':').map(Number);
  if (day === undefined || hour > 23 || minute > 59 || second > 60) return undefined;
  const offset = (Number(match.hours) * 60 + Number(match.minutes)) * (match.sign === '-' ? -1 : 1);
  return new Date(day + ((hour * 60 + minute - offset) * 60 + second) * 1000);
}

/** '1-Feb-1994' as the start of that day, in UTC milliseconds. */
export function parseDay(text: string): number | undefined {
  const match = /^(?<day>\d{1,2})-(?<month>[A-Z]{3})-(?<year>\d{4})$/iu.exec(text)?.groups;
  const month = MONTHS.indexOf((match?.month ?? '').toLowerCase());
  const day = Number(match?.day);
  if (match === undefined || month === -1 || day < 1 || day > 31) return undefined;
  return Date.UTC(Number(match.year), month, day);
}

/** The day an internal date falls on; Exchange's are in UTC. */
export function dayOf(date: Date): number {
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate());
}

/** The day a Date header names, disregarding time and zone (RFC 3501 section 6.4.4). */
export function dayOfDateHeader(value: string): number | undefined {
  const match = /(?<day>\d{1,2}) +(?<month>[A-Z]{3})[A-Z]* +(?<year>\d{4})/iu.exec(value)?.groups;
  return match === undefined
    ? undefined
    : parseDay(`${match.day ?? ''}-${match.month ?? ''}-${match.year ?? ''}`);
}
