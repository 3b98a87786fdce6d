/**
 * What may run, load or cover something does not come through; what people read does. The result is judged by a
 * tokenizer that has nothing in common with the parser of sanitize-html; test/browser/html-safe.test.ts asks a browser.
 */
import { describe, expect, test } from '@jest/globals';
import { sanitizeHtml } from '../../../src/mail/content/html-safe.js';
import { scanHtml, tagAttributes } from '../../../src/mail/content/html-scan.js';
import { filterStyle } from '../../../src/mail/content/style-filter.js';
import { badStrings, shuffled } from './support/hostile.js';
import { SCRIPT_VECTORS } from './support/script-vectors.js';

const ELEMENT =
  /^(?:abbr|blockquote|br|center|code|div|em|font|h[1-6]|hr|img|li|ol|pre|small|span|strong|table|tbody|td|th|tr|ul|[abipu])$/u;
const ATTRIBUTE =
  /^(?:style|title|dir|lang|align|valign|bgcolor|width|height|href|rel|src|alt|border|color|face|size|cellpadding|cellspacing|colspan|data-removed-src)$/u;
const ADDRESS = {
  href: /^(?:https?:|mailto:|tel:|\/\/)/u,
  src: /^(?:cid:|data:image\/(?:png|gif|jpeg);base64,)/u,
  'data-removed-src': /^(?:https?:|\/\/)/u,
};

/** Everything in the HTML that is not known to be harmless. */
function offences(html: string): string[] {
  const found: string[] = [];
  for (const token of scanHtml(html)) {
    if (token.kind === 'other') found.push(html.slice(token.start, token.end));
    if (token.kind === 'text' && html.slice(token.start, token.end).includes('<')) found.push('a bare <');
    if (token.kind !== 'open') continue;
    if (!ELEMENT.test(token.name)) found.push(`<${token.name}>`);
    for (const [name, value] of tagAttributes(html, token)) {
      if (!ATTRIBUTE.test(name)) found.push(`${token.name} ${name}`);
      if (name in ADDRESS && !ADDRESS[name as keyof typeof ADDRESS].test(value))
        found.push(`${name}=${value}`);
      if (name === 'style' && /url|image|expression|import|position|-\d|\\/iu.test(value)) found.push(value);
    }
  }
  return found;
}

describe('nothing that runs comes through', () => {
  test.each(SCRIPT_VECTORS)('%j', async (vector) => {
    const { html } = await sanitizeHtml(`<div>before ${vector} after</div>`);
    expect(offences(html)).toEqual([]);
    expect(html).toContain('before');
    expect(await sanitizeHtml(html)).toMatchObject({ html });
  });

  test('and the judge finds something in all of them before, but for those that are escaped', () => {
    const silent = SCRIPT_VECTORS.filter((vector) => offences(vector).length === 0);
    expect(silent).toHaveLength(4);
    for (const vector of silent) expect(vector).toMatch(/&lt;|&quot;|title='"/u);
  });

  test('nor when vectors are mixed', async () => {
    for (const html of shuffled([...SCRIPT_VECTORS, '<', '>', '"', "'", '<p>', '</p>', '\ud800'], 200, 12)) {
      const safe = await sanitizeHtml(html);
      expect(offences(safe.html)).toEqual([]);
      expect(badStrings(safe)).toEqual([]);
    }
  });
});

test('what people read stays', async () => {
  const html =
    '<h1 style="color:#c00">Hi</h1><p>See <a href="https://x.example/a?b=1&amp;c=2" rel="noopener noreferrer nofollow">' +
    'here</a></p><table cellpadding="3"><tr><td colspan="2" bgcolor="#eee">1 &lt; 2</td></tr></table>' +
    '<img src="cid:logo" alt="Logo" />';
  expect(await sanitizeHtml(html)).toEqual({ html, remoteImagesRemoved: 0, warnings: [] });
});

test('an open head loses no text', async () => {
  const { html } = await sanitizeHtml('<html><head><meta charset=utf-8><title>t</title><body><p>Text');
  expect(html).toBe('<p>Text</p>');
});

describe('images of other servers', () => {
  const PIXEL = '<img src="https://news.example/open.gif?id=7" alt="" width="1" />';

  test('are left out and counted', async () => {
    const safe = await sanitizeHtml(PIXEL);
    expect(safe.remoteImagesRemoved).toBe(1);
    expect(safe.html).toBe('<img alt="" width="1" data-removed-src="https://news.example/open.gif?id=7" />');
  });

  test('stay when they are allowed', async () => {
    expect(await sanitizeHtml(PIXEL, { remoteImages: 'keep' })).toMatchObject({
      remoteImagesRemoved: 0,
      html: '<img src="https://news.example/open.gif?id=7" alt="" width="1" />',
    });
  });

  test('embedded ones stay', async () => {
    const html = '<img src="data:image/png;base64,iVBORw0KGgo=" />';
    expect((await sanitizeHtml(html)).html).toBe(html);
  });
});

describe('styles', () => {
  test.each([
    ['color: red; font-family: "Segoe UI", sans-serif', 'color:red;font-family:"Segoe UI", sans-serif'],
    ['COLOR: RGB(1, 2, 3)', 'color:RGB(1, 2, 3)'],
    ['border: 1px solid #ccc !important', 'border:1px solid #ccc !important'],
    ['position: fixed; z-index: 3', ''],
    ['background: url(x)', ''],
    ['width: calc(100%)', ''],
    ['margin: 0 -5px', ''],
    ['color: r\\65 d', ''],
    ['--x: 1; color', ''],
    [`color: ${'a'.repeat(300)}`, ''],
  ])('%j becomes %j', (style, kept) => {
    expect(filterStyle(style)).toBe(kept);
  });
});

test('more than 2,000,000 characters and 200 levels are cut, and that is said', async () => {
  const long = await sanitizeHtml('x'.repeat(2_000_001));
  expect(long.warnings).toEqual([{ code: 'html-cut', detail: '2000001' }]);
  const deep = await sanitizeHtml(`${'<div>'.repeat(100_000)}deep`);
  expect(deep.warnings).toEqual([{ code: 'html-nesting-too-deep', detail: '200' }]);
  expect(deep.html).toContain('deep');
});
