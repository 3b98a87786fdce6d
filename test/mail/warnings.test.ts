/** The codes of warnings: the schema of the record, the table of docs/messages.md and the code name the same ones. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { loadSchema, packagePath } from '../../src/manifest/index.js';

interface RecordSchema {
  readonly properties: { readonly warnings: { readonly items: WarningSchema } };
}
interface WarningSchema {
  readonly properties: { readonly code: { readonly enum: readonly string[] } };
}

const schema = loadSchema('schemas/activities/read-email/response.schema.json') as unknown as RecordSchema;
const codes = [...schema.properties.warnings.items.properties.code.enum].sort();

test('the table of the documentation has the codes of the schema, each once and with a meaning', () => {
  const page = readFileSync(packagePath('docs/messages.md'), 'utf8');
  const table = /\n\| Warning +\| Meaning +\|\n\|[ |-]+\|\n((?:\|.*\n)+)/u.exec(page)?.[1] ?? '';
  const rows = table
    .trimEnd()
    .split('\n')
    .map((row) => /^\| `([a-z-]+)` +\| (\S.*) \|$/u.exec(row));
  expect(rows.map((row) => row?.[1]).sort()).toEqual(codes);
});

test('every code of the schema is said somewhere; that no other is, the compiler says', () => {
  const folders = ['mail/mime', 'mail/content', 'activities/read-email'];
  const sources = folders
    .flatMap((folder) => readdirSync(packagePath(`src/${folder}`)).map((name) => join('src', folder, name)))
    .map((path) => readFileSync(packagePath(path), 'utf8'))
    .join('\n');
  expect(codes.filter((code) => !sources.includes(`'${code}'`))).toEqual([]);
});
