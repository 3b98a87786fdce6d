/** Sanitised HTML in a real browser: nothing runs, nothing is fetched, nothing covers the page. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { sanitizeHtml } from '../../src/mail/content/html-safe.js';
import { SCRIPT_VECTORS } from '../mail/content/support/script-vectors.js';
import { openBrowser } from './open-browser.js';

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

async function show(html: string): Promise<string[]> {
  const context = await browser.newContext();
  const page = await context.newPage();
  const seen: string[] = [];
  await page.exposeFunction('pwned', () => seen.push('script'));
  await context.route('**/*', (route) => {
    seen.push(route.request().url());
    return route.abort();
  });
  await page.setContent(`<main>${html}</main>`, { waitUntil: 'load' });
  // Links run their scripts only when they are followed.
  await page.evaluate(
    `for (const link of document.querySelectorAll('a[href^="javascript" i]')) link.click()`,
  );
  await page.evaluate('new Promise((done) => setTimeout(done, 0))');
  await context.close();
  return seen;
}

test('a browser does nothing with what is left of the vectors', async () => {
  for (const vector of SCRIPT_VECTORS) {
    const { html } = await sanitizeHtml(vector);
    expect({ vector, seen: await show(html) }).toEqual({ vector, seen: [] });
  }
});

test('but does with the vectors themselves', async () => {
  const seen = await show('<img src=x:x onerror=pwned()><img src="https://evil.example/pixel.gif">');
  expect(seen).toEqual(expect.arrayContaining(['script', 'https://evil.example/pixel.gif']));
});
