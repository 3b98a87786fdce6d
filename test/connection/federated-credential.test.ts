/**
 * An app signs in with a token of another identity provider, which lies in a file: which files are read, that they are
 * read anew, and what Microsoft may think of them.
 */
import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openConnector, type Connector } from '../../src/index.js';
import { DEMO } from '../../src/sandbox/index.js';
import {
  failuresIn,
  openTrial,
  read,
  send,
  testConnection,
  type SandboxTenant,
  type Settings,
} from '../support/trial.js';
import { clockAt } from '../support/clock.js';

const ISSUER = 'https://cluster.example/oidc';
const SUBJECT = 'system:serviceaccount:mail:connector';
const { clientId } = DEMO.daemon;
const { anna, bernd } = DEMO.people;
const provider = generateKeyPairSync('rsa', { modulusLength: 2048 });
const publicKey = provider.publicKey.export({ type: 'spki', format: 'pem' }).toString();

let tenant: SandboxTenant;
let connector: Connector;
let folder: string;
let allowed: string;
let file: string;
beforeEach(async () => {
  ({ tenant } = await openTrial());
  folder = await mkdtemp(join(tmpdir(), 'federation-'));
  allowed = join(folder, 'tokens');
  file = join(allowed, 'token');
  await mkdir(allowed);
  connector = openConnector({ net: tenant.net, assertionFolders: [allowed] });
  tenant.sandbox.directory.application(clientId).secrets.length = 0;
  tenant.sandbox.directory.addFederatedCredential(clientId, { issuer: ISSUER, subject: SUBJECT, publicKey });
});
afterEach(async () => {
  await tenant.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A token as the provider makes it. @param seconds from now until it ends */
function token(claims: Record<string, unknown> = {}, seconds = 600): string {
  const now = Math.floor(Date.now() / 1000);
  const times = { iat: now + Math.min(0, seconds) - 600, exp: now + seconds };
  const all = { iss: ISSUER, sub: SUBJECT, aud: 'api://AzureADTokenExchange', ...times, ...claims };
  const signed = [{ alg: 'RS256', typ: 'JWT' }, all]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${signed}.${sign('sha256', Buffer.from(signed), provider.privateKey).toString('base64url')}`;
}
const naming = (assertionFile: string): Settings => ({
  tenant: tenant.sandbox.tenantId,
  mailbox: anna.address,
  authentication: { method: 'federated-credential', clientId, assertionFile },
});
const sent = (): number => tenant.sandbox.requests.tokens.length;

describe('a token file', () => {
  test('opens the mailbox for reading and sending, and passes the test', async () => {
    await writeFile(file, `${token()}\n`);
    expect(await read(connector, naming(file))).toBe(0);
    expect(await send(connector, naming(file), bernd.address)).toEqual(['accepted']);
    const checks = await testConnection(connector, naming(file));
    expect(failuresIn(checks)).toEqual([]);
    expect(checks.map(({ stage }) => stage)).not.toContain('expiry');
  });

  test('is read anew for every new access token', async () => {
    let now = Date.now();
    const later = openConnector({ net: tenant.net, assertionFolders: [allowed], clock: clockAt(() => now) });
    await writeFile(file, token());
    await read(later, naming(file));
    // As Kubernetes does it: the new file is moved over the old one.
    await writeFile(`${file}.new`, token({ sub: 'somebody else' }));
    await rename(`${file}.new`, file);
    expect(await read(later, naming(file))).toBe(0);
    now += 2 * 3_600_000;
    await expect(read(later, naming(file))).rejects.toMatchObject({ facts: { reply: 'AADSTS700213' } });
    await writeFile(file, token());
    expect(await read(later, naming(file))).toBe(0);
    expect(sent()).toBe(3);
  });

  test('may be a link within the folder, as Kubernetes mounts it', async () => {
    await mkdir(join(allowed, '..data'));
    await writeFile(join(allowed, '..data', 'token'), token());
    await symlink(join('..data', 'token'), file);
    expect(await read(connector, naming(file))).toBe(0);
  });

  test('may lie in an allowed folder that is itself a link', async () => {
    await writeFile(file, token());
    await symlink(allowed, join(folder, 'linked'));
    const linked = openConnector({ net: tenant.net, assertionFolders: [join(folder, 'linked')] });
    expect(await read(linked, naming(join(folder, 'linked', 'token')))).toBe(0);
  });
});

describe('nothing is sent', () => {
  const expectUnusable = async (assertionFile: string, by = connector): Promise<void> => {
    const failure = await read(by, naming(assertionFile)).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'assertion-unusable', kind: 'config' });
    expect(JSON.stringify(failure)).not.toContain('top secret');
    expect(sent()).toBe(0);
  };

  test('of a file outside the folder, however it is named', async () => {
    await writeFile(join(folder, 'token'), token());
    await expectUnusable(join(folder, 'token'));
    await expectUnusable(`${allowed}/../token`);
    await expectUnusable(`${allowed}/./..//token`);
  });

  test('of a folder that only begins alike', async () => {
    await mkdir(`${allowed}-other`);
    await writeFile(join(`${allowed}-other`, 'token'), token());
    await expectUnusable(join(`${allowed}-other`, 'token'));
  });

  test('of what a link within the folder leads to outside', async () => {
    await writeFile(join(folder, 'token'), token());
    await symlink(join(folder, 'token'), file);
    await expectUnusable(file);
    await symlink(folder, join(allowed, 'up'));
    await expectUnusable(join(allowed, 'up', 'token'));
  });

  test('when the operator allows no folder', async () => {
    await writeFile(file, token());
    await expectUnusable(file, openConnector({ net: tenant.net }));
    await expectUnusable(file, openConnector({ net: tenant.net, assertionFolders: [] }));
    await expectUnusable(file, openConnector({ net: tenant.net, assertionFolders: [join(folder, 'none')] }));
  });

  test.each([
    ['holds no token', 'top secret'],
    ['holds more than a token', 'top secret\n{token}'],
    ['is empty', ''],
    ['is too large', `${'A'.repeat(70_000)}.A.A`],
  ])('of a file that %s', async (_state, content) => {
    await writeFile(file, content.replace('{token}', token()));
    await expectUnusable(file);
  });

  test('of a file that is missing, or a folder', async () => {
    await expectUnusable(file);
    await mkdir(file);
    await expectUnusable(file);
    await expectUnusable(allowed);
  });
});

describe('Microsoft refuses', () => {
  const cases: readonly (readonly [string, () => string, string, string])[] = [
    [
      'a token of another issuer',
      () => token({ iss: 'https://other.example' }),
      'federated-credential-mismatch',
      'AADSTS700211',
    ],
    [
      'a token of another subject',
      () => token({ sub: 'other' }),
      'federated-credential-mismatch',
      'AADSTS700213',
    ],
    [
      'a token for another audience',
      () => token({ aud: 'other' }),
      'federated-credential-mismatch',
      'AADSTS70021',
    ],
    ['a token that has ended', () => token({}, -600), 'assertion-outside-validity', 'AADSTS700024'],
  ];
  test.each(cases)('%s, which is named', async (_state, content, code, reply) => {
    await writeFile(file, content());
    await expect(read(connector, naming(file))).rejects.toMatchObject({ code, facts: { reply } });
  });

  test('a token when the app trusts no provider', async () => {
    tenant.sandbox.directory.application(clientId).federatedCredentials.length = 0;
    await writeFile(file, token());
    const checks = await testConnection(connector, naming(file));
    expect(failuresIn(checks)).toEqual(['token federated-credential-mismatch']);
  });
});
