/**
 * How mail programs announce what they quote, in the languages they are sold in. Owns: the words and who says what by
 * them. Must not: decide what is cut; that is unique-body.ts.
 */

/** Words between the dashes of "-----Original Message-----". */
const SEPARATORS = new Set([
  'original message',
  'originalnachricht',
  'ursprüngliche nachricht',
  'original-nachricht',
  'mensaje original',
  "message d'origine",
  'message original',
  'messaggio originale',
  'mensagem original',
  'oorspronkelijk bericht',
  'ursprungligt meddelande',
  'oprindelig meddelelse',
  'opprinnelig melding',
  'alkuperäinen viesti',
  'wiadomość oryginalna',
  'původní zpráva',
  'eredeti üzenet',
  'исходное сообщение',
  'forwarded message',
  'forwarded by',
  'weitergeleitete nachricht',
  'mensaje reenviado',
  'message transféré',
  'messaggio inoltrato',
  'mensagem encaminhada',
  'doorgestuurd bericht',
]);

/** The labels with which Outlook repeats a header above a quoted message. */
const LABELS = {
  from: [
    'from',
    'von',
    'de',
    'da',
    'van',
    'från',
    'fra',
    'lähettäjä',
    'od',
    'feladó',
    'от',
    '发件人',
    '差出人',
  ],
  date: [
    ...[
      'sent',
      'date',
      'gesendet',
      'datum',
      'enviado',
      'enviado el',
      'fecha',
      'envoyé',
      'date d’envoi',
      'inviato',
    ],
    ...['data', 'enviada em', 'enviado em', 'verzonden', 'skickat', 'sendt', 'dato', 'lähetetty', 'wysłano'],
    ...['odesláno', 'küldve', 'отправлено', 'дата', '发送时间', '送信日時'],
  ],
  to: [
    ...['to', 'an', 'para', 'à', 'a', 'aan', 'till', 'til', 'vastaanottaja', 'do', 'komu', 'címzett', 'кому'],
    ...['收件人', '宛先', 'cc', 'kopie', 'copie'],
  ],
  subject: [
    ...['subject', 'betreff', 'asunto', 'objet', 'oggetto', 'assunto', 'onderwerp', 'ämne', 'emne', 'aihe'],
    ...['temat', 'předmět', 'tárgy', 'тема', '主题', '件名'],
  ],
};

export type HeaderLabel = keyof typeof LABELS;

const LABEL_OF: ReadonlyMap<string, HeaderLabel> = new Map(
  (Object.keys(LABELS) as HeaderLabel[]).flatMap((kind) =>
    LABELS[kind].map((label): [string, HeaderLabel] => [label, kind]),
  ),
);

/** First and later words of "On … wrote:". Both must be there. */
const ATTRIBUTIONS: readonly (readonly [start: string, verb: string])[] = [
  ['on ', 'wrote'],
  ['am ', 'schrieb'],
  ['el ', 'escribió'],
  ['le ', 'a écrit'],
  ['il ', 'ha scritto'],
  ['em ', 'escreveu'],
  ['op ', 'schreef'],
  ['den ', 'skrev'],
  ['w dniu', 'napisał'],
  ['dne ', 'napsal'],
];

/** More characters than this are no attribution line. */
export const MAX_ATTRIBUTION = 500;

/** "-----Original Message-----" in any of the languages. */
export function isSeparator(line: string): boolean {
  const text = line.trim();
  if (text.length > 80 || !text.startsWith('--') || !text.endsWith('--')) return false;
  return SEPARATORS.has(
    text
      .replace(/^-+|-+$/gu, '')
      .trim()
      .toLowerCase(),
  );
}

/** Which header a line such as "From: x" or "*Von:* x" repeats. */
export function headerLabel(line: string): HeaderLabel | undefined {
  const bare = line.slice(0, 60).replaceAll('*', '').replaceAll('\u00a0', ' ').trimStart();
  const colon = bare.search(/[:：]/u);
  return colon < 1 ? undefined : LABEL_OF.get(bare.slice(0, colon).trim().toLowerCase());
}

/** "On 3 May 2026, Anna wrote:", in one line. It must name a date or an address: people write such words too. */
export function isAttribution(text: string): boolean {
  const line = text.trim().toLowerCase();
  if (line.length > MAX_ATTRIBUTION || !/[:：]$/u.test(line)) return false;
  if (!/\d/u.test(line) && !line.includes('@')) return false;
  return (
    ATTRIBUTIONS.some(([start, verb]) => line.startsWith(start) && line.includes(verb)) ||
    // Thunderbird in German, and the likes: "Anna schrieb am 03.05.2026 um 10:00:"
    ATTRIBUTIONS.some(([start, verb]) => line.includes(` ${verb} ${start}`))
  );
}
