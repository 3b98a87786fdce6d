/** A page as data, and as Markdown. Owns: the kinds of blocks. Must not: know what a page is about. */
export type Block =
  | { readonly kind: 'heading'; readonly level: 2 | 3 | 4; readonly text: string }
  | { readonly kind: 'paragraph' | 'note'; readonly text: string }
  | { readonly kind: 'list'; readonly ordered: boolean; readonly items: readonly string[] }
  | {
      readonly kind: 'table';
      readonly head: readonly string[];
      readonly rows: readonly (readonly string[])[];
    }
  | {
      readonly kind: 'code';
      readonly language: 'powershell' | 'bash';
      readonly title: string;
      readonly text: string;
    }
  | { readonly kind: 'link'; readonly text: string; readonly url: string };

export interface Page {
  readonly language: string;
  readonly title: string;
  readonly blocks: readonly Block[];
}

/** Text in which `code` is marked by backticks, in pieces. */
export function spans(text: string): { readonly code: boolean; readonly text: string }[] {
  return text
    .split(/(`[^`]+`)/u)
    .filter((piece) => piece !== '')
    .map((piece) =>
      piece.length > 2 && piece.startsWith('`') && piece.endsWith('`')
        ? { code: true, text: piece.slice(1, -1) }
        : { code: false, text: piece },
    );
}

function inline(text: string): string {
  return spans(text)
    .map((span) =>
      span.code
        ? `\`${span.text}\``
        : span.text.replace(/[\\`*_[\]<>#|~]/gu, String.raw`\$&`).replaceAll('\n', ' '),
    )
    .join('');
}

const cell = (text: string): string =>
  spans(text)
    .map((span) => (span.code ? `\`${span.text.replaceAll('|', String.raw`\|`)}\`` : inline(span.text)))
    .join('');
const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** A fence longer than any run of backticks inside. */
function fenced(language: string, text: string): string {
  const longest = Math.max(2, ...(text.match(/`+/gu) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text.trimEnd()}\n${fence}`;
}

function block(one: Block): string {
  switch (one.kind) {
    case 'heading':
      return `${'#'.repeat(one.level)} ${inline(one.text)}`;
    case 'paragraph':
      return inline(one.text);
    case 'note':
      return `> ${inline(one.text)}`;
    case 'list':
      return one.items
        .map((item, index) => `${one.ordered ? `${String(index + 1)}.` : '-'} ${inline(item)}`)
        .join('\n');
    case 'table':
      return [
        row(one.head.map(cell)),
        row(one.head.map(() => '---')),
        ...one.rows.map((cells) => row(cells.map(cell))),
      ].join('\n');
    case 'code':
      return `**${inline(one.title)}**\n\n${fenced(one.language, one.text)}`;
    case 'link':
      return `- [${inline(one.text)}](<${one.url}>)`;
  }
}

export function renderMarkdown({ title, blocks }: Page): string {
  return `${[`# ${inline(title)}`, ...blocks.map(block)].join('\n\n')}\n`;
}
