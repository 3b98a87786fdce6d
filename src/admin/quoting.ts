/**
 * Values of the settings as literals of the languages that scripts are written in. Whatever a value holds, it reaches
 * the shell as one piece of data. Must not: decide what a script does.
 */
import { Failure } from '../errors/index.js';

// C0 and C1 control characters, and the line and paragraph separators: no name or address has one, and a line break
// would end a comment or a line of the record.
const CONTROL = /[\p{Cc}\u2028\u2029]/u;

/** Whether a value may stand in a script at all. */
export function isPlain(value: string): boolean {
  return !CONTROL.test(value);
}

function plain(value: string): string {
  if (isPlain(value)) return value;
  throw new Failure('settings-invalid', {
    problems: [{ pointer: '', label: 'common.fields.value.label', rule: 'pattern' }],
  });
}

/**
 * A PowerShell single-quoted string, in which nothing is expanded. PowerShell closes it at the typographic quotes
 * U+2018 … U+201B too, so these are doubled as well (CodeGeneration.EscapeSingleQuotedStringContent does the same).
 * @throws Failure settings-invalid for control characters
 */
export function powerShellLiteral(value: string): string {
  return `'${plain(value).replace(/['\u2018\u2019\u201a\u201b]/gu, '$&$&')}'`;
}

/** A PowerShell array of single-quoted strings. @throws Failure settings-invalid */
export function powerShellList(values: readonly string[]): string {
  return `@(${values.map(powerShellLiteral).join(', ')})`;
}

/** A bash single-quoted word. @throws Failure settings-invalid for control characters */
export function bashLiteral(value: string): string {
  return `'${plain(value).replaceAll("'", `'\\''`)}'`;
}

/** A bash array. @throws Failure settings-invalid */
export function bashList(values: readonly string[]): string {
  return `(${values.map(bashLiteral).join(' ')})`;
}

/** A string inside an OData filter: quotes are doubled (OData 4.01 part 2, 5.1.1.1.1). */
export function oDataLiteral(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** Text as comment lines of both languages, at most about `width` characters each. */
export function comment(text: string, width = 100): string {
  const lines: string[] = [];
  let line = '#';
  for (const word of text.split(/\s+/u)) {
    if (line.length + word.length >= width && line !== '#') {
      lines.push(line);
      line = '#';
    }
    line += ` ${word}`;
  }
  return [...lines, line].join('\n');
}

/** Indents every line that is not empty. */
export function indented(text: string, spaces = 4): string {
  return text.replace(/^(?=.)/gmu, ' '.repeat(spaces));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for an HTML element or a quoted attribute. */
export function html(text: string): string {
  return text.replace(/[&<>"']/gu, (character) => ENTITIES[character] ?? character);
}
