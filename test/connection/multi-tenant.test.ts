/**
 * One app for several companies: what it lacks in a customer's tenant until their administrator consents, and that no
 * tenant's token is used for another.
 */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Connector } from '../../src/index.js';
import { DEMO } from '../../src/sandbox/index.js';
import type { Directory } from '../../src/sandbox/index.js';
import { signInWithBrowser } from '../support/browserless.js';
import {
  connected,
  failuresIn,
  openTrial,
  read,
  send,
  testConnection,
  type SandboxTenant,
  type Settings,
} from '../support/trial.js';

const { clientId, clientSecret } = DEMO.multiTenant;
const { erik } = DEMO.fabrikam.people;
const { anna } = DEMO.people;
const redirectUri = DEMO.redirectUris.web;
let tenant: SandboxTenant;
let connector: Connector;
let fabrikam: Directory;
beforeEach(async () => {
  ({ tenant, connector } = await openTrial());
  fabrikam = tenant.sandbox.cloud.tenant(DEMO.fabrikam.tenantId);
});
afterEach(() => tenant.stop());

const asApp: Settings = {
  tenant: DEMO.fabrikam.tenantId,
  mailbox: erik.address,
  authentication: { method: 'client-secret', clientId, clientSecret },
};
const asUser = (authority: string, mailbox: string = erik.address): Settings => ({
  tenant: authority,
  mailbox,
  authentication: { method: 'sign-in', clientId, clientSecret },
});

/** What the administrator of Fabrikam does with the link to the consent page. */
async function consentAtFabrikam(): Promise<void> {
  const { userName, password } = DEMO.fabrikam.administrator;
  const query = new URLSearchParams({ client_id: clientId, redirect_uri: redirectUri, state: 'x' });
  const url = `https://login.microsoftonline.com/${DEMO.fabrikam.tenantId}/adminconsent?${query.toString()}`;
  const { parameters } = await signInWithBrowser(url, { userName, password, net: tenant.net });
  expect(parameters['admin_consent']).toBe('True');
}

describe('as an app', () => {
  test('the customer’s tenant does not know it until consent; then Exchange has to be told', async () => {
    const before = await testConnection(connector, asApp);
    expect(failuresIn(before)).toEqual(['token app-not-found']);
    await consentAtFabrikam();
    const consented = await testConnection(connector, asApp);
    expect(failuresIn(consented)).toEqual([
      'sign-in:imap imap-sign-in-refused',
      'sign-in:smtp smtp-sign-in-refused',
    ]);
    fabrikam.addExchangeServicePrincipal(clientId);
    fabrikam.grantFullAccess(erik.address, clientId);
    expect(failuresIn(await testConnection(connector, asApp))).toEqual([]);
    expect(await send(connector, asApp, anna.address)).toEqual(['accepted']);
  });

  test('consent in the customer’s tenant names the object id there, not the one at home', async () => {
    await consentAtFabrikam();
    fabrikam.addExchangeServicePrincipal(clientId);
    const failure = await read(connector, asApp).catch((error: unknown) => error);
    const { servicePrincipalObjectId } = fabrikam.application(clientId);
    expect(failure).toMatchObject({
      code: 'mailbox-not-opened',
      facts: { parameters: { trustee: servicePrincipalObjectId } },
    });
    const home = tenant.sandbox.directory.application(clientId).servicePrincipalObjectId;
    expect(servicePrincipalObjectId).not.toBe(home);
  });

  test('a token of one tenant is not used for another', async () => {
    tenant.sandbox.directory.addExchangeServicePrincipal(clientId);
    tenant.sandbox.directory.grantFullAccess(anna.address, clientId);
    const atHome = { ...asApp, tenant: DEMO.tenantId, mailbox: anna.address };
    expect(await read(connector, atHome)).toBe(0);
    await expect(read(connector, asApp)).rejects.toMatchObject({ code: 'app-not-found' });
    await expect(read(connector, { ...atHome, mailbox: erik.address })).rejects.toMatchObject({
      kind: 'permission',
    });
  });
});

describe('as a user', () => {
  test.each(['organizations', 'common', DEMO.fabrikam.tenantId, DEMO.fabrikam.domain])(
    'of another company, under %s, signs in and consents',
    async (authority) => {
      const connection = await connected(connector, tenant, asUser(authority), erik, redirectUri);
      expect(await read(connector, connection)).toBe(0);
      expect(failuresIn(await testConnection(connector, connection))).toEqual([]);
      expect(await connector.signedIn({ connection })).toMatchObject({ tenantId: DEMO.fabrikam.tenantId });
    },
  );

  test('is sent to an administrator where users may not consent, until one has', async () => {
    fabrikam.tenant.userConsentAllowed = false;
    await expect(
      connected(connector, tenant, asUser('organizations'), erik, redirectUri),
    ).rejects.toMatchObject({ kind: 'permission' });
    await consentAtFabrikam();
    const connection = await connected(connector, tenant, asUser('organizations'), erik, redirectUri);
    expect(await read(connector, connection)).toBe(0);
  });

  test('with a password under organizations signs in once consent is given', async () => {
    const authentication = {
      method: 'password',
      clientId,
      clientSecret,
      userName: erik.address,
      password: erik.password,
    };
    const connection = { ...asUser('organizations'), authentication };
    await expect(read(connector, connection)).rejects.toMatchObject({
      kind: expect.stringMatching(/config|permission/u),
    });
    await consentAtFabrikam();
    expect(await read(connector, connection)).toBe(0);
  });

  test('of a tenant other than the one named is refused at Microsoft', async () => {
    await expect(
      connected(connector, tenant, asUser(DEMO.fabrikam.tenantId), anna, redirectUri),
    ).rejects.toThrow(/AADSTS50020/u);
  });
});
