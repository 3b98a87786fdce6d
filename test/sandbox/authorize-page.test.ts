// The sign-in pages: what they ask, where they send the answer, and that nothing put into them breaks out.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import type { Sandbox } from '../../src/sandbox/index.js';
import { DEMO } from '../../src/sandbox/index.js';
import type { Page, Person, ReturnedAnswer } from '../support/browserless.js';
import { Browserless, enterDeviceCode, isPage, StuckOnPage } from '../support/browserless.js';
import type { HttpAnswer } from './support/clients.js';
import { ANNA, BERND, callLogin, requestToken } from './support/clients.js';
import { startQuickly } from './support/start.js';

let now = Date.now();
let sandbox: Sandbox;
let browser: Browserless;
beforeEach(async () => {
  now = Date.now();
  sandbox = await startQuickly({ seed: false, now: () => now });
  browser = new Browserless(sandbox);
});
afterEach(() => sandbox.stop());

const { signIn, web, redirectUris } = DEMO;
const anna: Person = { userName: ANNA, password: DEMO.people.anna.password };
const administrator: Person = DEMO.administrator;
const SCOPE = 'https://outlook.office.com/IMAP.AccessAsUser.All openid offline_access';
const VERIFIER = 'a-code-verifier-of-more-than-43-characters-0123';
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');

type Fields = Record<string, string | undefined>;

function authorizeUrl(
  changes: Fields = {},
  tenant = sandbox.tenantId,
  path = 'oauth2/v2.0/authorize',
): string {
  const fields: Fields = {
    client_id: signIn.clientId,
    response_type: 'code',
    redirect_uri: redirectUris.loopback,
    scope: SCOPE,
    state: 'state-1',
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    ...changes,
  };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) query.set(name, value);
  return `https://login.microsoftonline.com/${tenant}/${path}?${query.toString()}`;
}

async function openPage(url: string): Promise<Page> {
  const arrived = await browser.open(url);
  if (!isPage(arrived)) throw new Error(`No page, but ${JSON.stringify(arrived)}`);
  return arrived;
}

async function codeFor(changes: Fields = {}, person = anna): Promise<string> {
  return (await browser.signIn(authorizeUrl(changes), person)).parameters['code'] ?? '';
}

function redeem(code: string, changes: Record<string, string> = {}, tenant?: string): Promise<HttpAnswer> {
  const form = {
    grant_type: 'authorization_code',
    client_id: signIn.clientId,
    redirect_uri: redirectUris.loopback,
    code,
    code_verifier: VERIFIER,
    ...changes,
  };
  return requestToken(sandbox, form, tenant);
}

const refusal = ({ parameters }: ReturnedAnswer): string =>
  `${parameters['error']} ${/^AADSTS\d+/u.exec(parameters['error_description'] ?? '')?.[0] ?? ''}`;

describe('what may not be trusted is shown, not sent', () => {
  test.each<[string, string, Fields]>([
    ['an unknown app', 'AADSTS700016', { client_id: '99999999-0365-4da1-8a3e-000000000009' }],
    ['no app', 'AADSTS900144', { client_id: undefined }],
    ['an unregistered redirect URI', 'AADSTS50011', { redirect_uri: 'https://evil.example/' }],
    ['another path', 'AADSTS50011', { redirect_uri: 'http://localhost/sign-in/Callback' }],
    ['another scheme', 'AADSTS50011', { redirect_uri: 'javascript:alert(1)' }],
    ['no redirect URI', 'AADSTS900971', { redirect_uri: undefined }],
    ['an app without any', 'AADSTS500113', { client_id: DEMO.daemon.clientId }],
  ])('%s', async (_why, code, changes) => {
    const page = await openPage(authorizeUrl(changes));
    expect(page).toMatchObject({ name: 'error', text: expect.stringContaining(`${code}:`) });
  });

  test.each([
    ['nowhere.example', 'AADSTS90002'],
    ['nowhere', 'AADSTS900023'],
    ['common', 'AADSTS50194'],
    ['consumers', 'AADSTS9002332'],
    [DEMO.fabrikam.tenantId, 'AADSTS700016'],
  ])('an app of one tenant at %s', async (tenant, code) => {
    const page = await openPage(authorizeUrl({}, tenant));
    expect(page).toMatchObject({ name: 'error', text: expect.stringContaining(`${code}:`) });
  });
});

describe('everything else is sent to the application', () => {
  test.each<[string, string, Fields]>([
    ['another response type', 'unsupported_response_type AADSTS700051', { response_type: 'token' }],
    ['no scope', 'invalid_request AADSTS900144', { scope: undefined }],
    ['a challenge that is too short', 'invalid_request AADSTS501491', { code_challenge: 'short' }],
    ['a challenge of an unknown method', 'invalid_request AADSTS50147', { code_challenge_method: 'S512' }],
    ['an unknown prompt', 'invalid_request AADSTS90023', { prompt: 'please' }],
    ['nobody signed in, and no prompt allowed', 'login_required AADSTS50058', { prompt: 'none' }],
  ])('%s', async (_why, expected, changes) => {
    const answer = await browser.signIn(authorizeUrl(changes), anna);
    expect(refusal(answer)).toBe(expected);
    expect(answer.parameters['state']).toBe('state-1');
  });

  test('an unknown scope, once the tenant is known', async () => {
    const scope = 'https://outlook.office.com/Imap.Everything';
    expect(refusal(await browser.signIn(authorizeUrl({ scope }), anna))).toBe('invalid_scope AADSTS70011');
  });

  test.each(['sign-in', 'consent'] as const)('Cancel on the page %s', async (cancel) => {
    const url = authorizeUrl({ prompt: 'consent' });
    const answer = await browser.signIn(url, { ...anna, cancel });
    expect(refusal(answer)).toBe('access_denied AADSTS65004');
  });
});

test('Enter signs in: the first button of a form is the one it presses', async () => {
  const { html } = await openPage(authorizeUrl());
  expect(/<button[^>]*>/u.exec(html)?.[0]).toContain('value="sign-in"');
});

test('HTML in state, login_hint and names stays text', async () => {
  const evil = `"'><script>alert(1)</script>&amp;`;
  sandbox.directory.application(signIn.clientId).name = evil;
  const page = await openPage(authorizeUrl({ state: evil, login_hint: evil }));
  expect(page.html).not.toContain('<script');
  expect(page.html).toContain('&quot;&#39;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;');
  const posted = await browser.signIn(authorizeUrl({ state: evil, response_mode: 'form_post' }), anna);
  expect(posted).toMatchObject({ responseMode: 'form_post', parameters: { state: evil } });
  const error = await openPage(authorizeUrl({ redirect_uri: `https://x.example/${evil}` }));
  expect(error.html).not.toContain('<script');
  await expect(
    enterDeviceCode({
      ...anna,
      net: sandbox,
      userCode: evil,
      verificationUri: 'https://login.microsoftonline.com/devicelogin',
    }),
  ).rejects.toMatchObject({
    page: { html: expect.not.stringContaining('<script') },
  });
});

describe('a code', () => {
  test('is good once', async () => {
    const code = await codeFor();
    expect((await redeem(code)).status).toBe(200);
    expect((await redeem(code)).json.error_codes).toEqual([54005]);
  });

  test('carries the nonce into the id token', async () => {
    const { json } = await redeem(await codeFor({ nonce: 'nonce-1' }));
    expect(JSON.parse(Buffer.from(json.id_token.split('.')[1]!, 'base64url').toString())).toMatchObject({
      nonce: 'nonce-1',
      preferred_username: ANNA,
    });
  });

  test.each<[string, number, Record<string, string>]>([
    ['with another verifier', 501481, { code_verifier: VERIFIER.replace('a', 'b') }],
    ['with a verifier that is too short', 50147, { code_verifier: 'short' }],
    ['with another redirect URI', 50011, { redirect_uri: redirectUris.localhost }],
    ['by another app', 70000, { client_id: DEMO.multiTenant.clientId }],
    ['with a secret that a public client has not', 700025, { client_secret: 'x' }],
  ])('is not redeemed %s', async (_why, code, changes) => {
    expect((await redeem(await codeFor(), changes)).json.error_codes).toEqual([code]);
  });

  test('is not redeemed without the verifier, after ten minutes, or when made up', async () => {
    const code = await codeFor();
    const { json } = await requestToken(sandbox, {
      grant_type: 'authorization_code',
      client_id: signIn.clientId,
      redirect_uri: redirectUris.loopback,
      code,
    });
    expect(json.error_codes).toEqual([50147]);
    now += 10 * 60_000 + 1;
    expect((await redeem(code)).json.error_codes).toEqual([70008]);
    expect((await redeem('made-up')).json.error_codes).toEqual([70000]);
  });

  test('of a web app needs the secret', async () => {
    const changes = { client_id: web.clientId, redirect_uri: redirectUris.web };
    const code = await codeFor(changes);
    expect((await redeem(code, changes)).json.error_codes).toEqual([7000218]);
    expect((await redeem(code, { ...changes, client_secret: 'wrong' })).json.error_codes).toEqual([7000215]);
    expect((await redeem(code, { ...changes, client_secret: web.clientSecret })).status).toBe(200);
  });

  test('of a single-page app lives in browsers only, and its refresh token for a day', async () => {
    sandbox.directory.addRedirectUri(signIn.clientId, 'https://spa.example/', 'spa');
    const changes = { redirect_uri: 'https://spa.example/' };
    const code = await codeFor(changes);
    expect((await redeem(code, changes)).json.error_codes).toEqual([9002325]);
    const post = (form: Record<string, string>) =>
      callLogin(sandbox, `/${sandbox.tenantId}/oauth2/v2.0/token`, form, { origin: 'https://spa.example' });
    const { json } = await post({
      grant_type: 'authorization_code',
      client_id: signIn.clientId,
      code,
      code_verifier: VERIFIER,
      ...changes,
    });
    const refresh = {
      grant_type: 'refresh_token',
      client_id: signIn.clientId,
      refresh_token: json.refresh_token,
      scope: SCOPE,
    };
    expect((await post(refresh)).status).toBe(200);
    now += 25 * 3_600_000;
    expect((await post(refresh)).json.error_codes).toEqual([700084]);
  });
});

describe('the user', () => {
  test('may try again after a wrong password', async () => {
    const wrong = browser.signIn(authorizeUrl(), { ...anna, password: 'wrong' });
    await expect(wrong).rejects.toBeInstanceOf(StuckOnPage);
    await expect(wrong).rejects.toThrow('AADSTS50126');
    const unknown = browser.signIn(authorizeUrl(), { ...anna, userName: 'zoe@contoso.example' });
    await expect(unknown).rejects.toThrow('AADSTS50034');
  });

  test('is asked for a second factor where one is required, which refreshing remembers', async () => {
    sandbox.directory.user(ANNA).mfaRequired = true;
    const wrong = browser.signIn(authorizeUrl(), { ...anna, secondFactor: '000000' });
    await expect(wrong).rejects.toThrow('AADSTS500121');
    const answer = await browser.signIn(authorizeUrl(), anna);
    expect(answer.pages).toContain('second-factor');
    const { json } = await redeem(answer.parameters['code'] ?? '');
    expect(JSON.parse(Buffer.from(json.access_token.split('.')[1]!, 'base64url').toString())).toMatchObject({
      amr: ['pwd', 'mfa'],
    });
    const form = { grant_type: 'refresh_token', client_id: signIn.clientId, scope: SCOPE };
    expect((await requestToken(sandbox, { ...form, refresh_token: json.refresh_token })).status).toBe(200);
  });

  test('stays signed in, may pick an account, and signs in again when told to', async () => {
    await codeFor();
    expect((await browser.signIn(authorizeUrl(), anna)).pages).toEqual([]);
    expect((await browser.signIn(authorizeUrl({ prompt: 'none' }), anna)).parameters).toHaveProperty('code');
    expect((await browser.signIn(authorizeUrl({ prompt: 'login' }), anna)).pages).toEqual(['sign-in']);
    const bernd = { userName: BERND, password: DEMO.people.bernd.password };
    const picked = await browser.signIn(authorizeUrl({ prompt: 'select_account' }), bernd);
    expect(picked.pages).toEqual(['pick', 'sign-in']);
    const both = await openPage(authorizeUrl());
    expect(both.text).toContain(`${ANNA} ${BERND}`);
    now += 1;
    sandbox.directory.revokeSignInSessions(ANNA, now);
    const revoked = await browser.signIn(authorizeUrl({ prompt: 'none', login_hint: ANNA }), anna);
    expect(refusal(revoked)).toBe('login_required AADSTS50058');
    await openPage('https://login.microsoftonline.com/common/oauth2/v2.0/logout');
    expect((await openPage(authorizeUrl())).name).toBe('sign-in');
  });

  test('finds the name filled in that the application suggests', async () => {
    expect((await openPage(authorizeUrl({ login_hint: ANNA }))).html).toContain(`value="${ANNA}"`);
  });

  test('is asked to consent once', async () => {
    sandbox.directory.revokeDelegatedScope(signIn.clientId, 'IMAP.AccessAsUser.All');
    expect((await browser.signIn(authorizeUrl(), anna)).pages).toEqual(['sign-in', 'consent']);
    expect((await browser.signIn(authorizeUrl(), anna)).pages).toEqual([]);
    const refused = await browser.signIn(
      authorizeUrl({ prompt: 'none', scope: `${SCOPE} User.Read Mail.Send` }),
      anna,
    );
    expect(refusal(refused)).toBe('consent_required AADSTS65001');
    const asBernd = { userName: BERND, password: DEMO.people.bernd.password, consent: false };
    const declined = await new Browserless(sandbox).signIn(authorizeUrl(), asBernd);
    expect(refusal(declined)).toBe('access_denied AADSTS65004');
  });

  test('needs an administrator where users may not consent', async () => {
    sandbox.directory.revokeDelegatedScope(signIn.clientId, 'IMAP.AccessAsUser.All');
    sandbox.directory.tenant.userConsentAllowed = false;
    const answer = await browser.signIn(authorizeUrl(), anna);
    expect(answer.pages).toEqual(['sign-in', 'admin-approval']);
    expect(refusal(answer)).toBe('access_denied AADSTS90094');
    const other = new Browserless(sandbox);
    const agreed = await other.signIn(authorizeUrl(), { ...administrator, consentForAll: true });
    expect(agreed.pages).toEqual(['sign-in', 'consent']);
    expect((await browser.signIn(authorizeUrl(), anna)).parameters).toHaveProperty('code');
  });
});

describe('an administrator’s consent', () => {
  test('grants what the app registered, and says for which tenant', async () => {
    const application = sandbox.directory.application(web.clientId);
    application.delegatedScopes.clear();
    const changes = { client_id: web.clientId, redirect_uri: redirectUris.web };
    const url = authorizeUrl(changes, sandbox.tenantId, 'adminconsent');
    const refused = await new Browserless(sandbox).signIn(url, anna);
    expect(refusal(refused)).toBe('access_denied AADSTS90094');
    expect(application.delegatedScopes.size).toBe(0);
    const { parameters } = await browser.signIn(url, administrator);
    expect(parameters).toEqual({ admin_consent: 'True', tenant: sandbox.tenantId, state: 'state-1' });
    expect(application.delegatedScopes).toContain('SMTP.Send');
  });
});

describe('a device code', () => {
  const verificationUri = 'https://login.microsoftonline.com/common/oauth2/deviceauth';
  const ask = async (): Promise<{ user_code: string; device_code: string }> => {
    const form = { client_id: signIn.clientId, scope: SCOPE };
    const { json } = await callLogin(sandbox, `/${sandbox.tenantId}/oauth2/v2.0/devicecode`, form);
    expect(json).toMatchObject({ expires_in: 900, interval: 5, verification_uri: verificationUri });
    return { user_code: String(json['user_code']), device_code: String(json['device_code']) };
  };
  const poll = async (device_code: string): Promise<string> => {
    const grant_type = 'urn:ietf:params:oauth:grant-type:device_code';
    const form = { grant_type, client_id: signIn.clientId, device_code };
    const { status, json } = await requestToken(sandbox, form);
    return status === 200 ? 'issued' : `${json.error} ${json.error_codes[0]}`;
  };

  test('is pending, then good once', async () => {
    const { user_code: userCode, device_code } = await ask();
    expect(await poll(device_code)).toBe('authorization_pending 70016');
    const typed = ` ${userCode.slice(0, 4).toLowerCase()}-${userCode.slice(4)}`;
    const done = await enterDeviceCode({ ...anna, net: sandbox, userCode: typed, verificationUri });
    expect(done.text).toContain('You have signed in to Contoso mail sign-in on your device.');
    expect(await poll(device_code)).toBe('issued');
    expect(await poll(device_code)).toBe('invalid_request 90120');
  });

  test('is worth nothing after 15 minutes, to anybody', async () => {
    const { user_code: userCode, device_code } = await ask();
    now += 15 * 60_000;
    expect(await poll(device_code)).toBe('expired_token 70019');
    const late = enterDeviceCode({ ...anna, net: sandbox, userCode, verificationUri });
    await expect(late).rejects.toThrow('AADSTS70019');
    expect(await poll('made-up')).toBe('bad_verification_code 70018');
  });
});
