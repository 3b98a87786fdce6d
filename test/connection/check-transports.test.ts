/** The connection test over every reading transport, each with an app that has no right besides: all stages pass. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openConnector, type Check } from '../../src/index.js';
import { openSandboxTenant } from '../support/sandbox-tenant.js';

let tenant: Awaited<ReturnType<typeof openSandboxTenant>>;
beforeAll(async () => {
  tenant = await openSandboxTenant();
}, 30_000);
afterAll(() => tenant.stop());

async function checked(
  transport: 'pop3' | 'graph',
  connection = tenant.connection('anna', transport),
): Promise<Check[]> {
  const connector = openConnector({ net: tenant.net });
  const activities = [{ id: 'read-email', config: { transport, folder: 'INBOX' } }];
  const checks: Check[] = [];
  for await (const check of connector.check({ connection, activities })) checks.push(check);
  return checks;
}

test.each(['pop3', 'graph'] as const)('over %s', async (transport) => {
  const checks = await checked(transport);
  const own = checks.filter((check) => check.transport === transport);
  expect(own.map(({ stage, status }) => `${stage}: ${status}`)).toEqual(
    ['claims', 'mail-host', 'sign-in', 'mailbox', 'folder', 'rights'].map((stage) => `${stage}: passed`),
  );
  expect(checks.filter(({ status }) => status === 'failed' || status === 'warning')).toEqual([]);
});

test.each(['pop3', 'graph'] as const)('over %s without the permission, which is named', async (transport) => {
  const checks = await checked(transport, tenant.connection('anna', 'imap'));
  const claims = checks.find(({ stage }) => stage === 'claims');
  expect(claims).toMatchObject({ status: 'failed', failure: { code: 'role-missing' } });
  expect(claims?.failure?.parameters?.['permission']).toBe(
    transport === 'pop3' ? 'POP.AccessAsApp' : 'Mail.ReadWrite',
  );
});
