/**
 * The client secret that takes over: used when Microsoft refuses the current one as wrong or expired, and never else.
 */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Connector } from '../../src/index.js';
import { DEMO } from '../../src/sandbox/index.js';
import { openTrial, read, testConnection, failuresIn, type SandboxTenant } from '../support/trial.js';

const { clientId, clientSecret } = DEMO.daemon;
const NEXT = 'the-secret-that-takes-over';
let tenant: SandboxTenant;
let connector: Connector;
beforeEach(async () => {
  ({ tenant, connector } = await openTrial());
});
afterEach(() => tenant.stop());

const withSecrets = (current: string, nextClientSecret?: string): unknown => ({
  ...tenant.connection('anna'),
  authentication: {
    method: 'client-secret',
    clientId,
    clientSecret: current,
    ...(nextClientSecret === undefined ? {} : { nextClientSecret }),
  },
});
const outcomes = (): string[] => tenant.sandbox.requests.tokens.map(({ outcome }) => outcome);
const addNext = (expiresAt = Date.now() + 3_600_000): void => {
  tenant.sandbox.directory.addClientSecret(clientId, { value: NEXT, expiresAt });
};

test('is left alone while the current secret works', async () => {
  expect(await read(connector, withSecrets(clientSecret, 'not registered'))).toBe(0);
  expect(outcomes()).toEqual(['issued']);
});

test('takes over when the current secret has expired', async () => {
  tenant.sandbox.directory.expireClientSecrets(clientId, Date.now() - 1000);
  addNext();
  expect(await read(connector, withSecrets(clientSecret, NEXT))).toBe(0);
  expect(outcomes()).toEqual(['AADSTS7000222', 'issued']);
});

test('takes over when the current secret was deleted, for Test as well', async () => {
  addNext();
  expect(failuresIn(await testConnection(connector, withSecrets('deleted', NEXT)))).toEqual([]);
  expect(outcomes().slice(0, 2)).toEqual(['AADSTS7000215', 'issued']);
});

test('refused as well is the failure that is told', async () => {
  addNext(Date.now() - 1000);
  await expect(read(connector, withSecrets('deleted', NEXT))).rejects.toMatchObject({
    code: 'client-secret-expired',
  });
  expect(outcomes()).toEqual(['AADSTS7000215', 'AADSTS7000222']);
});

test('is tried once: a wrong secret without a next one costs one request', async () => {
  await expect(read(connector, withSecrets('wrong'))).rejects.toMatchObject({ code: 'client-secret-wrong' });
  expect(outcomes()).toHaveLength(1);
});

test.each([
  [700016, 'app-not-found'],
  [7000112, 'app-disabled'],
  [53003, 'sign-in-blocked-by-policy'],
  [90055, 'authority-throttled'],
  [50196, 'sign-in-loop'],
])('is not sent after AADSTS%d, which does not speak of a secret', async (aadsts, code) => {
  addNext();
  tenant.sandbox.answers.token({ aadsts });
  await expect(read(connector, withSecrets(clientSecret, NEXT))).rejects.toMatchObject({ code });
  expect(outcomes()).toEqual([`AADSTS${String(aadsts)}`]);
});
