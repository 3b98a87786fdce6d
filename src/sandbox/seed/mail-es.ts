/**
 * El buzón de Carmen, and the shared mailbox that invoices arrive in.
 */
import type { SeedMessage } from './compose.js';
import { buildMessage, encodeParameter, encodeWord, filePart, multipart, textPart } from './compose.js';
import { buildPdf } from './files.js';

const CARMEN = `${encodeWord('Carmen Núñez')} <carmen@contoso.example>`;
/** "見積書の件" (about the quotation) and its body, as bytes: no encoder for Shift_JIS is at hand. */
const QUOTATION_SUBJECT = Buffer.from('8ca990cf8f9182cc8c8f', 'hex').toString('base64');
const QUOTATION_BODY = Buffer.from('8ca990cf8f9182f082a8919782e882b582dc82b781420d0a', 'hex');

export function listSpanishMail(): SeedMessage[] {
  return [request(), japanese(), draft()];
}

export function listSharedMail(): SeedMessage[] {
  return [12, 36, 60].map((ageHours, index) => supplierInvoice(ageHours, 7001 + index, index === 2));
}

function request(): SeedMessage {
  return {
    folder: 'inbox',
    ageHours: 4,
    build: (date) =>
      buildMessage(
        [
          `From: ${encodeWord('José Peña')} <jose@tailspin.example>`,
          `To: ${CARMEN}`,
          `Subject: ${encodeWord('¿Presupuesto para mañana?')}`,
          `Date: ${date}`,
          'Message-ID: <presupuesto-1@tailspin.example>',
        ],
        multipart('mixed', 'presupuesto', [
          multipart('alternative', 'presupuesto-alt', [
            textPart(
              'Buenos días, Carmen:\r\n\r\n¿podrías enviarnos el presupuesto mañana?\r\n\r\nUn saludo\r\n',
              { encoding: 'base64' },
            ),
            textPart('<p>Buenos días, Carmen:</p><p>¿podrías enviarnos el presupuesto mañana?</p>\r\n', {
              type: 'text/html',
              encoding: 'base64',
            }),
          ]),
          filePart(
            'application/pdf',
            `attachment; ${encodeParameter('filename', 'Condiciones año próximo.pdf')}`,
            buildPdf('Condiciones'),
          ),
        ]),
      ),
  };
}

function japanese(): SeedMessage {
  return {
    folder: 'inbox',
    ageHours: 52,
    flags: ['\\Seen'],
    build: (date) =>
      buildMessage(
        [
          'From: sales@wingtip.example',
          `To: ${CARMEN}`,
          `Subject: =?shift_jis?B?${QUOTATION_SUBJECT}?=`,
          `Date: ${date}`,
          'Message-ID: <quote-1@wingtip.example>',
        ],
        {
          headers: ['Content-Type: text/plain; charset=shift_jis'],
          encoding: 'base64',
          bytes: QUOTATION_BODY,
        },
      ),
  };
}

function draft(): SeedMessage {
  return {
    folder: 'drafts',
    ageHours: 1,
    flags: ['\\Draft', '\\Seen'],
    build: (date) =>
      buildMessage(
        [
          `From: ${CARMEN}`,
          'To: jose@tailspin.example',
          `Subject: ${encodeWord('Re: ¿Presupuesto para mañana?')}`,
          `Date: ${date}`,
          'Message-ID: <presupuesto-2@contoso.example>',
        ],
        textPart('Hola José: claro que sí.\r\n'),
      ),
  };
}

function supplierInvoice(ageHours: number, number: number, seen: boolean): SeedMessage {
  const name = `R-${number}.pdf`;
  return {
    folder: 'inbox',
    ageHours,
    ...(seen ? { flags: ['\\Seen'] } : {}),
    build: (date) =>
      buildMessage(
        [
          'From: Northwind Billing <billing@northwind.example>',
          'To: invoices@contoso.example',
          `Subject: Invoice R-${number}`,
          `Date: ${date}`,
          `Message-ID: <r-${number}@northwind.example>`,
        ],
        multipart('mixed', `r-${number}`, [
          textPart(`Invoice R-${number} is attached.\r\n`, { encoding: '7bit', charset: 'us-ascii' }),
          filePart(
            `application/pdf; name="${name}"`,
            `attachment; filename="${name}"`,
            buildPdf(`Invoice R-${number}`),
          ),
        ]),
      ),
  };
}
