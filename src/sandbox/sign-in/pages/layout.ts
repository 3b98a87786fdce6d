/**
 * The frame of every page: title, style, headers that forbid everything the page does not need.
 */
import { randomBytes } from 'node:crypto';
import type { BrowserReply } from '../browser-exchange.js';
import type { Html } from './html.js';
import { html, Html as TrustedHtml } from './html.js';

export interface PageContent {
  /** Which page this is, for whoever reads it without eyes. */
  readonly name: string;
  readonly title: string;
  readonly body: Html;
  readonly status?: number;
  /** JavaScript of our own; no page takes input into it. */
  readonly script?: string;
}

const STYLE = `
:root { color-scheme: light; font: 16px/1.5 system-ui, "Segoe UI", sans-serif; color: #1b1b1b; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: #e9eef3; }
main { box-sizing: border-box; width: min(27.5rem, 100vw); padding: 2.75rem; background: #fff;
  box-shadow: 0 2px 6px rgb(0 0 0 / 20%); }
.brand { margin: 0 0 1rem; font-weight: 600; color: #4a4a4a; }
h1 { margin: 0 0 1rem; font-size: 1.5rem; line-height: 1.25; overflow-wrap: anywhere; }
p, li { overflow-wrap: anywhere; }
label { display: block; margin-top: 1rem; }
input[type=text], input[type=email], input[type=password] { box-sizing: border-box; width: 100%; font: inherit;
  padding: .4rem .2rem; border: 0; border-bottom: 1px solid #666; }
input:focus-visible, button:focus-visible, a:focus-visible { outline: 2px solid #0067b8; outline-offset: 2px; }
.actions { display: flex; flex-flow: row-reverse wrap; gap: .5rem; margin-top: 1.5rem; }
button { font: inherit; min-width: 6.75rem; padding: .35rem .75rem; border: 1px solid #8a8a8a; background: #f2f2f2; }
button.primary { border-color: #0067b8; background: #0067b8; color: #fff; }
button.account { display: block; width: 100%; margin-top: .5rem; text-align: left; background: #fff; }
.problem { color: #a80000; }
.sandbox { margin: 2rem 0 0; padding-top: .75rem; border-top: 1px solid #ddd; font-size: .8125rem; color: #555; }
`;

export function renderPage(content: PageContent): BrowserReply {
  const nonce = randomBytes(16).toString('base64');
  const script =
    content.script === undefined
      ? undefined
      : html`<script nonce="${nonce}">
          ${new TrustedHtml(content.script)};
        </script>`;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${content.title} - Contoso sandbox</title>
        <style nonce="${nonce}">
          ${new TrustedHtml(STYLE)}
        </style>
      </head>
      <body>
        <main data-page="${content.name}">
          <p class="brand">Contoso sandbox</p>
          <h1>${content.title}</h1>
          ${content.body}
          <p class="sandbox">
            This is a sandbox on your own machine, not Microsoft. Never enter a real password here.
          </p>
        </main>
        ${script}
      </body>
    </html> `;
  return {
    status: content.status ?? 200,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; base-uri 'none'; frame-ancestors 'none'`,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
    },
    body: page.text,
  };
}
