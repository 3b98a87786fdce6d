/**
 * Personal accounts (outlook.com): their own tenant, submission host and opaque tokens, and IMAP that is off until the
 * owner switches it on.
 */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { cloudOf, CONSUMER_TENANT, isConsumer } from '../../src/connection/clouds.js';
import type { Connector } from '../../src/index.js';
import { DEMO } from '../../src/sandbox/index.js';
import {
  checkNamed,
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
const { dora } = DEMO.personal.people;
const redirectUri = DEMO.redirectUris.web;
let tenant: SandboxTenant;
let connector: Connector;
beforeEach(async () => {
  ({ tenant, connector } = await openTrial());
});
afterEach(() => tenant.stop());

const signIn = (authority: string): Promise<Settings> =>
  connected(
    connector,
    tenant,
    {
      tenant: authority,
      mailbox: dora.address,
      authentication: { method: 'sign-in', clientId, clientSecret },
    },
    dora,
    redirectUri,
  );
const switchImapOn = (): void => {
  tenant.sandbox.cloud.tenant(DEMO.personal.tenantId).mailbox(dora.address).imapEnabled = true;
};

test.each(['consumers', 'common'])(
  'under %s, IMAP is off until the owner switches it on',
  async (authority) => {
    const connection = await signIn(authority);
    const checks = await testConnection(connector, connection);
    expect(failuresIn(checks)).toEqual(['sign-in:imap imap-sign-in-refused']);
    switchImapOn();
    expect(failuresIn(await testConnection(connector, connection))).toEqual([]);
    expect(await read(connector, connection)).toBe(0);
  },
);

test('tokens are opaque: nothing to look at is not a fault', async () => {
  switchImapOn();
  const checks = await testConnection(connector, await signIn('consumers'));
  for (const stage of ['claims:imap', 'claims:smtp', 'least-privilege']) {
    expect(checkNamed(checks, stage)).toMatchObject({ status: 'passed', evidence: { opaque: true } });
  }
});

test.each(['consumers', 'common'])('under %s, mail is submitted at the personal host', async (authority) => {
  const connection = await signIn(authority);
  expect(await send(connector, connection, DEMO.people.anna.address)).toEqual(['accepted']);
  const host = checkNamed(await testConnection(connector, connection), 'mail-host:smtp');
  expect(host.evidence).toMatchObject({ host: 'smtp-mail.outlook.com' });
  expect(tenant.sandbox.mailbox(DEMO.people.anna.address).messages('INBOX')).toHaveLength(1);
});

test('an app for one company’s users takes no personal account', async () => {
  const app = tenant.sandbox.directory.application(clientId);
  app.signInAudience = 'AzureADMultipleOrgs';
  await expect(signIn('consumers')).rejects.toThrow(/AADSTS9002332/u);
});

test('a company’s user signs in at smtp.office365.com, under common as well', async () => {
  const { anna } = DEMO.people;
  const connection = await connected(
    connector,
    tenant,
    {
      tenant: 'common',
      mailbox: anna.address,
      authentication: { method: 'sign-in', clientId, clientSecret },
    },
    anna,
    redirectUri,
  );
  const host = checkNamed(await testConnection(connector, connection), 'mail-host:smtp');
  expect(host.evidence).toMatchObject({ host: 'smtp.office365.com' });
});

test.each([
  ['consumers', 'anybody@contoso.example', undefined, true],
  ['Consumers', 'anybody@contoso.example', undefined, true],
  [CONSUMER_TENANT, 'anybody@contoso.example', undefined, true],
  ['common', 'someone@outlook.com', undefined, true],
  ['common', 'someone@Hotmail.co.uk', undefined, true],
  ['common', 'someone@live.de', undefined, true],
  ['common', 'someone@msn.com', undefined, true],
  ['common', 'someone@contoso.example', undefined, false],
  ['common', 'someone@notoutlook.com', undefined, false],
  ['common', 'someone@outlook.com.evil.example', undefined, false],
  ['common', 'someone@contoso.example', CONSUMER_TENANT, true],
  ['common', 'someone@outlook.com', DEMO.tenantId, false],
  ['organizations', 'someone@outlook.com', undefined, false],
  [DEMO.tenantId, 'someone@outlook.com', undefined, false],
])('tenant %s, mailbox %s, signed in at %s: personal %s', (authority, mailbox, signedInAt, personal) => {
  expect(isConsumer(authority, mailbox, signedInAt)).toBe(personal);
  const { host } = cloudOf('global', personal).smtp;
  expect(host).toBe(personal ? 'smtp-mail.outlook.com' : 'smtp.office365.com');
});
