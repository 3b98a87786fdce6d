import { afterAll, beforeEach, afterEach, describe, expect, test } from '@jest/globals';
import type { Sandbox } from '../../src/sandbox/index.js';
import { DEMO } from '../../src/sandbox/index.js';
import {
  APP_GRANT,
  ANNA,
  appToken,
  callLogin,
  OUTLOOK,
  requestToken,
  USER_GRANT,
  userToken,
} from './support/clients.js';
import { startQuickly } from './support/start.js';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startQuickly({ seed: false, now: () => now });
});
afterEach(() => sandbox.stop());

let now = Date.UTC(2026, 10, 1, 12);
afterAll(() => {
  now = 0;
});

const { daemon, signIn } = DEMO;

function decode(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as Record<
    string,
    unknown
  >;
}

describe('an app-only token', () => {
  test('carries the claims of Exchange’s v1 format', async () => {
    const { status, json } = await requestToken(sandbox, APP_GRANT);
    expect(status).toBe(200);
    expect(json).toEqual({
      token_type: 'Bearer',
      expires_in: expect.any(Number),
      ext_expires_in: json.expires_in,
      access_token: expect.any(String),
    });
    expect(json.expires_in).toBeGreaterThanOrEqual(3600);
    expect(json.expires_in).toBeLessThan(5400);
    expect(decode(json.access_token)).toMatchObject({
      aud: OUTLOOK,
      iss: `https://sts.windows.net/${sandbox.tenantId}/`,
      tid: sandbox.tenantId,
      appid: daemon.clientId,
      appidacr: '1',
      oid: sandbox.directory.application(daemon.clientId).servicePrincipalObjectId,
      idtyp: 'app',
      roles: ['IMAP.AccessAsApp', 'SMTP.SendAsApp'],
      iat: now / 1000,
      exp: now / 1000 + json.expires_in,
      ver: '1.0',
    });
  });

  test('is issued without roles when nothing was consented', async () => {
    sandbox.directory.application(daemon.clientId).appRoles.clear();
    expect(decode(await appToken(sandbox))).not.toHaveProperty('roles');
  });

  test('is for Graph when the scope says Graph', async () => {
    const token = decode(await appToken(sandbox, { scope: 'https://graph.microsoft.com/.default' }));
    expect(token).toMatchObject({ aud: 'https://graph.microsoft.com' });
    expect(token).not.toHaveProperty('roles');
  });

  test('can be had with HTTP Basic and under the tenant’s domain name', async () => {
    const basic = Buffer.from(`${daemon.clientId}:${encodeURIComponent(daemon.clientSecret)}`).toString(
      'base64',
    );
    const form = { grant_type: APP_GRANT.grant_type, scope: APP_GRANT.scope };
    const { status } = await callLogin(sandbox, `/${sandbox.domain}/oauth2/v2.0/token`, form, {
      authorization: `Basic ${basic}`,
    });
    expect(status).toBe(200);
  });
});

describe('a user’s token', () => {
  test('names the user and the scopes, with id token, refresh token and client info', async () => {
    const { json } = await requestToken(sandbox, { ...USER_GRANT, client_info: '1' });
    expect(decode(json.access_token)).toMatchObject({
      aud: 'https://outlook.office.com',
      upn: ANNA,
      unique_name: ANNA,
      appidacr: '0',
      scp: 'IMAP.AccessAsUser.All POP.AccessAsUser.All SMTP.Send',
    });
    expect(decode(json.id_token)).toMatchObject({
      aud: signIn.clientId,
      preferred_username: ANNA,
      ver: '2.0',
    });
    const info = JSON.parse(Buffer.from(json.client_info, 'base64url').toString('utf8')) as unknown;
    expect(info).toEqual({ uid: sandbox.directory.user(ANNA).objectId, utid: sandbox.tenantId });
  });

  test('can be refreshed for another resource, for 90 days', async () => {
    const { json } = await requestToken(sandbox, USER_GRANT);
    const form = {
      grant_type: 'refresh_token',
      client_id: signIn.clientId,
      refresh_token: json.refresh_token,
      scope: 'https://graph.microsoft.com/User.Read offline_access',
    };
    const refreshed = await requestToken(sandbox, form);
    expect(decode(refreshed.json.access_token)).toMatchObject({
      aud: 'https://graph.microsoft.com',
      scp: expect.stringContaining('User.Read'),
    });
    now += 91 * 86_400_000;
    expect((await requestToken(sandbox, form)).json.error_codes).toEqual([700082]);
  });
});

describe('a refusal', () => {
  test('has Microsoft’s fields and line breaks, and the caller’s correlation id', async () => {
    const correlationId = '0b7f3f3c-6f5f-4f0e-9f0a-000000000001';
    const path = `/${sandbox.tenantId}/oauth2/v2.0/token`;
    const wrong = { ...APP_GRANT, client_secret: 'wrong' };
    const { status, json } = await callLogin(sandbox, path, wrong, { 'client-request-id': correlationId });
    expect(status).toBe(401);
    expect(json).toMatchObject({
      error: 'invalid_client',
      error_codes: [7000215],
      correlation_id: correlationId,
      error_uri: 'https://login.microsoftonline.com/error?code=7000215',
    });
    expect(json.error_description).toMatch(
      new RegExp(
        `^AADSTS7000215: Invalid client secret provided\\. .*\\r\\nTrace ID: [\\da-f-]{36}\\r\\nCorrelation ID: ${correlationId}\\r\\nTimestamp: \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\dZ$`,
        'u',
      ),
    );
  });

  interface Case {
    why: string;
    code: number;
    error: string;
    status?: number;
    suberror?: string;
    form: Record<string, string>;
    tenant?: string;
    arrange?: (tenant: Sandbox['directory']) => void;
  }
  const app = (changes: Record<string, string> = {}): Record<string, string> => ({
    ...APP_GRANT,
    ...changes,
  });
  const user = (changes: Record<string, string> = {}): Record<string, string> => ({
    ...USER_GRANT,
    ...changes,
  });
  const without = (form: Record<string, string>, name: string): Record<string, string> =>
    Object.fromEntries(Object.entries(form).filter(([key]) => key !== name));
  const guid = '99999999-0365-4da1-8a3e-000000000009';

  const cases: Case[] = [
    {
      why: 'the secret has expired',
      code: 7000222,
      error: 'invalid_client',
      status: 401,
      form: app(),
      arrange: (d) => {
        d.expireClientSecrets(daemon.clientId, 1);
      },
    },
    { why: 'the app is unknown', code: 700016, error: 'unauthorized_client', form: app({ client_id: guid }) },
    {
      why: 'the app is disabled',
      code: 7000112,
      error: 'unauthorized_client',
      form: app(),
      arrange: (d) => {
        d.application(daemon.clientId).enabled = false;
      },
    },
    { why: 'there is no such tenant', code: 90002, error: 'invalid_request', form: app(), tenant: guid },
    {
      why: 'the tenant’s name is no name',
      code: 900023,
      error: 'invalid_request',
      form: app(),
      tenant: 'contoso',
    },
    {
      why: 'a single-tenant app asks at common',
      code: 50194,
      error: 'invalid_request',
      form: app(),
      tenant: 'common',
    },
    {
      why: 'an app-only token is asked for at organizations',
      code: 50059,
      error: 'invalid_request',
      form: app(),
      tenant: 'organizations',
      arrange: (d) => {
        d.application(daemon.clientId).signInAudience = 'AzureADMultipleOrgs';
      },
    },
    {
      why: 'a password is sent to common',
      code: 9001023,
      error: 'invalid_request',
      form: user(),
      tenant: 'common',
      arrange: (d) => {
        d.application(signIn.clientId).signInAudience = 'AzureADMultipleOrgs';
      },
    },
    {
      why: 'a confidential client sends no secret',
      code: 7000218,
      error: 'invalid_client',
      status: 401,
      form: without(app(), 'client_secret'),
    },
    {
      why: 'a public client sends a secret',
      code: 700025,
      error: 'invalid_client',
      status: 401,
      form: user({ client_secret: 'x' }),
    },
    {
      why: 'an app-only scope is not /.default',
      code: 1002012,
      error: 'invalid_scope',
      form: app({ scope: `${OUTLOOK}/IMAP.AccessAsApp` }),
    },
    {
      why: 'the resource does not exist',
      code: 500011,
      error: 'invalid_resource',
      form: app({ scope: 'https://outlook.office356.com/.default' }),
    },
    {
      why: 'a delegated scope does not exist',
      code: 70011,
      error: 'invalid_scope',
      form: user({ scope: 'https://outlook.office.com/Imap.Everything' }),
    },
    {
      why: 'scopes are of two resources',
      code: 28000,
      error: 'invalid_request',
      form: user({ scope: 'https://outlook.office.com/SMTP.Send https://graph.microsoft.com/User.Read' }),
    },
    { why: 'the scope is missing', code: 900144, error: 'invalid_request', form: without(app(), 'scope') },
    {
      why: 'the grant type is missing',
      code: 900144,
      error: 'invalid_request',
      form: without(app(), 'grant_type'),
    },
    {
      why: 'the grant type is unknown',
      code: 70003,
      error: 'unsupported_grant_type',
      form: app({ grant_type: 'magic' }),
    },
    {
      why: 'the user does not exist',
      code: 50034,
      error: 'invalid_grant',
      form: user({ username: 'zoe@contoso.example' }),
    },
    { why: 'the password is wrong', code: 50126, error: 'invalid_grant', form: user({ password: 'wrong' }) },
    {
      why: 'the account is locked',
      code: 50053,
      error: 'invalid_grant',
      form: user(),
      arrange: (d) => {
        d.user(ANNA).locked = true;
      },
    },
    {
      why: 'the password has expired',
      code: 50055,
      error: 'invalid_grant',
      suberror: 'user_password_expired',
      form: user(),
      arrange: (d) => {
        d.user(ANNA).passwordExpired = true;
      },
    },
    {
      why: 'the account is disabled',
      code: 50057,
      error: 'invalid_grant',
      form: user(),
      arrange: (d) => {
        d.user(ANNA).accountEnabled = false;
      },
    },
    {
      why: 'a second factor is required',
      code: 50076,
      error: 'invalid_grant',
      suberror: 'basic_action',
      form: user(),
      arrange: (d) => {
        d.user(ANNA).mfaRequired = true;
      },
    },
    {
      why: 'conditional access blocks the user',
      code: 53003,
      error: 'interaction_required',
      suberror: 'message_only',
      form: user(),
      arrange: (d) => {
        d.user(ANNA).blockedByConditionalAccess = true;
      },
    },
    {
      why: 'consent is missing',
      code: 65001,
      error: 'invalid_grant',
      suberror: 'consent_required',
      form: user(),
      arrange: (d) => {
        d.revokeDelegatedScope(signIn.clientId, 'SMTP.Send');
      },
    },
    {
      why: 'the refresh token is made up',
      code: 70000,
      error: 'invalid_grant',
      suberror: 'bad_token',
      form: {
        grant_type: 'refresh_token',
        client_id: signIn.clientId,
        refresh_token: 'made-up',
        scope: 'openid',
      },
    },
  ];

  test.each(cases)(
    'is AADSTS$code when $why',
    async ({ code, error, status, suberror, form, tenant, arrange }) => {
      arrange?.(sandbox.directory);
      const answer = await requestToken(sandbox, form, tenant);
      expect(answer.status).toBe(status ?? 400);
      expect(answer.json.error).toBe(error);
      expect(answer.json.error_codes).toEqual([code]);
      expect(answer.json.error_description).toMatch(new RegExp(`^AADSTS${code}: `, 'u'));
      expect(answer.json.suberror).toBe(suberror);
      expect(sandbox.requests.tokens.at(-1)).toMatchObject({
        outcome: `AADSTS${code}`,
        status: status ?? 400,
      });
    },
  );
});

test('the request log counts what was asked, without secrets', async () => {
  await appToken(sandbox);
  await userToken(sandbox, { password: 'wrong' });
  expect(sandbox.requests).toMatchObject({ issued: 1, refused: 1 });
  expect(JSON.stringify(sandbox.requests.tokens)).not.toContain(daemon.clientSecret);
  sandbox.requests.clear();
  expect(sandbox.requests.tokens).toEqual([]);
});

test('the metadata documents point at Microsoft’s own names', async () => {
  const configuration = await callLogin(
    sandbox,
    `/${sandbox.tenantId}/v2.0/.well-known/openid-configuration`,
  );
  expect(configuration.json).toMatchObject({
    issuer: `https://login.microsoftonline.com/${sandbox.tenantId}/v2.0`,
    token_endpoint: `https://login.microsoftonline.com/${sandbox.tenantId}/oauth2/v2.0/token`,
  });
  const keys = await callLogin(sandbox, '/common/discovery/v2.0/keys');
  expect(keys.json.keys).toEqual([expect.objectContaining({ kty: 'RSA', alg: 'RS256', use: 'sig' })]);
  const instance = await callLogin(sandbox, '/common/discovery/instance?api-version=1.1');
  expect(instance.json.tenant_discovery_endpoint).toMatch(/^https:\/\/login\.microsoftonline\.com\//u);
  expect((await callLogin(sandbox, '/nobody/v2.0/.well-known/openid-configuration')).status).toBe(400);
  expect((await callLogin(sandbox, '/%')).status).toBe(404);
});
