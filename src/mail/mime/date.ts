/**
 * The date of RFC 5322 section 3.3 with the obsolete forms of section 4.3, and the two other forms that mail has: that of
 * C's asctime and ISO 8601. Never depends on the time zone of the machine: a date without a zone is taken as UTC.
 */

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** Hours from UTC; all other names say nothing (section 4.3). */
const ZONES: Readonly<Record<string, number>> = {
  ...{ est: -5, edt: -4, cst: -6, cdt: -5, mst: -7, mdt: -6, pst: -8, pdt: -7 },
  // Not of the RFC, but beyond doubt.
  ...{ cet: 1, cest: 2, mez: 1, mesz: 2, eet: 2, eest: 3, wet: 0, west: 1, bst: 1, jst: 9 },
};

const MAX_CHARACTERS = 200;
const CLOCK = /(\d{1,2})[:.](\d{1,2})(?:[:.](\d{1,2}))?(?:[.,]\d+)?/u;

/** The instant of a Date field; undefined when there is none or it cannot be read. */
export function parseDate(value: string | undefined): Date | undefined {
  if (value === undefined || value.length > MAX_CHARACTERS * 10) return undefined;
  // Comments such as (CEST) mean nothing, nor do blanks around a colon (section 4.3).
  const text = value
    .replace(/\([^()]*\)/gu, ' ')
    .trim()
    .slice(0, MAX_CHARACTERS)
    .replace(/\s*:\s*/gu, ':')
    .toLowerCase();
  const clock = CLOCK.exec(text);
  if (clock === null) return undefined;
  const [, hour = '', minute = '', second = '0'] = clock;
  const day = dayIn(text);
  if (day === undefined) return undefined;
  const rest = text.slice(clock.index + clock[0].length);
  const hours =
    Number(hour) % 12 === Number(hour) || !/^\s*[ap]m\b/u.test(rest) ? Number(hour) : Number(hour) % 12;
  const afternoon = /^\s*pm\b/u.test(rest) && hours < 12 ? 12 : 0;
  const minutes = Number(minute) - offsetMinutes(rest);
  if (Number(hour) > 24 || Number(minute) > 59 || Number(second) > 60) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(day.year, day.month, day.day);
  date.setUTCHours(hours + afternoon, minutes, Number(second));
  const year = date.getUTCFullYear();
  // Years beyond four digits have no RFC 3339 form.
  return Number.isNaN(year) || year < 0 || year > 9999 ? undefined : date;
}

interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

function dayIn(text: string): Day | undefined {
  const iso = /^(\d{4})-(\d{2})-(\d{2})/u.exec(text);
  if (iso !== null) return checked(Number(iso[1]), Number(iso[2]) - 1, Number(iso[3]));
  const common = /\b(\d{1,2})[\s.-]+([a-z]{3})[a-z]*[\s.,-]+(\d{2,4})\b/u.exec(text);
  if (common !== null)
    return checked(fullYear(common[3]), MONTHS.indexOf(common[2] ?? ''), Number(common[1]));
  const asctime = /\b([a-z]{3})[a-z]*\s+(\d{1,2})\b.*\s(\d{4})\b/u.exec(text);
  if (asctime !== null)
    return checked(Number(asctime[3]), MONTHS.indexOf(asctime[1] ?? ''), Number(asctime[2]));
  return undefined;
}

function checked(year: number, month: number, day: number): Day | undefined {
  return month >= 0 && month < 12 && day >= 1 && day <= 31 ? { year, month, day } : undefined;
}

/** Two digits from 50 on are of the last century, three digits count from 1900 (section 4.3). */
function fullYear(digits = ''): number {
  const year = Number(digits);
  if (digits.length === 4) return year;
  return year + (digits.length === 2 && year < 50 ? 2000 : 1900);
}

function offsetMinutes(rest: string): number {
  const numeric = /(?:^|\s|gmt|utc)([+-])(\d{1,2}):?(\d{2})(?!\d)/u.exec(rest);
  if (numeric !== null) {
    const minutes = Number(numeric[2]) * 60 + Number(numeric[3]);
    return numeric[1] === '-' ? -minutes : minutes;
  }
  const zone = /^\s*(?:[ap]m\s+)?([a-z]+)/u.exec(rest)?.[1] ?? '';
  return (ZONES[zone] ?? 0) * 60;
}
