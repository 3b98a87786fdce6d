/** What senders write and what the RFCs allow, beyond plain MIME: charsets, words, names, uuencode, and where bytes go. */
import { describe, expect, test } from '@jest/globals';
import { assembleMessage, decodeText, parseDate, parseMessage, partBytes } from '../../../src/mail/index.js';
import { Base64Decoder } from '../../../src/mail/mime/base64.js';
import { parseParameters } from '../../../src/mail/mime/headers.js';
import { messageWithAttachment, noise, source } from '../../support/messages.js';

async function* pieces(bytes: Buffer, size = 4096): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size)
    yield await Promise.resolve(Buffer.from(bytes.subarray(at, at + size)));
}
const KEEP = { keepAttachmentBytes: 1_000_000 };

test.each([
  ['iso-2022-kr', '\u001b$)C\u000e0!3*\u000f abc', '가나 abc'],
  ['hz-gb-2312', '~{VPND~} ~~', '中文 ~'],
  ['utf-7', 'Hi +AOk-', 'Hi é'],
  ['"ISO-8859-15"', '\u00a4', '€'],
])('text in %s is read', async (charset, bytes, text) => {
  const message = Buffer.from(`Content-Type: text/plain; charset=${charset}\r\n\r\n${bytes}`, 'latin1');
  expect(await parseMessage(pieces(message), KEEP)).toMatchObject({ text, warnings: [] });
});

test.each([
  ['=?utf-8?q?caf=C3?= =?utf-8?q?=A9?=', 'café'],
  ['=?utf-8?B?Y2Fm?=\t=?iso-8859-1?q?=E9_x?=', 'café x'],
  ['=?utf-8?Q?two words?= end', 'two words end'],
  ['=??q?a=C3=BC?=', 'aü'],
  ['=?utf-8*de?q?=C3=BC?=', 'ü'],
  ['"=?utf-8?q?a?=" =?utf-8?q?b', '"a" =?utf-8?q?b'],
  ['=?x-none?q?=E4?=', '=?x-none?q?=E4?='],
  ['=?utf-8?q?lost =?utf-8?q?found?=', '=?utf-8?q?lost found'],
])('encoded words %j are %j', (written, text) => {
  expect(decodeText(written)).toBe(text);
});

test('a word that cannot be read is named', async () => {
  const { warnings } = await parseMessage(pieces(source('Subject: =?x-none?q?=E4?=', '', 'x')), KEEP);
  expect(warnings).toEqual([{ code: 'charset-unknown', detail: 'Subject: x-none' }]);
});

test.each([
  [`x; filename*0*=utf-8''a%C3; filename*1*=%BC; filename*2="b.pdf"`, 'aüb.pdf'],
  [`x; filename="fallback"; filename*=iso-8859-1'en'%E4.pdf`, 'ä.pdf'],
  [`x; filename*=utf-8''%3D%3Futf-8%3FQ%3Fx%3F%3D.pdf`, '=?utf-8?Q?x?=.pdf'],
  ['x; filename="=?utf-8?q?=C3=BC.pdf?="', 'ü.pdf'],
  ['x; filename=my file (1).pdf; size=3', 'my file (1).pdf'],
  ['x; filename="a "b" c.pdf"; size=3', 'a "b" c.pdf'],
  ['x; filename="C:\\dir\\a.pdf"', 'C:\\dir\\a.pdf'],
  ['x; filename="open.pdf; size=3', 'open.pdf'],
])('%s names the file %s', (written, name) => {
  expect(parseParameters(written).parameters['filename']).toBe(name);
});

test.each([
  ['Mon, 2 Nov 2026 09:30:00 +0100 (CET)', '2026-11-02T08:30:00.000Z'],
  ['2 Nov 98 09:30 EST', '1998-11-02T14:30:00.000Z'],
  ['Mon Nov  2 09:30:00 2026', '2026-11-02T09:30:00.000Z'],
  ['2026-11-02T09:30:00+01:00', '2026-11-02T08:30:00.000Z'],
  ['nothing', undefined],
])('the date %s is %s on any machine', (written, instant) => {
  expect(parseDate(written)?.toISOString()).toBe(instant);
});

test('uuencoded files are taken out of the text, which keeps the rest', async () => {
  const message = source('', 'Before', 'begin 644 a.txt', '#86)C', '`', 'end', 'begin 644 prose', 'After');
  for (const size of [1, 7, 4096]) {
    const { text, attachments } = await parseMessage(pieces(message, size), KEEP);
    expect(text).toBe('Before\nbegin 644 prose\nAfter\n');
    expect(attachments).toMatchObject([{ part: '1~1', name: 'a.txt', bytes: Buffer.from('abc') }]);
  }
});

test('flowed text is joined, quotes and signatures apart', async () => {
  const head = 'Content-Type: text/plain; format=flowed; delsp=yes';
  const message = source(head, '', '> a ', '> b', 'c ', 'd', '-- ', 'me');
  expect((await parseMessage(pieces(message), KEEP)).text).toBe('> ab\ncd\n-- \nme\n');
});

test('a message with CR for its line ends is read as one with LF', async () => {
  const message = Buffer.from('Subject: x\rContent-Type: text/html\r\r<p>\rx');
  expect(await parseMessage(pieces(message, 5), KEEP)).toMatchObject({ html: '<p>\nx', text: null });
});

test('base64 of any shape is what the bytes were', () => {
  const bytes = noise(10_000);
  const plain = bytes.toString('base64');
  for (const [width, junk] of [
    [76, ''],
    [61, ''],
    [76, '-_!'],
    [4, ''],
    [1, ''],
  ] as const) {
    const lines = plain.replace(new RegExp(`.{${String(width)}}`, 'gu'), `$&${junk}\r\n`);
    for (const size of [999, 100_000]) {
      const decoder = new Base64Decoder();
      const out: Buffer[] = [];
      for (let at = 0; at < lines.length; at += size)
        out.push(decoder.push(Buffer.from(lines.slice(at, at + size))));
      expect(Buffer.concat([...out, decoder.end()]).equals(bytes)).toBe(true);
    }
  }
});

describe('an attachment', () => {
  const bytes = noise(50_000);
  const message = messageWithAttachment('x', 'a.bin', bytes);

  test('beyond the limit goes to the sink while it is read, and is not kept', async () => {
    const written: Buffer[] = [];
    let ended = false;
    const sink = {
      write: (piece: Buffer) => void written.push(Buffer.from(piece)),
      end: () => {
        ended = true;
      },
    };
    const { attachments } = await parseMessage(pieces(message), {
      keepAttachmentBytes: 100,
      sink: () => sink,
    });
    expect(Buffer.concat(written).equals(bytes)).toBe(true);
    expect([ended, attachments[0]?.bytes, attachments[0]?.size]).toEqual([true, undefined, 50_000]);
  });

  test('a sink that fails ends the reading', async () => {
    const sink = { write: () => Promise.reject(new Error('disk full')), end: () => undefined };
    const read = parseMessage(pieces(message), { keepAttachmentBytes: 0, sink: () => sink });
    await expect(read).rejects.toThrow('disk full');
  });

  test('within a message that came along is opened and found by its number', async () => {
    const outer = Buffer.concat([Buffer.from('Content-Type: message/rfc822\r\n\r\n'), message]);
    const { attachments } = await parseMessage(pieces(outer), { ...KEEP, openMessages: true });
    expect(attachments[0]?.message?.attachments[0]).toMatchObject({ part: '1.2', size: 50_000 });
    const found: Buffer[] = [];
    for await (const piece of partBytes(pieces(outer), '1.2')) found.push(piece);
    expect(Buffer.concat(found).equals(bytes)).toBe(true);
  });
});

test('a message of fetched parts has the texts, and lists what was not fetched', async () => {
  const leaf = {
    ...{ parameters: {}, dispositionParameters: {}, disposition: undefined, contentId: undefined },
    within: 'mixed',
  };
  const message = await assembleMessage(
    {
      kind: 'parts',
      facts: { id: '1', isRead: false, flags: [], receivedAt: null, statedSize: 5000 },
      header: Buffer.from('Subject: x\r\n'),
      leaves: [
        {
          ...leaf,
          ...{ part: '1', contentType: 'text/plain', encoding: 'quoted-printable', statedSize: 6 },
          parameters: { charset: 'utf-8' },
          body: Buffer.from('=C3=BC'),
        },
        {
          ...leaf,
          ...{ part: '2', contentType: 'image/png', encoding: 'base64', statedSize: 4000 },
          parameters: { 'name*': "utf-8''%C3%BC.png" },
        },
      ],
    },
    KEEP,
  );
  expect(message).toMatchObject({ text: 'ü', fields: [{ name: 'Subject', value: 'x' }] });
  expect(message.attachments).toMatchObject([{ part: '2', name: 'ü.png', size: 2923, sha256: null }]);
});
