/** The connection test over POP3 and Graph: with exactly what it takes, with less, and with more. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openConnector, type Check } from '../../src/index.js';
import { DEMO } from '../../src/sandbox/index.js';
import { openSandboxTenant } from '../support/sandbox-tenant.js';

let tenant: Awaited<ReturnType<typeof openSandboxTenant>>;
beforeEach(async () => {
  tenant = await openSandboxTenant();
}, 30_000);
afterEach(() => tenant.stop());

async function checked(
  transport: 'pop3' | 'graph',
  connection = tenant.connection('anna', transport),
  config: object = {},
): Promise<Check[]> {
  const connector = openConnector({ net: tenant.net });
  const activities = [{ id: 'read-email', config: { transport, folder: 'INBOX', ...config } }];
  const checks: Check[] = [];
  for await (const check of connector.check({ connection, activities })) checks.push(check);
  return checks;
}

const stagesOf = (checks: readonly Check[], transport: string): string[] =>
  checks.filter((check) => check.transport === transport).map(({ stage, status }) => `${stage}: ${status}`);
const ALL = ['claims', 'mail-host', 'sign-in', 'mailbox', 'folder', 'rights'].map(
  (stage) => `${stage}: passed`,
);

test('over POP3', async () => {
  const checks = await checked('pop3');
  expect(stagesOf(checks, 'pop3')).toEqual(ALL);
  expect(checks.filter(({ status }) => status === 'failed' || status === 'warning')).toEqual([]);
});

test('over POP3 without the permission, which is named', async () => {
  const checks = await checked('pop3', tenant.connection('anna', 'imap'));
  expect(checks.find(({ stage }) => stage === 'claims')).toMatchObject({
    status: 'failed',
    failure: { code: 'role-missing', parameters: { permission: 'POP.AccessAsApp' } },
  });
});

describe('over Graph as an app', () => {
  test('with an application permission all works, and that it opens every mailbox is said', async () => {
    const checks = await checked('graph');
    expect(stagesOf(checks, 'graph')).toEqual(ALL);
    expect(checks.find(({ stage }) => stage === 'least-privilege')).toMatchObject({
      status: 'warning',
      failure: { code: 'mail-role-opens-all', parameters: { permissions: 'Mail.ReadWrite' } },
    });
  });

  test('with an Exchange role instead, the token lacks the permission and the mailbox opens', async () => {
    const { directory } = tenant.sandbox;
    const { clientId } = DEMO.daemon;
    directory.assignExchangeRole(clientId, 'Application Mail.Read', [tenant.address('anna')]);
    const connection = tenant.connection('anna', 'imap');
    const checks = await checked('graph', connection);
    expect(stagesOf(checks, 'graph')).toEqual(['claims: warning', ...ALL.slice(1)]);
    expect(checks.find(({ stage }) => stage === 'claims')?.failure).toMatchObject({
      code: 'mail-role-not-in-token',
      parameters: { permission: 'Mail.Read' },
    });
    // Whether it may change anything is not seen before something is changed, and that is said.
    const changing = await checked('graph', connection, { afterRead: 'mark-read' });
    expect(
      changing.find(({ stage, transport }) => stage === 'rights' && transport === 'graph'),
    ).toMatchObject({
      status: 'not-verifiable',
      failure: { code: 'change-right-not-verifiable', parameters: { permission: 'Mail.ReadWrite' } },
    });
    // The control: a mailbox outside the role's scope stays closed.
    const outside = await checked('graph', { ...connection, mailbox: tenant.address('ben') });
    expect(outside.find(({ status }) => status === 'failed')).toMatchObject({
      stage: 'mailbox',
      failure: { code: 'graph-access-denied', parameters: { permission: 'Mail.Read' } },
    });
  });

  test('that may only read, an activity that changes messages is told before it runs', async () => {
    const { directory } = tenant.sandbox;
    const { clientId } = DEMO.graph;
    directory.revokeAppRole(clientId, 'Mail.ReadWrite');
    directory.grantAppRole(clientId, 'Mail.Read');
    const failed = (checks: Check[]) => checks.filter(({ status }) => status === 'failed');
    expect(failed(await checked('graph'))).toEqual([]);
    expect(
      failed(await checked('graph', tenant.connection('anna', 'graph'), { afterRead: 'mark-read' })),
    ).toMatchObject([
      { stage: 'claims', failure: { code: 'role-missing', parameters: { permission: 'Mail.ReadWrite' } } },
    ]);
  });
});
