/** Foreign HTML quoted in an own document, in a real browser: it stays where it was put, and what is behind it stays outside. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { htmlPart } from '../../src/mail/content/html-part.js';
import { shuffled } from '../mail/content/support/hostile.js';
import { openBrowser } from './open-browser.js';

let browser: Browser;
let page: Page;
beforeAll(async () => {
  browser = await openBrowser();
  page = await browser.newPage();
});
afterAll(() => browser.close());

const PIECES = [
  ...[
    '<p>',
    '</p>',
    '<div class="x">',
    '</div>',
    '</blockquote>',
    '<blockquote>',
    '</body>',
    '</html>',
    '<body>',
  ],
  ...[
    '<html>',
    '<head>',
    '</head>',
    '<title>',
    '</title>',
    '<style>',
    '</style>',
    '</stylex>',
    '<script>',
    '</script>',
  ],
  ...[
    '<!--',
    '-->',
    '--!>',
    '<!-->',
    '<!doctype html>',
    '<?x',
    '<![endif]>',
    '<!',
    '</',
    '</>',
    '<',
    '>',
    '<a href="',
  ],
  ...[
    '"',
    "'",
    '<a href=',
    '<img src="x:x">',
    '<br>',
    '</br>',
    '<b>',
    '</b>',
    '<i>',
    '</i>',
    '<span',
    '/>',
    ' x="',
  ],
  ...[
    '<textarea>',
    '</textarea>',
    '<plaintext>',
    '<xmp>',
    '</xmp>',
    '<iframe>',
    '</iframe>',
    '<noscript>',
    '</noscript>',
  ],
  ...[
    '<table>',
    '</table>',
    '<tr>',
    '<td>',
    '</td>',
    '<ul>',
    '<li>',
    '</ul>',
    '<base href="https://x/">',
    '<meta charset=x>',
  ],
  ...[
    '<svg>',
    '</svg>',
    '<math>',
    '</math>',
    '<template>',
    '</template>',
    '<select>',
    '<option>',
    '</select>',
    '<form>',
  ],
  ...[
    '<font>',
    '</font>',
    '<center>',
    '<h1>',
    '</h2>',
    'text',
    '&amp;',
    '&lt;',
    '\u0000',
    '<button>',
    '<frameset>',
    '<hr>',
  ],
];

/** Of each: whether what stands behind the quote is behind it for the browser too, and nothing else is outside. */
async function kept(parts: readonly string[]): Promise<boolean[]> {
  return page.evaluate(`(${JSON.stringify(parts)}).map((part) => {
    const page = '<!doctype html><html><body><div id="own"><blockquote id="q">' + part + '</blockquote><p id="after">after</p></div></body></html>';
    const parsed = new DOMParser().parseFromString(page, 'text/html');
    const own = [...(parsed.getElementById('own')?.children ?? [])].map(({ id }) => id).join();
    return own === 'q,after' && parsed.body.children.length === 1 && parsed.getElementById('after').textContent === 'after';
  })`);
}

test('nothing that is put together of pieces leaves its place', async () => {
  const sources = shuffled(PIECES, 20_000, 12);
  const results = await kept(sources.map(htmlPart));
  expect(sources.filter((_source, at) => results[at] !== true).slice(0, 12)).toEqual([]);
});

test('but would as it came', async () => {
  const results = await kept(['<p>x</p>', '</blockquote></div>x', '<!-- x', '<a href="', '<plaintext>']);
  expect(results).toEqual([true, false, false, false, false]);
});
