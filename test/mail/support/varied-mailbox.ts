/**
 * Some two hundred messages that differ in everything a condition can ask for: letters beyond ASCII, folded and encoded
 * headers, dates around midnight in many zones, sizes around limits. The same for the same seed.
 */
import type { Person, StoredMessage, TestTenant } from '../../support/tenant.js';

export interface SeededMessage {
  readonly source: Buffer;
  readonly flags: readonly string[];
  readonly internalDate: Date;
}

export interface FiledMessage extends SeededMessage {
  readonly uid: number;
}

const FROM = [
  'Anna Schmidt <anna@contoso.example>',
  '"Fabrikam, Purchasing" <orders@fabrikam.example>',
  '"Doe, John \\"JD\\"" <john.doe@fabrikam.example>',
  '=?utf-8?Q?J=C3=BCrgen_M=C3=BCller?= <juergen@contoso.example>',
  '=?iso-8859-1?B?SXbhbiBOdfFleg==?= <ivan.nunez@northwind.example>',
  'no-reply@service.example',
];
const SUBJECT = [
  'Invoice 4711 for October',
  'Re: Invoice 4711\r\n for October',
  '[Ticket#99] printer on fire',
  '=?utf-8?Q?Gr=C3=BC=C3=9Fe_aus_M=C3=BCnchen?=',
  '=?utf-8?B?UmVjaG51bmcgZsO8ciBNw7xsbGVyIEdtYkg=?=',
  '=?utf-8?Q?Invoi?= =?utf-8?Q?ce_4712?=',
  '"quoted" and \\backslashed\\',
  'a',
  '',
];
const TO = [
  'Ben <ben@contoso.example>',
  'ben@contoso.example, "Carla, Ruiz" <carla@northwind.example>',
  'undisclosed-recipients:;',
];
const TEXT: readonly (readonly string[])[] = [
  ['Content-Type: text/plain; charset=utf-8', '', 'The total amount is due on Friday.'],
  [
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    'The total am=',
    'ount for M=C3=BCller is =E2=82=AC 5.',
  ],
  [
    'Content-Type: text/plain; charset=iso-8859-1',
    'Content-Transfer-Encoding: base64',
    '',
    Buffer.from('Zahlbar bis Freitag, Grüße', 'latin1').toString('base64'),
  ],
  ['Content-Type: text/html; charset=utf-8', '', '<p>The total <b>amount</b> is due</p>'],
  ['Content-Type: text/plain', '', 'total', 'amount'],
];
const IMPORTANCE = [
  [],
  [],
  [],
  ['Importance: high'],
  ['X-Priority: 1 (Highest)'],
  ['Importance: Low'],
  ['X-Priority: 5'],
  ['Importance: normal'],
];
const ZONES = ['+0000', '+0100', '-0800', '+1400', '-1200', '+0530'];
const DAY_MS = 86_400_000;
/** A midnight in UTC around which all dates lie. */
export const MIDNIGHT = Date.UTC(2026, 9, 15);

export function variedMessages(count = 200, seed = 42): SeededMessage[] {
  const random = generator(seed);
  const pick = <T>(from: readonly T[]): T => from[random(from.length)]!;
  return Array.from({ length: count }, (_, number): SeededMessage => {
    const sent = new Date(MIDNIGHT + (random(7) - 3) * DAY_MS + (random(7201) - 3600) * 1000);
    const thread = random(12);
    const hasFile = random(4) === 0;
    const body = pick(TEXT);
    const filler = random(3) === 0 ? 'x'.repeat(70).concat('\r\n').repeat(random(200)) : '';
    const lines = [
      `From: ${pick(FROM)}`,
      `To: ${pick(TO)}`,
      ...(random(3) === 0 ? ['Cc: "Archive, Legal" <legal@contoso.example>'] : []),
      `Subject: ${pick(SUBJECT)}`,
      ...(random(15) === 0 ? [] : [`Date: ${dateIn(sent, pick(ZONES))}`]),
      ...(random(20) === 0 ? [] : [`Message-ID: <m${String(number)}@test.example>`]),
      ...(random(2) === 0 ? [`In-Reply-To: <t${String(thread)}@test.example>`] : []),
      ...(random(3) === 0
        ? [`References: <t${String(thread)}@test.example>\r\n <t${String(random(12))}@test.example>`]
        : []),
      ...(random(4) === 0 ? [`X-Order: A-${String(random(5))}; =?utf-8?Q?M=C3=BCller?= GmbH`] : []),
      ...pick(IMPORTANCE),
      'MIME-Version: 1.0',
    ];
    const source = hasFile
      ? [
          ...lines,
          'Content-Type: multipart/mixed; boundary="=_b"',
          '',
          '--=_b',
          ...body,
          '--=_b',
          'Content-Type: application/pdf; name="a.pdf"',
          'Content-Disposition: attachment; filename="a.pdf"',
          'Content-Transfer-Encoding: base64',
          '',
          'JVBERi0xLjQ=',
          '--=_b--',
        ]
      : [...lines, ...body];
    return {
      source: Buffer.from(`${source.join('\r\n')}\r\n${filler}`, 'utf8'),
      flags: [...(random(2) === 0 ? ['\\Seen'] : []), ...(random(4) === 0 ? ['\\Flagged'] : [])],
      internalDate: new Date(MIDNIGHT + (random(7) - 3) * DAY_MS + (random(7201) - 3600) * 1000),
    };
  });
}

/** Puts them into a fresh folder and tells which UID each got. */
export async function fileMessages(
  tenant: TestTenant,
  person: Person,
  messages: readonly SeededMessage[],
): Promise<{ readonly folder: string; readonly filed: readonly FiledMessage[] }> {
  const folder = await tenant.freshFolder(person);
  for (const { source, flags, internalDate } of messages) {
    await tenant.deliver(person, folder, source, { flags, internalDate });
  }
  const stored: StoredMessage[] = await tenant.stored(person, folder);
  return { folder, filed: messages.map((message, at) => ({ ...message, uid: stored[at]!.uid })) };
}

function dateIn(instant: Date, zone: string): string {
  const sign = zone.startsWith('-') ? -1 : 1;
  const minutes = sign * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3)));
  const local = new Date(instant.getTime() + minutes * 60_000);
  return local.toUTCString().replace('GMT', zone);
}

/** Numbers from 0 up to a limit, the same for the same seed. */
function generator(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 0x1_0000_0000) * limit);
  };
}
