/**
 * The connection test against tenant states: which stage fails, with which cause, and that what does not depend
 * on it is still tested. The sandbox plays the tenant, since only it has an administrator's switches.
 */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openConnector, type Check, type Connector } from '../../src/index.js';
import { DEMO, type Sandbox } from '../../src/sandbox/index.js';
import { openSandboxTenant } from '../support/sandbox-tenant.js';
import type { TestTenant } from '../support/tenant.js';

let tenant: TestTenant & { sandbox: Sandbox };
let connector: Connector;
const anna = DEMO.people.anna.address;
const { clientId } = DEMO.daemon;

beforeEach(async () => {
  tenant = await openSandboxTenant();
  connector = openConnector({ net: { ...tenant.net, connectTimeoutMs: 2000, idleTimeoutMs: 2000 } });
});
afterEach(() => tenant.stop());

async function check(
  change: Record<string, unknown> = {},
  activities?: { id: string; config: unknown }[],
  using = connector,
) {
  const checks: Check[] = [];
  const input = {
    connection: { ...tenant.connection('anna'), ...change },
    ...(activities === undefined ? {} : { activities }),
  };
  for await (const one of using.check(input)) checks.push(one);
  return checks;
}

const secret = (clientSecret: string) => ({
  authentication: { method: 'client-secret', clientId, clientSecret },
});
const byPassword = (password: string, userName: string = anna) => ({
  authentication: { method: 'password', clientId: DEMO.signIn.clientId, userName, password },
});
const name = ({ stage, transport }: Check): string =>
  transport === undefined ? stage : `${stage}:${transport}`;
const failed = (checks: readonly Check[]) =>
  checks
    .filter(({ status }) => status === 'failed')
    .map((one) => [name(one), one.failure?.kind, one.failure?.code]);
const statusOf = (checks: readonly Check[], wanted: string) =>
  checks.find((one) => name(one) === wanted)?.status;

describe('a working connection', () => {
  test('passes every stage that can be known, and says which cannot', async () => {
    const checks = await check();
    expect(failed(checks)).toEqual([]);
    expect(checks.map((one) => `${name(one)} ${one.status}`)).toEqual([
      'settings passed',
      'authority passed',
      'token passed',
      'claims:imap passed',
      'claims:smtp passed',
      'least-privilege passed',
      'mail-host:imap passed',
      'sign-in:imap passed',
      'mailbox:imap passed',
      'folder:imap passed',
      'rights:imap passed',
      'mail-host:smtp passed',
      'sign-in:smtp passed',
      'rights:smtp not-verifiable',
      'expiry not-verifiable',
    ]);
    expect(checks.find((one) => name(one) === 'claims:imap')?.evidence['permissions']).toContain(
      'IMAP.AccessAsApp',
    );
    expect(checks.find((one) => name(one) === 'mail-host:imap')?.evidence['certificateEnds']).toMatch(
      /^\d{4}-/u,
    );
  });

  test('with user name and password passes too, with a token for each transport', async () => {
    const checks = await check(byPassword(DEMO.people.anna.password));
    expect(failed(checks)).toEqual([]);
    expect(checks.filter(({ stage }) => stage === 'token').map(name)).toEqual(['token:imap', 'token:smtp']);
  });

  test('of a shared mailbox, by an app, passes', async () => {
    expect(
      failed(
        await check({ mailbox: DEMO.sharedMailbox }, [{ id: 'read-email', config: { folder: 'INBOX' } }]),
      ),
    ).toEqual([]);
  });

  test('tests what the activities use and nothing else', async () => {
    const checks = await check({}, [{ id: 'send-email', config: {} }]);
    expect(checks.some(({ transport }) => transport === 'imap')).toBe(false);
  });

  test('is left as it was: nothing sent, nothing marked', async () => {
    tenant.sandbox.mailbox(anna).append('INBOX', Buffer.from('Subject: x\r\n\r\nx\r\n'), {});
    await check({}, [
      { id: 'read-email', config: { folder: 'INBOX', afterRead: 'mark-read' } },
      { id: 'send-email', config: {} },
    ]);
    expect((await tenant.stored('anna', 'INBOX')).map(({ flags }) => flags)).toEqual([[]]);
    expect(await tenant.stored('anna', 'Sent Items')).toEqual([]);
  });
});

describe('settings', () => {
  test('that are wrong fail first, field by field in the designer’s words', async () => {
    const checks = await check({
      tenant: 'contoso',
      mailbox: 'anna',
      authentication: { method: 'client-secret' },
    });
    expect(checks).toHaveLength(1);
    const [settings] = checks as [Check];
    expect(settings).toMatchObject({
      stage: 'settings',
      status: 'failed',
      failure: { kind: 'config', code: 'settings-invalid' },
    });
    expect(connector.explain(settings.failure, 'en').problems).toEqual([
      'Tenant has characters or a form that are not allowed. Use the tenant ID (8-4-4-4-12 hexadecimal digits), a domain such as contoso.com, or organizations, consumers or common.',
      'Mailbox is not a valid email. Use an email address such as orders@contoso.com.',
      'Application (client) ID is missing. Use the ID of the form 8-4-4-4-12 hexadecimal digits.',
      'Client secret is missing. Paste the secret’s Value.'.replace('’', "'"),
    ]);
  });

  test('with a secret by reference ask the secret store', async () => {
    const secrets = { get: (id: string) => (id === 'mail' ? DEMO.daemon.clientSecret : undefined) };
    const using = openConnector({ net: tenant.net, secrets });
    const authentication = { method: 'client-secret', clientId, clientSecret: { $secret: 'mail' } };
    expect(failed(await check({ authentication }, undefined, using))).toEqual([]);
    const missing = { ...authentication, clientSecret: { $secret: 'other' } };
    expect(failed(await check({ authentication: missing }, undefined, using))).toEqual([
      ['settings', 'config', 'secret-not-found'],
    ]);
  });
});

describe('the token stage', () => {
  const expiredSecret = (): undefined => {
    tenant.sandbox.directory.expireClientSecrets(clientId, Date.now() - 1000);
    return undefined;
  };
  const cases: readonly (readonly [string, () => Record<string, unknown> | undefined, string, string])[] = [
    ['a wrong secret', () => secret('nonsense'), 'auth', 'client-secret-wrong'],
    ['an expired secret', expiredSecret, 'auth', 'client-secret-expired'],
    [
      'an unknown tenant',
      () => ({ tenant: '00000000-1111-4222-8333-444444444444' }),
      'config',
      'tenant-not-found',
    ],
    [
      'an unknown app',
      () => ({
        authentication: {
          method: 'client-secret',
          clientId: '99999999-0000-4000-8000-000000000000',
          clientSecret: 'x',
        },
      }),
      'config',
      'app-not-found',
    ],
    ['a wrong password', () => byPassword('wrong'), 'auth', 'user-or-password-wrong'],
    ['an unknown user', () => byPassword('x', 'nobody@contoso.example'), 'auth', 'user-not-found'],
  ];

  test.each(cases)(
    'fails for %s and skips what depends on it, not the mail hosts',
    async (_state, change, kind, code) => {
      const checks = await check(change() ?? {});
      const first = failed(checks)[0];
      expect(first?.slice(1)).toEqual([kind, code]);
      expect(first?.[0]).toMatch(/^token/u);
      expect(statusOf(checks, 'claims:imap')).toBe('skipped');
      expect(statusOf(checks, 'sign-in:imap')).toBe('skipped');
      expect(statusOf(checks, 'mail-host:imap')).toBe('passed');
      expect(statusOf(checks, 'mail-host:smtp')).toBe('passed');
    },
  );

  test('names the second factor as the reason and advises another way to sign in', async () => {
    tenant.sandbox.directory.user(anna).mfaRequired = true;
    const checks = await check(byPassword(DEMO.people.anna.password));
    expect(failed(checks)[0]?.[2]).toBe('multi-factor-required');
    const { failure } = checks.find(({ status }) => status === 'failed')!;
    expect(connector.explain(failure, 'en').remedy).toMatch(/App-only/u);
    expect(failure?.correlationId).toMatch(/^[0-9a-f-]{36}$/u);
    expect(failure?.serverText).toMatch(/^AADSTS50076/u);
  });
});

describe('the claims stage', () => {
  test('names the role that nobody consented to', async () => {
    tenant.sandbox.directory.revokeAppRole(clientId, 'IMAP.AccessAsApp');
    const checks = await check();
    expect(failed(checks)).toEqual([['claims:imap', 'permission', 'role-missing']]);
    expect(checks.find(({ status }) => status === 'failed')?.failure?.parameters?.['permission']).toBe(
      'IMAP.AccessAsApp',
    );
    expect(statusOf(checks, 'sign-in:imap')).toBe('skipped');
    expect(statusOf(checks, 'sign-in:smtp')).toBe('passed');
  });

  test('sees a role that was granted since the last token', async () => {
    tenant.sandbox.directory.revokeAppRole(clientId, 'IMAP.AccessAsApp');
    await check();
    tenant.sandbox.directory.grantAppRole(clientId, 'IMAP.AccessAsApp');
    await new Promise((resolve) => setTimeout(resolve, 1100)); // a token is taken for new during its first second
    expect(failed(await check())).toEqual([]);
  });
});

describe('the mailbox', () => {
  test('without FullAccess does not open, though the sign-in passes', async () => {
    tenant.sandbox.directory.revokeFullAccess(
      anna,
      tenant.sandbox.directory.application(clientId).servicePrincipalObjectId,
    );
    const checks = await check();
    expect(failed(checks)[0]).toEqual(['mailbox:imap', 'permission', 'mailbox-not-opened']);
    expect(statusOf(checks, 'sign-in:imap')).toBe('passed');
    expect(statusOf(checks, 'folder:imap')).toBe('skipped');
    const { failure } = checks.find(({ status }) => status === 'failed')!;
    expect(connector.explain(failure, 'en').remedy).toContain(
      `Add-MailboxPermission -Identity ${anna} -User ${tenant.sandbox.directory.application(clientId).servicePrincipalObjectId} `,
    );
  });

  test('with IMAP switched off refuses the sign-in', async () => {
    tenant.sandbox.directory.mailbox(anna).imapEnabled = false;
    expect(failed(await check())[0]).toEqual(['sign-in:imap', 'permission', 'imap-sign-in-refused']);
  });

  test('without the configured folder fails at the folder', async () => {
    const checks = await check({}, [{ id: 'read-email', config: { folder: 'Orders' } }]);
    expect(failed(checks)).toEqual([['folder:imap', 'not-found', 'folder-not-found']]);
  });
});

describe('sending', () => {
  test('closed for the mailbox says so and how to open it for this mailbox alone', async () => {
    tenant.sandbox.directory.mailbox(anna).smtpClientAuthenticationDisabled = true;
    const checks = await check();
    expect(failed(checks)).toEqual([['sign-in:smtp', 'permission', 'smtp-closed-for-mailbox']]);
    const { failure } = checks.find(({ status }) => status === 'failed')!;
    expect(connector.explain(failure, 'de').remedy).toContain(
      `Set-CASMailbox -Identity ${anna} -SmtpClientAuthenticationDisabled $false`,
    );
  });

  test('closed for the tenant is told apart', async () => {
    tenant.sandbox.directory.mailbox(anna).smtpClientAuthenticationDisabled = undefined;
    tenant.sandbox.directory.tenant.smtpClientAuthenticationDisabled = true;
    expect(failed(await check())).toEqual([['sign-in:smtp', 'permission', 'smtp-closed-for-tenant']]);
  });
});

describe('the network', () => {
  const through = (hosts: Record<string, string>, trustedRoots = tenant.net.trustedRoots) =>
    openConnector({
      net: {
        hosts: { ...tenant.net.hosts, ...hosts },
        trustedRoots,
        connectTimeoutMs: 2000,
        idleTimeoutMs: 2000,
      },
    });

  test('down at the authority fails there and still tests the mail hosts', async () => {
    const checks = await check({}, undefined, through({ 'login.microsoftonline.com:443': '127.0.0.1:1' }));
    expect(failed(checks)).toEqual([['authority', 'transient', 'host-refused']]);
    expect(statusOf(checks, 'mail-host:imap')).toBe('passed');
    expect(statusOf(checks, 'token')).toBe('skipped');
  });

  test('down at the mail host fails there', async () => {
    const checks = await check({}, undefined, through({ 'outlook.office365.com:993': '127.0.0.1:1' }));
    expect(failed(checks)).toEqual([['mail-host:imap', 'transient', 'host-refused']]);
    expect(statusOf(checks, 'sign-in:smtp')).toBe('passed');
  });

  test('with a certificate that is not trusted fails as config, everywhere', async () => {
    const checks = await check({}, undefined, through({}, []));
    expect(failed(checks)).toEqual([
      ['authority', 'config', 'certificate-not-trusted'],
      ['mail-host:imap', 'config', 'certificate-not-trusted'],
      ['mail-host:smtp', 'config', 'certificate-not-trusted'],
    ]);
  });

  test('leading to another server than the certificate names is not trusted either', async () => {
    const hosts = { 'login.microsoftonline.com:443': tenant.net.hosts['outlook.office365.com:993'] ?? '' };
    const checks = await check({}, undefined, through(hosts));
    expect(failed(checks)[0]?.[0]).toBe('authority');
  });
});

describe('a server that says nothing', () => {
  const silent: Server[] = [];
  afterEach(() => silent.splice(0).forEach((server) => server.close()));

  async function startSilent(): Promise<{ address: string; open: () => number }> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.resume(); // or it would not hear of its end
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    });
    silent.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return {
      address: `127.0.0.1:${String((server.address() as AddressInfo).port)}`,
      open: () => sockets.size,
    };
  }

  test('fails its stage in time and leaves no connection open', async () => {
    const { address, open } = await startSilent();
    const hosts = {
      ...tenant.net.hosts,
      'outlook.office365.com:993': address,
      'smtp.office365.com:587': address,
    };
    const using = openConnector({ net: { ...tenant.net, hosts, connectTimeoutMs: 300, idleTimeoutMs: 300 } });
    const checks = await check({}, undefined, using);
    expect(failed(checks)).toEqual([
      ['mail-host:imap', 'transient', 'host-timed-out'],
      ['mail-host:smtp', 'transient', 'host-timed-out'],
    ]);
    await new Promise((resolve) => setTimeout(resolve, 100)); // the other side hears of it a moment later
    expect(open()).toBe(0);
  });

  test('does not hold up a cancelled call, at the token endpoint neither', async () => {
    const { address } = await startSilent();
    const hosts = { ...tenant.net.hosts, 'login.microsoftonline.com:443': address };
    const using = openConnector({
      net: { ...tenant.net, hosts, connectTimeoutMs: 900, idleTimeoutMs: 900 },
    });
    const cancel = new AbortController();
    const started = performance.now();
    setTimeout(() => cancel.abort(new Error('enough')), 100);
    const listing = using.list(
      'folders',
      { connection: tenant.connection('anna') },
      { signal: cancel.signal },
    );
    await expect(listing).rejects.toThrow('enough');
    expect(performance.now() - started).toBeLessThan(800);
  });
});

test('a cancelled test ends with the reason', async () => {
  const cancel = new AbortController();
  const checks = connector.check({ connection: tenant.connection('anna') }, { signal: cancel.signal });
  await checks.next();
  cancel.abort(new Error('enough'));
  await expect(checks.next()).rejects.toThrow('enough');
});
