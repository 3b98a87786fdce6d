/**
 * A user signs in for a connection, in the browser and with a device code; the sign-in is kept, renewed, shared and
 * deleted. The browser is played against the sandbox's own pages.
 */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  openConnector,
  type CompletedSignIn,
  type Connector,
  type DeviceSignInStep,
} from '../../src/index.js';
import { DEMO, STATES, type Sandbox } from '../../src/sandbox/index.js';
import { openMemoryState, openVault, type State, type Vault } from '../../src/state/index.js';
import { enterDeviceCode, signInWithBrowser } from '../support/browserless.js';
import { plainMessage } from '../support/messages.js';
import { openSandboxTenant } from '../support/sandbox-tenant.js';
import type { TestTenant } from '../support/tenant.js';

const { anna, bernd } = DEMO.people;
const REDIRECT = 'http://localhost:5000';

let tenant: TestTenant & { sandbox: Sandbox };
let store: { state: State; vault: Vault };
let connector: Connector;
beforeEach(async () => {
  tenant = await openSandboxTenant();
  tenant.sandbox.deviceCodes.intervalSeconds = 1;
  store = { state: openMemoryState(), vault: openVault([Buffer.alloc(32, 7)]) };
  connector = openConnector({ net: tenant.net, store });
});
afterEach(() => tenant.stop());

interface Settings {
  readonly [field: string]: unknown;
  readonly authentication: Record<string, unknown>;
}

const signingIn = (changes: Record<string, unknown> = {}): Settings => ({
  tenant: tenant.sandbox.tenantId,
  mailbox: anna.address,
  authentication: { method: 'sign-in', clientId: DEMO.signIn.clientId, ...changes },
});
const withSession = (settings: Settings, { session }: CompletedSignIn): Settings => ({
  ...settings,
  authentication: { ...settings.authentication, session },
});
const person = ({ address, password }: { address: string; password: string }) => ({
  userName: address,
  password,
  net: tenant.net,
});

async function connect(
  settings: Settings,
  who: { address: string; password: string } = anna,
): Promise<CompletedSignIn> {
  const { url, attempt } = await connector.beginSignIn({ connection: settings, redirectUri: REDIRECT });
  const { parameters } = await signInWithBrowser(url, person(who));
  return connector.completeSignIn({ attempt, parameters });
}

async function read(connection: unknown, by: Connector = connector): Promise<number> {
  let count = 0;
  for await (const { records } of by.run('read-email', { connection, config: { folder: 'INBOX' } })) {
    count += records.length;
  }
  return count;
}

async function send(connection: unknown): Promise<void> {
  const requests = [{ to: [{ address: bernd.address }], subject: 'Hello', text: 'x' }];
  for await (const { outcome } of connector.run('send-email', {
    connection,
    config: { attempts: 1 },
    requests,
  })) {
    expect(outcome).toBe('accepted');
  }
}

const refreshes = (): number =>
  tenant.sandbox.requests.tokens.filter(({ grant }) => grant === 'refresh_token').length;

describe('in the browser', () => {
  test('opens the mailbox for reading and sending', async () => {
    await tenant.deliver('anna', 'INBOX', plainMessage('for Anna'));
    const settings = signingIn();
    const signedIn = await connect(settings);
    expect(signedIn).toMatchObject({ userName: anna.address, tenantId: tenant.sandbox.tenantId });
    const connection = withSession(settings, signedIn);
    expect(await read(connection)).toBe(1);
    await send(connection);
    expect(await connector.signedIn({ connection })).toMatchObject({ userName: anna.address });
  });

  test('asks with PKCE, a state, a nonce, the mailbox as hint, and for a choice of account', async () => {
    const { url } = await connector.beginSignIn({ connection: signingIn(), redirectUri: REDIRECT });
    const query = Object.fromEntries(new URL(url).searchParams);
    expect(query).toMatchObject({
      response_type: 'code',
      redirect_uri: REDIRECT,
      code_challenge_method: 'S256',
      login_hint: anna.address,
      prompt: 'select_account',
    });
    for (const name of ['state', 'nonce', 'code_challenge']) expect(query[name]).toMatch(/^[\w-]{43}$/u);
    expect(query['scope']?.split(' ')).toEqual(
      expect.arrayContaining([
        'https://outlook.office.com/IMAP.AccessAsUser.All',
        'https://outlook.office.com/SMTP.Send',
        'offline_access',
      ]),
    );
    expect(query['claims']).toContain('cp1');
  });

  test('by somebody else than the mailbox’s own account is refused, and nothing is kept', async () => {
    await expect(connect(signingIn(), bernd)).rejects.toMatchObject({
      code: 'signed-in-as-other-account',
      facts: { parameters: { actual: bernd.address, expected: anna.address } },
    });
    expect(await store.state.list('sign-ins')).toEqual([]);
  });

  test('by a delegate named as such opens a shared mailbox', async () => {
    tenant.sandbox.directory.grantFullAccess(DEMO.sharedMailbox, anna.address);
    const settings = { ...signingIn({ account: anna.address }), mailbox: DEMO.sharedMailbox };
    const connection = withSession(settings, await connect(settings));
    expect(await read(connection)).toBe(0);
  });

  test('that the user refuses says so, and leaves nothing behind', async () => {
    const { url, attempt } = await connector.beginSignIn({
      connection: signingIn(),
      redirectUri: REDIRECT,
    });
    const { parameters } = await signInWithBrowser(url, { ...person(anna), cancel: true });
    expect(parameters['error']).toBe('access_denied');
    await expect(connector.completeSignIn({ attempt, parameters })).rejects.toMatchObject({
      kind: 'auth',
      code: 'consent-declined',
    });
    expect(await store.state.list('sign-ins')).toEqual([]);
  });

  test('answers only once, and only the attempt whose state came back', async () => {
    const { url, attempt } = await connector.beginSignIn({
      connection: signingIn(),
      redirectUri: REDIRECT,
    });
    const { parameters } = await signInWithBrowser(url, person(anna));
    const unknown = { code: 'sign-in-attempt-unknown' };
    const forged = { ...parameters, state: 'x'.repeat(43) };
    await expect(connector.completeSignIn({ attempt, parameters: forged })).rejects.toMatchObject(unknown);
    await expect(connector.completeSignIn({ attempt: 'other', parameters })).rejects.toMatchObject(unknown);
    await connector.completeSignIn({ attempt, parameters });
    await expect(connector.completeSignIn({ attempt, parameters })).rejects.toMatchObject(unknown);
  });

  test('takes a code only from who began: another verifier does not fit', async () => {
    const [one, other] = await Promise.all([
      connector.beginSignIn({ connection: signingIn(), redirectUri: REDIRECT }),
      connector.beginSignIn({ connection: signingIn(), redirectUri: REDIRECT }),
    ]);
    const { parameters } = await signInWithBrowser(one.url, person(anna));
    const state = new URL(other.url).searchParams.get('state') ?? '';
    await expect(
      connector.completeSignIn({ attempt: other.attempt, parameters: { ...parameters, state } }),
    ).rejects.toMatchObject({ facts: { reply: 'AADSTS501481' } });
  });

  test('with a client secret uses a Web redirect', async () => {
    const settings = signingIn({
      clientId: DEMO.web.clientId,
      clientSecret: DEMO.web.clientSecret,
    });
    const redirectUri = DEMO.redirectUris.web;
    const { url, attempt } = await connector.beginSignIn({ connection: settings, redirectUri });
    const { parameters } = await signInWithBrowser(url, person(anna));
    const signedIn = await connector.completeSignIn({ attempt, parameters });
    expect(await read(withSession(settings, signedIn))).toBe(0);
  });
});

describe('a stored sign-in', () => {
  test('survives a restart, sealed', async () => {
    const settings = signingIn();
    const connection = withSession(settings, await connect(settings));
    const restarted = openConnector({ net: tenant.net, store });
    expect(await read(connection, restarted)).toBe(0);
    const raw = JSON.stringify(
      await Promise.all(['sign-ins', 'access-tokens'].map((one) => store.state.list(one))),
    );
    expect(raw).not.toContain(anna.address);
    expect(raw).not.toMatch(/eyJ[\w-]+\.[\w-]+\.|refreshToken/u);
  });

  test('is renewed under the same handle: other connections that hold it recover', async () => {
    const settings = signingIn();
    const first = await connect(settings);
    const connection = withSession(settings, first);
    tenant.sandbox.refreshTokens.revoke(anna.address);
    await expect(read(connection, openConnector({ net: tenant.net, store }))).rejects.toMatchObject({
      kind: 'auth',
    });
    const again = await connect(connection);
    expect(again.session).toBe(first.session);
    expect(await read(connection)).toBe(0);
  });

  test('is gone after disconnect, tokens and all', async () => {
    const settings = signingIn();
    const connection = withSession(settings, await connect(settings));
    await read(connection);
    expect(await connector.disconnect({ connection })).toBe(true);
    expect(await store.state.list('access-tokens')).toEqual([]);
    await expect(read(connection)).rejects.toMatchObject({ code: 'sign-in-needed' });
    expect(await connector.disconnect({ connection })).toBe(false);
  });

  test('that nobody made yet is asked for before anything is sent', async () => {
    await expect(read(signingIn())).rejects.toMatchObject({ code: 'sign-in-needed', kind: 'auth' });
    expect(tenant.sandbox.requests.tokens).toEqual([]);
  });

  test('cannot be used by who only knows app and mailbox', async () => {
    await connect(signingIn());
    await expect(read(signingIn())).rejects.toMatchObject({ code: 'sign-in-needed' });
    await expect(read(signingIn({ session: 'guessed' }))).rejects.toMatchObject({ code: 'sign-in-needed' });
  });

  test('keeps each rotated refresh token before its access token is used', async () => {
    const settings = signingIn();
    const signedIn = await connect(settings);
    const connection = withSession(settings, signedIn);
    tenant.sandbox.refreshTokens.revokeOldRefreshTokens = true;
    for (let round = 0; round < 3; round += 1) {
      await store.state
        .list('access-tokens')
        .then((tokens) =>
          Promise.all(tokens.map(({ key }) => store.state.remove('access-tokens', key, { expect: 'any' }))),
        );
      await read(connection, openConnector({ net: tenant.net, store }));
    }
    expect(refreshes()).toBe(3);
  });

  test('of 50 parallel activities in two connectors costs one refresh', async () => {
    const settings = signingIn();
    const connection = withSession(settings, await connect(settings));
    tenant.sandbox.refreshTokens.revokeOldRefreshTokens = true;
    const both = [openConnector({ net: tenant.net, store }), openConnector({ net: tenant.net, store })];
    const counts = await Promise.all(
      Array.from({ length: 50 }, (_, index) => read(connection, both[index % 2])),
    );
    expect(counts).toHaveLength(50);
    expect(refreshes()).toBe(1);
  }, 60_000);
});

describe('with a device code', () => {
  const byCode = (): Settings => ({
    ...signingIn(),
    authentication: { method: 'device-code', clientId: DEMO.signIn.clientId },
  });

  test('shows where to enter what, waits, and keeps the sign-in', async () => {
    const settings = byCode();
    let signedIn: CompletedSignIn | undefined;
    for await (const step of connector.signInByDeviceCode({ connection: settings })) {
      if (step.step === 'code') {
        expect(step.userCode).toMatch(/^[A-Z0-9]+$/u);
        await enterDeviceCode({ ...person(anna), ...step });
      }
      if (step.step === 'signed-in') ({ signedIn } = step);
    }
    expect(signedIn).toMatchObject({ userName: anna.address });
    if (signedIn !== undefined) expect(await read(withSession(settings, signedIn))).toBe(0);
  }, 30_000);

  test('verifies the app registration of any connection and keeps nothing', async () => {
    const connection = {
      ...signingIn(),
      authentication: {
        method: 'password',
        clientId: DEMO.signIn.clientId,
        userName: anna.address,
        password: anna.password,
      },
    };
    const steps: string[] = [];
    for await (const step of connector.signInByDeviceCode({ connection })) {
      steps.push(step.step);
      if (step.step === 'code') await enterDeviceCode({ ...person(anna), ...step });
    }
    expect(steps).toEqual(['code', 'verified']);
    expect(await store.state.list('sign-ins')).toEqual([]);
  }, 30_000);

  test('is not offered to an app, which signs in by itself', async () => {
    const connection = tenant.connection('anna');
    await expect(connector.signInByDeviceCode({ connection }).next()).rejects.toMatchObject({
      code: 'sign-in-not-needed',
    });
    await expect(connector.beginSignIn({ connection, redirectUri: REDIRECT })).rejects.toMatchObject({
      code: 'sign-in-not-needed',
    });
  });

  test('that a policy blocks says so, although the number is on Microsoft’s page only', async () => {
    const state = STATES.find(({ id }) => id === 'device-code-blocked');
    state?.apply(tenant.sandbox);
    const steps = connector.signInByDeviceCode({ connection: byCode() });
    const { value } = (await steps.next()) as { value: DeviceSignInStep };
    if (value.step === 'code') {
      await enterDeviceCode({ ...person(anna), ...value }).catch(() => undefined);
    }
    await expect(steps.next()).rejects.toMatchObject({ code: 'device-code-blocked' });
  }, 30_000);

  test('can be cancelled while it waits', async () => {
    const cancel = new AbortController();
    const steps = connector.signInByDeviceCode({ connection: byCode() }, { signal: cancel.signal });
    await steps.next();
    cancel.abort(new Error('no more'));
    await expect(steps.next()).rejects.toThrow('no more');
  }, 30_000);

  test('is refused at once where the app allows no public client', async () => {
    const connection = {
      ...byCode(),
      authentication: { method: 'device-code', clientId: DEMO.web.clientId },
    };
    await expect(connector.signInByDeviceCode({ connection }).next()).rejects.toMatchObject({
      facts: { reply: 'AADSTS7000218' },
    });
  });
});

describe('for activities that read over Microsoft Graph', () => {
  const EXCHANGE = 'https://outlook.office.com';
  const GRAPH = 'https://graph.microsoft.com';
  const reading = (transport: string, more: object = {}) => ({
    id: 'read-email',
    config: { transport, folder: 'INBOX', ...more },
  });
  const sending = { id: 'send-email', config: {} };
  const sendingOverGraph = (more: object = {}) => ({
    id: 'send-email',
    config: { transport: 'graph', ...more },
  });
  const scopesOf = (url: string): string[] =>
    (new URL(url).searchParams.get('scope') ?? '').split(' ').filter((scope) => scope.startsWith('https://'));
  const asked = (): string[] => tenant.sandbox.requests.tokens.map(({ scope }) => scope);
  async function readOver(transport: string, connection: unknown, more: object = {}): Promise<number> {
    let count = 0;
    const { config } = reading(transport, more);
    for await (const { records, token } of connector.run('read-email', { connection, config })) {
      const outcomes = records.map(({ key }) => ({ key, outcome: 'done' as const }));
      const settled = await connector.settle('read-email', { connection, config, token, outcomes });
      expect(settled.filter(({ failure }) => failure !== undefined)).toEqual([]);
      count += records.length;
    }
    return count;
  }

  test.each([
    ['reading over POP3', [reading('pop3')], [`${EXCHANGE}/POP.AccessAsUser.All`]],
    ['reading over Graph', [reading('graph')], [`${GRAPH}/Mail.Read`]],
    ['and changing', [reading('graph', { afterRead: 'mark-read' })], [`${GRAPH}/Mail.ReadWrite`]],
    [
      'and sending',
      [reading('graph', { afterRead: 'mark-read' }), sending],
      [`${GRAPH}/Mail.ReadWrite`, `${EXCHANGE}/SMTP.Send`],
    ],
    [
      'somebody else’s mailbox',
      [reading('graph', { mailbox: bernd.address })],
      [`${GRAPH}/Mail.Read.Shared`],
    ],
    ['sending over Graph', [sendingOverGraph()], [`${GRAPH}/Mail.Send`]],
    [
      'sending over Graph from somebody else’s mailbox',
      [sendingOverGraph({ mailbox: bernd.address })],
      [`${GRAPH}/Mail.Send.Shared`],
    ],
    [
      'sending over Graph as another author',
      [sendingOverGraph({ from: { address: bernd.address } })],
      [`${GRAPH}/Mail.Send`, `${GRAPH}/Mail.ReadWrite`, `${GRAPH}/Mail.Send.Shared`],
    ],
    ['nothing in particular', undefined, [`${EXCHANGE}/IMAP.AccessAsUser.All`, `${EXCHANGE}/SMTP.Send`]],
  ])('%s asks for just that', async (_what, activities, scopes) => {
    const { url } = await connector.beginSignIn({
      connection: signingIn(),
      redirectUri: REDIRECT,
      activities,
    });
    expect(scopesOf(url)).toEqual(scopes);
  });

  test('one browser sign-in serves Exchange and Graph, each with a token of its own', async () => {
    await tenant.deliver('anna', 'INBOX', plainMessage('for Anna'));
    const settings = signingIn();
    const activities = [reading('imap'), reading('graph', { afterRead: 'mark-read' }), sending];
    const { url, attempt } = await connector.beginSignIn({
      connection: settings,
      redirectUri: REDIRECT,
      activities,
    });
    const { parameters } = await signInWithBrowser(url, person(anna));
    const connection = withSession(settings, await connector.completeSignIn({ attempt, parameters }));
    expect(await readOver('imap', connection)).toBe(1);
    expect(await readOver('graph', connection, { afterRead: 'mark-read' })).toBe(1);
    expect((await tenant.stored('anna', 'INBOX'))[0]?.flags).toContain('\\Seen');
    await send(connection);
    for (const scope of asked()) expect(scope.includes(EXCHANGE) && scope.includes(GRAPH)).toBe(false);
    expect(asked().filter((scope) => scope.includes(GRAPH))).toHaveLength(1);
  });

  async function byCode(activities: unknown[]): Promise<{ codes: number; connection: Settings }> {
    const settings = signingIn({ method: 'device-code' });
    let codes = 0;
    const input = { connection: settings, activities: activities as [] };
    for await (const step of connector.signInByDeviceCode(input)) {
      if (step.step === 'signed-in') return { codes, connection: withSession(settings, step.signedIn) };
      if (step.step !== 'code') break;
      codes += 1;
      await enterDeviceCode({ ...person(anna), ...step });
    }
    throw new Error('nobody signed in');
  }

  test('one device code is enough where both are consented to', async () => {
    await tenant.deliver('anna', 'INBOX', plainMessage('for Anna'));
    const { codes, connection } = await byCode([reading('imap'), reading('graph')]);
    expect(codes).toBe(1);
    expect(await readOver('graph', connection)).toBe(1);
    expect(await readOver('imap', connection)).toBe(1);
  }, 20_000);

  test('a second code follows where Graph waits for the user’s consent', async () => {
    await tenant.deliver('anna', 'INBOX', plainMessage('for Anna'));
    const { directory } = tenant.sandbox;
    const { delegatedScopes } = directory.application(DEMO.signIn.clientId);
    for (const scope of [...delegatedScopes].filter((one) => one.startsWith('Mail.'))) {
      directory.revokeDelegatedScope(DEMO.signIn.clientId, scope);
    }
    const { codes, connection } = await byCode([reading('imap'), reading('graph')]);
    expect(codes).toBe(2);
    expect(await readOver('graph', connection)).toBe(1);
    expect(await readOver('imap', connection)).toBe(1);
  }, 20_000);

  test('a sign-in for reading alone says before a run what changing takes', async () => {
    const { directory } = tenant.sandbox;
    directory.revokeDelegatedScope(DEMO.signIn.clientId, 'Mail.ReadWrite');
    directory.revokeDelegatedScope(DEMO.signIn.clientId, 'Mail.ReadWrite.Shared');
    const { connection } = await byCode([reading('graph')]);
    const failed = async (more: object) => {
      const failures = [];
      const input = { connection, activities: [reading('graph', more)] };
      for await (const { stage, status, failure } of connector.check(input))
        if (status === 'failed') failures.push({ stage, code: failure?.code, ...failure?.parameters });
      return failures;
    };
    expect(await failed({})).toEqual([]);
    expect(await failed({ afterRead: 'mark-read' })).toMatchObject([
      { stage: 'claims', code: 'scope-missing', permission: 'Mail.ReadWrite' },
    ]);
  }, 20_000);

  test('a sign-in for reading says before a run what sending over Graph takes, and the run says it too', async () => {
    const { directory } = tenant.sandbox;
    for (const scope of ['Mail.Send', 'Mail.Send.Shared'])
      directory.revokeDelegatedScope(DEMO.signIn.clientId, scope);
    const run = async (connection: Settings) => {
      const input = {
        connection,
        config: sendingOverGraph().config,
        requests: [{ to: [{ address: bernd.address }], subject: 'Hello', text: 'Hello' }],
      };
      for await (const { outcome, failure } of connector.run('send-email', input))
        return { outcome, code: failure?.code, permission: failure?.parameters?.['permission'] };
      return undefined;
    };
    const failed = async (connection: Settings) => {
      const failures = [];
      for await (const { stage, status, failure } of connector.check({
        connection,
        activities: [sendingOverGraph()],
      }))
        if (status === 'failed') failures.push({ stage, code: failure?.code, ...failure?.parameters });
      return failures;
    };
    const { connection: reads } = await byCode([reading('graph')]);
    expect(await failed(reads)).toMatchObject([
      { stage: 'claims', code: 'scope-missing', permission: 'Mail.Send' },
    ]);
    expect(await run(reads)).toEqual({
      outcome: 'rejected',
      code: 'graph-access-denied',
      permission: 'Mail.Send',
    });
    // The control: a sign-in for sending asks for it, and both go well.
    const { connection: sends } = await byCode([sendingOverGraph()]);
    expect(await failed(sends)).toEqual([]);
    expect(await run(sends)).toMatchObject({ outcome: 'accepted' });
  }, 20_000);

  test('without any consent the permission is named, in the language of the reader', async () => {
    const settings = signingIn();
    const connection = withSession(settings, await connect(settings));
    const { directory } = tenant.sandbox;
    for (const scope of [...directory.application(DEMO.signIn.clientId).delegatedScopes]) {
      directory.revokeDelegatedScope(DEMO.signIn.clientId, scope);
    }
    const config = { transport: 'graph', folder: 'INBOX', afterRead: 'mark-read' };
    const failures = [];
    for await (const { failure } of connector.check({
      connection,
      activities: [{ id: 'read-email', config }],
    }))
      if (failure !== undefined) failures.push(failure);
    const [failure] = failures;
    expect(failure).toMatchObject({
      code: 'consent-missing',
      parameters: { permission: 'Mail.ReadWrite' },
    });
    for (const language of ['en', 'de', 'es']) {
      const { title, remedy } = connector.explain(failure, language);
      expect(`${title} ${remedy}`).toMatch(/Mail\.ReadWrite.*Mail\.ReadWrite/u);
    }
  });
});
