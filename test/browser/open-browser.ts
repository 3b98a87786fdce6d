/** A browser over a page of its own, that remembers everything it should not have done. */
import { createHash, X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import type { Sandbox } from '../../src/sandbox/index.js';

const CANDIDATES = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser'];

/** Path of the installed Chromium, if there is one. */
export const chromiumPath: string | undefined = CANDIDATES.find(
  (path): path is string => path !== undefined && path !== '' && existsSync(path),
);

/**
 * A browser for which Microsoft's sign-in page is the sandbox's, at the real address. Its certificate counts because
 * the sandbox's own root stands above it, and that root alone.
 */
export function throughSandbox({ hosts, ca }: Pick<Sandbox, 'hosts' | 'ca'>): string[] {
  const key = new X509Certificate(ca).publicKey.export({ type: 'spki', format: 'der' });
  const print = createHash('sha256').update(key).digest('base64');
  return [
    `--host-resolver-rules=MAP login.microsoftonline.com ${hosts['login.microsoftonline.com:443'] ?? ''}`,
    `--ignore-certificate-errors-spki-list=${print}`,
  ];
}

export async function openBrowser(args: readonly string[] = []): Promise<Browser> {
  return chromium.launch({
    ...(chromiumPath === undefined ? {} : { executablePath: chromiumPath }),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...args,
    ],
  });
}

export interface WatchedPage {
  readonly page: Page;
  /** Errors on the console (violations of the security policy among them), uncaught errors, requests elsewhere. */
  readonly complaints: string[];
}

export async function openWatched(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  // The name that Microsoft sends the browser back to; the page moves there by itself when opened by the other one.
  const home = url.replace('//127.0.0.1:', '//localhost:');
  const context = await browser.newContext({
    locale: 'en-GB',
    viewport: { width: 1280, height: 900 },
    ...options,
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      complaints.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (origin !== home && protocol !== 'data:' && protocol !== 'blob:')
      complaints.push(`request: ${request.url()}`);
  });
  await page.goto(home);
  return { page, complaints };
}
