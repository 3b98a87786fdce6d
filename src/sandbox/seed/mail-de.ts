/**
 * Bernds Postfach: German mail with umlauts everywhere, in the charsets they really come in.
 */
import type { SeedMessage } from './compose.js';
import { buildMessage, encodeParameter, encodeWord, filePart, multipart, textPart } from './compose.js';
import { buildCsv, buildPdf } from './files.js';

const BERND = `${encodeWord('Bernd Schröder')} <bernd@contoso.example>`;

export function listGermanMail(): SeedMessage[] {
  return [order(), invoice(), absence(), oldCharset(), russian()];
}

function order(): SeedMessage {
  const rows = [
    ['Artikel', 'Bezeichnung', 'Menge', 'Preis'],
    ['A-100', 'Schlüsselbrett', 3, '19,90'],
    ['A-101', 'Türgriff, weiß', 12, '7,50'],
  ];
  return {
    folder: 'inbox',
    ageHours: 2,
    build: (date) =>
      buildMessage(
        [
          `From: ${encodeWord('Einkauf Müller & Söhne')} <einkauf@mueller.example>`,
          `To: ${BERND}`,
          `Subject: ${encodeWord('Bestellung Nr. 5567 – bitte bestätigen')}`,
          `Date: ${date}`,
          'Message-ID: <bestellung-5567@mueller.example>',
        ],
        multipart('mixed', 'bestellung', [
          textPart(
            'Sehr geehrter Herr Schröder,\r\n\r\nanbei unsere Bestellung.\r\n\r\nMit freundlichen Grüßen\r\nJürgen Müller\r\n',
          ),
          filePart(
            'text/csv; charset=utf-8',
            `attachment; ${encodeParameter('filename', 'Übersicht Bestellung 5567.csv')}`,
            buildCsv(rows, ';'),
          ),
        ]),
      ),
  };
}

function invoice(): SeedMessage {
  return {
    folder: 'inbox',
    ageHours: 28,
    flags: ['\\Seen'],
    build: (date) =>
      buildMessage(
        [
          'From: Buchhaltung <rechnung@stadtwerke.example>',
          `To: ${BERND}`,
          'Subject: =?iso-8859-1?Q?Rechnung_f=FCr_M=E4rz?=',
          `Date: ${date}`,
          'Message-ID: <rechnung-03@stadtwerke.example>',
        ],
        multipart('mixed', 'rechnung', [
          textPart('Ihre Rechnung über 84,20 € liegt bei. Zahlbar bis Monatsende.\r\n', {
            charset: 'windows-1252',
          }),
          filePart(
            'application/pdf',
            `attachment; ${encodeParameter('filename', 'Rechnung März.pdf')}`,
            buildPdf('Rechnung: 84,20 EUR'),
          ),
        ]),
      ),
  };
}

function absence(): SeedMessage {
  return {
    folder: 'inbox',
    ageHours: 7,
    build: (date) =>
      buildMessage(
        [
          `From: ${encodeWord('Käthe Groß')} <kaethe@fabrikam.example>`,
          `To: ${BERND}`,
          `Subject: ${encodeWord('Automatische Antwort: Terminvorschlag')}`,
          `Date: ${date}`,
          'Message-ID: <abwesend-1@fabrikam.example>',
          'Auto-Submitted: auto-replied',
          'X-Auto-Response-Suppress: All',
        ],
        textPart('Ich bin bis Freitag nicht im Büro.\r\n'),
      ),
  };
}

function oldCharset(): SeedMessage {
  return {
    folder: 'inbox',
    ageHours: 75,
    flags: ['\\Seen'],
    build: (date) =>
      buildMessage(
        [
          `From: Lager <lager@contoso.example>`,
          `To: ${BERND}`,
          'Subject: Bestand',
          `Date: ${date}`,
          'Message-ID: <bestand-9@contoso.example>',
        ],
        textPart('Wert des Bestands: 12.400 €, geprüft von Frau Weiß.\r\n', {
          charset: 'iso-8859-15',
          encoding: '8bit',
        }),
      ),
  };
}

function russian(): SeedMessage {
  return {
    folder: 'junk',
    ageHours: 90,
    build: (date) =>
      buildMessage(
        [
          `From: ${encodeWord('Иван', 'koi8-r')} <ivan@tailspin.example>`,
          `To: ${BERND}`,
          `Subject: ${encodeWord('Привет', 'koi8-r')}`,
          `Date: ${date}`,
          'Message-ID: <privet-1@tailspin.example>',
        ],
        textPart('Добрый день!\r\n', { charset: 'koi8-r', encoding: 'base64' }),
      ),
  };
}
