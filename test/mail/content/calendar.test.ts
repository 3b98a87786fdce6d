/** Invitations as Exchange, Google and careless programs write them: what, when, where, who, how often. */
import { describe, expect, test } from '@jest/globals';
import { readCalendar, type CalendarEvent, type ReadCalendar } from '../../../src/mail/content/calendar.js';
import { badStrings, damaged, shuffled } from './support/hostile.js';

const lines = (...list: readonly string[]): string => list.join('\r\n');
const calendar = (...content: readonly string[]): string =>
  lines('BEGIN:VCALENDAR', 'VERSION:2.0', ...content, 'END:VCALENDAR', '');
const event = async (...content: readonly string[]): Promise<CalendarEvent> => {
  const { calendar: read } = await readCalendar(calendar('BEGIN:VEVENT', ...content, 'END:VEVENT'));
  return read!.events[0]!;
};

const BERLIN = [
  'BEGIN:VTIMEZONE', 'TZID:W. Europe Standard Time', 'BEGIN:STANDARD', 'DTSTART:16010101T030000',
  'TZOFFSETFROM:+0200', 'TZOFFSETTO:+0100', 'RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10', 'END:STANDARD',
  'BEGIN:DAYLIGHT', 'DTSTART:16010101T020000', 'TZOFFSETFROM:+0100', 'TZOFFSETTO:+0200',
  'RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3', 'END:DAYLIGHT', 'END:VTIMEZONE',
]; // prettier-ignore

const EXCHANGE = calendar(
  'METHOD:REQUEST',
  'PRODID:Microsoft Exchange Server 2010',
  ...BERLIN,
  'BEGIN:VEVENT',
  'ORGANIZER;CN=Anna:mailto:anna@contoso.example',
  'ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CN="Ben, B":mail',
  ' to:ben@contoso.example',
  'ATTENDEE;CUTYPE=ROOM;ROLE=NON-PARTICIPANT;CN=Room 1:MAILTO:room1@contoso.example',
  'DESCRIPTION;LANGUAGE=en-US:Hi\\nthere\\, you',
  'UID:040000008200E00074C5B7101A82E008',
  'SUMMARY;LANGUAGE=en-US:Meeting',
  'DTSTART;TZID=W. Europe Standard Time:20261102T093000',
  'DTEND;TZID=W. Europe Standard Time:20261102T103000',
  'RRULE:FREQ=WEEKLY;UNTIL=20261201T083000Z;INTERVAL=2;BYDAY=MO,WE;WKST=SU',
  'EXDATE;TZID=W. Europe Standard Time:20261109T093000,20261116T093000',
  'STATUS:CONFIRMED',
  'SEQUENCE:3',
  'LOCATION:Room 1',
  'X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE',
  'BEGIN:VALARM',
  'DESCRIPTION:REMINDER',
  'TRIGGER;RELATED=START:-PT15M',
  'END:VALARM',
  'END:VEVENT',
);
const ZONE = 'W. Europe Standard Time';

test('an invitation of Exchange', async () => {
  expect(await readCalendar(EXCHANGE)).toEqual({
    warnings: [],
    calendar: {
      method: 'REQUEST',
      productId: 'Microsoft Exchange Server 2010',
      events: [
        {
          uid: '040000008200E00074C5B7101A82E008',
          recurrenceId: null,
          sequence: 3,
          status: 'confirmed',
          summary: 'Meeting',
          description: 'Hi\nthere, you',
          location: 'Room 1',
          start: { written: '2026-11-02T09:30:00', timeZone: ZONE, instant: '2026-11-02T08:30:00.000Z' },
          end: { written: '2026-11-02T10:30:00', timeZone: ZONE, instant: '2026-11-02T09:30:00.000Z' },
          allDay: false,
          organizer: { address: 'anna@contoso.example', name: 'Anna' },
          attendees: [
            {
              address: 'ben@contoso.example',
              name: 'Ben, B',
              role: 'req-participant',
              status: 'needs-action',
              rsvp: true,
              kind: 'individual',
            },
            {
              address: 'room1@contoso.example',
              name: 'Room 1',
              role: 'non-participant',
              status: 'needs-action',
              rsvp: false,
              kind: 'room',
            },
          ],
          recurrence: [
            {
              text: 'FREQ=WEEKLY;UNTIL=20261201T083000Z;INTERVAL=2;BYDAY=MO,WE;WKST=SU',
              rule: {
                frequency: 'WEEKLY',
                interval: 2,
                count: null,
                until: '2026-12-01T08:30:00Z',
                byDay: ['MO', 'WE'],
                byMonth: [],
                byMonthDay: [],
                bySetPosition: [],
              },
            },
          ],
          exceptions: [
            { written: '2026-11-09T09:30:00', timeZone: ZONE, instant: '2026-11-09T08:30:00.000Z' },
            { written: '2026-11-16T09:30:00', timeZone: ZONE, instant: '2026-11-16T08:30:00.000Z' },
          ],
          additions: [],
        },
      ],
    },
  });
});

describe('instants', () => {
  const instant = async (
    zone: string,
    written: string,
    ...definition: readonly string[]
  ): Promise<string | null> => {
    const { calendar: read } = await readCalendar(
      calendar(...definition, 'BEGIN:VEVENT', `DTSTART;TZID=${zone}:${written}`, 'END:VEVENT'),
    );
    return read!.events[0]!.start!.instant;
  };

  // Judged by the zone data of Python's zoneinfo.
  test.each([
    ['Europe/Berlin', '20260701T120000', '2026-07-01T10:00:00.000Z'],
    ['W. Europe Standard Time', '20260701T120000', '2026-07-01T10:00:00.000Z'],
    ['Pacific Standard Time', '20260115T080000', '2026-01-15T16:00:00.000Z'],
    ['India Standard Time', '20260115T080000', '2026-01-15T02:30:00.000Z'],
    ['AUS Eastern Standard Time', '20260115T080000', '2026-01-14T21:00:00.000Z'],
    ['/freeassociation.sourceforge.net/America/New_York', '20260701T120000', '2026-07-01T16:00:00.000Z'],
    ['"tzone://Microsoft/Utc"', '20260701T120000', '2026-07-01T12:00:00.000Z'],
    // Twice that night: the first counts.
    ['Europe/Berlin', '20261025T023000', '2026-10-25T00:30:00.000Z'],
    // Not at all that night: by the offset before.
    ['Europe/Berlin', '20260329T023000', '2026-03-29T01:30:00.000Z'],
    ['Europe/Berlin', '20261025T030000', '2026-10-25T02:00:00.000Z'],
  ])('%s %s', async (zone, written, expected) => {
    expect(await instant(zone, written)).toBe(expected);
  });

  test.each([
    ['20260701T120000', '2026-07-01T10:00:00.000Z'],
    ['20260115T120000', '2026-01-15T11:00:00.000Z'],
    ['20261025T023000', '2026-10-25T00:30:00.000Z'],
    ['20261025T030000', '2026-10-25T02:00:00.000Z'],
    ['20260329T015959', '2026-03-29T00:59:59.000Z'],
    ['20260329T023000', '2026-03-29T01:30:00.000Z'],
    ['20260329T030000', '2026-03-29T01:00:00.000Z'],
  ])('by the rules in the file: %s', async (written, expected) => {
    const rules = BERLIN.map((line) => line.replace('W. Europe Standard Time', 'Customized Time Zone'));
    expect(await instant('Customized Time Zone', written, ...rules)).toBe(expected);
  });

  test('rules that are not understood leave it to the name', async () => {
    const odd = BERLIN.map((line) => line.replace('FREQ=YEARLY', 'FREQ=SECONDLY'));
    expect(await instant('W. Europe Standard Time', '20260701T120000', ...odd)).toBe(
      '2026-07-01T10:00:00.000Z',
    );
  });

  test('an unknown zone has none, and that is said', async () => {
    const { calendar: read, warnings } = await readCalendar(
      calendar('BEGIN:VEVENT', 'DTSTART;TZID=Nowhere:20260701T120000', 'END:VEVENT'),
    );
    expect(read?.events[0]?.start).toEqual({
      written: '2026-07-01T12:00:00',
      timeZone: 'Nowhere',
      instant: null,
    });
    expect(warnings).toEqual([{ code: 'calendar-zone-unknown', detail: 'Nowhere' }]);
  });

  test('UTC and times without a zone', async () => {
    expect((await event('DTSTART:20260701T120000Z')).start).toEqual({
      written: '2026-07-01T12:00:00Z',
      timeZone: 'UTC',
      instant: '2026-07-01T12:00:00.000Z',
    });
    expect((await event('DTSTART:20260701T120000')).start).toEqual({
      written: '2026-07-01T12:00:00',
      timeZone: null,
      instant: null,
    });
  });
});

describe('ends', () => {
  test('whole days', async () => {
    expect(await event('DTSTART;VALUE=DATE:20261224', 'DTEND;VALUE=DATE:20261227')).toMatchObject({
      allDay: true,
      start: { written: '2026-12-24', timeZone: null, instant: null },
      end: { written: '2026-12-27' },
    });
    expect(await event('DTSTART;VALUE=DATE:20261231')).toMatchObject({ end: { written: '2027-01-01' } });
    expect(await event('DTSTART;VALUE=DATE:20261231', 'DURATION:P2W')).toMatchObject({
      end: { written: '2027-01-14' },
    });
  });

  test('a duration: days by the calendar, hours by the clock', async () => {
    const start = 'DTSTART;TZID=Europe/Berlin:20261024T120000';
    expect((await event(start, 'DURATION:P1D')).end?.instant).toBe('2026-10-25T11:00:00.000Z');
    expect((await event(start, 'DURATION:PT24H')).end?.instant).toBe('2026-10-25T10:00:00.000Z');
    expect((await event('DTSTART:20260701T120000Z', 'DURATION:PT1H30M')).end).toEqual({
      written: '2026-07-01T13:30:00Z',
      timeZone: 'UTC',
      instant: '2026-07-01T13:30:00.000Z',
    });
    expect((await event('DTSTART:20260701T120000Z')).end).toBeNull();
  });
});

describe('careless writers', () => {
  const codes = ({ warnings }: ReadCalendar): string[] => warnings.map(({ code }) => code);

  test('a bad line costs no other', async () => {
    const read = await readCalendar(
      calendar('BEGIN:VEVENT', 'no colon', 'SUMMARY:Kept', 'RRULE:FREQ=FOO', 'DTSTART:20261301T996000',
        'END:VEVENT', 'BEGIN:VTODO', 'END:VTODO'),
    ); // prettier-ignore
    expect(read.calendar?.events[0]).toMatchObject({
      summary: 'Kept',
      start: null,
      recurrence: [{ text: 'FREQ=FOO', rule: null }],
    });
    expect(codes(read)).toEqual([
      'calendar-line-unreadable',
      'calendar-value-unreadable',
      'calendar-component-left-out',
      'calendar-time-unreadable',
    ]);
  });

  test('a rule with more parts than the form has is given as text', async () => {
    expect((await event('RRULE:FREQ=YEARLY;BYWEEKNO=20')).recurrence).toEqual([
      { text: 'FREQ=YEARLY;BYWEEKNO=20', rule: null },
    ]);
  });

  test('one that is not closed is read, one that is none is not', async () => {
    expect((await readCalendar('BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:x')).calendar?.events).toMatchObject([
      { summary: 'x' },
    ]);
    for (const text of ['', 'Hello', 'BEGIN:VCARD\r\nEND:VCARD']) {
      const read = await readCalendar(text);
      expect(read.calendar).toBeNull();
      expect(codes(read)).toContain('calendar-unreadable');
    }
  });
});

describe('hostile', () => {
  test.each([
    ['calendar-cut', 'SUMMARY:x\r\n'.repeat(60_000)],
    ['calendar-cut', `SUMMARY:${'x'.repeat(1_100_000)}`],
    ['calendar-line-cut', `SUMMARY:${'x'.repeat(300_000)}`],
    ['calendar-line-cut', `ATTENDEE${';CN=x'.repeat(100_000)}:mailto:a`],
    ['calendar-line-cut', `RRULE:FREQ=DAILY;BYHOUR=${'1,'.repeat(100_000)}1`],
    ['calendar-too-deep', 'BEGIN:VEVENT\r\n'.repeat(40_000)],
    ['calendar-too-many-attendees', 'ATTENDEE:mailto:a\r\n'.repeat(3000)],
    ['calendar-too-many-times', `EXDATE:${'20261102T093000,'.repeat(1000)}20261102T093000\r\n`.repeat(4)],
    ['calendar-too-many-events', `END:VEVENT\r\n${'BEGIN:VEVENT\r\nEND:VEVENT\r\n'.repeat(2000)}`],
  ])('%s', async (code, content) => {
    const read = await readCalendar(`BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n${content}`);
    expect(read.warnings.map((warning) => warning.code)).toContain(code);
  });

  test('many zones, rules and times are bounded', async () => {
    const zone = [
      'BEGIN:VTIMEZONE', 'TZID:Z',
      ...Array.from({ length: 200 }, () => ['BEGIN:STANDARD', 'DTSTART:16010101T030000', 'TZOFFSETFROM:+0200',
        'TZOFFSETTO:+0100', 'RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10', 'END:STANDARD']).flat(),
      'END:VTIMEZONE',
    ]; // prettier-ignore
    const times = Array.from({ length: 1500 }, (_, at) => `EXDATE;TZID=Z:${2000 + at}0701T000000`);
    const { calendar: read } = await readCalendar(calendar(...zone, 'BEGIN:VEVENT', ...times, 'END:VEVENT'));
    expect(read?.events[0]?.exceptions).toHaveLength(1500);
  });

  test('damaged ones give clean text', async () => {
    for (const bytes of damaged(Buffer.from(EXCHANGE), 400))
      expect(badStrings(await readCalendar(bytes.toString('utf8')))).toEqual([]);
    const pieces = ['BEGIN:VCALENDAR\n', 'BEGIN:VEVENT\n', 'END:VEVENT\n', 'DTSTART', ';TZID=', ':', '20261102T093000', '\n',
      ' ', '\u0000', '\ud800', '"', 'ATTENDEE', ';CN=^n', 'RRULE:', 'FREQ=DAILY', ';BYDAY=', 'EXDATE;VALUE=PERIOD:',
      '/PT1H', 'BEGIN:VTIMEZONE\n', 'TZID:', '__proto__', 'DURATION:P1D\n', '99999999T999999']; // prettier-ignore
    for (const text of shuffled(pieces, 1000, 40)) expect(badStrings(await readCalendar(text))).toEqual([]);
  });
});
