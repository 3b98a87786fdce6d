/**
 * What ends when, and that a person hears of it 30 days ahead. Time is the connector's own clock.
 */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { createAccess, type Access } from '../../src/connection/access.js';
import { checkExpiry, hasExpiry } from '../../src/connection/checks/expiry.js';
import { expiriesOf, TokenSource, TokenStore } from '../../src/connection/index.js';
import { openConnector, type Microsoft365Connection } from '../../src/index.js';
import { DEMO } from '../../src/sandbox/index.js';
import { openMemoryState, randomVault } from '../../src/state/index.js';
import { makeCertificate } from '../support/certificates.js';
import { clockAt } from '../support/clock.js';

const DAY_MS = 86_400_000;
const NOW = Date.parse('2026-03-01T09:00:00Z');
const { clientId, clientSecret } = DEMO.daemon;
const { address, password } = DEMO.people.anna;

type Authentication = Microsoft365Connection['authentication'];
function accessWith(authentication: Authentication, now: number = NOW): Promise<Access> {
  const clock = (): number => now;
  const store = new TokenStore(openMemoryState(), randomVault());
  const settings = { tenant: DEMO.tenantId, mailbox: address, authentication };
  return createAccess({ settings, net: {}, store, tokens: new TokenSource(store, clock), now: clock });
}
const inDays = (days: number, from = NOW): string =>
  new Date(from + days * DAY_MS).toISOString().slice(0, 10);

describe('a client secret', () => {
  const ending = (days: number): Authentication => ({
    method: 'client-secret',
    clientId,
    clientSecret,
    secretExpiresOn: inDays(days),
  });

  test.each([
    [32, 'fine', 31],
    [31, 'fine', 30],
    [30, 'warned', 29],
    [7, 'warned', 6],
    [0, 'warned', -1],
    [-10, 'warned', -11],
  ])('whose date is %d days from now is %s: %d whole days are left', async (days, state, left) => {
    const access = await accessWith(ending(days));
    expect(await expiriesOf(access)).toEqual([{ what: 'client-secret', date: inDays(days), days: left }]);
    const finding = await checkExpiry(access);
    expect(finding.evidence).toEqual({ 'client-secret': inDays(days) });
    if (state === 'fine') expect(finding).not.toHaveProperty('failure');
    else {
      expect(finding.status).toBe('warning');
      expect(finding.failure).toMatchObject({
        code: 'expires-soon',
        facts: { parameters: { what: 'client-secret', date: inDays(days), days: left } },
      });
    }
  });

  test('without a date cannot be judged, and says so', async () => {
    const access = await accessWith({ method: 'client-secret', clientId, clientSecret });
    expect(await expiriesOf(access)).toEqual([]);
    expect(await checkExpiry(access)).toMatchObject({
      status: 'not-verifiable',
      failure: { code: 'expiry-not-visible' },
    });
  });

  test('is told by the connector by its clock, without a request', async () => {
    const connector = openConnector({ clock: clockAt(() => NOW), net: { hosts: {} } });
    const connection = { tenant: DEMO.tenantId, mailbox: address, authentication: ending(10) };
    expect(await connector.expiries({ connection })).toMatchObject([
      { what: 'client-secret', date: inDays(10), days: 9 },
    ]);
  });

  test.each(['2026-02-30', 'soon', '2026-13-01', '01.04.2026'])(
    'with the date %s is refused as a setting',
    async (secretExpiresOn) => {
      const connection = {
        tenant: DEMO.tenantId,
        mailbox: address,
        authentication: { ...ending(1), secretExpiresOn },
      };
      await expect(openConnector().expiries({ connection })).rejects.toMatchObject({
        code: 'settings-invalid',
      });
    },
  );
});

describe('a certificate', () => {
  let certificate: string;
  let validTo: number;
  beforeAll(() => {
    const made = makeCertificate('connector');
    certificate = made.certificate + made.privateKey;
    validTo = Date.now() + 365 * DAY_MS;
  });

  test.each([
    [31, undefined],
    [29, 'warning'],
    [-1, 'warning'],
  ])('%d days before its end: %s', async (days, status) => {
    const access = await accessWith(
      { method: 'certificate', clientId, certificate },
      validTo - days * DAY_MS,
    );
    const finding = await checkExpiry(access);
    expect(finding.status).toBe(status);
    const [end] = await expiriesOf(access);
    expect(end?.what).toBe('certificate');
    expect(Math.abs((end?.days ?? NaN) - days)).toBeLessThanOrEqual(1);
  });

  test('with one that takes over is judged by that one, and both are told', async () => {
    const access = await accessWith(
      { method: 'certificate', clientId, certificate, nextCertificate: certificate },
      validTo - 10 * DAY_MS,
    );
    expect((await expiriesOf(access)).map(({ what }) => what)).toEqual(['certificate', 'next-certificate']);
    expect((await checkExpiry(access)).failure).toMatchObject({
      facts: { parameters: { what: 'next-certificate' } },
    });
  });
});

describe('a stored sign-in', () => {
  const session = 'handle';
  const used = (daysAgo: number) => ({
    account: { userName: address, tenantId: DEMO.tenantId, objectId: 'x' },
    refreshToken: 'x',
    signedInAt: NOW - 400 * DAY_MS,
    lastUsedAt: NOW - daysAgo * DAY_MS,
  });

  test.each([
    [0, 90, undefined],
    [60, 30, undefined],
    [61, 29, 'sign-in-ends-soon'],
    [95, -5, 'sign-in-ends-soon'],
  ])('not used for %d days has %d left: %s', async (daysAgo, left, code) => {
    const access = await accessWith({ method: 'sign-in', clientId, session });
    await access.store.saveSignIn(session, used(daysAgo), 'any');
    expect(await expiriesOf(access)).toEqual([{ what: 'sign-in', date: inDays(left), days: left }]);
    expect((await checkExpiry(access)).failure?.code).toBe(code);
  });

  test('that nobody made yet has no end', async () => {
    const access = await accessWith({ method: 'device-code', clientId, session });
    expect(await expiriesOf(access)).toEqual([]);
    expect(await checkExpiry(access)).toEqual({});
  });
});

test('a password and a federated credential have no end that somebody could watch', async () => {
  const byPassword = await accessWith({ method: 'password', clientId, userName: address, password });
  const federated = await accessWith({ method: 'federated-credential', clientId, assertionFile: '/x' });
  expect([byPassword, federated].map(hasExpiry)).toEqual([false, false]);
  expect(await expiriesOf(federated)).toEqual([]);
});
