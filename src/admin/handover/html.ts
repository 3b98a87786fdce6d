/**
 * A page as one HTML file that asks nobody for anything: no script, no outside request, readable on paper and in the
 * dark. Owns: escaping and looks. Must not: know what a page is about.
 */
import { html } from '../quoting.js';
import { spans, type Block, type Page } from './document.js';

const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --paper: #fff; --line: #d5dae0; --tint: #f3f6f9; --accent: #0b5cad; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ec; --soft: #a3acb5; --paper: #15191d; --line: #343c44; --tint: #1e242a; --accent: #7ab8ff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2.5rem 1.5rem 5rem; max-width: 62rem; font: 16px/1.55 system-ui, "Segoe UI", sans-serif; color: var(--ink); background: var(--paper); }
h1 { font-size: 1.8rem; line-height: 1.2; margin: 0 0 1rem; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .6rem; padding-top: 1rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 1.5rem 0 .4rem; }
.scroll { overflow-x: auto; margin: 0 0 1.4rem; }
table { border-collapse: collapse; width: 100%; font-size: .94rem; }
th, td { text-align: left; vertical-align: top; padding: .45rem .7rem .45rem 0; border-bottom: 1px solid var(--line); overflow-wrap: break-word; }
th { font-weight: 600; color: var(--soft); }
code, pre { font-family: ui-monospace, "Cascadia Mono", Consolas, monospace; font-size: .85rem; }
code { background: var(--tint); padding: .1em .3em; border-radius: 3px; }
pre { background: var(--tint); border: 1px solid var(--line); border-radius: 6px; padding: 1rem; overflow: auto; max-height: 32rem; margin: .5rem 0 0; }
pre code { background: none; padding: 0; }
details { margin: .6rem 0; }
summary { cursor: pointer; font-weight: 600; color: var(--accent); }
.note { border-left: 3px solid var(--accent); margin: .8rem 0; padding: .2rem 0 .2rem .9rem; color: var(--soft); }
a { color: var(--accent); overflow-wrap: anywhere; }
@media print { body { padding: 0; max-width: none; font-size: 11pt; color: #000; background: #fff; } pre { max-height: none; white-space: pre-wrap; overflow-wrap: anywhere; } h2 { break-after: avoid; } tr { break-inside: avoid; } }
`;

const inline = (text: string): string =>
  spans(text)
    .map((span) => (span.code ? `<code>${html(span.text)}</code>` : html(span.text)))
    .join('');

function block(one: Block): string {
  switch (one.kind) {
    case 'heading':
      return `<h${String(one.level)}>${inline(one.text)}</h${String(one.level)}>`;
    case 'paragraph':
      return `<p>${inline(one.text)}</p>`;
    case 'note':
      return `<p class="note">${inline(one.text)}</p>`;
    case 'list': {
      const tag = one.ordered ? 'ol' : 'ul';
      return `<${tag}>${one.items.map((item) => `<li>${inline(item)}</li>`).join('')}</${tag}>`;
    }
    case 'table': {
      const head = one.head.map((text) => `<th scope="col">${inline(text)}</th>`).join('');
      const rows = one.rows.map(
        (cells) => `<tr>${cells.map((text) => `<td>${inline(text)}</td>`).join('')}</tr>`,
      );
      return `<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
    }
    case 'code':
      return `<details open><summary>${html(one.title)}</summary><pre tabindex="0"><code>${html(one.text)}</code></pre></details>`;
    case 'link':
      return `<p><a href="${html(one.url)}" rel="noreferrer">${inline(one.text)}</a><br><code>${html(one.url)}</code></p>`;
  }
}

export function renderHtml({ language, title, blocks }: Page): string {
  return `<!doctype html>
<html lang="${html(language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer">
<title>${html(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${inline(title)}</h1>
${blocks.map(block).join('\n')}
</main>
</body>
</html>
`;
}
