/**
 * `connect`, `verify`, `disconnect` as a person runs them: the browser is played, everything else is the real command
 * with a database and a key of its own.
 */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { packagePath } from '../../src/manifest/index.js';
import { DEMO, type Sandbox } from '../../src/sandbox/index.js';
import { enterDeviceCode, signInWithBrowser } from '../support/browserless.js';
import { openSandboxTenant } from '../support/sandbox-tenant.js';
import type { TestTenant } from '../support/tenant.js';

const { anna, bernd } = DEMO.people;

let tenant: TestTenant & { sandbox: Sandbox };
let folder: string;
beforeEach(async () => {
  tenant = await openSandboxTenant();
  tenant.sandbox.deviceCodes.intervalSeconds = 1;
  folder = mkdtempSync(join(tmpdir(), 'connect-'));
  writeFileSync(join(folder, 'net.json'), JSON.stringify(tenant.net));
});
afterEach(async () => {
  await tenant.stop();
  rmSync(folder, { recursive: true, force: true });
});

const file = (): string => join(folder, 'connection.json');

function writeConnection(authentication: Record<string, unknown>): void {
  const { tenantId } = tenant.sandbox;
  writeFileSync(file(), JSON.stringify({ tenant: tenantId, mailbox: anna.address, authentication }));
}

function readConnection(): { authentication: { session?: string } } {
  return JSON.parse(readFileSync(file(), 'utf8')) as { authentication: { session?: string } };
}

function command(name: string, ...more: string[]): ChildProcessWithoutNullStreams {
  const child = spawn(process.execPath, [
    packagePath('dist/cli/main.js'),
    name,
    ...['--connection', file(), '--net', join(folder, 'net.json'), '--language', 'en', '--json'],
    ...['--state', join(folder, 'data', 'state.db'), '--key', join(folder, 'keys', 'state.key')],
    ...more,
  ]);
  child.stdin.end();
  return child;
}

/** Runs to the end; `meanwhile` sees each line of result as it comes. */
async function finish(
  child: ChildProcessWithoutNullStreams,
  meanwhile: (line: Record<string, unknown>) => Promise<void> = () => Promise.resolve(),
): Promise<{ code: number; lines: Record<string, unknown>[] }> {
  child.stderr.resume();
  const exited = once(child, 'exit') as Promise<[number]>;
  const lines: Record<string, unknown>[] = [];
  for await (const text of createInterface({ input: child.stdout })) {
    const line = JSON.parse(text) as Record<string, unknown>;
    lines.push(line);
    await meanwhile(line);
  }
  return { code: (await exited)[0], lines };
}

function visit(url: string): Promise<{ status: number; page: string }> {
  return new Promise((resolve, reject) => {
    get(url, (response) => {
      let page = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (page += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, page }));
    }).on('error', reject);
  });
}

/** What the browser does between the two halves; the answer arrives at the command's own loopback address. */
async function playBrowser(line: Record<string, unknown>, who: { address: string; password: string }) {
  if (typeof line['url'] !== 'string') return undefined;
  const url = new URL(line['url']);
  url.host = 'login.microsoftonline.com:443';
  const person = { userName: who.address, password: who.password, net: tenant.net };
  const { redirectUri, parameters } = await signInWithBrowser(url.href, person);
  const foreign = await visit(
    `${redirectUri}?${new URLSearchParams({ code: 'x', state: 'forged' }).toString()}`,
  );
  expect(foreign.status).toBe(404);
  return visit(`${redirectUri}?${new URLSearchParams(parameters).toString()}`);
}

test('connect notes the handle, other commands use it, renew keeps it, disconnect removes it', async () => {
  writeConnection({ method: 'sign-in', clientId: DEMO.signIn.clientId });
  let page = '';
  const connected = await finish(command('connect', '--no-browser'), async (line) => {
    page += (await playBrowser(line, anna))?.page ?? '';
  });
  expect(connected.code).toBe(0);
  expect(page).toContain(`Signed in as ${anna.address}`);
  const { session } = readConnection().authentication;
  expect(session).toMatch(/^[\w-]{43}$/u);
  expect(JSON.stringify(connected.lines)).not.toContain(session);
  if (process.platform !== 'win32') expect(statSync(file()).mode & 0o777).toBe(0o600);

  const read = await finish(command('read', '--set', 'folder=INBOX'));
  expect(read.code).toBe(0);

  const renewed = await finish(command('connect', '--no-browser'), async (line) => {
    await playBrowser(line, anna);
  });
  expect(renewed.code).toBe(0);
  expect(readConnection().authentication.session).toBe(session);

  const disconnected = await finish(command('disconnect'));
  expect(disconnected.lines).toEqual([{ disconnected: true }]);
  expect(readConnection().authentication.session).toBeUndefined();
  const without = await finish(command('read', '--set', 'folder=INBOX'));
  expect(without.code).toBe(11);
}, 60_000);

test('somebody else’s sign-in is refused on the page and on the terminal, and nothing is noted', async () => {
  writeConnection({ method: 'sign-in', clientId: DEMO.signIn.clientId });
  let page = '';
  const refused = await finish(command('connect', '--no-browser'), async (line) => {
    page += (await playBrowser(line, bernd))?.page ?? '';
  });
  expect(refused.code).toBe(13);
  expect(page).toContain(bernd.address);
  expect(refused.lines.at(-1)).toMatchObject({ failure: { code: 'signed-in-as-other-account' } });
  expect(readConnection().authentication.session).toBeUndefined();
}, 60_000);

test('a device code connects, and verify keeps nothing', async () => {
  const enter = async (line: Record<string, unknown>): Promise<void> => {
    const { userCode, verificationUri } = line;
    if (typeof userCode !== 'string' || typeof verificationUri !== 'string') return;
    const { address: userName, password } = anna;
    const address = new URL(verificationUri);
    address.host = 'login.microsoftonline.com:443';
    await enterDeviceCode({ userCode, verificationUri: address.href, userName, password, net: tenant.net });
  };
  writeConnection({ method: 'device-code', clientId: DEMO.signIn.clientId });
  const verified = await finish(command('verify'), enter);
  expect(verified.lines.at(-1)).toMatchObject({ verified: { userName: anna.address } });
  expect(readConnection().authentication.session).toBeUndefined();

  const connected = await finish(command('connect'), enter);
  expect(connected.code).toBe(0);
  expect(readConnection().authentication.session).toBeDefined();
}, 60_000);

test('two processes with one database ask Microsoft once', async () => {
  writeConnection({ method: 'sign-in', clientId: DEMO.signIn.clientId });
  await finish(command('connect', '--no-browser'), async (line) => {
    await playBrowser(line, anna);
  });
  tenant.sandbox.refreshTokens.revokeOldRefreshTokens = true;
  const reads = await Promise.all(
    Array.from({ length: 4 }, () => finish(command('read', '--set', 'folder=INBOX'))),
  );
  expect(reads.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
  const refreshes = tenant.sandbox.requests.tokens.filter(({ grant }) => grant === 'refresh_token');
  expect(refreshes).toHaveLength(1);
}, 60_000);

test('reseal refuses a database that is not there instead of making one', async () => {
  writeConnection({ method: 'sign-in', clientId: DEMO.signIn.clientId });
  const child = spawn(process.execPath, [
    packagePath('dist/cli/main.js'),
    'reseal',
    '--json',
    ...['--state', join(folder, 'nowhere', 'state.db'), '--key', join(folder, 'keys', 'state.key')],
  ]);
  child.stdin.end();
  const { code, lines } = await finish(child);
  expect(code).toBe(14);
  expect(lines).toMatchObject([{ failure: { code: 'state-not-found' } }]);
}, 30_000);
