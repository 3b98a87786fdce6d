/** The connection test over POP3 and Graph: with exactly what it takes, with less, and with more. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openConnector, type Check, type SendEmailResponse } from '../../src/index.js';
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

describe('sending over Graph', () => {
  const { clientId } = DEMO.graphSender;

  async function checkedSending(config: object = {}, connection: object = {}): Promise<Check[]> {
    const connector = openConnector({ net: tenant.net });
    const activities = [{ id: 'send-email', config: { transport: 'graph', ...config } }];
    const checks: Check[] = [];
    const input = {
      connection: { ...tenant.connection('anna', 'graph-sending'), ...connection },
      activities,
    };
    for await (const check of connector.check(input)) checks.push(check);
    return checks;
  }

  async function sent(request: object = {}): Promise<SendEmailResponse> {
    const connector = openConnector({ net: tenant.net });
    const responses: SendEmailResponse[] = [];
    const record = { to: [{ address: tenant.address('ben') }], subject: 'Kit', text: 'Hello', ...request };
    const input = {
      connection: tenant.connection('anna', 'graph-sending'),
      config: { transport: 'graph' },
      requests: [record],
    };
    for await (const response of connector.run('send-email', input)) responses.push(response);
    return responses[0]!;
  }

  /** Takes both permissions of Graph away, and gives these roles in Exchange instead, on Anna's mailbox. */
  function onlyRoles(...roles: string[]): void {
    const { directory } = tenant.sandbox;
    for (const permission of ['Mail.Send', 'Mail.ReadWrite']) directory.revokeAppRole(clientId, permission);
    directory.addExchangeServicePrincipal(clientId);
    for (const role of roles) directory.assignExchangeRole(clientId, role, [tenant.address('anna')]);
  }

  const claimsOf = (checks: readonly Check[]) => checks.find(({ stage }) => stage === 'claims');
  const least = (checks: readonly Check[]) => checks.find(({ stage }) => stage === 'least-privilege');
  const failedIn = (checks: readonly Check[]) => checks.filter(({ status }) => status === 'failed');

  test('with Mail.Send in the token it is fine, and that it sends for everybody is said', async () => {
    const checks = await checkedSending();
    expect(stagesOf(checks, 'graph')).toEqual([
      'claims: passed',
      'mail-host: passed',
      'rights: not-verifiable',
    ]);
    expect(least(checks)).toMatchObject({
      status: 'warning',
      failure: {
        code: 'mail-role-opens-all',
        parameters: { permission: 'Mail.Send', permissions: expect.stringContaining('Mail.Send') },
      },
    });
  });

  test('only with the Exchange role, the token lacks the permission, nothing opens all, and it sends', async () => {
    onlyRoles('Application Mail.Send');
    const checks = await checkedSending();
    expect(failedIn(checks)).toEqual([]);
    expect(claimsOf(checks)).toMatchObject({
      status: 'warning',
      failure: { code: 'mail-role-not-in-token', parameters: { permission: 'Mail.Send' } },
    });
    expect(least(checks)?.status).toBe('passed');
    expect(await sent()).toMatchObject({ outcome: 'accepted', transport: 'graph' });
    expect(await tenant.stored('ben', 'INBOX')).toHaveLength(1);
  });

  test('without any right the send fails and names Mail.Send, of which the role is for other mailboxes', async () => {
    onlyRoles();
    tenant.sandbox.directory.assignExchangeRole(clientId, 'Application Mail.Send', [tenant.address('ben')]);
    expect(claimsOf(await checkedSending())?.failure?.code).toBe('mail-role-not-in-token');
    expect(await sent()).toMatchObject({
      outcome: 'rejected',
      failure: { code: 'graph-access-denied', parameters: { permission: 'Mail.Send' } },
    });
    expect(await tenant.stored('ben', 'INBOX')).toEqual([]);
  });

  test('files over 2 MB fail with Mail.Send alone and name Mail.ReadWrite, whose role mends it', async () => {
    onlyRoles('Application Mail.Send');
    const inline = Buffer.alloc(2_400_000, 'x').toString('base64');
    const request = { attachments: [{ name: 'large.txt', content: { inline } }] };
    expect(await sent(request)).toMatchObject({
      outcome: 'rejected',
      failure: { code: 'graph-access-denied', parameters: { permission: 'Mail.ReadWrite' } },
    });
    onlyRoles('Application Mail.Send', 'Application Mail.ReadWrite');
    expect(await sent(request)).toMatchObject({ outcome: 'accepted' });
  });

  test('another author is known beforehand to take Mail.ReadWrite as well', async () => {
    const from = { address: tenant.address('ben') };
    expect(failedIn(await checkedSending({ from }))).toEqual([]);
    tenant.sandbox.directory.revokeAppRole(clientId, 'Mail.ReadWrite');
    expect(claimsOf(await checkedSending({ from }))).toMatchObject({
      status: 'warning',
      failure: { code: 'mail-role-not-in-token', parameters: { permission: 'Mail.ReadWrite' } },
    });
    // The control: the mailbox's own messages need no more than Mail.Send.
    expect(claimsOf(await checkedSending())?.status).toBe('passed');
  });

  test('an app that may read every mailbox may send through a role nevertheless', async () => {
    onlyRoles('Application Mail.Send');
    tenant.sandbox.directory.grantAppRole(clientId, 'Mail.Read');
    const checks = await checkedSending();
    expect(claimsOf(checks)?.status).toBe('warning');
    // What it holds opens every mailbox, and the role that it has instead is named.
    expect(least(checks)?.failure).toMatchObject({
      code: 'mail-role-opens-all',
      parameters: { permission: 'Mail.Send', permissions: 'Mail.Read' },
    });
  });

  test('reading and sending through roles: both are named, and changing is judged by its own', async () => {
    onlyRoles('Application Mail.Send', 'Application Mail.ReadWrite');
    const both = async () => {
      const connector = openConnector({ net: tenant.net });
      const checks: Check[] = [];
      for await (const check of connector.check({
        connection: tenant.connection('anna', 'graph-sending'),
        activities: [
          { id: 'read-email', config: { transport: 'graph', folder: 'INBOX', afterRead: 'mark-read' } },
          { id: 'send-email', config: { transport: 'graph' } },
        ],
      }))
        checks.push(check);
      expect(failedIn(checks)).toEqual([]);
      const rights = checks.filter(({ stage }) => stage === 'rights').map(({ status }) => status);
      return { missing: claimsOf(checks)?.failure?.parameters?.['permission'], rights };
    };
    expect(await both()).toEqual({
      missing: 'Mail.ReadWrite, Mail.Send',
      rights: ['not-verifiable', 'not-verifiable'],
    });
    // Changing shows in the token now; that sending does not is no doubt about it.
    tenant.sandbox.directory.grantAppRole(clientId, 'Mail.ReadWrite');
    expect(await both()).toEqual({ missing: 'Mail.Send', rights: ['passed', 'not-verifiable'] });
  });

  test('for reading alone, Mail.Send is a right too many', async () => {
    const checks = await checked('graph', tenant.connection('anna', 'graph-sending'));
    expect(least(checks)).toMatchObject({
      status: 'warning',
      failure: { code: 'rights-surplus', parameters: { permissions: 'Mail.Send' } },
    });
  });
});
