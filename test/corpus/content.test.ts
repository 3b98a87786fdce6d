/**
 * Foreign mail through the interpreters: every report of the corpora as Python's email package reads it too, and no body,
 * header or attachment that makes one of them throw or give unclean text.
 */
import { createReadStream, readdirSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  htmlToText,
  messageNature,
  parseCsv,
  parseJson,
  parseMessage,
  parseXml,
  readCalendar,
  readReport,
  readSmime,
  readTnef,
  sanitizeHtml,
  uniqueHtml,
  uniqueText,
  type DeliveryReport,
  type ParsedMessage,
  type ReadReport,
} from '../../src/mail/index.js';
import { badStrings } from '../mail/content/support/hostile.js';
import { corpora } from './support/corpora.js';

const MESSAGES = ['.eml', '.msg', '.txt', '.mbox'];

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && MESSAGES.includes(extname(entry.name)))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

const parse = (path: string): Promise<ParsedMessage> =>
  parseMessage(createReadStream(join(corpora ?? '', path)) as AsyncIterable<Buffer>, {
    keepAttachmentBytes: 20_000_000,
  });

const report = (message: ParsedMessage): ReadReport =>
  readReport(
    message.attachments.flatMap(({ contentType, bytes }) =>
      bytes === undefined ? [] : [{ contentType, bytes }],
    ),
  );

const described = corpora === undefined ? describe.skip : describe;

/** Address, action and status of each recipient, as Python's email package finds them in the same files. */
const DELIVERY: readonly [path: string, recipients: readonly (readonly (string | null)[])[]][] = [
  [
    'ruby-mail/emails/mime_emails/raw_email_with_mimepart_without_content_type.eml',
    [['larose.julie@courrier.uqam.ca', 'delayed', '4.5.0']],
  ],
  ...['multi_address_bounce1', 'multi_address_bounce2'].map((name): [string, string[][]] => [
    `ruby-mail/emails/multipart_report_emails/${name}.eml`,
    [
      'bbbbvhvbbvkjbhfbvbvjhb',
      'bscdbcjhasbcjhbdscbhbsdhcbj',
      'egyfefsdvsfvvhjsd',
      'kfhejkfbsjkjsbhds',
      'qfvhgsvhgsduiohncdhcvhsdfvsfygusd',
    ].map((local) => [`${local}@gmail.com`, 'failed', '5.1.1']),
  ]),
  [
    'ruby-mail/emails/multipart_report_emails/multipart_report_multiple_status.eml',
    [['u@ci.com', 'failed', '5.3.0']],
  ],
  [
    'ruby-mail/emails/multipart_report_emails/report_422.eml',
    [['fraser@oooooooo.com.au', 'delayed', '4.2.2']],
  ],
  ['ruby-mail/emails/multipart_report_emails/report_530.eml', [['edwin@zzzzzzz.com', 'failed', '5.3.0']]],
  ['mimekit/messages/delivery-status-multiple-blank-lines.txt', [['orig_recip@customer.com', null, '5.5.0']]],
  ['mimekit/messages/delivery-status-no-blank-line.txt', [['newsletter-request@imusic.com', 'failed', null]]],
  ['mimekit/messages/delivery-status.txt', [['newsletter-request@imusic.com', 'failed', null]]],
  // A gateway put the group of the recipient into base64.
  ['mimekit/messages/bounce.txt', [['netec.test@netecgc.com', 'failed', '5.1.1']]],
  ['mimekit/messages/delivery-status2.txt', [['source@domain.com', 'failed', '5.0.0']]],
];

described('reports of the corpora', () => {
  test.each(DELIVERY)('%s', async (path, recipients) => {
    const found = report(await parse(path)).report as DeliveryReport;
    expect(found.kind).toBe('delivery-status');
    expect(
      found.recipients.map(({ finalRecipient, originalRecipient, action, status }) => [
        finalRecipient ?? originalRecipient,
        action,
        status,
      ]),
    ).toEqual(recipients);
  });

  test('a read receipt and a complaint', async () => {
    expect(report(await parse('mimekit/messages/disposition-notification.txt')).report).toMatchObject({
      kind: 'disposition-notification',
      finalRecipient: 'Joe_Recipient@example.com',
      originalMessageId: '<199509192301.23456@example.org>',
      disposition: 'displayed',
      actionMode: 'manual',
      sendingMode: 'manual',
      original: { subject: 'First draft of report' },
    });
    expect(report(await parse('mimekit/messages/feedback-report.txt')).report).toMatchObject({
      kind: 'feedback-report',
      feedbackType: 'abuse',
      originalMailFrom: 'somespammer@example.net',
      sourceIp: '192.0.2.2',
      reportedUris: ['http://example.net/earn_money.html', 'mailto:user@example.com'],
      original: { subject: 'Earn money' },
    });
  });
});

described('all messages of the corpora', () => {
  test('no interpreter throws, and all text is clean', async () => {
    const paths = filesBelow(corpora ?? '');
    expect(paths.length).toBeGreaterThan(200);
    for (const path of paths) {
      const message = await parse(path);
      const { text, html, fields } = message;
      const results: unknown[] = [report(message), messageNature(fields)];
      if (text !== null) {
        const unique = uniqueText(text);
        results.push(unique);
        // What is left is the beginning of the text.
        expect(text.replaceAll('\r\n', '\n').startsWith(unique.body.slice(0, -1))).toBe(true);
      }
      if (html !== null) results.push(await htmlToText(html), await sanitizeHtml(html), uniqueHtml(html));
      for (const { bytes } of message.attachments) {
        if (bytes === undefined) continue;
        const decoded = bytes.toString('utf8');
        results.push(readTnef(bytes), readSmime(bytes), await readCalendar(decoded));
        results.push(await parseCsv(decoded), parseJson(decoded), await parseXml(decoded));
      }
      expect({ path, bad: badStrings(results) }).toEqual({ path, bad: [] });
    }
  });
});
