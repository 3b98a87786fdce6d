/** Records made of sources: what the parts of a message become together. Each case is one that was read wrongly once. */
import { readFileSync } from 'node:fs';
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

const html = (bytes: string, type = 'text/html'): string => `Content-Type: ${type}\n\n${bytes}`;

test('HTML without a charset in its header is of the one that it states itself, if it is not UTF-8', async () => {
  const meta = (charset: string): string =>
    `<html><head><meta http-equiv="Content-Type" content="text/html; charset=${charset}">`;
  const word = '\xf0\xd2\xc9\xd7\xc5\xd4';
  expect(await record(html(`${meta('koi8-r')}${word}`))).toMatchObject({
    html: `${meta('koi8-r')}Привет`,
    warnings: [],
  });
  expect(await record(html(`<meta charset="koi8-r">${word}`))).toMatchObject({
    html: '<meta charset="koi8-r">Привет',
  });
  // The header of the part is believed before the text.
  expect(await record(html(`${meta('koi8-r')}\xfc`, 'text/html; charset=iso-8859-1'))).toMatchObject({
    html: `${meta('koi8-r')}ü`,
  });
  // Converted on its way, as the bytes tell.
  expect(await record(html(`${meta('koi8-r')}\xc3\xbc`))).toMatchObject({ html: `${meta('koi8-r')}ü` });
});

const attached = (type: string, bytes: Buffer): string =>
  `Content-Type: ${type}\nContent-Disposition: attachment; filename=a\nContent-Transfer-Encoding: base64\n\n${bytes.toString('base64')}\n`;

test('what an attachment loses on its way to text and data is said', async () => {
  const settings = { attachmentContent: 'data' };
  const csv = await record(
    attached('text/csv; charset=utf-8', Buffer.from('a,b\n1\n\xff', 'latin1')),
    settings,
  );
  expect(csv.warnings).toEqual([
    { code: 'charset-mismatch', part: '1', detail: 'utf-8' },
    { code: 'rows-of-different-length', part: '1' },
  ]);
  const json = await record(
    attached('application/json', Buffer.from('{"a":12345678901234567890}')),
    settings,
  );
  expect(json.warnings).toEqual([{ code: 'number-inexact', part: '1' }]);
});

test('attachments are of the charset that they state, by declaration or byte order mark', async () => {
  const settings = { attachmentContent: 'data' };
  const xml = Buffer.from('<?xml version="1.0" encoding="iso-8859-2"?><a>\xe8</a>', 'latin1');
  expect((await record(attached('application/xml', xml), settings)).attachments[0]?.data).toEqual({ a: 'č' });
  const csv = Buffer.from('\uFEFFä\tb\n1\t2\n', 'utf16le');
  expect((await record(attached('text/csv', csv), settings)).attachments[0]?.data).toMatchObject({
    columns: ['ä', 'b'],
    rows: [{ ä: '1', b: '2' }],
  });
});

test('warnings of an opened message are among those of the message', async () => {
  const source = `Content-Type: multipart/mixed; boundary=b\n\n--b\n\nfirst\n--b\nContent-Type: message/rfc822\n\nSubject: =?klingon?Q?=FF?=\nContent-Type: text/plain; charset=klingon\n\n\xff\n--b--\n`;
  expect((await record(source)).warnings).toEqual([]);
  expect((await record(source, { nestedMessages: 'expand' })).warnings).toEqual([
    { code: 'charset-unknown', part: '2.1', detail: 'klingon' },
    { code: 'charset-unknown', part: '2', detail: 'Subject: klingon' },
  ]);
});

const fixtures = JSON.parse(
  readFileSync(new URL('../fixtures/smime/openssl.json', import.meta.url), 'utf8'),
) as Record<string, string>;
const smime = (type: string, name: string): string =>
  `Content-Type: ${type}\nContent-Transfer-Encoding: base64\n\n${fixtures[name] ?? ''}\n`;

test('what stands beside S/MIME is not lost: the lines of a list, another attachment', async () => {
  const list = (parts: readonly string[]): string =>
    `Content-Type: multipart/mixed; boundary=b\n\n${parts.map((part) => `--b\n${part}\n`).join('')}--b--\n`;
  const signed = smime('application/pkcs7-mime; name=smime.p7m', 'opaque-rsa');
  const file = 'Content-Type: text/plain; name=b.txt\n\nb';
  expect(await record(list([signed, '\nList', file]))).toMatchObject({
    text: 'Signed text.\nList',
    smime: 'signed',
    signature: { kind: 'opaque', verified: 'content-intact' },
    attachments: [{ part: '3' }, { part: '1~2', name: 'a.pdf' }],
  });
  expect(await record(list(['\nFirst', signed]))).toMatchObject({ text: 'First\nSigned text.' });
  const encrypted = smime('application/pkcs7-mime; name=smime.p7m', 'enveloped');
  expect(await record(list([encrypted, winmail(rtf('{\\rtf1 Hello}'))]))).toMatchObject({
    text: 'Hello',
    smime: 'encrypted',
    warnings: [
      { code: 'rtf-as-text', part: '2' },
      { code: 'smime-encrypted', part: '1' },
    ],
  });
});

test('S/MIME under a type that says nothing is known by its name', async () => {
  expect(await record(smime('application/octet-stream; name=smime.p7m', 'opaque-rsa'))).toMatchObject({
    text: 'Signed text.',
    smime: 'signed',
  });
});

test('of a signature beside its content is said that it was not checked', async () => {
  const signature = smime('application/pkcs7-signature; name=smime.p7s', 'detached');
  const source = `Content-Type: multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256; boundary=b\n\n--b\n\nHello\n--b\n${signature}--b--\n`;
  expect(await record(source)).toMatchObject({
    text: 'Hello',
    smime: 'signed',
    signature: { kind: 'detached', verified: 'not-checked', because: 'no-content' },
    attachments: [{ part: '2', name: 'smime.p7s' }],
  });
});

test('an invitation too large to be looked into is delivered, and not in silence', async () => {
  const source = `Content-Type: text/calendar\n\n${'BEGIN:VCALENDAR\n'.repeat(300_000)}`;
  const { calendar, attachments, warnings } = await record(source);
  expect(calendar).toBeUndefined();
  expect(attachments).toMatchObject([{ part: '1', contentType: 'text/calendar', omitted: 'too-large' }]);
  expect(warnings).toEqual([{ code: 'not-opened', part: '1', detail: String(17 * 300_000) }]);
});

test('a header in a charset that nobody declared is guessed, and not in silence', async () => {
  expect(await record('Subject: Gr\xfc\xdfe\n\nx')).toMatchObject({
    subject: 'Grüße',
    warnings: [{ code: 'charset-mismatch', detail: 'Subject' }],
  });
  // The charset of the part is what the sender declared.
  expect(await record('Subject: \xf0\xd2\nContent-Type: text/plain; charset=koi8-r\n\nx')).toMatchObject({
    subject: 'Пр',
    warnings: [],
  });
  expect((await record('Subject: Gr\xc3\xbc\xc3\x9fe\n\nx')).warnings).toEqual([]);
});

test('a file name with bytes that are not of its charset is reported', async () => {
  const source = "Content-Type: application/pdf; name*=iso-2022-jp'ja'a%8a.pdf\n\nx";
  expect(await record(`Content-Type: multipart/mixed; boundary=b\n\n--b\n${source}\n--b--\n`)).toMatchObject({
    attachments: [{ name: 'a\ufffd.pdf' }],
    warnings: [{ code: 'charset-mismatch', part: '1', detail: 'iso-2022-jp' }],
  });
});

test('a picture of a related part is inline though only its location names it', async () => {
  const source =
    'Content-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html\n\n<img src=i>\n--b\nContent-Type: image/jpg\nContent-Location: i\n\nx\n--b--\n';
  expect((await record(source)).attachments).toMatchObject([
    { name: 'attachment-2.jpg', disposition: 'inline', contentId: null },
  ]);
});

test('a remark behind an empty group is nobody', async () => {
  expect((await record('To: unlisted-recipients:; (no To-header on input)\n\nx')).to).toEqual([]);
  expect((await record('Cc:(Empty list)Undisclosed  :(nobody(that I know))  ;\n\nx')).cc).toEqual([]);
  expect((await record('To: me\n\nx')).to).toEqual([{ name: 'me', address: '' }]);
  expect((await record('To: Team: a@x.example; (all)\n\nx')).to).toEqual([
    { name: '', address: 'a@x.example' },
  ]);
  expect((await record('To: a@x.example (Anna)\n\nx')).to).toEqual([
    { name: 'Anna', address: 'a@x.example' },
  ]);
});

test('Japanese in several encoded words, each of which returns to US-ASCII, is put together without a seam', async () => {
  const words = '=?ISO-2022-JP?B?GyRCJUYlOSVIGyhC?= =?ISO-2022-JP?B?GyRCJUYlOSVIGyhC?=';
  expect(await record(`Subject: ${words}\n\nx`)).toMatchObject({ subject: 'テストテスト', warnings: [] });
  const body = '\u001b$B%F%9\u001b(B\u001b$B%H\u001b(B.';
  expect(await record(`Content-Type: text/plain; charset=iso-2022-jp\n\n${body}`)).toMatchObject({
    text: 'テスト.',
    warnings: [],
  });
});

test('a date with blanks and comments within its time (RFC 5322 section 4.3) is read', async () => {
  expect((await record('Date: Fri, 21 Nov 1997 09(comment):   55  :  06 -0600\n\nx')).sentAt).toBe(
    '1997-11-21T15:55:06.000Z',
  );
});

test('a text that is all of the message is its text, whatever it is called', async () => {
  expect(await record('Content-Type: text/plain; name=report.txt\n\nHello')).toMatchObject({
    text: 'Hello',
    attachments: [],
  });
  const source = 'Content-Type: text/plain; name=a.txt\nContent-Disposition: attachment\n\nHello';
  expect(await record(source)).toMatchObject({ text: null, attachments: [{ name: 'a.txt' }] });
  // What has a name and no readable type is a file.
  expect(await record('Content-Type: gzip; name=a.gz\n\nx')).toMatchObject({
    text: null,
    attachments: [{ name: 'a.gz', contentType: 'application/octet-stream' }],
  });
});

test('an empty text before the HTML does not keep the HTML from being turned into text', async () => {
  const source =
    'Content-Type: multipart/alternative; boundary=b\n\n--b\n\n\n\n--b\nContent-Type: text/html\n\n<p>Hello</p>\n--b--\n';
  expect(await record(source, { textFromHtml: true })).toMatchObject({ text: 'Hello', textSource: 'html' });
  expect(await record(source)).toMatchObject({ text: '\n', textSource: 'plain' });
});

test('a uuencoded file without a name is one', async () => {
  expect(await record('\nHello\nbegin 644 \n#86)C\n`\nend\n')).toMatchObject({
    text: 'Hello\n',
    attachments: [{ part: '1~1', name: 'attachment-1~1.bin', size: 3 }],
    warnings: [],
  });
});

test('an offset of three digits is hours and minutes', async () => {
  expect((await record('Date: Mon, 21 Aug 95 13:30:57 -600\n\nx')).sentAt).toBe('1995-08-21T19:30:57.000Z');
});

test('winmail.dat and S/MIME in a message that is opened are unpacked too', async () => {
  const along = (inner: string): string =>
    `Content-Type: multipart/mixed; boundary=b\n\n--b\n\nouter\n--b\nContent-Type: message/rfc822\n\n${inner}\n--b--\n`;
  const file = tnef(
    attribute(2, 0x00069002, Buffer.alloc(14)),
    attribute(2, 0x00018010, Buffer.from('a.txt\0')),
    attribute(2, 0x0006800f, Buffer.from('a')),
  );
  const parts = async (inner: string): Promise<unknown[]> => {
    const { text, attachments } = await record(along(inner), { nestedMessages: 'expand' });
    return [text, ...attachments.map(({ part, name }) => `${part} ${name}`)];
  };
  expect(await parts(winmail(file))).toEqual(['outer', '2 attachment-2.eml', '2.1~1 a.txt']);
  expect(await parts(smime('application/pkcs7-mime', 'opaque-rsa'))).toEqual([
    'outer',
    '2 attachment-2.eml',
    '2.1~2 a.pdf',
  ]);
  expect((await record(along(winmail(file)))).attachments).toMatchObject([{ part: '2' }]);
});
