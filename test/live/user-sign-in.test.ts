/**
 * Users sign in for a connection at a certified OpenID provider, and their tokens open Dovecot and Postfix. The provider
 * is stricter than Microsoft where it counts: every use of a refresh token yields another one, and using a former one
 * revokes the whole sign-in. So it finds out whoever stores the new one too late, or refreshes twice at the same time.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { openConnector, type CompletedSignIn, type Connector } from '../../src/index.js';
// Loaded beforehand: Jest's loader fails where two dynamic imports share a module that it does not have yet.
import '../../src/state/sql/sqlite.js';
import { openDatabaseState, openVault, type State } from '../../src/state/index.js';
import { liveDescription, openLiveTenant } from '../support/live-tenant.js';
import { plainMessage } from '../support/messages.js';
import type { TestTenant } from '../support/tenant.js';
import { ProviderBrowser, type Visitor } from './support/provider-browser.js';

const live = liveDescription();
const { desktop, web } = live.userApps;
const { anna, ben } = live.people;
const LOOPBACK = 'http://localhost:5000/sign-in/callback';
const KEY = Buffer.alloc(32, 9);

interface LogEntry {
  readonly event: string;
  readonly client?: string;
  readonly grant?: string;
  readonly detail?: string;
}

interface Settings {
  readonly [field: string]: unknown;
  readonly authentication: Record<string, unknown>;
}

let tenant: TestTenant;
beforeAll(async () => {
  tenant = await openLiveTenant();
});

let folder: string;
let states: State[];
let connector: Connector;
let logStart: number;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sign-ins-'));
  states = [];
  connector = await openAnother();
  logStart = logLines().length;
});
afterEach(async () => {
  for (const state of states) await state.close();
  await rm(folder, { recursive: true });
});

/** A connector as another process would open it: a connection to the database of its own, nothing in memory. */
async function openAnother(): Promise<Connector> {
  const state = await openDatabaseState({ file: join(folder, 'state.db') });
  states.push(state);
  return openConnector({ net: tenant.net, store: { state, vault: openVault([KEY]) } });
}

function logLines(): string[] {
  return readFileSync(live.providerLog, 'utf8').split('\n').slice(0, -1);
}

/** What the provider decided since the test began. */
function decisions(): LogEntry[] {
  return logLines()
    .slice(logStart)
    .map((line) => JSON.parse(line) as LogEntry);
}

const refreshes = (): number =>
  decisions().filter(({ event, grant }) => event === 'granted' && grant === 'refresh_token').length;
/** Refusals of a pending device code are no decision. */
const complaints = (): LogEntry[] =>
  decisions().filter(({ event, grant }) => event !== 'granted' && !(grant ?? '').endsWith('device_code'));

const settingsOf = (authentication: Record<string, unknown>): Settings => ({
  tenant: live.tenantId,
  mailbox: anna.address,
  authentication,
});
const byBrowser = settingsOf({ method: 'sign-in', clientId: desktop.clientId });
const throughWeb = settingsOf({
  method: 'sign-in',
  clientId: web.clientId,
  clientSecret: web.clientSecret,
});
const byCode = settingsOf({ method: 'device-code', clientId: desktop.clientId });
const withSession = (settings: Settings, { session }: CompletedSignIn): Settings => ({
  ...settings,
  authentication: { ...settings.authentication, session },
});

async function goThroughBrowser(
  connection: Settings,
  redirectUri: string,
  visitor: Visitor,
): Promise<{ attempt: string; parameters: Record<string, string>; arrived: URL }> {
  const { url, attempt } = await connector.beginSignIn({ connection, redirectUri });
  const arrived = await new ProviderBrowser(live).signIn(url, visitor);
  return { attempt, parameters: Object.fromEntries(arrived.searchParams), arrived };
}

async function connect(settings: Settings, redirectUri = LOOPBACK): Promise<Settings> {
  const answer = await goThroughBrowser(settings, redirectUri, anna);
  return withSession(settings, await connector.completeSignIn(answer));
}

async function subjects(connection: unknown, by: Connector, path: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { records } of by.run('read-email', { connection, config: { folder: path } })) {
    found.push(...records.map(({ subject }) => subject));
  }
  return found;
}

async function readsAndSends(connection: unknown, by: Connector): Promise<void> {
  const path = await tenant.freshFolder('anna');
  await tenant.deliver('anna', path, plainMessage('for a user'));
  expect(await subjects(connection, by, path)).toEqual(['for a user']);

  const subject = randomUUID();
  const requests = [{ to: [{ address: ben.address }], subject, text: 'sent with a user’s token' }];
  for await (const { outcome, messageId } of by.run('send-email', { connection, config: {}, requests })) {
    expect(outcome).toBe('accepted');
    const { source } = await tenant.arrived('ben', messageId ?? '');
    expect(source.toString('latin1')).toContain(subject);
  }
}

async function forgetAccessTokens(): Promise<void> {
  const [state] = states;
  for (const { key } of (await state?.list('access-tokens')) ?? []) {
    await state?.remove('access-tokens', key, { expect: 'any' });
  }
}

describe('authorization code with PKCE', () => {
  test.each([
    ['a public client on this machine', byBrowser, LOOPBACK],
    ['a confidential client behind a web server', throughWeb, web.redirectUri],
  ])('%s opens the mailbox for reading and sending', async (_which, settings, redirectUri) => {
    const connection = await connect(settings, redirectUri);
    expect(await connector.signedIn({ connection })).toMatchObject({
      userName: anna.address,
      tenantId: live.tenantId,
    });
    await readsAndSends(connection, connector);
    expect(complaints()).toEqual([]);
  });

  test('leads back to the very address that was asked for, with code and state', async () => {
    const { arrived } = await goThroughBrowser(byBrowser, LOOPBACK, anna);
    expect(`${arrived.origin}${arrived.pathname}`).toBe(LOOPBACK);
    expect([...arrived.searchParams.keys()]).toEqual(expect.arrayContaining(['code', 'state']));
  });

  test('of somebody else than the mailbox’s own account is refused', async () => {
    await expect(
      goThroughBrowser(byBrowser, LOOPBACK, ben).then((answer) => connector.completeSignIn(answer)),
    ).rejects.toMatchObject({
      code: 'signed-in-as-other-account',
      facts: { parameters: { actual: ben.address, expected: anna.address } },
    });
  });

  test('that the user cancels says so', async () => {
    await expect(
      goThroughBrowser(byBrowser, LOOPBACK, { ...anna, cancel: true }).then((answer) =>
        connector.completeSignIn(answer),
      ),
    ).rejects.toMatchObject({ kind: 'auth', code: 'sign-in-refused-by-user' });
  });

  test('is refused by the provider when another attempt redeems the code: the verifier does not fit', async () => {
    const { parameters } = await goThroughBrowser(byBrowser, LOOPBACK, anna);
    const other = await connector.beginSignIn({ connection: byBrowser, redirectUri: LOOPBACK });
    const state = new URL(other.url).searchParams.get('state') ?? '';
    await expect(
      connector.completeSignIn({ attempt: other.attempt, parameters: { ...parameters, state } }),
    ).rejects.toMatchObject({ kind: 'auth' });
    expect(decisions()).toContainEqual(
      expect.objectContaining({
        event: 'refused',
        detail: 'code_verifier does not match code_challenge',
      }),
    );
  });
});

describe('a refresh token that changes with every use', () => {
  test.each([
    ['public', byBrowser, LOOPBACK],
    ['confidential', throughWeb, web.redirectUri],
  ])('outlives five restarts of a %s client', async (_which, settings, redirectUri) => {
    const path = await tenant.freshFolder('anna');
    const connection = await connect(settings, redirectUri);
    for (let restart = 1; restart <= 5; restart++) {
      await forgetAccessTokens();
      expect(await subjects(connection, await openAnother(), path)).toEqual([]);
      expect(refreshes()).toBe(restart);
    }
    expect(complaints()).toEqual([]);
  });

  test('is used once by 20 activities that start at the same time in two connectors with a database connection each', async () => {
    const path = await tenant.freshFolder('anna');
    const connection = await connect(byBrowser);
    const both = [await openAnother(), await openAnother()];
    for (let round = 1; round <= 3; round++) {
      await forgetAccessTokens();
      const fresh = round === 1 ? both : [await openAnother(), await openAnother()];
      await Promise.all(
        Array.from({ length: 20 }, (_, index) => subjects(connection, fresh[index % 2] ?? connector, path)),
      );
      expect(refreshes()).toBe(round);
    }
    expect(complaints()).toEqual([]);
  });

  test('serves reading and sending at the same time, one after the other', async () => {
    const connection = await connect(byBrowser);
    await Promise.all([
      readsAndSends(connection, await openAnother()),
      readsAndSends(connection, await openAnother()),
    ]);
    // One access token for each protocol's scopes.
    expect(refreshes()).toBe(2);
    expect(complaints()).toEqual([]);
  });

  test('kills the sign-in when a former one is used: the judge does judge', async () => {
    const path = await tenant.freshFolder('anna');
    const connection = await connect(byBrowser);
    const [state] = states;
    const [before] = (await state?.list('sign-ins')) ?? [];
    await subjects(connection, connector, path);
    // A backup of yesterday comes back: its refresh token has been used since.
    await state?.put('sign-ins', before?.key ?? '', before?.value ?? '', { expect: 'any' });
    await forgetAccessTokens();
    await expect(subjects(connection, await openAnother(), path)).rejects.toMatchObject({ kind: 'auth' });
    expect(complaints().map(({ event, detail }) => detail ?? event)).toEqual(
      expect.arrayContaining(['revoked', 'refresh token already used']),
    );
  });
});

describe('a device code', () => {
  test('is shown, entered on the provider’s page, and opens the mailbox', async () => {
    let signedIn: CompletedSignIn | undefined;
    for await (const step of connector.signInByDeviceCode({ connection: byCode })) {
      if (step.step === 'code') {
        await new ProviderBrowser(live).enterDeviceCode(step.verificationUri, step.userCode, anna);
      }
      if (step.step === 'signed-in') ({ signedIn } = step);
    }
    expect(signedIn).toMatchObject({ userName: anna.address, tenantId: live.tenantId });
    // RFC 8628, section 3.2: every five seconds where the server names no interval, as this one does not.
    expect(decisions().filter(({ event }) => event === 'refused').length).toBeLessThanOrEqual(2);
    const connection = signedIn === undefined ? byCode : withSession(byCode, signedIn);
    await readsAndSends(connection, await openAnother());
    await forgetAccessTokens();
    await readsAndSends(connection, await openAnother());
    expect(complaints()).toEqual([]);
  });
});
