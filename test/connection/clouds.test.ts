/**
 * Microsoft's clouds: which hosts, scopes and audiences each has, that nothing in a connection leads anywhere else, and
 * which kind of tenant each way to sign in takes.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { createAccess, endpointOf, grantRequest, type Transport } from '../../src/connection/access.js';
import { checkClaims } from '../../src/connection/checks/claims.js';
import { StageFailure } from '../../src/connection/checks/stage.js';
import { CONSUMER_TENANT } from '../../src/connection/clouds.js';
import { acquireToken } from '../../src/connection/grants/index.js';
import { TokenSource, TokenStore } from '../../src/connection/index.js';
import { openConnector, type Microsoft365Connection } from '../../src/index.js';
import { DEMO } from '../../src/sandbox/index.js';
import { openMemoryState, randomVault } from '../../src/state/index.js';
import { startTokenServer } from '../support/token-server.js';
import { failuresIn, read, testConnection } from '../support/trial.js';

type CloudId = NonNullable<Microsoft365Connection['cloud']>;
interface Expected {
  readonly authority: string;
  readonly imap: string;
  readonly smtp: string;
  readonly app: string;
  readonly user: string;
}
const EXPECTED: Readonly<Record<CloudId, Expected>> = {
  global: {
    authority: 'login.microsoftonline.com',
    imap: 'outlook.office365.com:993',
    smtp: 'smtp.office365.com:587',
    app: 'https://outlook.office365.com',
    user: 'https://outlook.office.com',
  },
  'gcc-high': {
    authority: 'login.microsoftonline.us',
    imap: 'outlook.office365.us:993',
    smtp: 'smtp.office365.us:587',
    app: 'https://outlook.office365.us',
    user: 'https://outlook.office365.us',
  },
  dod: {
    authority: 'login.microsoftonline.us',
    imap: 'outlook-dod.office365.us:993',
    smtp: 'smtp.office365.us:587',
    app: 'https://outlook-dod.office365.us',
    user: 'https://outlook-dod.office365.us',
  },
  china: {
    authority: 'login.partner.microsoftonline.cn',
    imap: 'partner.outlook.cn:993',
    smtp: 'smtp.partner.outlook.cn:587',
    app: 'https://partner.outlook.cn',
    user: 'https://partner.outlook.cn',
  },
};
const CLOUDS = Object.keys(EXPECTED) as CloudId[];
const { clientId, clientSecret } = DEMO.daemon;
const { address, password } = DEMO.people.anna;
const asApp = { method: 'client-secret', clientId, clientSecret } as const;
const asUser = { method: 'password', clientId, userName: address, password } as const;

function accessTo(cloud: CloudId, authentication: Microsoft365Connection['authentication'] = asApp) {
  const store = new TokenStore(openMemoryState(), randomVault());
  const settings = { cloud, tenant: DEMO.tenantId, mailbox: address, authentication };
  return createAccess({ settings, net: {}, store, tokens: new TokenSource(store, Date.now), now: Date.now });
}
const tokenWith = (claims: Record<string, unknown>): string =>
  ['{}', JSON.stringify(claims), 'x'].map((part) => Buffer.from(part).toString('base64url')).join('.');

test('the schema offers exactly these clouds', () => {
  const schema = JSON.parse(
    readFileSync(new URL('../../schemas/connections/microsoft365.schema.json', import.meta.url), 'utf8'),
  ) as { properties: { cloud: { enum: string[] } } };
  expect([...schema.properties.cloud.enum].sort()).toEqual([...CLOUDS].sort());
});

describe.each(CLOUDS)('%s', (id) => {
  const expected = EXPECTED[id];

  test('has its own hosts, scopes and audience', async () => {
    const access = await accessTo(id);
    const host = (transport: Transport): string => {
      const endpoint = endpointOf(access, transport);
      return `${endpoint.host}:${String(endpoint.port)}`;
    };
    expect([access.cloud.authorityHost, host('imap'), host('smtp')]).toEqual([
      expected.authority,
      expected.imap,
      expected.smtp,
    ]);
    expect(grantRequest(access, 'imap').scopes).toEqual([`${expected.app}/.default`]);
    const user = await accessTo(id, asUser);
    expect(grantRequest(user, 'imap').scopes).toEqual([`${expected.user}/IMAP.AccessAsUser.All`]);
    expect(grantRequest(user, 'smtp').scopes).toEqual([`${expected.user}/SMTP.Send`]);
  });

  test('takes a token for its own mail service, and none for another cloud’s', async () => {
    const access = await accessTo(id);
    const held = (aud: string) => ({
      value: tokenWith({ aud, roles: ['IMAP.AccessAsApp'] }),
      expiresAt: Date.now() + 3_600_000,
      obtainedAt: Date.now(),
    });
    expect(checkClaims(access, 'imap', held(expected.app), []).evidence).toMatchObject({
      audience: expected.app,
    });
    expect(checkClaims(access, 'imap', held(`${expected.app}/`), []).failure).toBeUndefined();
    const foreign = CLOUDS.map((other) => EXPECTED[other])
      .filter(({ authority }) => authority !== expected.authority)
      .map(({ app }) => app);
    expect(foreign.length).toBeGreaterThan(1);
    for (const aud of [...foreign, 'https://graph.microsoft.com', 'https://evil.example']) {
      expect(() => checkClaims(access, 'imap', held(aud), [])).toThrow(StageFailure);
    }
  });

  test.each([
    ['an app', asApp, `${expected.app}/.default`],
    ['a user', asUser, `${expected.user}/IMAP.AccessAsUser.All`],
  ])(
    'is asked for a token of %s at its own authority and nowhere else',
    async (_who, authentication, scope) => {
      const server = await startTokenServer([expected.authority]);
      try {
        const access = { ...(await accessTo(id, authentication)), net: server.net };
        const token = await acquireToken(grantRequest(access, 'imap'));
        expect(token.value).toBe('one-token');
        const own = `POST ${expected.authority}/${DEMO.tenantId}/oauth2/v2.0/token`;
        const asked = server.requests.filter(({ line }) => line.startsWith(own));
        expect(asked).toHaveLength(1);
        expect(new URLSearchParams(asked[0]?.body).get('scope')?.split(' ')).toContain(scope);
        expect(server.requests.every(({ line }) => line.includes(` ${expected.authority}/`))).toBe(true);
      } finally {
        await server.stop();
      }
    },
  );
});

describe('nothing in a connection changes a host', () => {
  const connector = openConnector({ net: { hosts: {}, connectTimeoutMs: 500 } });
  const base = { tenant: DEMO.tenantId, mailbox: address, authentication: asApp };
  test.each([
    ['an unknown cloud', { cloud: 'germany' }],
    ['a cloud of a prototype’s name', { cloud: 'constructor' }],
    ['a host in place of a cloud', { cloud: 'evil.example' }],
    ['a tenant with a path', { tenant: 'contoso.example/../evil.example' }],
    ['a tenant with an at sign', { tenant: 'x@evil.example' }],
    ['a tenant with a port', { tenant: 'evil.example:444' }],
    ['a tenant with a query', { tenant: 'contoso.example?x' }],
    ['a tenant with a line end', { tenant: 'contoso.example\nHost: evil.example' }],
    ['a field for the authority', { authority: 'https://evil.example' }],
    ['a field for the hosts', { hosts: { 'login.microsoftonline.com:443': 'evil.example:443' } }],
    ['a field in the sign-in', { authentication: { ...asApp, authority: 'https://evil.example' } }],
  ])('%s is refused', async (_what, change) => {
    const checks = await testConnection(connector, { ...base, ...change });
    expect(failuresIn(checks)).toEqual(['settings settings-invalid']);
    expect(checks).toHaveLength(1);
  });

  test('a tenant named like another host stays a path', async () => {
    const server = await startTokenServer(['login.microsoftonline.com']);
    try {
      const access = { ...(await accessTo('global')), net: server.net };
      const request = { ...grantRequest(access, 'imap'), tenant: 'login.microsoftonline.us' };
      await acquireToken(request);
      expect(server.requests.map(({ line }) => line)).toEqual(
        expect.arrayContaining([
          expect.stringMatching(/^POST login\.microsoftonline\.com\/login\.microsoftonline\.us\/oauth2/u),
        ]),
      );
    } finally {
      await server.stop();
    }
  });
});

describe('names for many tenants', () => {
  const connector = openConnector({ net: { hosts: {}, connectTimeoutMs: 500 } });
  const methods = {
    'client-secret': asApp,
    certificate: { method: 'certificate', clientId, certificate: 'x' },
    'federated-credential': { method: 'federated-credential', clientId, assertionFile: '/x' },
    password: asUser,
    'sign-in': { method: 'sign-in', clientId },
    'device-code': { method: 'device-code', clientId },
  };
  type Method = keyof typeof methods;
  const app: Method[] = ['client-secret', 'certificate', 'federated-credential'];
  const rows = [
    ...['common', 'organizations', 'consumers', CONSUMER_TENANT].flatMap((tenant) =>
      app.map((method) => [tenant, method, 'tenant-must-be-named'] as const),
    ),
    ['common', 'password', 'password-not-possible'],
    ['consumers', 'password', 'password-not-possible'],
    [CONSUMER_TENANT, 'password', 'password-not-possible'],
    // These go on to the stored sign-in, which is missing.
    ...['common', 'organizations', 'consumers', CONSUMER_TENANT].flatMap((tenant) =>
      (['sign-in', 'device-code'] as const).map((method) => [tenant, method, 'sign-in-needed'] as const),
    ),
  ] as readonly (readonly [string, Method, string])[];
  test.each(rows)('%s with %s: %s', async (tenant, method, code) => {
    const connection = { tenant, mailbox: address, authentication: methods[method] };
    await expect(read(connector, connection)).rejects.toMatchObject({ code });
  });

  test('a password under organizations is possible', async () => {
    const server = await startTokenServer(['login.microsoftonline.com']);
    try {
      const access = { ...(await accessTo('global', asUser)), net: server.net };
      await acquireToken({ ...grantRequest(access, 'imap'), tenant: 'organizations' });
      expect(server.requests.at(-1)?.line).toContain('/organizations/oauth2/v2.0/token');
    } finally {
      await server.stop();
    }
  });
});
