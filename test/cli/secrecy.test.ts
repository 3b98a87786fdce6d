/**
 * The command line shows no secret: real processes, everything they write to stdout and stderr at their most talkative,
 * with secrets that were configured and tokens that went over the wire; NODE_DEBUG, which is Node's own, among it.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { packagePath } from '../../src/manifest/index.js';
import { DEMO } from '../../src/sandbox/index.js';
import { signInWithBrowser } from '../support/browserless.js';
import { Canaries } from '../support/canaries.js';
import { asPfx, makeCertificate } from '../support/certificates.js';
import { CONTROL_TOKEN, startLoginWire, type LoginWire, type Mischief } from '../support/login-wire.js';
import { plainMessage } from '../support/messages.js';
import { openSandboxTenant } from '../support/sandbox-tenant.js';
import type { SandboxTenant } from '../support/trial.js';

const { anna, bernd } = DEMO.people;
const { clientId } = DEMO.daemon;
const CLI = packagePath('dist/cli/main.js');
const CLIENT_SECRET = 'command-line-Gänse+/füßchen="&<%7E>~';
const PFX_PASSWORD = 'pfx-password+/=&<%7E>~';

let tenant: SandboxTenant;
let wire: LoginWire;
let canaries: Canaries;
let folder: string;
beforeEach(async () => {
  tenant = await openSandboxTenant();
  canaries = new Canaries();
  canaries.plant('access token', CONTROL_TOKEN);
  wire = await startLoginWire(tenant.sandbox, (field, secret) => {
    canaries.plant(field, secret);
  });
  await tenant.deliver('anna', 'INBOX', plainMessage('for Anna'));
  folder = mkdtempSync(join(tmpdir(), 'cli-secrecy-'));
  const { hosts, trustedRoots } = tenant.net;
  write('net.json', {
    hosts: { ...hosts, ...wire.hosts },
    trustedRoots: [...trustedRoots, wire.ca],
    connectTimeoutMs: 3_000,
    idleTimeoutMs: 3_000,
  });
  write('request.json', { to: [{ address: bernd.address }], subject: 'Hello', text: 'x' });
});
afterEach(async () => {
  await wire.stop();
  await tenant.stop();
  rmSync(folder, { recursive: true, force: true });
});

function write(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(content));
  return path;
}

function useConnection(authentication: Record<string, unknown>): void {
  write('connection.json', { tenant: DEMO.tenantId, mailbox: anna.address, authentication });
}

interface Output {
  readonly code: number | null;
  readonly text: string;
}

/** Runs Node on the arguments; `meanwhile` sees each line of stdout as it comes. */
async function node(
  args: readonly string[],
  env: Record<string, string> = {},
  meanwhile: (line: string) => Promise<void> = () => Promise.resolve(),
): Promise<Output> {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, LANG: 'C', LC_ALL: '', NO_COLOR: '1', ...env },
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  let text = '';
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stdin.end();
  for await (const line of createInterface({ input: child.stdout })) {
    text += `${line}\n`;
    await meanwhile(line);
  }
  return { code: await exited, text };
}

const onConnection = (): string[] => [
  ...['--connection', join(folder, 'connection.json'), '--net', join(folder, 'net.json')],
  ...['--state', join(folder, 'data', 'state.db'), '--key', join(folder, 'keys', 'state.key')],
];
const COMMANDS: Record<string, string[]> = {
  'check --json': ['check', '--json'],
  'check --all': ['check', '--all'],
  read: ['read', '--set', 'folder=INBOX', '--json'],
  send: ['send', '--requests', 'request.json'],
  'list folders': ['list', 'folders'],
};
function cli(name: string, env: Record<string, string> = {}): Promise<Output> {
  const args = (COMMANDS[name] ?? []).map((one) => (one === 'request.json' ? join(folder, one) : one));
  return node([CLI, ...args, ...onConnection()], env);
}

const leaks = (where: string, text: string | Buffer): string[] =>
  canaries.find(where, text).map((one) => `${one.secret} as ${one.form}: ${one.where}: ${one.around}`);

const WAYS: Record<string, () => void> = {
  'client-secret': () => {
    const expiresAt = Date.now() + 86_400_000;
    tenant.sandbox.directory.addClientSecret(clientId, { value: CLIENT_SECRET, expiresAt });
    canaries.plant('client secret', CLIENT_SECRET);
    useConnection({ method: 'client-secret', clientId, clientSecret: CLIENT_SECRET });
  },
  'certificate as PFX': () => {
    const own = makeCertificate('connector');
    const pfx = asPfx(own, { style: 'aes', password: PFX_PASSWORD });
    tenant.sandbox.directory.addCertificate(clientId, own.certificate);
    canaries.plantPem('private key', own.privateKey);
    canaries.plant('PFX', pfx);
    canaries.plant('certificate password', PFX_PASSWORD);
    useConnection({
      method: 'certificate',
      clientId,
      certificate: pfx,
      certificatePassword: PFX_PASSWORD,
    });
  },
  password: () => {
    canaries.plant('password', anna.password);
    useConnection({
      method: 'password',
      ...DEMO.signIn,
      userName: anna.address,
      password: anna.password,
    });
  },
};
const TROUBLES: readonly Mischief[] = ['none', 'html', 'token-with-control-character'];

describe.each(Object.entries(WAYS))('%s', (_way, prepare) => {
  test.each(TROUBLES)(
    'no command shows a secret; the sign-in service: %s',
    async (mischief) => {
      prepare();
      wire.mischief = mischief;
      const outputs = await Promise.all(Object.keys(COMMANDS).map((name) => cli(name)));
      expect(outputs.map(({ code }) => code === 0)).toEqual(outputs.map(() => mischief === 'none'));
      expect(outputs.every(({ text }) => text.length > 20)).toBe(true);
      const commands = Object.keys(COMMANDS);
      expect(outputs.flatMap(({ text }, index) => leaks(commands[index] ?? '', text))).toEqual([]);
    },
    60_000,
  );
});

test('connect, read, renew and a refusal: neither handle nor code nor token is shown, or lies open on the disk', async () => {
  canaries.plant('client secret', DEMO.web.clientSecret);
  useConnection({ method: 'sign-in', clientId: DEMO.signIn.clientId });
  const connect = (): Promise<Output> =>
    node([CLI, 'connect', '--no-browser', '--json', ...onConnection()], {}, async (line) => {
      const { url: address } = JSON.parse(line) as { url?: string };
      if (address === undefined) return;
      const url = new URL(address);
      url.host = 'login.microsoftonline.com:443';
      const { redirectUri, parameters } = await signInWithBrowser(url.href, {
        userName: anna.address,
        password: anna.password,
        net: tenant.net,
      });
      await visit(`${redirectUri}?${new URLSearchParams(parameters).toString()}`);
    });
  const outputs = [await connect()];
  const { authentication } = JSON.parse(readFileSync(join(folder, 'connection.json'), 'utf8')) as {
    authentication: { session: string };
  };
  canaries.plant('session', authentication.session);
  outputs.push(await cli('read'), await connect());
  expect(outputs.map(({ code }) => code)).toEqual([0, 0, 0]);
  expect(canaries.names).toEqual(
    expect.arrayContaining(['access_token', 'code', 'code_verifier', 'refresh_token', 'session']),
  );
  tenant.sandbox.refreshTokens.revoke(anna.address);
  wire.mischief = 'html';
  outputs.push(await connect());
  expect(outputs.at(-1)?.code).not.toBe(0);
  const data = join(folder, 'data');
  const bytes = Buffer.concat(readdirSync(data).map((name) => readFileSync(join(data, name))));
  expect(bytes.length).toBeGreaterThan(1000);
  expect([
    ...outputs.flatMap(({ text }, index) => leaks(`command ${String(index)}`, text)),
    ...leaks('database', bytes),
  ]).toEqual([]);
}, 60_000);

describe('a host whose process ends of a failure', () => {
  const program = `
    const [, entry, settings, net] = process.argv;
    const { openConnector } = await import(entry);
    const { readFileSync } = await import('node:fs');
    const json = (file) => JSON.parse(readFileSync(file, 'utf8'));
    const connector = openConnector({ net: json(net) });
    for await (const batch of connector.run('read-email', {
      connection: json(settings), config: { folder: 'INBOX' },
    })) console.log('%o', batch);`;

  test.each(['html', 'token-with-control-character', 'cut', 'hang-up'] as const)(
    'prints no secret with its causes; the sign-in service: %s',
    async (mischief) => {
      WAYS['client-secret']?.();
      wire.mischief = mischief;
      const entry = pathToFileURL(packagePath('dist/index.js')).href;
      const files = ['connection.json', 'net.json'].map((name) => join(folder, name));
      const { code, text } = await node(['--input-type=module', '-e', program, entry, ...files]);
      expect(code).not.toBe(0);
      expect(text).toContain('Failure');
      expect(leaks('uncaught', text)).toEqual([]);
    },
  );
});

// Node's own: the product neither sets nor reads it. It shows headers and calls, and the product puts no secret there.
test.each(['http,https', 'tls,net', 'stream,timer,module'])(
  'with NODE_DEBUG=%s no secret is shown',
  async (sections) => {
    WAYS['client-secret']?.();
    const { code, text } = await cli('read', { NODE_DEBUG: sections });
    expect(code).toBe(0);
    expect(text).toMatch(/^[A-Z]+ \d+: /mu);
    expect(leaks(`NODE_DEBUG=${sections}`, text)).toEqual([]);
  },
  30_000,
);

function visit(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    get(url, (response) => {
      response.resume().once('end', () => {
        resolve();
      });
    }).on('error', reject);
  });
}
