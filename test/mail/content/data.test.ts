/** Attachments become data that says what they say, and no file can swell, hang or poison the process. */
import { describe, expect, test } from '@jest/globals';
import { parseCsv } from '../../../src/mail/content/data-csv.js';
import { parseXml } from '../../../src/mail/content/data-xml.js';
import { parseJson } from '../../../src/mail/content/data.js';
import { badStrings, shuffled } from './support/hostile.js';

describe('CSV', () => {
  test('with a header row, quotes, line breaks in quotes and a mark', async () => {
    const csv = '\uFEFFId,Name,Note\r\n007,"Smith, ""Jo""","two\r\nlines"\r\n8,Ann,\r\n';
    expect(await parseCsv(csv)).toEqual({
      data: {
        delimiter: ',',
        columns: ['Id', 'Name', 'Note'],
        rows: [
          { Id: '007', Name: 'Smith, "Jo"', Note: 'two\r\nlines' },
          { Id: '8', Name: 'Ann', Note: '' },
        ],
      },
      warnings: [],
    });
  });

  test.each([
    [';', 'a;b\n1,5;2\n3,25;4\n'],
    ['\t', 'a\tb\n1,2,3\t4\n'],
    ['|', 'a|b\n1|2;3\n'],
    [',', 'a,b\n"x;y;z",1\n'],
    [';', 'sep=;\na;b\n1,2;3,4\n'],
    [',', 'single\nvalue\n'],
  ])('the delimiter %j is found in %j', async (delimiter, csv) => {
    expect(await parseCsv(csv)).toMatchObject({ data: { delimiter } });
  });

  test('without a header row', async () => {
    expect(await parseCsv('1;2\n3;4', { header: false })).toMatchObject({
      data: { columns: null, rows: [['1', '2'], ['3', '4']] },
    }); // prettier-ignore
  });

  test('odd names and rows lose nothing', async () => {
    expect(await parseCsv('a,a,,__proto__\n1,2,3,4,5\n6\n', { delimiter: ',' })).toEqual({
      data: {
        delimiter: ',',
        columns: ['a', 'a_2', 'column_3', 'column_4'],
        rows: [
          { a: '1', a_2: '2', column_3: '3', column_4: '4', column_5: '5' },
          { a: '6', a_2: '', column_3: '', column_4: '' },
        ],
      },
      warnings: [{ code: 'rows-of-different-length' }],
    });
  });

  test('rows beyond the limit are left out, and that is said', async () => {
    const result = await parseCsv('a\n1\n2\n3\n', { maxRows: 2 });
    expect(result).toMatchObject({
      data: { rows: [{ a: '1' }, { a: '2' }] },
      warnings: [{ code: 'rows-left-out', detail: '2' }],
    });
    expect(await parseCsv('a\n1\n2\n', { maxRows: 2 })).toMatchObject({ warnings: [] });
  });

  test.each([
    ['too-large', 'x'.repeat(5_000_001)],
    ['too-many-values', ','.repeat(6000)],
    ['empty', ' \n'],
    ['malformed', '"open'],
  ])('%s', async (code, csv) => {
    expect(await parseCsv(csv)).toMatchObject({ problem: { code } });
  });

  test.each(['"', '""', '"\n', ',\n', 'a,b\n', '\r', '"a" '])('much of %j ends', async (piece) => {
    const result = await parseCsv(piece.repeat(Math.floor(4_000_000 / piece.length)));
    expect('data' in result || 'problem' in result).toBe(true);
  });
});

describe('JSON', () => {
  test('is data', () => {
    expect(parseJson('\uFEFF {"a":[1,"x",null,true,{"b":-1.5e3}]} ')).toEqual({
      data: { a: [1, 'x', null, true, { b: -1500 }] },
      warnings: [],
    });
  });

  test('keys that poison are left out and named', () => {
    const result = parseJson(
      '{"__proto__":{"x":1},"a":{"constructor":{"prototype":{}}},"constructor":"fine"}',
    );
    expect(result).toEqual({
      data: { a: {}, constructor: 'fine' },
      warnings: [
        { code: 'key-left-out', detail: '__proto__' },
        { code: 'key-left-out', detail: 'constructor' },
      ],
    });
    expect(Object.hasOwn((result as { data: object }).data, '__proto__')).toBe(false);
    expect(parseJson('{"__\\u0000proto__":1}')).toMatchObject({
      data: {},
      warnings: [{ code: 'key-left-out' }],
    });
  });

  test('a number that JavaScript cannot hold is named', () => {
    expect(parseJson('{"id":12345678901234567890}')).toMatchObject({
      warnings: [{ code: 'number-inexact' }],
    });
    expect(parseJson('{"id":"12345678901234567890"}')).toMatchObject({ warnings: [] });
    expect(parseJson('1e999')).toEqual({ data: 'Infinity', warnings: [] });
  });

  test('text is clean', () => {
    expect(parseJson('"a\\u0000b\\ud800"')).toEqual({ data: 'ab\ufffd', warnings: [] });
  });

  test.each([
    ['too-large', `"${'x'.repeat(5_000_000)}"`],
    ['too-deep', '['.repeat(200_000)],
    ['too-deep', `${'['.repeat(101)}${']'.repeat(101)}`],
    ['too-many-values', `[${'1,'.repeat(500_000)}1]`],
    ['malformed', '{"a":1'],
    ['malformed', '"open'],
    ['malformed', 'NaN'],
    ['empty', '\n'],
  ])('%s', (code, json) => {
    expect(parseJson(json)).toMatchObject({ problem: { code } });
  });

  test('brackets in text are no depth', () => {
    expect(parseJson(`"${'['.repeat(500)}\\"["`)).toMatchObject({ data: expect.any(String) });
  });
});

describe('XML', () => {
  test('is data, and values stay text', async () => {
    const xml =
      '<?xml version="1.0"?><order id="007" xmlns:n="u"><!-- x --><item>1</item>\n <item q="2">3 &lt; 4</item>' +
      '<n:note>&#8364; <![CDATA[<b>&amp;]]></n:note><empty/></order>';
    expect(await parseXml(xml)).toEqual({
      data: {
        order: {
          '@id': '007',
          '@xmlns:n': 'u',
          item: ['1', { '#text': '3 < 4', '@q': '2' }],
          'n:note': '€ <b>&amp;',
          empty: '',
        },
      },
      warnings: [],
    });
  });

  test('clean text only', async () => {
    expect(await parseXml('<a b="&#0;x">&#xD800;y</a>')).toEqual({
      data: { a: { '#text': 'y', '@b': 'x' } },
      warnings: [],
    });
  });

  test.each([
    ['doctype', '<!DOCTYPE a [<!ENTITY x "1">]><a>&x;</a>'],
    ['doctype', '<a><!DOCTYPE b></a>'],
    ['too-large', `<a>${'x'.repeat(5_000_000)}</a>`],
    ['too-deep', '<a>'.repeat(101)],
    ['too-many-values', `<a>${'<b/>'.repeat(200_001)}</a>`],
    ['too-many-values', `<a ${'b="" '.repeat(200_001)}/>`],
    ['name-reserved', '<a><constructor/></a>'],
    ['malformed', '<a><b></a>'],
    ['malformed', '<a b="'],
    ['malformed', '<a b=1/>'],
    ['malformed', '<a b/>'],
    ['malformed', '<a/><b/>'],
    ['malformed', '<a/>text'],
    ['malformed', '<a><![CDATA[x</a>'],
    ['malformed', 'text'],
    ['malformed', '<!-- only -->'],
    ['empty', ''],
  ])('%s: %.40s', async (code, xml) => {
    expect(await parseXml(xml)).toMatchObject({ problem: { code } });
  });

  test.each(['&amp;', '&', '<!---->', '<![CDATA[x]]>', '\n<b/>', ' ', '<?x?>', '&#', ']]>'])(
    'much of %j ends',
    async (piece) => {
      const result = await parseXml(`<a>${piece.repeat(Math.floor(1_000_000 / piece.length))}</a>`);
      expect('data' in result || 'problem' in result).toBe(true);
    },
  );
});

test('any sequence of pieces gives clean data or a problem', async () => {
  const pieces = ['<a>', '</a>', '<b c="', '"', "'", '>', '/>', '&#0;', '&lt;', '<![CDATA[', ']]>', '<!--', '-->', '{', '}',
    '[', ']', ':', ',', '"x"', '1', '\\u0000', '\\ud800', '"__proto__"', ';', '\t', '\n', '\u0000', '\udc00', '<__proto__>']; // prettier-ignore
  for (const text of shuffled(pieces, 2000, 20)) {
    expect(badStrings([await parseCsv(text), parseJson(text), await parseXml(text)])).toEqual([]);
  }
});
