/**
 * One token for many: fetched once however many ask, renewed before it ends, never mixed up.
 */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { isFailure, openConnector } from '../../src/index.js';
import { DEMO, type Sandbox } from '../../src/sandbox/index.js';
import { plainMessage } from '../support/messages.js';
import { openSandboxTenant } from '../support/sandbox-tenant.js';
import type { TestTenant } from '../support/tenant.js';
import { clockAt } from '../support/clock.js';

let tenant: TestTenant & { sandbox: Sandbox };
beforeEach(async () => {
  tenant = await openSandboxTenant();
});
afterEach(() => tenant.stop());

const tokenRequests = (): number => tenant.sandbox.requests.tokens.length;

async function readOnce(
  connector: ReturnType<typeof openConnector>,
  connection = tenant.connection('anna'),
): Promise<number> {
  let count = 0;
  for await (const { records } of connector.run('read-email', { connection, config: { folder: 'INBOX' } }))
    count += records.length;
  return count;
}

test('50 parallel reads cause one token request', async () => {
  await tenant.deliver('anna', 'INBOX', plainMessage('for all'));
  const connector = openConnector({ net: tenant.net });
  const counts = await Promise.all(Array.from({ length: 50 }, () => readOnce(connector)));
  expect(counts).toEqual(Array.from({ length: 50 }, () => 1));
  expect(tokenRequests()).toBe(1);
}, 60_000);

test('a token is used until five minutes before its end, then renewed', async () => {
  let now = Date.now();
  const connector = openConnector({ net: tenant.net, clock: clockAt(() => now) });
  await readOnce(connector);
  now += 50 * 60_000; // the shortest lifetime is 60 minutes
  await readOnce(connector);
  expect(tokenRequests()).toBe(1);
  now += 41 * 60_000; // the longest is 90
  await readOnce(connector);
  expect(tokenRequests()).toBe(2);
});

test('another secret never profits from a cached token', async () => {
  const connector = openConnector({ net: tenant.net });
  await readOnce(connector);
  const connection = tenant.connection('anna');
  const authentication = { ...(connection['authentication'] as object), clientSecret: 'wrong' };
  await expect(readOnce(connector, { ...connection, authentication })).rejects.toMatchObject({
    code: 'client-secret-wrong',
  });
});

test('one failing request does not poison the next', async () => {
  const connector = openConnector({ net: tenant.net });
  tenant.sandbox.directory.application(DEMO.daemon.clientId).enabled = false;
  const failed = await readOnce(connector).catch((error: unknown) => error);
  expect(isFailure(failed) && failed.code).toBe('app-disabled');
  tenant.sandbox.directory.application(DEMO.daemon.clientId).enabled = true;
  expect(await readOnce(connector)).toBe(0);
});

test('a permission granted after the token was issued is used at the next try', async () => {
  let now = Date.now();
  const connector = openConnector({ net: tenant.net, clock: clockAt(() => now) });
  tenant.sandbox.directory.revokeAppRole(DEMO.daemon.clientId, 'IMAP.AccessAsApp');
  await expect(readOnce(connector)).rejects.toMatchObject({ code: 'imap-sign-in-refused' });
  tenant.sandbox.directory.grantAppRole(DEMO.daemon.clientId, 'IMAP.AccessAsApp');
  now += 2 * 60_000;
  expect(await readOnce(connector)).toBe(0);
  expect(tokenRequests()).toBe(2);
});

test('reading and sending as an app share one token; as a user each has its own scope', async () => {
  const connector = openConnector({ net: tenant.net });
  const both = async (connection: Record<string, unknown>): Promise<void> => {
    await readOnce(connector, connection);
    const requests = [{ to: [{ address: tenant.address('ben') }], subject: 'x' }];
    for await (const response of connector.run('send-email', {
      connection,
      config: { attempts: 1 },
      requests,
    })) {
      expect(response.outcome).toBe('accepted');
    }
  };
  await both(tenant.connection('anna'));
  expect(tokenRequests()).toBe(1);
  const { address, password } = DEMO.people.anna;
  const authentication = { method: 'password', clientId: DEMO.signIn.clientId, userName: address, password };
  await both({ ...tenant.connection('anna'), authentication });
  expect(tokenRequests()).toBe(3);
});
