/**
 * winmail.dat gives its files, bodies and messages, and bytes that are none give warnings. What Outlook itself wrote is
 * in test/corpus/tnef.test.ts.
 */
import { describe, expect, test } from '@jest/globals';
import { tnefBody, readTnef, tnefFiles } from '../../../src/mail/content/tnef.js';
import { noise } from '../../support/messages.js';
import { badStrings, damaged } from './support/hostile.js';
import {
  attribute,
  literalRtf,
  longProperty,
  namedProperty,
  properties,
  property,
  tnef,
  unicodeProperty,
} from './support/tnef-writer.js';

const OEM_1251 = attribute(1, 0x00069007, Buffer.from('e304000000000000', 'hex'));
const RENDER = attribute(2, 0x00069002, Buffer.alloc(14));
const BYTES = noise(100);

const file = (name: string, bytes: Buffer): Buffer[] => [
  RENDER,
  attribute(2, 0x00018010, Buffer.from('SHORT~1.TXT\u0000')),
  attribute(2, 0x0006800f, bytes),
  attribute(2, 0x00069005, properties(namedProperty('x', 'y'), unicodeProperty(0x3707, name))),
];
const embedded = (inner: Buffer): Buffer[] => [
  RENDER,
  attribute(2, 0x0006800f, Buffer.from('not supported by this mail system')),
  attribute(
    2,
    0x00069005,
    properties(
      longProperty(0x3705, 5),
      property(0x3701, 0x000d, Buffer.concat([Buffer.alloc(16, 7), inner])),
    ),
  ),
];

test('files, with their long names in Unicode', () => {
  const { message, warnings } = readTnef(tnef(...file('Größe Übersicht.txt', BYTES)));
  expect(warnings).toEqual([]);
  expect(message?.files).toEqual([
    { name: 'Größe Übersicht.txt', contentType: 'application/octet-stream', contentId: null, bytes: BYTES },
  ]);
});

test('names and text in the code page that is stated', () => {
  const { message } = readTnef(
    tnef(
      OEM_1251,
      attribute(1, 0x0002800c, Buffer.from([0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2, 0])),
      RENDER,
      attribute(2, 0x00018010, Buffer.from([0xcf, 0xf0, 0x2e, 0x74, 0x78, 0x74, 0])),
    ),
  );
  expect(message).toMatchObject({ text: 'Привет', files: [{ name: 'Пр.txt' }] });
});

test('an HTML body in its own code page', () => {
  const { message } = readTnef(
    tnef(
      attribute(
        1,
        0x00069003,
        properties(longProperty(0x3fde, 65001), property(0x1013, 0x0102, Buffer.from('<p>Größe</p>'))),
      ),
    ),
  );
  expect(message?.html).toBe('<p>Größe</p>');
});

test('messages within are opened, and their files are found', () => {
  const { message, warnings } = readTnef(
    tnef(...file('a.txt', BYTES), ...embedded(tnef(...file('b.txt', BYTES)))),
  );
  expect(warnings).toEqual([]);
  expect(message?.messages).toHaveLength(1);
  expect(tnefFiles(message!).map((one) => one.name)).toEqual(['a.txt', 'b.txt']);
});

test('the body of a message within is a file named after its subject', () => {
  const inner = tnef(
    attribute(1, 0x00018004, Buffer.from('Re: 1/2\0')),
    attribute(1, 0x0002800c, Buffer.from('Hello\0')),
    ...file('b.txt', BYTES),
  );
  const files = tnefFiles(readTnef(tnef(...embedded(inner))).message!);
  expect(files.map(({ name, bytes }) => [name, bytes.toString('latin1')])).toEqual([
    ['Re_ 1_2.txt', 'Hello'],
    ['b.txt', BYTES.toString('latin1')],
  ]);
});

describe('RTF', () => {
  const body = (rtf: string): ReturnType<typeof readTnef> =>
    readTnef(tnef(attribute(1, 0x00069003, properties(property(0x1009, 0x0102, literalRtf(rtf))))));

  test('made of HTML becomes HTML again', () => {
    const { message, warnings } = body(
      '{\\rtf1\\ansi\\ansicpg1252\\fromhtml1 \\deff0{\\fonttbl\r\n{\\f0\\fswiss Arial;}{\\f1\\fcharset204 Arial;}}' +
        '{\\colortbl\\red0\\green0\\blue0;}\\uc1\\pard\\plain\\f0 ' +
        "{\\*\\htmltag64 <p class=\"a\\\\b\">}\\htmlrtf {\\htmlrtf0 Gr\\u252?\\'df\\f1\\'cf\\'f0\\f0  \\{x\\}" +
        "{\\*\\htmltag84 &nbsp;}\\htmlrtf \\'a0\\htmlrtf0 {\\*\\mhtmltag84 y}\\par{\\*\\htmltag72 </p>}\\htmlrtf }\\htmlrtf0}",
    );
    expect(warnings).toEqual([]);
    expect(message?.html).toBe('<p class="a\\b">GrüßПр {x}&nbsp;\r\n</p>');
  });

  test('made of text becomes text again', () => {
    const { message } = body(
      '{\\rtf1\\ansi\\fromtext{\\fonttbl{\\f0 x;}}\\pard a\\tab b\\par\r\nc{\\*\\x hidden}}',
    );
    expect(message).toMatchObject({ text: 'a\tb\r\nc', html: null });
  });

  test('of its own stays RTF, and gives its text where there is no other', () => {
    const { message } = body('{\\rtf1\\ansi Hello}');
    expect(message).toMatchObject({ text: null, html: null, rtf: Buffer.from('{\\rtf1\\ansi Hello}') });
    expect(tnefBody(message!)).toEqual({ text: 'Hello', html: null, warnings: [{ code: 'rtf-as-text' }] });
    expect(tnefBody({ ...message!, html: '<p>Hello' })).toEqual({
      text: null,
      html: '<p>Hello',
      warnings: [],
    });
  });

  test('as text: what is shown, in its character sets, without pictures, headings and fields', () => {
    const { message } = body(
      '{\\rtf1\\ansi\\ansicpg1252\\uc1{\\fonttbl{\\f0 A;}{\\f1\\fcharset204 B;}}{\\info{\\author Me}}{\\headerl top}' +
        "Gr\\'fc\\u223?e\\par {\\f1\\'cf\\'f0}{\\field{\\*\\fldinst HYPERLINK \"http://x\"}{\\fldrslt link}}\\line" +
        '{\\pict 0a0b}\\trowd a\\cell b\\cell\\row c\\{\\}}',
    );
    expect(tnefBody(message!).text).toBe('Grüße\nПрlink\na\tb\t\nc{}');
  });

  test('that is damaged is delivered as far as it goes, and that is said', () => {
    const bytes = literalRtf('{\\rtf1\\ansi Hello}');
    bytes[20] = 0x58;
    const { message, warnings } = readTnef(
      tnef(attribute(1, 0x00069003, properties(property(0x1009, 0x0102, bytes)))),
    );
    expect(message?.rtf).toHaveLength(18);
    expect(warnings).toEqual([{ code: 'rtf-checksum' }]);
  });

  test('nested without end is cut', () => {
    const { warnings } = body(`{\\rtf1\\fromhtml1 ${'{'.repeat(100_000)}x`);
    expect(warnings).toEqual([{ code: 'rtf-too-deep', detail: '1000' }]);
  });

  test('that claims to be huge takes no memory', () => {
    const bytes = literalRtf('{\\rtf1}');
    bytes.writeUInt32LE(0xffffffff, 4);
    const { message, warnings } = readTnef(
      tnef(attribute(1, 0x00069003, properties(property(0x1009, 0x0102, bytes)))),
    );
    expect(message?.rtf?.toString()).toBe('{\\rtf1}');
    expect(warnings.map((one) => one.code)).toEqual(['rtf-cut', 'rtf-truncated']);
  });
});

describe('hostile', () => {
  test('what is no TNEF is said to be none', () => {
    for (const bytes of [Buffer.alloc(0), Buffer.from('PK'), noise(1000)])
      expect(readTnef(bytes)).toEqual({ message: null, warnings: [{ code: 'tnef-unreadable' }] });
  });

  test('a cut one gives what it has', () => {
    const whole = tnef(...file('a.txt', BYTES), ...file('b.txt', BYTES));
    for (let end = 6; end < whole.length; end++) {
      const { message } = readTnef(whole.subarray(0, end));
      expect(message!.files.length).toBeLessThanOrEqual(2);
    }
    const { message, warnings } = readTnef(whole.subarray(0, whole.length - 20));
    expect(message?.files).toHaveLength(2);
    expect(warnings.map((one) => one.code)).toContain('tnef-truncated');
  });

  test('messages within messages end at ten', () => {
    let inner = tnef(...file('core.txt', BYTES));
    for (let depth = 0; depth < 20; depth++) inner = tnef(...embedded(inner));
    const { message, warnings } = readTnef(inner);
    expect(warnings).toEqual([{ code: 'tnef-too-deep', detail: '10' }]);
    expect(tnefFiles(message!)).toHaveLength(1);
  });

  test('more than 10,000 files are left out, and that is said', () => {
    const { message, warnings } = readTnef(tnef(...Array.from({ length: 10_001 }, () => RENDER)));
    expect(message?.files).toHaveLength(10_000);
    expect(warnings).toEqual([{ code: 'tnef-too-many-files', detail: '10000' }]);
  });

  test('four thousand million properties or values are not counted one by one', () => {
    const many = Buffer.from('ffffffff01100100ffffffff', 'hex');
    const { warnings } = readTnef(tnef(attribute(1, 0x00069003, many)));
    expect(warnings).toEqual([{ code: 'tnef-properties-damaged' }]);
  });

  test('damaged ones give clean text', () => {
    const whole = tnef(
      OEM_1251,
      attribute(1, 0x00069003, properties(unicodeProperty(0x37, 'Subject'), longProperty(0x3fde, 65001),
        property(0x1009, 0x0102, literalRtf('{\\rtf1\\ansi\\fromhtml1{\\*\\htmltag <p>}\\u55357?x\\\'ff}')))),
      ...file('a\ud800.txt', BYTES),
      ...embedded(tnef(...file('b.txt', BYTES))),
    ); // prettier-ignore
    for (const bytes of damaged(whole, 3000)) {
      const content = readTnef(bytes);
      expect(badStrings(content)).toEqual([]);
    }
  });
});
