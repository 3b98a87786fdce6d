/** Which steps a connection needs, and above all which it does not. */
import { describe, expect, test } from '@jest/globals';
import {
  openingsOf,
  planSetup,
  protocolOf,
  renderAppManifest,
  renderAzureCli,
  renderPowerShell,
  STEPS_FOR_FAILURE,
  transportsInUse,
  transportsThatChange,
  adminConsentLinks,
  adminConsentUrl,
  userConsentUrl,
  type Method,
  type SetupRequest,
  type StepId,
  type Transport,
} from '../../src/admin/index.js';
import { Failure } from '../../src/errors/index.js';
import { FAILURES } from '../../src/generated/failures.js';
import { loadManifest } from '../../src/manifest/index.js';
import { ALL_METHODS, APP_METHODS, CLIENT_ID, request, USER_METHODS } from './support/requests.js';

const ids = (one: SetupRequest): StepId[] => planSetup(one).steps.map(({ id }) => id);
const scripts = (one: SetupRequest): string => {
  const plan = planSetup(one);
  return (['setup', 'verify', 'undo'] as const)
    .flatMap((mode) => [renderPowerShell(plan, mode), renderAzureCli(plan, mode)])
    .join('\n');
};
const codeOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof Failure) return error.code;
    throw error;
  }
  return 'nothing thrown';
};

describe('steps', () => {
  test('an app with a secret is registered, consented to, and let into the mailboxes', () => {
    expect(ids(request('client-secret'))).toEqual([
      'app',
      'enterprise-app',
      'permissions',
      'consent',
      'client-secret',
      'service-principal',
      'mailbox-access',
      'imap-on',
      'smtp-auth-on',
    ]);
  });

  test.each(APP_METHODS)('%s proves the identity in its own way only', (method) => {
    const credentials = ['client-secret', 'certificate', 'federated-credential'];
    expect(ids(request(method)).filter((id) => credentials.includes(id))).toEqual([method]);
  });

  test.each(USER_METHODS)('%s needs no service principal in Exchange, and opens no own mailbox', (method) => {
    const found = ids(request(method));
    expect(found).toContain('consent');
    expect(found).not.toContain('service-principal');
    expect(found).not.toContain('mailbox-access');
    expect(found).toContain('public-client');
  });

  test('a user who opens a shared mailbox is let into that one only', () => {
    const one = request('sign-in', ['imap'], { mailboxes: ['anna@contoso.com', 'orders@contoso.com'] });
    const settings = { ...one.settings, authentication: { method: 'sign-in', account: 'Anna@contoso.com' } };
    const plan = planSetup({ ...one, settings });
    expect(plan.steps.map(({ id }) => id)).toContain('mailbox-access');
    expect(renderPowerShell(plan)).toContain("$ForeignMailboxes = @('orders@contoso.com')");
    expect(renderPowerShell(plan)).toContain(
      'Add-MailboxPermission -Identity $Mailbox -User $Account -AccessRights FullAccess -AutoMapping:$false',
    );
  });

  test('a redirect URI with a secret is one of the platform Web, without one that of a public client', () => {
    const one = request('sign-in');
    const web = { ...one.settings, authentication: { ...one.settings.authentication, clientSecret: 'set' } };
    expect(renderAppManifest(planSetup({ ...one, settings: web })).manifest).toMatchObject({
      web: { redirectUris: ['http://localhost'] },
      publicClient: { redirectUris: [] },
      isFallbackPublicClient: false,
    });
    expect(renderAppManifest(planSetup(one)).manifest).toMatchObject({
      publicClient: { redirectUris: ['http://localhost'] },
      isFallbackPublicClient: true,
    });
  });

  test('sending as another address is permitted for that address only', () => {
    const one = request('client-secret', ['smtp'], {
      sendAs: [{ mailbox: 'orders@contoso.com', as: 'sales@contoso.com' }],
    });
    const step = planSetup(one).steps.find(({ id }) => id === 'send-as');
    expect(step?.powershell.do).toContain("'sales@contoso.com'");
    expect(ids(request('client-secret', ['smtp']))).not.toContain('send-as');
  });

  test('through the Exchange role, an app sends without API permission and without FullAccess', () => {
    const one = request('client-secret', ['smtp'], { smtpThrough: 'exchange-role' });
    const text = renderPowerShell(planSetup(one));
    expect(ids(one)).not.toEqual(expect.arrayContaining(['permissions']));
    expect(text).toContain("-Role 'Application SMTP.SendAsApp' -CustomResourceScope $ScopeName");
    expect(text).not.toContain('Add-MailboxPermission');
    expect(text).not.toContain("Name = 'SMTP.SendAsApp'");
    expect(renderPowerShell(planSetup(one), 'verify')).toContain('Test-ServicePrincipalAuthorization');
  });

  test('personal accounts have nobody who could run Exchange steps', () => {
    const one = request('device-code');
    const plan = planSetup({ ...one, settings: { ...one.settings, tenant: 'consumers' } });
    expect(plan.steps.some(({ service }) => service === 'exchange')).toBe(false);
    expect(plan.audience).toBe('AzureADandPersonalMicrosoftAccount');
    expect(adminConsentUrl(plan)).toBeUndefined();
  });
});

describe('least privilege', () => {
  test.each(ALL_METHODS)('%s: reading never mentions SMTP, sending never IMAP', (method) => {
    // PrimarySmtpAddress is what Exchange calls any mailbox's address.
    expect(scripts(request(method, ['imap']))).not.toMatch(/smtp(?!Address)/iu);
    expect(scripts(request(method, ['smtp']))).not.toMatch(/imap/iu);
    // The control: both together mention both.
    expect(scripts(request(method))).toMatch(/smtp/iu);
    expect(scripts(request(method))).toMatch(/imap/iu);
  });

  test.each(ALL_METHODS)(
    '%s: no switch of the organisation, no application permission of Graph',
    (method) => {
      const text = scripts(request(method));
      expect(text).not.toMatch(/Set-(?:TransportConfig|OrganizationConfig)/u);
      expect(text).not.toMatch(/-ServiceId\b|AzureAD(?:Preview)?['\s]|Connect-AzureAD|-SearchString/u);
      const { permissions } = planSetup(request(method));
      expect(
        permissions.filter(({ resource, kind }) => resource === 'graph' && kind === 'application'),
      ).toEqual([]);
    },
  );

  test.each(APP_METHODS)(
    '%s over Graph: an Exchange role on a group of mailboxes, and nothing else',
    (method) => {
      const one = request(method, ['graph']);
      const text = renderPowerShell(planSetup(one));
      expect(planSetup(one).permissions).toEqual([]);
      expect(ids(one).slice(-2)).toEqual(['service-principal', 'mail-role']);
      expect(text).toContain("-Role 'Application Mail.Read' -CustomResourceScope $ReadScopeName");
      expect(text).not.toMatch(
        /Add-MailboxPermission|Set-CASMailbox|New-MgServicePrincipalAppRoleAssignment/u,
      );
      // The control: what changes mail takes the other role, and still no more.
      const changing = renderPowerShell(planSetup({ ...one, changingOver: ['graph'] }));
      expect(changing).toContain("-Role 'Application Mail.ReadWrite' -CustomResourceScope $ReadScopeName");
      expect(changing).not.toMatch(/Add-MailboxPermission|Set-CASMailbox/u);
    },
  );

  describe('sending over Graph', () => {
    const AS = [{ mailbox: 'orders@contoso.com', as: 'sales@contoso.com' }];
    const scopes = (one: SetupRequest): string[] =>
      planSetup(one)
        .permissions.map(({ permission }) => permission)
        .filter((name) => name !== 'offline_access');

    test.each(APP_METHODS)('%s: an Exchange role on a group of mailboxes, and no right to read', (method) => {
      const one = request(method, ['graph-send']);
      const text = renderPowerShell(planSetup(one));
      expect(planSetup(one).permissions).toEqual([]);
      expect(ids(one).slice(-2)).toEqual(['service-principal', 'mail-send-role']);
      expect(text).toContain("-Role 'Application Mail.Send' -CustomResourceScope $SendScopeName");
      expect(text).not.toContain("-Role 'Application Mail.Read");
      expect(scripts(one)).not.toMatch(
        /Add-MailboxPermission|Set-CASMailbox|New-MgServicePrincipalAppRoleAssignment|smtp(?!Address)|imap/iu,
      );
      expect(adminConsentLinks(planSetup(one))).toEqual([]);
    });

    test.each([
      ['files over 2 MB', { largeFiles: true }, []],
      ['another author', { sendAs: AS }, ['send-as']],
    ] as const)('%s take the role for drafts as well, in the same group', (_, more, steps) => {
      const one = request('client-secret', ['graph-send'], more);
      const text = renderPowerShell(planSetup(one));
      expect(text).toContain("-Role 'Application Mail.Send' -CustomResourceScope $SendScopeName");
      expect(text).toContain("-Role 'Application Mail.ReadWrite' -CustomResourceScope $SendScopeName");
      expect(ids(one).slice(-1 - steps.length)).toEqual(['mail-send-role', ...steps]);
      // The control: over SMTP nothing of the kind is needed.
      expect(scripts(request('client-secret', ['smtp'], more))).not.toContain('Mail.ReadWrite');
    });

    test('the sender in other letters is the mailbox itself', () => {
      const sendAs = [{ mailbox: 'orders@contoso.com', as: 'Orders@Contoso.com' }];
      const one = request('client-secret', ['graph-send'], { sendAs });
      expect(ids(one)).not.toContain('send-as');
      expect(scripts(one)).not.toContain("-Role 'Application Mail.ReadWrite'");
    });

    test.each(USER_METHODS)('%s: consent to Mail.Send, and nothing in Exchange Online', (method) => {
      const one = request(method, ['graph-send']);
      expect(scopes(one)).toEqual(['Mail.Send']);
      expect(planSetup(one).steps.filter(({ service }) => service === 'exchange')).toEqual([]);
    });

    test('a user who sends from a shared mailbox: Mail.Send.Shared, FullAccess and SendAs on it', () => {
      const one = request('sign-in', ['graph-send'], { mailboxes: ['team@contoso.com'] });
      expect(scopes(one)).toEqual(['Mail.Send.Shared']);
      expect(ids(one).slice(-2)).toEqual(['mailbox-access', 'send-as']);
      const text = renderPowerShell(planSetup(one));
      expect(text).toContain("$ForeignMailboxes = @('team@contoso.com')");
      expect(text).toContain("foreach ($Address in @('team@contoso.com'))");
      const large = request('sign-in', ['graph-send'], { mailboxes: ['team@contoso.com'], largeFiles: true });
      expect(scopes(large)).toEqual(['Mail.ReadWrite.Shared', 'Mail.Send.Shared']);
    });

    test('a user who sends as another address: permission for others, for drafts, and SendAs', () => {
      const one = request('sign-in', ['graph-send'], { sendAs: AS });
      expect(scopes(one)).toEqual(['Mail.ReadWrite', 'Mail.Send', 'Mail.Send.Shared']);
      expect(ids(one).slice(-1)).toEqual(['send-as']);
      const link = new URL(userConsentUrl(planSetup(one)) ?? '');
      expect(link.searchParams.get('scope')?.split(' ')).toContain(
        'https://graph.microsoft.com/Mail.Send.Shared',
      );
    });

    test('reading and sending have groups of their own', () => {
      const text = renderPowerShell(planSetup(request('client-secret', ['graph', 'graph-send'])));
      expect(text).toContain("-Role 'Application Mail.Read' -CustomResourceScope $ReadScopeName");
      expect(text).toContain("-Role 'Application Mail.Send' -CustomResourceScope $SendScopeName");
    });
  });

  test('which activity sends over Graph is not taken for one that reads', () => {
    const known = loadManifest().activities;
    const over = (id: string, transport?: string) => transportsInUse([{ id, config: { transport } }], known);
    expect(over('send-email', 'graph')).toEqual(['graph-send']);
    expect(over('send-email')).toEqual(['smtp']);
    expect(over('read-email', 'graph')).toEqual(['graph']);
    expect([protocolOf('graph-send'), protocolOf('graph'), protocolOf('smtp')]).toEqual([
      'graph',
      'graph',
      'smtp',
    ]);
  });

  test('what is changed over one protocol needs no right to change over another', () => {
    const both = (changingOver: readonly Transport[], method: Method = 'client-secret') =>
      planSetup(request(method, ['imap', 'graph'], { changingOver }));
    expect(renderPowerShell(both(['imap']))).not.toContain("-Role 'Application Mail.ReadWrite' ");
    expect(renderPowerShell(both(['imap']))).toContain("-Role 'Application Mail.Read' ");
    expect(renderPowerShell(both(['graph']))).toContain("-Role 'Application Mail.ReadWrite' ");
    const scopes = (plan: ReturnType<typeof both>) => plan.permissions.map(({ permission }) => permission);
    expect(scopes(both(['imap'], 'sign-in'))).toEqual(expect.arrayContaining(['Mail.Read']));
    expect(scopes(both(['imap'], 'sign-in'))).not.toContain('Mail.ReadWrite');
    expect(scopes(both(['graph'], 'sign-in'))).toContain('Mail.ReadWrite');
    expect(scopes(both(['graph'], 'sign-in'))).not.toContain('Mail.Read');
  });

  test.each(ALL_METHODS)('%s over POP3: its own permission and its own switch', (method) => {
    const text = scripts(request(method, ['pop3']));
    expect(text).toContain('Set-CASMailbox -Identity $Mailbox -PopEnabled $true');
    expect(text).toMatch(/POP\.AccessAs(?:App|User\.All)/u);
    expect(text).not.toMatch(/imap|smtp(?!Address)|Mail\.Read/iu);
  });

  test('which activities change mail is seen for each transport', () => {
    const known = loadManifest().activities;
    const reading = (transport: string | undefined, afterRead?: string) => ({
      id: 'read-email',
      config: { transport, afterRead },
    });
    const activities = [reading(undefined, 'move'), reading('graph'), reading('pop3', 'none')];
    expect(transportsInUse(activities, known)).toEqual(['imap', 'graph', 'pop3']);
    expect(transportsThatChange(activities, known)).toEqual(['imap']);
    expect(transportsThatChange([reading('graph', 'flag')], known)).toEqual(['graph']);
  });

  test('consent for a user is consent for that user alone', () => {
    const text = renderPowerShell(planSetup(request('sign-in')));
    expect(text).toContain("consentType = 'Principal'");
    expect(text).not.toContain("consentType = 'AllPrincipals'");
  });

  test('the sign-in of the script asks Graph for no more than its steps need', () => {
    const scopesOf = (one: SetupRequest): string[] =>
      [...(/-Scopes (.*)/u.exec(renderPowerShell(planSetup(one)))?.[1]?.matchAll(/'([^']+)'/gu) ?? [])].map(
        ([, scope = '']) => scope,
      );
    expect(scopesOf(request('client-secret'))).toEqual([
      'Application.ReadWrite.All',
      'AppRoleAssignment.ReadWrite.All',
    ]);
    expect(scopesOf(request('client-secret', ['imap'], { only: ['client-secret-expired'] }))).toEqual([
      'Application.ReadWrite.All',
    ]);
    expect(scopesOf(request('client-secret', ['imap'], { only: ['mailbox-not-opened'] }))).toEqual([
      'Application.Read.All',
    ]);
  });

  test('an unconfirmed id is marked, and no script relies on an id', () => {
    const plan = planSetup(request('client-secret'));
    const { provenance } = renderAppManifest(plan);
    expect(provenance.find(({ permission }) => permission === 'SMTP.SendAsApp')?.provenance).toBe(
      'unconfirmed',
    );
    for (const { guid } of plan.permissions) expect(scripts(request('client-secret'))).not.toContain(guid);
  });
});

describe('only', () => {
  test.each([
    ['role-missing', ['enterprise-app', 'permissions', 'consent']],
    ['mailbox-not-opened', ['service-principal', 'mailbox-access', 'imap-on']],
    ['smtp-closed-for-mailbox', ['smtp-auth-on']],
    ['smtp-closed-for-tenant', ['smtp-auth-on']],
    ['client-secret-expired', ['client-secret']],
    ['app-disabled', ['enable-app']],
    ['folder-not-found', []],
  ])('%s calls for %j', (code, steps) => {
    expect(ids(request('client-secret', ['imap', 'smtp'], { only: [code] }))).toEqual(steps);
  });

  test.each([
    ['mail-role-not-in-token', ['service-principal', 'mail-send-role']],
    ['mail-role-opens-all', ['service-principal', 'mail-send-role']],
    ['graph-access-denied', ['enterprise-app', 'service-principal', 'mail-send-role']],
    ['send-right-not-verifiable', ['mail-send-role', 'send-as']],
    ['sender-not-permitted', ['mail-send-role', 'send-as']],
  ])('sending over Graph, %s calls for %j', (code, steps) => {
    const sendAs = [{ mailbox: 'orders@contoso.com', as: 'sales@contoso.com' }];
    expect(ids(request('client-secret', ['graph-send'], { sendAs, only: [code] }))).toEqual(steps);
  });

  test('nobody’s decision is undone unasked', () => {
    expect(ids(request('client-secret'))).not.toContain('enable-app');
  });

  test('a word that is neither code nor step is refused', () => {
    expect(codeOf(() => planSetup(request('client-secret', ['imap'], { only: ['nonsense'] })))).toBe(
      'input-invalid',
    );
  });

  test('every code in the table is in the catalogue', () => {
    for (const code of Object.keys(STEPS_FOR_FAILURE)) expect(Object.keys(FAILURES)).toContain(code);
  });
});

describe('roles', () => {
  test('consent to Exchange Online needs no privileged role; that is for application permissions of Graph', () => {
    const role = (one: SetupRequest, id: string): string | undefined =>
      planSetup(one).steps.find((step) => step.id === id)?.role;
    expect(role(request('client-secret'), 'consent')).toBe('cloud-application-administrator');
    expect(role(request('client-secret'), 'mailbox-access')).toBe('exchange-administrator');
    const held = [{ resource: 'graph', kind: 'application', permission: 'Mail.Send' }] as const;
    expect(role(request('client-secret', ['imap'], { held, only: ['rights-surplus'] }), 'surplus')).toBe(
      'privileged-role-administrator',
    );
  });
});

describe('what is refused', () => {
  const changed = (settings: object): SetupRequest => {
    const one = request('client-secret');
    return { ...one, settings: { ...one.settings, ...settings } };
  };
  test.each([
    ['a line break in a name', { appName: 'a\nRemove-Item C:' }],
    ['a carriage return in an address', { mailbox: 'a\r@contoso.com' }],
    ['a line separator', { appName: 'a\u2028b' }],
    ['a tenant that is a path', { tenant: '../common' }],
    ['a client ID that is none', { authentication: { method: 'client-secret', clientId: "x' or '1" } }],
    ['an unknown method', { authentication: { method: 'toString' } }],
    ['a redirect URI without TLS', { redirectUris: ['http://evil.example'] }],
    ['a host that only begins like localhost', { redirectUris: ['http://localhost.evil.example'] }],
  ])('%s', (_, settings) => {
    expect(codeOf(() => planSetup(changed(settings)))).toBe('settings-invalid');
  });

  test('an app without a tenant of its own', () => {
    expect(codeOf(() => planSetup(changed({ tenant: 'organizations' })))).toBe('tenant-must-be-named');
  });
});

describe('links', () => {
  test('admin consent names authority, tenant and app; scopes belong to one resource', () => {
    const app = adminConsentLinks(planSetup(request('client-secret'))).map(({ url }) => new URL(url));
    expect(app.map(({ origin, pathname }) => origin + pathname)).toEqual([
      'https://login.microsoftonline.com/contoso.com/adminconsent',
      'https://login.microsoftonline.com/contoso.com/v2.0/adminconsent',
      'https://login.microsoftonline.com/contoso.com/v2.0/adminconsent',
    ]);
    expect(app.slice(1).map(({ searchParams }) => searchParams.get('scope'))).toEqual([
      'https://ps.outlook.com/.default',
      'https://outlook.office365.com/.default',
    ]);
    for (const { searchParams } of app) expect(searchParams.get('client_id')).toBe(CLIENT_ID);
  });

  test('a user consents to the scopes of the mail resource, and to staying signed in', () => {
    const link = new URL(userConsentUrl(planSetup(request('sign-in', ['imap']))) ?? '');
    expect(link.searchParams.get('scope')).toBe(
      'https://outlook.office.com/IMAP.AccessAsUser.All offline_access',
    );
  });

  test('another cloud has another authority', () => {
    const one = request('client-secret');
    const plan = planSetup({ ...one, settings: { ...one.settings, cloud: 'gcc-high' } });
    expect(adminConsentUrl(plan)).toMatch(/^https:\/\/login\.microsoftonline\.us\//u);
    expect(renderPowerShell(plan)).toContain('-ExchangeEnvironmentName');
    expect(renderPowerShell(plan)).toContain("-Environment 'USGov'");
  });
});

describe('openings', () => {
  test('are those of the protocols in use', () => {
    const { settings } = request('client-secret');
    const hosts = (transports: Transport[]): string[] =>
      openingsOf(settings, transports)
        .filter(({ from }) => from === 'connector')
        .map(({ host, port }) => `${host}:${String(port)}`);
    expect(hosts(['imap'])).toEqual(['login.microsoftonline.com:443', 'outlook.office365.com:993']);
    expect(hosts(['smtp'])).toEqual(['login.microsoftonline.com:443', 'smtp.office365.com:587']);
    expect(hosts(['graph-send'])).toEqual([
      'login.microsoftonline.com:443',
      'graph.microsoft.com:443',
      'outlook.office.com:443',
    ]);
    expect(hosts(['graph'])).not.toContain('outlook.office.com:443');
  });

  test('a host that no page of Microsoft’s confirms is marked', () => {
    const { settings } = request('client-secret');
    const smtp = openingsOf({ ...settings, cloud: 'dod' }, ['smtp']).find(
      ({ protocol }) => protocol === 'smtp',
    );
    expect(smtp?.unconfirmed).toBe(true);
  });
});
