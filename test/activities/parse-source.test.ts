/** Records made of sources: what the parts of a message become together. Each case is one that was read wrongly once. */
import { expect, test } from '@jest/globals';
import { parseMessageSource, type ParsedRecord } from '../../src/index.js';
import { attribute, literalRtf, properties, property, tnef } from '../mail/content/support/tnef-writer.js';

function record(source: string, settings: Readonly<Record<string, unknown>> = {}): Promise<ParsedRecord> {
  async function* whole(): AsyncGenerator<Buffer> {
    yield await Promise.resolve(Buffer.from(source.replaceAll('\n', '\r\n'), 'latin1'));
  }
  return parseMessageSource(whole(), settings);
}

const rtf = (text: string): Buffer =>
  tnef(attribute(1, 0x00069003, properties(property(0x1009, 0x0102, literalRtf(text)))));

const winmail = (bytes: Buffer): string =>
  `Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\n${bytes.toString('base64')}\n`;

test('a message that Outlook wrote as RTF only has its text, with LF, and says what it lost', async () => {
  expect(await record(winmail(rtf('{\\rtf1\\ansi Dear\\par all}')))).toMatchObject({
    text: 'Dear\nall',
    textSource: 'plain',
    html: null,
    attachments: [],
    warnings: [{ code: 'rtf-as-text', part: '1' }],
  });
});

test('beside a text of its own the RTF says the same again', async () => {
  const source = `Content-Type: multipart/mixed; boundary=b\n\n--b\n\nDear all\n--b\n${winmail(rtf('{\\rtf1 Dear all}'))}\n--b--\n`;
  expect(await record(source)).toMatchObject({ text: 'Dear all', attachments: [], warnings: [] });
});

test('an invitation too large to be looked into is delivered, and not in silence', async () => {
  const source = `Content-Type: text/calendar\n\n${'BEGIN:VCALENDAR\n'.repeat(300_000)}`;
  const { calendar, attachments, warnings } = await record(source);
  expect(calendar).toBeUndefined();
  expect(attachments).toMatchObject([{ part: '1', contentType: 'text/calendar', omitted: 'too-large' }]);
  expect(warnings).toEqual([{ code: 'not-opened', part: '1', detail: String(17 * 300_000) }]);
});
