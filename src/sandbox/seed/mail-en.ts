/**
 * Anna's mailbox: English mail, and what automata send.
 */
import type { SeedMessage } from './compose.js';
import { buildMessage, encodeWord, filePart, joinLines, multipart, textPart } from './compose.js';
import { buildCsv, buildInvitation, buildPdf, PNG_DOT } from './files.js';

const ANNA = 'Anna Baker <anna@contoso.example>';

export function listEnglishMail(now: number): SeedMessage[] {
  return [order(), invoice(), photo(), invitation(now), bounce(), newsletter(), sentReply()];
}

function order(): SeedMessage {
  const rows = [
    ['sku', 'description', 'quantity', 'unit_price'],
    ['4711', 'Hex bolt M8', 200, '0.12'],
    ['4712', 'Washer M8', 400, '0.03'],
  ];
  return {
    folder: 'inbox',
    ageHours: 3,
    build: (date) =>
      buildMessage(
        [
          'From: "Fabrikam Purchasing" <orders@fabrikam.example>',
          `To: ${ANNA}`,
          'Subject: Purchase order PO-2041',
          `Date: ${date}`,
          'Message-ID: <po-2041@fabrikam.example>',
        ],
        multipart('mixed', 'order-2041', [
          textPart(
            'Dear Contoso team,\r\n\r\nplease find our order attached.\r\n\r\nFabrikam Purchasing\r\n',
            { encoding: '7bit', charset: 'us-ascii' },
          ),
          filePart('text/csv; name="PO-2041.csv"', 'attachment; filename="PO-2041.csv"', buildCsv(rows)),
        ]),
      ),
  };
}

function invoice(): SeedMessage {
  return {
    folder: 'inbox',
    ageHours: 26,
    flags: ['\\Seen', '\\Flagged'],
    build: (date) =>
      buildMessage(
        [
          'From: Accounts Receivable <ar@northwind.example>',
          `To: ${ANNA}`,
          'Cc: invoices@contoso.example',
          `Subject: ${encodeWord('Invoice 88-1203: €1,250.00 due')}`,
          `Date: ${date}`,
          'Message-ID: <inv-88-1203@northwind.example>',
        ],
        multipart('mixed', 'invoice-88', [
          textPart('Your invoice over €1,250.00 is attached.\r\n', { encoding: 'base64' }),
          filePart(
            'application/pdf; name="invoice-88-1203.pdf"',
            'attachment; filename="invoice-88-1203.pdf"',
            buildPdf('Invoice 88-1203: EUR 1250.00'),
          ),
        ]),
      ),
  };
}

function photo(): SeedMessage {
  return {
    folder: 'inbox',
    ageHours: 30,
    flags: ['\\Seen', '\\Answered'],
    build: (date) =>
      buildMessage(
        [
          'From: Lee Gu <lee@fabrikam.example>',
          `To: ${ANNA}`,
          'Subject: New logo',
          `Date: ${date}`,
          'Message-ID: <logo-1@fabrikam.example>',
        ],
        multipart('related', 'logo-related', [
          multipart('alternative', 'logo-alternative', [
            textPart('Here is the new logo.\r\n'),
            textPart('<p>Here is the new logo: <img src="cid:logo@fabrikam.example" alt="Logo"></p>\r\n', {
              type: 'text/html',
            }),
          ]),
          filePart(
            'image/png; name="logo.png"',
            'inline; filename="logo.png"',
            PNG_DOT,
            'Content-ID: <logo@fabrikam.example>',
          ),
        ]),
      ),
  };
}

function invitation(now: number): SeedMessage {
  const start = new Date(Math.ceil(now / 3_600_000) * 3_600_000 + 48 * 3_600_000);
  const calendar = buildInvitation(
    'Quarterly review',
    'bernd@contoso.example',
    'anna@contoso.example',
    start,
  );
  return {
    folder: 'inbox',
    ageHours: 5,
    build: (date) =>
      buildMessage(
        [
          `From: ${encodeWord('Bernd Schröder')} <bernd@contoso.example>`,
          `To: ${ANNA}`,
          'Subject: Quarterly review',
          `Date: ${date}`,
          'Message-ID: <review-1@contoso.example>',
        ],
        multipart('alternative', 'review', [
          textPart('Quarterly review in room 4.\r\n'),
          textPart(calendar, { type: 'text/calendar; method=REQUEST', encoding: 'base64' }),
        ]),
      ),
  };
}

function bounce(): SeedMessage {
  const report = joinLines(
    'Reporting-MTA: dns; mail.contoso.example',
    '',
    'Final-Recipient: rfc822; nobody@fabrikam.example',
    'Action: failed',
    'Status: 5.1.1',
    'Diagnostic-Code: smtp; 550 5.1.1 User unknown',
    '',
  );
  const original = joinLines(
    `From: ${ANNA}`,
    'To: nobody@fabrikam.example',
    'Subject: Hello?',
    'Message-ID: <hello-1@contoso.example>',
    '',
    'Is anybody there?',
    '',
  );
  return {
    folder: 'inbox',
    ageHours: 50,
    flags: ['\\Seen'],
    build: (date) =>
      buildMessage(
        [
          'From: Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@contoso.example>',
          `To: ${ANNA}`,
          'Subject: Undeliverable: Hello?',
          `Date: ${date}`,
          'Message-ID: <dsn-1@contoso.example>',
          'Auto-Submitted: auto-replied',
          'Return-Path: <>',
        ],
        {
          ...multipart('report', 'dsn', [
            textPart('Delivery has failed to these recipients: nobody@fabrikam.example\r\n'),
            {
              headers: ['Content-Type: message/delivery-status'],
              encoding: '7bit',
              bytes: Buffer.from(report),
            },
            { headers: ['Content-Type: message/rfc822'], encoding: '7bit', bytes: Buffer.from(original) },
          ]),
          headers: ['Content-Type: multipart/report; report-type=delivery-status; boundary="dsn"'],
        },
      ),
  };
}

function newsletter(): SeedMessage {
  return {
    folder: 'inbox',
    ageHours: 9,
    build: (date) =>
      buildMessage(
        [
          'From: Adventure Works <news@adventure-works.example>',
          `To: ${ANNA}`,
          'Subject: Bikes for every weather',
          `Date: ${date}`,
          'Message-ID: <news-17@adventure-works.example>',
          'List-Id: <news.adventure-works.example>',
          'List-Unsubscribe: <https://adventure-works.example/unsubscribe?u=17>, <mailto:leave@adventure-works.example>',
          'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
          'Precedence: bulk',
        ],
        textPart(
          '<html><body><h1>Bikes for every weather</h1><p>Mudguards &amp; lights: 20&nbsp;% off.</p></body></html>\r\n',
          { type: 'text/html' },
        ),
      ),
  };
}

function sentReply(): SeedMessage {
  return {
    folder: 'sent',
    ageHours: 29,
    flags: ['\\Seen'],
    build: (date) =>
      buildMessage(
        [
          `From: ${ANNA}`,
          'To: Lee Gu <lee@fabrikam.example>',
          'Subject: RE: New logo',
          `Date: ${date}`,
          'Message-ID: <logo-2@contoso.example>',
          'In-Reply-To: <logo-1@fabrikam.example>',
          'References: <logo-1@fabrikam.example>',
        ],
        textPart('Looks good.\r\n', { encoding: '7bit', charset: 'us-ascii' }),
      ),
  };
}
