/** HTML becomes text that a person can read, and no HTML is too odd, too deep or too long for it. */
import { describe, expect, test } from '@jest/globals';
import { limitMarkup, scanHtml, tagAttributes } from '../../../src/mail/content/html-scan.js';
import { htmlToText } from '../../../src/mail/content/html-text.js';
import { badStrings, shuffled } from './support/hostile.js';

describe('text of HTML', () => {
  test.each([
    ['<title>t</title><h1>Hi</h1><p>you<br>there', 'Hi\n\nyou\nthere'],
    ['<a href="https://x.example/y">here</a>', 'here [https://x.example/y]'],
    ['<a href="https://x.example">https://x.example</a>', 'https://x.example'],
    ['<a href="javascript:alert(1)">here</a>', 'here'],
    ['<a href="#top">up</a>', 'up'],
    ['<img src="https://x.example/p.gif" alt="pixel">text', 'text'],
    ['<ul><li>one<li>two<ol><li>x</ol></ul>', '* one\n * two\n   1. x'],
    ['<table><tr><th>Name<th>Qty<tr><td>Nut<td>3</table>after', 'Name\tQty\nNut\t3\nafter'],
    ['<blockquote>quoted<br>twice</blockquote>', '> quoted\n> twice'],
    ['a&nbsp;b &euro; &#x1F600; &lt;c&gt;', 'a\u00a0b € 😀 <c>'],
    ['<style>p{}</style><script>x()</script>seen', 'seen'],
    ['1 < 2 and <3', '1 < 2 and <3'],
    ['', ''],
  ])('%j', async (html, text) => {
    expect(await htmlToText(html)).toEqual({ text, warnings: [] });
  });

  test('without addresses of links', async () => {
    expect((await htmlToText('<a href="https://x.example/y">here</a>', { links: 'none' })).text).toBe('here');
  });
});

describe('limits', () => {
  test('deep nesting keeps the text', async () => {
    const deep = await htmlToText(`${'<div>'.repeat(90_000)}core${'</div>'.repeat(90_000)}`);
    expect(deep).toEqual({ text: 'core', warnings: [{ code: 'html-nesting-too-deep', detail: '50' }] });
  });

  test('elements that end others are not nested', async () => {
    const flat = await htmlToText('<p>x'.repeat(500));
    expect(flat.warnings).toEqual([]);
    expect(flat.text.split('\n\n')).toHaveLength(500);
  });

  test('tags beyond 100,000 are left out, their text is not', async () => {
    const many = await htmlToText(`${'<p>x</p>'.repeat(100_001)}end`);
    expect(many.warnings).toEqual([{ code: 'html-too-many-tags', detail: '100000' }]);
    expect(many.text.endsWith('x end')).toBe(true);
  });

  test('what is too long is cut', async () => {
    const long = await htmlToText('word '.repeat(500_000));
    expect(long.warnings).toEqual([{ code: 'html-cut', detail: '2500000' }]);
    expect(long.text.length).toBeLessThanOrEqual(2_000_000);
  });

  // Each of these takes hours where a parser searches its whole stack, or the rest of the text, for every tag.
  test.each([
    ['closing tags of nothing', '<a><b><i>', '</x>'],
    ['crossed tags', '', '<b><i></b></i>'],
    ['open quotes', '', '<a b="'],
    ['open comments', '', '<!--'],
    ['open style', '', '<style></style '],
    ['less-than signs', '', '<'],
    ['attributes', '<p ', 'a="b" '],
    ['open entities', '', '&#x'],
    ['nested lists', '', '<ul><li>'],
    ['nested tables', '', '<table><tr><td>'],
    ['nested quotes', '', '<blockquote>x'],
  ])('many %s', async (_name, before, repeated) => {
    const result = await htmlToText(
      (before + repeated.repeat(2_000_000 / repeated.length)).slice(0, 2_000_000),
    );
    expect(result.text.length).toBeLessThanOrEqual(2_000_000);
  });
});

const PIECES = [
  '<div>', '</div>', '<p', '>', '"', "'", '=', '<a href="', '<!--', '-->', '<![CDATA[', ']]>', '<table>', '<td>',
  '</table>', '<ul>', '<li>', '<script>', '</script', '<style>', '&amp', '&#0;', '&#xD800;', '\ud800', '\u0000', '\udfff',
  'text', ' ', '\n', '<br/>', '<pre>', '<blockquote>', '<svg/onload=x>', '<title>', '</', '<?', '<!', '😀',
]; // prettier-ignore

describe('any sequence of pieces', () => {
  const inputs = shuffled(PIECES, 1000, 40);

  test('gives clean text', async () => {
    for (const html of inputs) expect(badStrings(await htmlToText(html))).toEqual([]);
  });

  test('is cut into tokens without gaps', () => {
    for (const html of inputs) {
      let at = 0;
      for (const token of scanHtml(html)) {
        expect(token.start).toBe(at);
        expect(token.end).toBeGreaterThan(at);
        at = token.end;
        if (token.kind === 'open') tagAttributes(html, token);
      }
      expect(at).toBe(html.length);
    }
  });

  test('is left as it is when it is not deep and closes only what is open', () => {
    const html = '<div a=">"><p>x<p>y</div><!-- <b> --><img src=x><script>if (a < b) "</div>"</script>';
    const limits = { depth: 5, tags: 10 };
    const within = { tooDeep: false, tooMany: false };
    expect(limitMarkup(html, limits)).toEqual({ html, ...within });
    expect(limitMarkup('<i></b>x</i>', limits)).toEqual({ html: '<i>x</i>', ...within });
    expect(limitMarkup('<i><b><u>x</u></b></i>', { depth: 2, tags: 10 })).toEqual({
      html: '<i><b>x</b></i>',
      tooDeep: true,
      tooMany: false,
    });
    expect(limitMarkup('<i>a</i><b>b</b><u>c</u>', { depth: 2, tags: 1 })).toEqual({
      html: '<i>a</i> b c ',
      tooDeep: false,
      tooMany: true,
    });
  });
});

test('attributes are read as a browser reads them', () => {
  const html = '<a HREF=x/y title = "a>b" title=second data-x=\'1"2\' checked/>';
  const [token] = scanHtml(html);
  expect([...tagAttributes(html, token!)]).toEqual([
    ['href', 'x/y'],
    ['title', 'a>b'],
    ['data-x', '1"2'],
    ['checked', ''],
  ]);
});
