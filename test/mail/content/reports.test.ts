/** Reports are read from their machine-readable part alone, however carelessly a server wrote it. */
import { describe, expect, test } from '@jest/globals';
import { readReport, type DeliveryReport } from '../../../src/mail/content/reports.js';
import { source } from '../../support/messages.js';
import { badStrings, damaged } from './support/hostile.js';

const ORIGINAL = {
  contentType: 'text/rfc822-headers',
  bytes: source(
    'From: Anna <anna@contoso.example>',
    'To: nobody@fabrikam.example',
    'Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=',
    'Message-ID: <1@contoso.example>',
    'Date: Mon, 02 Nov 2026 09:30:00 +0100',
  ),
};
const delivery = (...lines: readonly string[]): { contentType: string; bytes: Buffer } => ({
  contentType: 'message/delivery-status',
  bytes: source(...lines),
});

const BOUNCE = delivery(
  'Reporting-MTA: dns;mail.contoso.example',
  'Received-From-MTA: dns;client.contoso.example',
  'Arrival-Date: Mon, 2 Nov 2026 08:30:01 +0000',
  '',
  'Final-Recipient: rfc822;nobody@fabrikam.example',
  'Original-Recipient: rfc822;<Nobody@Fabrikam.example>',
  'Action: failed',
  'Status: 5.1.10',
  'Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound;',
  ' Recipient not found by SMTP address lookup',
  'Remote-MTA: dns;mx.fabrikam.example',
  'Last-Attempt-Date: Mon, 2 Nov 2026 08:30:05 +0000',
  '',
  'Final-Recipient: utf-8;gr\\x{FC}n@fabrikam.example',
  'Action: Delayed (queue is full)',
  'Status: 4.4.7 (expired)',
  'Will-Retry-Until: Tue, 3 Nov 2026 08:30:05 +0000',
);

describe('delivery status', () => {
  test('a bounce of Exchange', () => {
    expect(
      readReport([{ contentType: 'text/plain', bytes: Buffer.from('Sorry') }, BOUNCE, ORIGINAL]),
    ).toEqual({
      warnings: [],
      report: {
        kind: 'delivery-status',
        reportingMta: 'mail.contoso.example',
        receivedFromMta: 'client.contoso.example',
        originalEnvelopeId: null,
        arrivalDate: '2026-11-02T08:30:01.000Z',
        recipients: [
          {
            finalRecipient: 'nobody@fabrikam.example',
            originalRecipient: 'Nobody@Fabrikam.example',
            action: 'failed',
            status: '5.1.10',
            severity: 'permanent',
            diagnosticCode:
              '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup',
            diagnosticType: 'smtp',
            remoteMta: 'mx.fabrikam.example',
            lastAttempt: '2026-11-02T08:30:05.000Z',
            willRetryUntil: null,
          },
          {
            finalRecipient: 'grün@fabrikam.example',
            originalRecipient: null,
            action: 'delayed',
            status: '4.4.7',
            severity: 'temporary',
            diagnosticCode: null,
            diagnosticType: null,
            remoteMta: null,
            lastAttempt: null,
            willRetryUntil: '2026-11-03T08:30:05.000Z',
          },
        ],
        original: {
          messageId: '<1@contoso.example>',
          subject: 'Grüße',
          from: [{ name: 'Anna', address: 'anna@contoso.example' }],
          to: [{ name: '', address: 'nobody@fabrikam.example' }],
          date: '2026-11-02T08:30:00.000Z',
        },
      },
    });
  });

  test('recipients without an empty line between them', () => {
    const { report } = readReport([
      delivery(
        'Reporting-MTA: dns;x',
        'Final-Recipient: rfc822;a@x.example',
        'Action: failed',
        'Final-Recipient: rfc822;b@x.example',
        'Action: failed',
      ),
    ]);
    expect((report as DeliveryReport).recipients.map((one) => one.finalRecipient)).toEqual([
      'a@x.example',
      'b@x.example',
    ]);
  });

  test('one that names nobody says so', () => {
    expect(readReport([delivery('Reporting-MTA: dns;x')])).toMatchObject({
      report: { recipients: [] },
      warnings: [{ code: 'report-without-recipient' }],
    });
  });
});

test('read receipt', () => {
  const leaf = {
    contentType: 'message/disposition-notification',
    bytes: source(
      'Reporting-UA: contoso.example; Microsoft Outlook 16',
      'Final-Recipient: rfc822;ben@contoso.example',
      'Original-Message-ID: <1@contoso.example>',
      'Disposition: automatic-action/MDN-sent-manually; displayed/error, warning',
      'Error: one',
    ),
  };
  expect(readReport([leaf]).report).toEqual({
    kind: 'disposition-notification',
    reportingUa: 'contoso.example; Microsoft Outlook 16',
    finalRecipient: 'ben@contoso.example',
    originalRecipient: null,
    originalMessageId: '<1@contoso.example>',
    disposition: 'displayed',
    modifiers: ['error', 'warning'],
    actionMode: 'automatic',
    sendingMode: 'manual',
    errors: ['one'],
    original: null,
  });
});

test('complaint', () => {
  const leaf = {
    contentType: 'message/feedback-report',
    bytes: source(
      'Feedback-Type: abuse',
      'User-Agent: Gen/1.0',
      'Original-Mail-From: <s@x.example>',
      'Original-Rcpt-To: <u@y.example>',
      'Arrival-Date: Thu, 8 Mar 2005 14:00:00 +0000',
      'Source-IP: 192.0.2.2',
      'Reported-Domain: x.example',
      'Incidents: 3',
    ),
  };
  expect(readReport([leaf, ORIGINAL]).report).toMatchObject({
    kind: 'feedback-report',
    feedbackType: 'abuse',
    originalMailFrom: 's@x.example',
    originalRcptTo: ['u@y.example'],
    arrivalDate: '2005-03-08T14:00:00.000Z',
    sourceIp: '192.0.2.2',
    reportedDomains: ['x.example'],
    incidents: 3,
    original: { messageId: '<1@contoso.example>' },
  });
});

test('prose is no report', () => {
  expect(readReport([{ contentType: 'text/plain', bytes: Buffer.from('Status: 5.1.1') }, ORIGINAL])).toEqual({
    report: null,
    warnings: [],
  });
});

describe('hostile', () => {
  test('many recipients are bounded, and that is said', () => {
    const lines = Array.from({ length: 20_000 }, (_, at) => `Final-Recipient: rfc822;${at}@x.example\r\n`);
    const { report, warnings } = readReport([delivery(lines.join('\r\n'))]);
    expect((report as DeliveryReport).recipients).toHaveLength(10_000);
    expect(warnings).toEqual([{ code: 'report-too-many-recipients', detail: '10000' }]);
  });

  test.each(['Action: x\n', 'Final-Recipient:\n', ' \n', 'a', 'Final-Recipient: ;<\\x{'])(
    'much of %j',
    (piece) => {
      const bytes = Buffer.from(`Action: ${piece.repeat(5_000_000 / piece.length)}`);
      const { warnings } = readReport([{ contentType: 'message/delivery-status', bytes }]);
      expect(warnings.map((warning) => warning.code)).toContain('report-cut');
    },
  );

  test('damaged ones give clean text', () => {
    for (const bytes of damaged(BOUNCE.bytes, 500))
      for (const contentType of [
        'message/delivery-status',
        'message/disposition-notification',
        'message/feedback-report',
      ])
        expect(
          badStrings(
            readReport([
              { contentType, bytes },
              { ...ORIGINAL, bytes },
            ]),
          ),
        ).toEqual([]);
  });
});
