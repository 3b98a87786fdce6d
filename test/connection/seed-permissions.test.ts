/**
 * Apps registered word for word as the setup pages of four other products say: each signs in here the way its page
 * describes; what is missing is named, what is surplus comes to light, and the fix-kit takes away exactly that.
 */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { planSetup, type HeldPermission, type SetupSettings } from '../../src/admin/index.js';
import type { Check, Connector } from '../../src/index.js';
import { DEMO } from '../../src/sandbox/index.js';
import { enterDeviceCode } from '../support/browserless.js';
import { permissionSet, type SeedId } from '../support/permission-sets.js';
import {
  checkNamed,
  connected,
  failuresIn,
  openTrial,
  read,
  READING,
  send,
  testConnection,
  type SandboxTenant,
  type Settings,
} from '../support/trial.js';

const { anna, bernd } = DEMO.people;
const clientId = '55555555-0365-4da1-8a3e-000000000005';
const clientSecret = 'seed-secret';
let tenant: SandboxTenant;
let connector: Connector;
beforeEach(async () => {
  ({ tenant, connector } = await openTrial());
});
afterEach(() => tenant.stop());

/** Registers what the page says, and runs the page's Exchange commands. */
function register(
  id: SeedId,
  changes: { publicClient?: boolean; audience?: 'AzureADMultipleOrgs' } = {},
): void {
  const { product, permissions, redirectUris, publicClient, exchange } = permissionSet(id);
  const named = (kind: string): string[] =>
    permissions.filter((one) => one.kind === kind).map(({ permission }) => permission);
  const { directory } = tenant.sandbox;
  directory.addApplication({
    clientId,
    name: product,
    signInAudience: changes.audience ?? 'AzureADMyOrg',
    secrets: [{ value: clientSecret, expiresAt: Date.now() + 3_600_000 }],
    appRoles: named('application'),
    delegatedScopes: named('delegated'),
    allowPublicClientFlows: changes.publicClient ?? publicClient,
    redirectUris: redirectUris.map(({ type, uri }) => ({ uri, type: type === 'web' ? 'web' : 'public' })),
  });
  if (exchange.servicePrincipal) directory.addExchangeServicePrincipal(clientId);
  if (exchange.fullAccessOn === 'mailbox') directory.grantFullAccess(anna.address, clientId);
}
const signingIn = (authentication: Record<string, unknown>): Settings => ({
  tenant: tenant.sandbox.tenantId,
  mailbox: anna.address,
  authentication: { clientId, ...authentication },
});
const asApp = (): Settings => signingIn({ method: 'client-secret', clientSecret });
const asUser = (): Settings =>
  signingIn({ method: 'password', clientSecret, userName: anna.address, password: anna.password });
const surplusIn = (checks: readonly Check[]): unknown[] =>
  (checkNamed(checks, 'least-privilege').evidence['surplus'] as unknown[] | undefined) ?? [];

/** Permission names that the fix-kit's commands remove, given what Test saw. */
function removedBy(
  settings: Settings,
  checks: readonly Check[],
): { powershell: string[]; azureCli: string[] } {
  const ids = checkNamed(checks, 'least-privilege').evidence['held'] as string[];
  const held = ids.map((id) => {
    const [resource, kind, permission] = id.split('/');
    return { resource, kind, permission } as HeldPermission;
  });
  const { steps } = planSetup({
    settings: settings as unknown as SetupSettings,
    transports: ['imap', 'smtp'],
    only: ['rights-surplus'],
    held,
    language: 'en',
  });
  const [step] = steps;
  expect(steps).toHaveLength(1);
  const all = (text: string | undefined, form: RegExp): string[] =>
    [...new Set([...(text ?? '').matchAll(form)].map(([, name]) => name ?? ''))].sort();
  return {
    powershell: all(step?.powershell.do, /Name = '([\w.]+)'/gu),
    azureCli: all(step?.azureCli?.do, /change '([\w.]+)'/gu),
  };
}

describe('Jitterbit: user name and password, confidential app', () => {
  const surplus = [
    'exchange/application/IMAP.AccessAsApp',
    'exchange/application/POP.AccessAsApp',
    'graph/application/Mail.Send',
    'graph/application/User.Read.All',
  ];

  test('reads and sends, and shows that the app may send as anyone', async () => {
    register('jitterbit');
    const settings = asUser();
    expect(await read(connector, settings)).toBe(0);
    expect(await send(connector, settings, bernd.address)).toEqual(['accepted']);
    const checks = await testConnection(connector, settings);
    expect(failuresIn(checks)).toEqual([]);
    expect(checkNamed(checks, 'least-privilege')).toMatchObject({
      status: 'warning',
      failure: { code: 'rights-surplus', kind: 'permission' },
    });
    expect([...surplusIn(checks)].sort()).toEqual(surplus);
    const names = surplus.map((id) => id.split('/')[2]).sort();
    expect(removedBy(settings, checks)).toEqual({ powershell: names, azureCli: names });
  });

  test('without the secret is told that the app allows no sign-in without one', async () => {
    register('jitterbit');
    const { address: userName, password } = anna;
    const authentication = { method: 'password', userName, password };
    await expect(read(connector, signingIn(authentication))).rejects.toMatchObject({
      code: 'public-client-not-allowed',
    });
  });

  test('cannot be verified with a device code until public client flows are allowed', async () => {
    register('jitterbit');
    const start = connector.signInByDeviceCode({ connection: asUser() });
    await expect(start.next()).rejects.toMatchObject({ facts: { reply: 'AADSTS7000218' } });
    tenant.sandbox.directory.removeApplication(clientId);
    register('jitterbit', { publicClient: true });
    tenant.sandbox.deviceCodes.intervalSeconds = 1;
    const steps: string[] = [];
    for await (const step of connector.signInByDeviceCode({ connection: asUser() })) {
      steps.push(step.step);
      if (step.step === 'code') {
        const { address, password } = anna;
        await enterDeviceCode({ userName: address, password, net: tenant.net, ...step });
      }
    }
    expect(steps).toEqual(['code', 'verified']);
  });

  test('opens no mailbox that is not the user’s own', async () => {
    register('jitterbit');
    await expect(read(connector, { ...asUser(), mailbox: bernd.address })).rejects.toMatchObject({
      code: 'mailbox-not-opened',
    });
  });
});

describe('cevisio: as an app', () => {
  test('reads and sends; POP3 and Exchange Web Services are surplus', async () => {
    register('cevisio');
    expect(await read(connector, asApp())).toBe(0);
    expect(await send(connector, asApp(), bernd.address)).toEqual(['accepted']);
    const checks = await testConnection(connector, asApp());
    expect(failuresIn(checks)).toEqual([]);
    const surplus = ['exchange/application/POP.AccessAsApp', 'exchange/application/full_access_as_app'];
    expect([...surplusIn(checks)].sort()).toEqual(surplus);
    const names = ['POP.AccessAsApp', 'full_access_as_app'];
    expect(removedBy(asApp(), checks)).toEqual({ powershell: names, azureCli: names });
  });

  test('that only reads has sending to give back as well', async () => {
    register('cevisio');
    const checks = await testConnection(connector, asApp(), { activities: READING });
    expect(surplusIn(checks)).toContain('exchange/application/SMTP.SendAsApp');
    expect(surplusIn(checks)).not.toContain('exchange/application/IMAP.AccessAsApp');
  });
});

describe('Concept Office: as an app, POP3 alone', () => {
  test('is told by name what reading over IMAP lacks, and what it does not need', async () => {
    register('concept-office');
    const checks = await testConnection(connector, asApp(), { activities: READING });
    expect(failuresIn(checks)).toEqual(['claims:imap role-missing']);
    const { failure } = checkNamed(checks, 'claims:imap');
    expect(failure?.parameters).toMatchObject({ permission: 'IMAP.AccessAsApp', clientId });
    expect(connector.explain(failure, 'en').title).toContain('IMAP.AccessAsApp');
    expect(checkNamed(checks, 'sign-in:imap').status).toBe('skipped');
    expect(surplusIn(checks)).toEqual(['exchange/application/POP.AccessAsApp']);
    expect(removedBy(asApp(), checks).powershell).toEqual(['POP.AccessAsApp']);
  });

  test('works once the named permission is granted', async () => {
    register('concept-office');
    tenant.sandbox.directory.grantAppRole(clientId, 'IMAP.AccessAsApp');
    expect(await read(connector, asApp())).toBe(0);
  });
});

describe('i-net HelpDesk', () => {
  const redirect = 'https://helpdesk.example/oauth-callback';
  const inBrowser = (): Settings => signingIn({ method: 'sign-in', clientSecret });

  test('as a user: what the page leaves out, the user consents to', async () => {
    register('inet-helpdesk-user');
    const connection = await connected(connector, tenant, inBrowser(), anna, redirect);
    expect(await read(connector, connection)).toBe(0);
    expect(await send(connector, connection, bernd.address)).toEqual(['accepted']);
    const checks = await testConnection(connector, connection);
    expect(failuresIn(checks)).toEqual([]);
    expect(checkNamed(checks, 'least-privilege').status).toBe('passed');
  });

  test('as a user where users may not consent: an administrator is asked for', async () => {
    register('inet-helpdesk-user');
    tenant.sandbox.directory.tenant.userConsentAllowed = false;
    await expect(connected(connector, tenant, inBrowser(), anna, redirect)).rejects.toMatchObject({
      kind: 'permission',
      code: expect.stringMatching(/^admin-consent-/u),
    });
    for (const scope of ['IMAP.AccessAsUser.All', 'SMTP.Send', 'offline_access', 'openid', 'profile']) {
      tenant.sandbox.directory.grantDelegatedScope(clientId, scope);
    }
    expect(await read(connector, await connected(connector, tenant, inBrowser(), anna, redirect))).toBe(0);
  });

  test('as an app: reads and sends with nothing to spare', async () => {
    register('inet-helpdesk-app');
    const checks = await testConnection(connector, asApp());
    expect(failuresIn(checks)).toEqual([]);
    expect(surplusIn(checks)).toEqual([]);
    expect(await send(connector, asApp(), bernd.address)).toEqual(['accepted']);
  });

  test('for several tenants: a user of another company signs in', async () => {
    register('inet-helpdesk-user', { audience: 'AzureADMultipleOrgs' });
    const { erik } = DEMO.fabrikam.people;
    const settings = { ...inBrowser(), tenant: 'organizations', mailbox: erik.address };
    const connection = await connected(connector, tenant, settings, erik, redirect);
    expect(await read(connector, connection)).toBe(0);
    expect(await connector.signedIn({ connection })).toMatchObject({ tenantId: DEMO.fabrikam.tenantId });
  });

  test('registered for one tenant only, is not there for users of another', async () => {
    register('inet-helpdesk-user');
    const { erik } = DEMO.fabrikam.people;
    const settings = { ...inBrowser(), tenant: DEMO.fabrikam.tenantId, mailbox: erik.address };
    await expect(connected(connector, tenant, settings, erik, redirect)).rejects.toThrow(/AADSTS700016/u);
  });
});
