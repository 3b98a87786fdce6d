// More than one tenant: another company, and private accounts. What an app may do depends on where it is known.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Sandbox } from '../../src/sandbox/index.js';
import { DEMO } from '../../src/sandbox/index.js';
import { Browserless, enterDeviceCode } from '../support/browserless.js';
import {
  ANNA,
  APP_GRANT,
  appToken,
  BERND,
  ImapClient,
  OUTLOOK,
  requestToken,
  SmtpClient,
  USER_GRANT,
  xoauth2,
} from './support/clients.js';
import { publicClient } from './support/msal.js';
import { startQuickly } from './support/start.js';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startQuickly({ seed: false });
});
afterEach(() => sandbox.stop());

const { fabrikam, multiTenant, personal, redirectUris } = DEMO;
const erik = fabrikam.people.erik;
const dora = personal.people.dora;
const SCOPE = 'https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send';
const APP = { ...APP_GRANT, client_id: multiTenant.clientId, client_secret: multiTenant.clientSecret };

function authorizeUrl(tenant: string, path = 'oauth2/v2.0/authorize'): string {
  const query = new URLSearchParams({
    client_id: multiTenant.clientId,
    response_type: 'code',
    redirect_uri: redirectUris.loopback,
    scope: `${SCOPE} openid offline_access`,
  });
  return `https://login.microsoftonline.com/${tenant}/${path}?${query.toString()}`;
}

interface Someone {
  readonly address: string;
  readonly password: string;
}

/** What the application gets: tokens, or the number of the refusal. */
async function signIn(
  { address: userName, password }: Someone,
  tenant: string,
): Promise<{ refusal?: string; access_token?: string; id_token?: string }> {
  const { parameters } = await new Browserless(sandbox).signIn(authorizeUrl(tenant), { userName, password });
  const refusal = /^AADSTS\d+/u.exec(parameters['error_description'] ?? '')?.[0];
  if (refusal !== undefined) return { refusal };
  const form = {
    grant_type: 'authorization_code',
    client_id: multiTenant.clientId,
    redirect_uri: redirectUris.loopback,
    code: parameters['code'] ?? '',
  };
  const { json } = await requestToken(sandbox, form, tenant);
  return { access_token: json.access_token, id_token: json.id_token };
}

async function errorOf(form: Record<string, string>, tenant: string): Promise<number | undefined> {
  const { status, json } = await requestToken(sandbox, form, tenant);
  return status === 200 ? undefined : json.error_codes[0];
}

async function openMailbox(user: string, token: string): Promise<string> {
  const imap = await ImapClient.connect(sandbox);
  const answers = [
    await imap.run(`AUTHENTICATE XOAUTH2 ${xoauth2(user, token)}`),
    await imap.run('SELECT INBOX'),
  ];
  imap.close();
  return answers.map((answer) => answer.trimEnd().split('\r\n').at(-1)).join(' / ');
}

describe('another company', () => {
  test('does not know the app before an administrator consented, then needs Exchange’s own grants', async () => {
    expect(await errorOf(APP, fabrikam.tenantId)).toBe(700016);
    const administrator = new Browserless(sandbox);
    const url = authorizeUrl(fabrikam.tenantId, 'adminconsent');
    const { parameters } = await administrator.signIn(url, fabrikam.administrator);
    expect(parameters).toMatchObject({ admin_consent: 'True', tenant: fabrikam.tenantId });

    const { json } = await requestToken(sandbox, APP, fabrikam.domain);
    expect(await openMailbox(erik.address, json.access_token)).toContain('T NO AUTHENTICATE failed.');
    const directory = sandbox.cloud.tenant(fabrikam.domain);
    directory.addExchangeServicePrincipal(multiTenant.clientId);
    expect(await openMailbox(erik.address, json.access_token)).toContain('authenticated but not connected');
    directory.grantFullAccess(erik.address, multiTenant.clientId);
    expect(await openMailbox(erik.address, json.access_token)).toMatch(/^T OK .* \/ T OK/u);
    // Grants of one tenant mean nothing in another.
    expect(await openMailbox(ANNA, json.access_token)).toContain('T NO AUTHENTICATE failed.');
    expect(sandbox.directory.application(multiTenant.clientId).exchangeServicePrincipal).toBeUndefined();
  });

  test('lets its users in through common and organizations, after their consent', async () => {
    for (const tenant of ['common', 'organizations', fabrikam.domain]) {
      const { access_token: token } = await signIn(erik, tenant);
      expect(await openMailbox(erik.address, String(token))).toMatch(/^T OK .* \/ T OK/u);
    }
  });

  test.each<[string, Someone, string, string]>([
    ['a stranger', DEMO.people.anna, fabrikam.tenantId, 'AADSTS50020'],
    ['a private account', dora, fabrikam.tenantId, 'AADSTS50020'],
    ['a private account at organizations', dora, 'organizations', 'AADSTS500208'],
    ['a work account at consumers', erik, 'consumers', 'AADSTS500208'],
  ])('refuses %s', async (_who, someone, tenant, refusal) => {
    expect(await signIn(someone, tenant)).toEqual({ refusal });
  });

  test('does not take a code of elsewhere, nor an app of one tenant', async () => {
    const person = { userName: erik.address, password: erik.password };
    const { parameters } = await new Browserless(sandbox).signIn(authorizeUrl('common'), person);
    const form = {
      grant_type: 'authorization_code',
      client_id: multiTenant.clientId,
      redirect_uri: redirectUris.loopback,
      code: parameters['code'] ?? '',
    };
    expect(await errorOf(form, sandbox.tenantId)).toBe(700005);
    expect(await errorOf(APP_GRANT, fabrikam.tenantId)).toBe(700016);
    expect(await errorOf(USER_GRANT, fabrikam.tenantId)).toBe(700016);
  });

  test('gets mail from the first', async () => {
    const smtp = await SmtpClient.signedIn(sandbox);
    const recipients = [erik.address, 'nobody@fabrikam.example', BERND];
    expect(await smtp.send(ANNA, recipients, `From: ${ANNA}\r\nSubject: Hello\r\n\r\nHi.`)).toMatch(/^250 /u);
    smtp.close();
    expect(sandbox.mailbox(erik.address).messages('INBOX')).toHaveLength(1);
    expect(sandbox.outbox[0]?.recipients).toEqual(['nobody@fabrikam.example']);
  });

  test('takes passwords at organizations', async () => {
    const form = {
      ...USER_GRANT,
      client_id: multiTenant.clientId,
      username: erik.address,
      password: erik.password,
    };
    expect(await errorOf(form, 'organizations')).toBe(700016);
    await signIn(erik, 'common');
    expect(await errorOf(form, 'organizations')).toBeUndefined();
    expect(await errorOf(form, 'common')).toBe(9001023);
    expect(await errorOf(APP, 'organizations')).toBe(50059);
  });
});

describe('a private account', () => {
  test('gets an opaque token, and opens its mailbox once its owner switched IMAP on', async () => {
    const { access_token, id_token } = await signIn(dora, 'consumers');
    const token = String(access_token);
    expect(token).toMatch(/^EwB/u);
    expect(token).not.toContain('.');
    expect(JSON.parse(Buffer.from(String(id_token).split('.')[1]!, 'base64url').toString())).toMatchObject({
      tid: '9188040d-6c67-4c5b-b112-36a304b66dad',
      preferred_username: dora.address,
    });
    expect(await openMailbox(dora.address, token)).toContain('T NO AUTHENTICATE failed.');
    sandbox.cloud.tenant(personal.domain).mailbox(dora.address).imapEnabled = true;
    expect(await openMailbox(dora.address, token)).toMatch(/^T OK .* \/ T OK/u);
    expect(await openMailbox(dora.address, `${token.slice(0, -8)}AAAAAAA=`)).toContain('T NO');
    const smtp = await SmtpClient.secure(sandbox);
    expect(await smtp.run(`AUTH XOAUTH2 ${xoauth2(dora.address, token)}`)).toMatch(/^235 /u);
    smtp.close();
    expect(sandbox.hosts['smtp-mail.outlook.com:587']).toBe(sandbox.hosts['smtp.office365.com:587']);
  });

  test('knows neither app-only access nor passwords at the token endpoint', async () => {
    const form = {
      ...USER_GRANT,
      client_id: multiTenant.clientId,
      username: dora.address,
      password: dora.password,
    };
    expect(await errorOf(form, 'consumers')).toBe(9001023);
    expect(await errorOf(form, personal.tenantId)).toBe(9001023);
    expect(await errorOf(APP, 'consumers')).toBe(50059);
    expect(await errorOf(APP, personal.tenantId)).toBe(50059);
    expect(await errorOf(APP_GRANT, 'consumers')).toBe(9002332);
  });

  test('signs in with a device code through MSAL, whatever shape its tokens have', async () => {
    sandbox.deviceCodes.intervalSeconds = 0;
    const app = publicClient(sandbox, multiTenant.clientId, 'consumers');
    const result = await app.acquireTokenByDeviceCode({
      scopes: SCOPE.split(' '),
      deviceCodeCallback: ({ userCode, verificationUri }) => {
        const person = { userName: dora.address, password: dora.password };
        void enterDeviceCode({ ...person, net: sandbox, userCode, verificationUri });
      },
    });
    expect(result?.accessToken).toMatch(/^EwB/u);
    expect(result?.account?.username).toBe(dora.address);
  });

  test('stays out where an app is for companies only', async () => {
    sandbox.directory.application(multiTenant.clientId).signInAudience = 'AzureADMultipleOrgs';
    expect(await signIn(dora, 'common')).toEqual({ refusal: 'AADSTS50020' });
    expect(await errorOf({ ...APP, scope: 'openid' }, 'consumers')).toBe(9002332);
  });
});

describe('what a token says', () => {
  const decode = (token: string): unknown =>
    JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

  test('is that the client answers claims challenges, when it declared so', async () => {
    const claims = '{"access_token":{"xms_cc":{"values":["cp1"]},"nbf":{"essential":true,"value":"1"}}}';
    expect(decode(await appToken(sandbox, { claims }))).toMatchObject({ xms_cc: ['cp1'] });
    expect(sandbox.requests.tokens.at(-1)).toMatchObject({ claims });
    expect(decode(await appToken(sandbox))).not.toHaveProperty('xms_cc');
    expect(sandbox.requests.tokens.at(-1)).not.toHaveProperty('claims');
  });

  test('are the roles of Graph for Graph, and those of Exchange for Exchange', async () => {
    sandbox.directory.grantAppRole(DEMO.daemon.clientId, 'Mail.ReadWrite');
    const graph = await appToken(sandbox, { scope: 'https://graph.microsoft.com/.default' });
    expect(decode(graph)).toMatchObject({ aud: 'https://graph.microsoft.com', roles: ['Mail.ReadWrite'] });
    const exchange = decode(await appToken(sandbox, { scope: `${OUTLOOK}/.default` }));
    expect(exchange).not.toMatchObject({ roles: expect.arrayContaining(['Mail.ReadWrite']) });
  });
});
