/**
 * The MIME parser sees a message in pieces of any size and must come to the same result; what a message contains can
 * make it warn, never throw, and never hold more than stated.
 */
import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { parseMessage, partBytes, type ParsedMessage } from '../../../src/mail/index.js';
import { messageWithAttachment, noise, source } from '../../support/messages.js';

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size)
    yield await Promise.resolve(Buffer.from(bytes.subarray(at, at + size)));
}
const parse = (bytes: Buffer, size = bytes.length): Promise<ParsedMessage> =>
  parseMessage(inPieces(bytes, Math.max(1, size)), { keepAttachmentBytes: 1_000_000 });

const NESTED = source(
  'Content-Type: multipart/mixed; boundary="outer"',
  '',
  'preamble --outer',
  '--outer',
  'Content-Type: multipart/alternative; boundary="outer-inner"',
  '',
  '--outer-inner',
  'Content-Type: text/plain; charset=utf-8',
  'Content-Transfer-Encoding: quoted-printable',
  '',
  'caf=C3=A9 =',
  'soft  \t',
  '--outer is not a boundary here',
  '--outer-inner',
  'Content-Type: text/html',
  '',
  '<p>x</p>',
  '--outer-inner--  ',
  '--outer',
  'Content-Type: application/octet-stream',
  'Content-Transfer-Encoding: base64',
  '',
  noise(1000).toString('base64').replace(/.{61}/gu, '$&\r\n'),
  '--outer',
  'Content-Type: message/rfc822',
  '',
  'Subject: inner',
  '',
  'inner body',
  '--outer--',
  'epilogue',
);

describe('pieces', () => {
  test.each([1, 2, 3, 5, 7, 64, 1000])('of %i bytes give the same message as the whole', async (size) => {
    expect(await parse(NESTED, size)).toEqual(await parse(NESTED));
  });

  test('carry base64 whose lines are not a multiple of four characters', async () => {
    const { attachments } = await parse(NESTED, 3);
    expect(attachments[0]).toMatchObject({ part: '2', size: 1000 });
    expect(attachments[0]?.sha256).toBe(createHash('sha256').update(noise(1000)).digest('hex'));
  });
});

describe('structure', () => {
  test('follows boundaries that begin alike, and numbers parts as IMAP does', async () => {
    const message = await parse(NESTED);
    expect(message.text).toBe('café soft\n--outer is not a boundary here');
    expect(message.html).toBe('<p>x</p>');
    expect(message.attachments.map(({ part, contentType }) => [part, contentType])).toEqual([
      ['2', 'application/octet-stream'],
      ['3', 'message/rfc822'],
    ]);
    expect(message.attachments[1]?.bytes?.toString()).toBe('Subject: inner\r\n\r\ninner body');
    expect(message.warnings).toEqual([]);
  });

  test('of a message with bare LF is the same', async () => {
    const bare = Buffer.from(NESTED.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
    const [unix, network] = [await parse(bare), await parse(NESTED)];
    expect(unix.attachments[0]?.sha256).toBe(network.attachments[0]?.sha256);
    expect(unix.text).toBe(network.text);
  });

  test('survives a missing end: the last part keeps what there is', async () => {
    const cut = messageWithAttachment('cut', 'a.bin', noise(3000)).subarray(0, -1000);
    const { text, attachments } = await parse(cut);
    expect(text).toBe('See the file.');
    expect(attachments[0]?.size).toBeGreaterThan(1500);
  });

  test('of a part without a header, or with one that has lost its blank line, is found', async () => {
    const { text, attachments } = await parse(
      source(
        'Content-Type: multipart/mixed; boundary=b',
        '',
        '--b',
        '',
        'no header',
        '--b',
        'Content-Type: application/pdf; name=x.pdf',
        '--b',
        'Content-Type: application/zip; name=y.zip',
        '',
        'zip',
        '--b--',
      ),
    );
    expect(text).toBe('no header');
    expect(attachments.map(({ name, size }) => [name, size])).toEqual([
      ['x.pdf', 0],
      ['y.zip', 3],
    ]);
  });

  test('without a boundary parameter is one part, and said to be', async () => {
    const message = await parse(source('Content-Type: multipart/mixed', '', 'text'));
    expect(message.warnings).toEqual([{ code: 'boundary-missing' }]);
    expect(message.attachments).toHaveLength(1);
  });

  test('of nothing at all is an empty message', async () => {
    expect(await parse(Buffer.alloc(0))).toMatchObject({ text: '', html: null, attachments: [], size: 0 });
  });
});

describe('charsets', () => {
  const body = (charset: string, bytes: Buffer): Buffer =>
    Buffer.concat([Buffer.from(`Content-Type: text/plain; charset=${charset}\r\n\r\n`), bytes]);
  test.each([
    ['windows-1252', Buffer.from([0x80, 0x93, 0x94, 0xfc]), '€“”ü'],
    ['iso-8859-1', Buffer.from([0xfc]), 'ü'],
    ['iso-8859-15', Buffer.from([0xa4]), '€'],
    ['koi8-r', Buffer.from([0xf0, 0xd2, 0xc9]), 'При'],
    ['shift_jis', Buffer.from([0x93, 0xfa, 0x96, 0x7b]), '日本'],
    ['x-big5', Buffer.from([0xa7, 0xda]), '我'],
    ['x-mac-ce', Buffer.from([0x8a]), 'ä'],
    ['x-euc-kr', Buffer.from([0xb0, 0xa1]), '가'],
    ['unicode', Buffer.from('feff00fc', 'hex'), 'ü'],
    ['iso-10646-ucs-2', Buffer.from('004700fc', 'hex'), 'Gü'],
    ['iso-2022-jp', Buffer.from('\u001b$BF|K\\\u001b(B', 'latin1'), '日本'],
    ['gb18030', Buffer.from([0xd6, 0xd0]), '中'],
    ['utf-16le', Buffer.from('ü', 'utf16le'), 'ü'],
  ])('%s is decoded', async (charset, bytes, text) => {
    expect(await parse(body(charset, bytes))).toMatchObject({ text, warnings: [] });
  });

  test('that are wrong or missing are guessed and reported', async () => {
    const utf8 = Buffer.from('grün');
    expect(await parse(body('us-ascii', utf8))).toMatchObject({
      text: 'grün',
      warnings: [{ code: 'charset-mismatch' }],
    });
    expect(await parse(body('x-unknown', Buffer.from([0x80])))).toMatchObject({
      text: '€',
      warnings: [{ code: 'charset-unknown' }],
    });
    expect(await parse(body('utf-8', Buffer.from([0x67, 0xfc])))).toMatchObject({
      warnings: [{ code: 'charset-mismatch' }],
    });
  });
});

describe('hostile messages', () => {
  test('nested beyond measure are cut and reported', async () => {
    const lines: string[] = [];
    for (let depth = 0; depth < 500; depth += 1)
      lines.push(`Content-Type: multipart/mixed; boundary=b${String(depth)}`, '', `--b${String(depth)}`);
    const { warnings } = await parse(source(...lines, '', 'deep'));
    expect(warnings.map(({ code }) => code)).toContain('nesting-too-deep');
  });

  test('with a hundred thousand parts are cut and reported', async () => {
    const parts = '--b\r\n\r\nx\r\n'.repeat(100_000);
    const { warnings } = await parse(
      Buffer.from(`Content-Type: multipart/mixed; boundary=b\r\n\r\n${parts}--b--\r\n`),
      65_536,
    );
    expect(warnings.map(({ code }) => code)).toEqual(['too-many-parts']);
  });

  test('with an endless header are cut and reported', async () => {
    const { warnings, fields } = await parse(
      Buffer.concat([Buffer.from('X: '), Buffer.alloc(10_000_000, 'a')]),
      65_536,
    );
    expect(warnings.map(({ code }) => code)).toEqual(['header-too-long']);
    expect(fields.length).toBeLessThanOrEqual(1);
  });

  test('that look like a boundary on every line end in time', async () => {
    const { text } = await parse(
      Buffer.from(
        `Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n${'--bb\r\n'.repeat(300_000)}--b--`,
      ),
      65_536,
    );
    expect(text?.length).toBe(300_000 * 5 - 1);
  });
});

describe('what other parsers lose', () => {
  test.each([
    [
      'a boundary that never comes',
      ['Content-Type: multipart/mixed; boundary=lost', '', 'the text'],
      'the text',
    ],
    [
      'a header without a blank line',
      ['Subject: x', 'Dear all,', 'the order is 5.', '', 'Regards'],
      'Dear all,\nthe order is 5.\n\nRegards',
    ],
    ['no header at all', ['Dear all,', 'the order is 5.'], 'Dear all,\nthe order is 5.'],
    [
      'a part without a header or blank line',
      ['Content-Type: multipart/mixed; boundary=b', '', '--b', 'Dear all,', '', 'Regards', '--b--'],
      'Dear all,\n\nRegards',
    ],
    [
      'a comment behind the boundary',
      ['Content-Type: multipart/mixed; boundary=abc (by x)', '', '--abc', '', 'text', '--abc--'],
      'text',
    ],
    [
      'a comment behind the type',
      ['Content-Type: multipart/mixed (x); boundary="b (1)"', '', '--b (1)', '', 'text', '--b (1)--'],
      'text',
    ],
    [
      'a boundary that looks like an encoded word',
      [
        'Content-Type: multipart/mixed; boundary="=?utf-8?Q?abc?="',
        '',
        '--=?utf-8?Q?abc?=',
        '',
        'text',
        '--=?utf-8?Q?abc?=--',
      ],
      'text',
    ],
  ])('%s: the text is kept', async (_what, lines, text) => {
    const message = await parse(source(...lines));
    expect(message.text?.replace(/\n+$/u, '')).toBe(text);
  });

  test('a boundary that never comes is reported', async () => {
    const { warnings } = await parse(source('Content-Type: multipart/mixed; boundary=lost', '', 'the text'));
    expect(warnings).toEqual([{ code: 'boundary-missing', part: '1' }]);
  });
});

describe('quoted-printable', () => {
  const qp = (text: string): Buffer =>
    Buffer.from(
      `Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n${text}`,
    );
  test.each([
    ['a=20b  \r\nc', 'a b\nc'],
    ['soft=  \r\nbreak', 'softbreak'],
    ['soft=\nbreak', 'softbreak'],
    ['not=an escape', 'not=an escape'],
    ['end=', 'end='],
    ['a   b', 'a   b'],
    ['=C3=BC\t=3D', 'ü\t='],
  ])('%j is %j, in pieces of any size', async (encoded, decoded) => {
    for (const size of [1, 2, 3, 1000]) expect((await parse(qp(encoded), size)).text).toBe(decoded);
  });

  test.each(['x'.repeat(10) + ' '.repeat(2_000_000), '=' + ' '.repeat(2_000_000), '= '.repeat(1_000_000)])(
    'of blanks without end is done in time (%#)',
    async (bomb) => {
      expect((await parse(qp(bomb), 65_536)).text).not.toBeNull();
    },
    5000,
  );
});

describe('bounds', () => {
  test('hold for all bodies and attachments of a message together', async () => {
    const part = (type: string, bytes: number): Buffer =>
      Buffer.concat([
        Buffer.from(`--b\r\nContent-Type: ${type}\r\n\r\n`),
        Buffer.alloc(bytes, 'x'),
        Buffer.from('\r\n'),
      ]);
    const parts = [
      ...Array.from({ length: 4 }, () => part('text/plain', 6_000_000)),
      ...Array.from({ length: 50 }, () => part('image/png', 1_000_000)),
    ];
    const message = await parse(
      Buffer.concat([
        Buffer.from('Content-Type: multipart/mixed; boundary=b\r\n\r\n'),
        ...parts,
        Buffer.from('--b--\r\n'),
      ]),
      65_536,
    );
    expect(message.text?.length).toBeLessThan(17_000_000);
    expect(message.warnings.map(({ code }) => code)).toContain('body-cut');
    expect(message.attachments.filter(({ bytes }) => bytes !== undefined)).toHaveLength(33);
    expect(message.attachments).toHaveLength(50);
  }, 20_000);
});

describe('a part as a stream', () => {
  test('gives the bytes of that part and whether there is one', async () => {
    const wanted = noise(50_000);
    const bytes = messageWithAttachment('part', 'a.bin', wanted);
    const collect = async (path: string): Promise<{ content: Buffer; found: boolean }> => {
      const chunks: Buffer[] = [];
      const parts = partBytes(inPieces(bytes, 4096), path);
      for (;;) {
        const next = await parts.next();
        if (next.done === true) return { content: Buffer.concat(chunks), found: next.value };
        chunks.push(next.value);
      }
    };
    expect(await collect('2')).toEqual({ content: wanted, found: true });
    expect(await collect('7')).toEqual({ content: Buffer.alloc(0), found: false });
  });
});
