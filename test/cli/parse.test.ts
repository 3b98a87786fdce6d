/** `m365-email parse`, run as a process: a line per file, failures by name, and the same settings as Read Email. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { FailureReport, ParsedRecord } from '../../src/index.js';
import { packagePath } from '../../src/manifest/index.js';
import { messageWithAttachment, noise, plainMessage, source } from '../support/messages.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'm365-email-parse-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

interface Line extends ParsedRecord {
  readonly file: string;
  readonly failure: FailureReport;
}

function parse(
  args: readonly string[],
  input?: Buffer,
): { code: number | null; lines: Line[]; said: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [packagePath('dist/cli/main.js'), 'parse', ...args],
    { input, env: { ...process.env, LANG: 'C', LC_ALL: '', NO_COLOR: '1' }, timeout: 20_000 },
  );
  const lines = stdout
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
  return { code: status, lines, said: stderr.toString() };
}

test('writes one record per file, in their order, without what only a mailbox tells', () => {
  const bytes = noise(1000);
  const files = [
    file('1.eml', plainMessage('First')),
    file('2.eml', messageWithAttachment('Second', 'a.bin', bytes)),
  ];
  const { code, lines } = parse(files);
  expect(code).toBe(0);
  expect(lines.map(({ file: name, subject }) => [name, subject])).toEqual([
    [files[0], 'First'],
    [files[1], 'Second'],
  ]);
  expect(lines[1]?.attachments[0]).toMatchObject({
    name: 'a.bin',
    size: 1000,
    content: { inline: bytes.toString('base64') },
  });
  for (const name of ['key', 'mailbox', 'folder', 'uid', 'isRead', 'transport'])
    expect(lines[0]).not.toHaveProperty(name);
});

test('reads standard input', () => {
  const { code, lines } = parse([], plainMessage('Piped'));
  expect([code, lines[0]?.file, lines[0]?.subject]).toEqual([0, '-', 'Piped']);
});

test('takes the settings of Read Email, and refuses others by name', () => {
  const path = file('3.eml', source('Content-Type: text/html', '', '<p>Hello</p>'));
  expect(parse(['--set', 'textFromHtml=true', path]).lines[0]).toMatchObject({ textSource: 'html' });
  const { code, lines, said } = parse(['--set', 'textFromHmtl=true', path]);
  expect(code).toBe(10);
  expect(lines[0]?.failure.code).toBe('settings-invalid');
  expect(said).toContain('textFromHmtl');
});

test('lists an attachment beyond the limit without content', () => {
  const path = file('4.eml', messageWithAttachment('Large', 'a.bin', noise(5000)));
  const [record] = parse(['--set', 'inlineContentLimit=1000', path]).lines;
  expect(record?.attachments[0]).toMatchObject({ size: 5000, omitted: 'too-large' });
  expect(record?.attachments[0]).not.toHaveProperty('content');
});

test('reports a file that is not there and parses the others', () => {
  const { code, lines, said } = parse([join(folder, 'none.eml'), file('5.eml', plainMessage('There'))]);
  expect(code).toBe(13);
  expect(lines[0]?.failure.code).toBe('file-unreadable');
  expect(lines[1]?.subject).toBe('There');
  expect(said).toContain('none.eml');
});
