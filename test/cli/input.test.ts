/** What a person may get wrong on the command line, run as a process: each mistake is named, none ends in a stack. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { packagePath } from '../../src/manifest/index.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'm365-email-input-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(content));
  chmodSync(path, 0o600);
  return path;
}

function cli(...args: string[]): { code: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [packagePath('dist/cli/main.js'), ...args], {
    encoding: 'utf8',
    env: { ...process.env, LANG: 'C', LC_ALL: '', NO_COLOR: '1' },
    timeout: 20_000,
  });
  const said = stdout + stderr;
  expect(said).not.toMatch(/^\s+at .*:\d+:\d+/mu);
  return { code: status, said };
}

const connection = (): string =>
  file('connection.json', {
    tenant: '11111111-2222-4333-8444-555555555555',
    mailbox: 'anna@contoso.com',
    authentication: {
      method: 'client-secret',
      clientId: '11111111-2222-4333-8444-666666666666',
      clientSecret: 'a',
    },
  });

test.each([
  [{ connectTimeoutMs: 'x' }, '/connectTimeoutMs'],
  [{ proxi: {} }, '/proxi'],
  [null, 'object'],
])('--net holding %j is refused by name', (net, named) => {
  const { code, said } = cli('check', '-c', connection(), '--net', file('net.json', net));
  expect(code).toBe(10);
  expect(said).toContain('network-policy-invalid');
  expect(said).toContain(named);
});

test.each([null, [], 'text'])('a connection file holding %j is refused as settings', (content) => {
  const { code, said } = cli('check', '-c', file('wrong.json', content));
  expect(code).toBe(10);
  expect(said).toContain('settings-invalid');
});

test.each([[[]], [{}], ['x'], [[null]], [[{}]], [[{ id: 'nothing', config: {} }]]])(
  'check --activities holding %j does not pass',
  (activities) => {
    const { code, said } = cli('check', '-c', connection(), '--activities', file('list.json', activities));
    expect(code).toBe(13);
    expect(said).toContain('input-invalid');
  },
);

test('a port that is none is wrong usage', () => {
  for (const args of [['demo'], ['connect', '-c', connection()]]) {
    const { code, said } = cli(...args, '--port', 'abc');
    expect(code).toBe(2);
    expect(said).toContain('port number');
  }
});

test('a recording that cannot be written is refused before the test', () => {
  const target = join(folder, 'none', 'record.json');
  const { code, said } = cli('check', '-c', connection(), '--record', target);
  expect(code).not.toBe(0);
  expect(said).toContain('file-unreadable');
  expect(said).toContain('Message of the system');
  expect(said).not.toContain("The server's words");
  expect(said).not.toContain('passed');
  expect(existsSync(target)).toBe(false);
});

test('a language without texts is wrong usage, a region is none', () => {
  const { code, said } = cli('describe', 'read-email', '--language', 'fr');
  expect(code).toBe(2);
  expect(said).toContain('en, de, es');
  expect(cli('describe', 'read-email', '--language', 'de-AT').code).toBe(0);
});

test('a file without requests is told of', () => {
  const requests = join(folder, 'empty.jsonl');
  writeFileSync(requests, '');
  const { said } = cli('send', '-c', connection(), '--requests', requests);
  expect(said).toContain('0 messages');
});
