/**
 * When Microsoft wants to be left alone, demands more, or ends a session: how often it is asked, and what comes of it.
 */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createAccess, grantRequest } from '../../src/connection/access.js';
import { TokenSource, TokenStore } from '../../src/connection/index.js';
import { openConnector, type Connector, type Microsoft365Connection } from '../../src/index.js';
import { DEMO } from '../../src/sandbox/index.js';
import { openMemoryState, randomVault } from '../../src/state/index.js';
import { plainMessage } from '../support/messages.js';
import { startTokenServer } from '../support/token-server.js';
import { failuresIn, openTrial, read, testConnection, type SandboxTenant } from '../support/trial.js';
import { clockAt } from '../support/clock.js';

let tenant: SandboxTenant;
let connector: Connector;
let now: number;
beforeEach(async () => {
  ({ tenant } = await openTrial());
  now = Date.now();
  connector = openConnector({ net: tenant.net, clock: clockAt(() => now) });
});
afterEach(() => tenant.stop());

const asked = (): number => tenant.sandbox.requests.tokens.length;
const reading = (): Promise<number> => read(connector, tenant.connection('anna'));

describe('asked to wait', () => {
  test.each([
    ['429 and a time', { aadsts: 90055, status: 429, retryAfterSeconds: 60 }, 'authority-throttled', 60_000],
    ['429 and no time', { aadsts: 90055, status: 429 }, 'authority-throttled', 30_000],
    [
      '503 and a time',
      { aadsts: 90006, status: 503, retryAfterSeconds: 20 },
      'authority-unavailable',
      20_000,
    ],
  ])('with %s, nobody asks again before', async (_answer, answer, code, pauseMs) => {
    tenant.sandbox.answers.token(answer);
    await expect(reading()).rejects.toMatchObject({ code, retryable: true });
    now += pauseMs - 5000;
    await expect(reading()).rejects.toMatchObject({ code, facts: { retryAfterMs: 5000 } });
    expect(failuresIn(await testConnection(connector, tenant.connection('anna')))).toEqual([`token ${code}`]);
    expect(asked()).toBe(1);
    now += 5001;
    expect(await reading()).toBe(0);
    expect(asked()).toBe(2);
  });

  test.each([
    ['a date', () => new Date(Date.now() + 90_000).toUTCString(), 88_000, 90_000],
    ['a date that is over', () => new Date(Date.now() - 90_000).toUTCString(), 0, 0],
    ['words', () => 'in a while', 29_000, 30_000],
    ['nothing', () => ' ', 29_000, 30_000],
    ['a lifetime', () => '999999999', 3_599_000, 3_600_000],
  ])('until %s, the wait is understood', async (_when, retryAfter, least, most) => {
    const refusal = {
      error: 'temporarily_unavailable',
      error_description: 'AADSTS90055: Too many requests.',
    };
    const answer = { status: 429, headers: { 'retry-after': retryAfter() } };
    const server = await startTokenServer(['login.microsoftonline.com'], refusal, answer);
    try {
      const throttled = openConnector({ net: server.net });
      const ask = (): Promise<unknown> =>
        read(throttled, tenant.connection('anna')).catch((error: unknown) => error);
      expect(await ask()).toMatchObject({ code: 'authority-throttled' });
      const again = (await ask()) as { facts: { retryAfterMs: number } };
      expect(server.requests).toHaveLength(most === 0 ? 2 : 1);
      expect(again.facts.retryAfterMs).toBeGreaterThanOrEqual(least);
      expect(again.facts.retryAfterMs).toBeLessThanOrEqual(most);
    } finally {
      await server.stop();
    }
  });

  test('says how long in the failure itself', async () => {
    tenant.sandbox.directory.tenant.throttledForSeconds = 42;
    await expect(reading()).rejects.toMatchObject({ facts: { retryAfterMs: 42_000 } });
  });

  test('50 at once cost one request', async () => {
    tenant.sandbox.directory.tenant.throttledForSeconds = 42;
    const results = await Promise.allSettled(Array.from({ length: 50 }, reading));
    expect(results.map(({ status }) => status)).toEqual(Array.from({ length: 50 }, () => 'rejected'));
    expect(asked()).toBe(1);
  });

  test('for one app, another goes on', async () => {
    tenant.sandbox.answers.token({ aadsts: 90055, status: 429, retryAfterSeconds: 60 });
    await expect(reading()).rejects.toMatchObject({ code: 'authority-throttled' });
    const { address, password } = DEMO.people.anna;
    const authentication = {
      method: 'password',
      clientId: DEMO.signIn.clientId,
      userName: address,
      password,
    };
    expect(await read(connector, { ...tenant.connection('anna'), authentication })).toBe(0);
  });
});

describe('out of order', () => {
  test.each([500, 502, 503])('an HTTP %d without a time may be tried again at once', async (status) => {
    tenant.sandbox.answers.token({ aadsts: 90012, status });
    await expect(reading()).rejects.toMatchObject({ code: 'authority-unavailable', retryable: true });
    expect(asked()).toBe(1);
    expect(await reading()).toBe(0);
  });
});

describe('claims', () => {
  const sourceAndRequest = async () => {
    const store = new TokenStore(openMemoryState(), randomVault());
    const tokens = new TokenSource(store, () => now);
    const settings = tenant.connection('anna') as unknown as Microsoft365Connection;
    const access = await createAccess({ settings, net: tenant.net, store, tokens, now: () => now });
    return { tokens, request: grantRequest(access, 'imap') };
  };
  const sent = (): unknown[] =>
    tenant.sandbox.requests.tokens.map(({ claims }) => JSON.parse(claims ?? '{}') as unknown);
  const capability = { access_token: { xms_cc: { values: ['cp1'] } } };

  test('every request declares that a challenge can be answered', async () => {
    await reading();
    expect(sent()).toMatchObject([capability]);
  });

  test('a challenge is passed on beside the declaration, and has a token of its own', async () => {
    const { tokens, request } = await sourceAndRequest();
    const challenge = { access_token: { nbf: { essential: true, value: '1700000000' } } };
    const first = await tokens.get(request);
    const second = await tokens.get({ ...request, claims: JSON.stringify(challenge) });
    expect(second.value).not.toBe(first.value);
    expect(sent()[1]).toMatchObject({
      access_token: { ...challenge.access_token, ...capability.access_token },
    });
    await tokens.get(request);
    expect(asked()).toBe(2);
  });
});

describe('a token that ends during a session', () => {
  const ended = '* BYE Session invalidated - AccessTokenExpired';

  test.each(['fetch', 'examine', 'search'] as const)(
    'at %s is resumed inside the run, and each message comes once',
    async (on) => {
      await tenant.deliver('anna', 'INBOX', plainMessage('for Anna'));
      tenant.sandbox.answers.imap({ on, reply: ended, thenClose: true, times: 1 });
      expect(await reading()).toBe(1);
    },
  );

  test('that ends again and again is told after three resumes', async () => {
    await tenant.deliver('anna', 'INBOX', plainMessage('for Anna'));
    tenant.sandbox.answers.imap({ on: 'examine', reply: ended, thenClose: true, times: 100 });
    await expect(reading()).rejects.toMatchObject({ kind: 'transient' });
  }, 20_000);
});

test('50 parallel activities of four mailboxes share one token', async () => {
  const mailboxes = [...Object.values(DEMO.people).map(({ address }) => address), DEMO.sharedMailbox];
  const { directory } = tenant.sandbox;
  for (const address of mailboxes) directory.mailbox(address).maxConnections = 50;
  const counts = await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      read(connector, { ...tenant.connection('anna'), mailbox: mailboxes[index % mailboxes.length] }),
    ),
  );
  expect(counts).toHaveLength(50);
  expect(asked()).toBe(1);
}, 60_000);
