// Apps that prove themselves with a certificate of their own, or with another issuer's word for them.
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { constants, createHash, createPublicKey, randomUUID, sign, X509Certificate } from 'node:crypto';
import type { ClientCertificate, Sandbox } from '../../src/sandbox/index.js';
import { createClientCertificate, DEMO } from '../../src/sandbox/index.js';
import { ANNA, APP_GRANT, ImapClient, OUTLOOK, requestToken, xoauth2 } from './support/clients.js';
import { confidentialClient } from './support/msal.js';
import { startQuickly } from './support/start.js';

const { clientId } = DEMO.daemon;
const scopes = [`${OUTLOOK}/.default`];
let own: ClientCertificate;
let other: ClientCertificate;
let sandbox: Sandbox;

beforeAll(async () => {
  [own, other] = await Promise.all([createClientCertificate(), createClientCertificate()]);
});
beforeEach(async () => {
  sandbox = await startQuickly({ seed: false });
  sandbox.directory.addCertificate(clientId, own.certificate);
});
afterEach(() => sandbox.stop());

const digest = (algorithm: string): Buffer =>
  createHash(algorithm).update(new X509Certificate(own.certificate).raw).digest();

type Json = Record<string, unknown>;

function encode(value: Json): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** A JWT signed with the given key; PS256 unless the header says otherwise. */
function signToken(header: Json, claims: Json, privateKey: string): string {
  const signed = `${encode(header)}.${encode(claims)}`;
  const key =
    header['alg'] === 'PS256'
      ? { key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }
      : privateKey;
  return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
}

function ownAssertion(changes: { header?: Json; claims?: Json; key?: string } = {}): string {
  const now = Math.floor(Date.now() / 1000);
  return signToken(
    {
      alg: 'PS256',
      typ: 'JWT',
      'x5t#S256': digest('sha256').toString('base64url'),
      ...changes.header,
    },
    {
      aud: `https://login.microsoftonline.com/${sandbox.tenantId}/oauth2/v2.0/token`,
      iss: clientId,
      sub: clientId,
      jti: randomUUID(),
      nbf: now,
      exp: now + 600,
      ...changes.claims,
    },
    changes.key ?? own.privateKey,
  );
}

async function present(assertion: string, changes: Record<string, string> = {}) {
  const { status, json } = await requestToken(sandbox, {
    grant_type: 'client_credentials',
    client_id: clientId,
    scope: APP_GRANT.scope,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
    ...changes,
  });
  return status === 200 ? json : json.error_codes[0];
}

describe('unmodified MSAL', () => {
  test('opens a mailbox with a certificate named by SHA-256 (PS256)', async () => {
    const app = confidentialClient(sandbox, {
      clientId,
      clientCertificate: { thumbprintSha256: digest('sha256').toString('hex'), privateKey: own.privateKey },
    });
    const result = await app.acquireTokenByClientCredential({ scopes });
    const claims = JSON.parse(
      Buffer.from(result!.accessToken.split('.')[1] ?? '', 'base64url').toString(),
    ) as Json;
    expect(claims).toMatchObject({ appidacr: '2', idtyp: 'app' });
    const imap = await ImapClient.connect(sandbox);
    expect(await imap.run(`AUTHENTICATE XOAUTH2 ${xoauth2(ANNA, result!.accessToken)}`)).toMatch(/^T OK/u);
    imap.close();
  });

  /* eslint-disable @typescript-eslint/no-deprecated -- SHA-1 thumbprints are what older apps send */
  test('gets a token with a certificate named by SHA-1 (RS256)', async () => {
    const app = confidentialClient(sandbox, {
      clientId,
      clientCertificate: { thumbprint: digest('sha1').toString('hex'), privateKey: own.privateKey },
    });
    await expect(app.acquireTokenByClientCredential({ scopes })).resolves.toHaveProperty('accessToken');
  });
  /* eslint-enable @typescript-eslint/no-deprecated */

  test('gets a token with another issuer’s assertion', async () => {
    trustIssuer();
    const app = confidentialClient(sandbox, {
      clientId,
      clientAssertion: () => Promise.resolve(foreignAssertion()),
    });
    await expect(app.acquireTokenByClientCredential({ scopes })).resolves.toHaveProperty('accessToken');
  });
});

describe('an own assertion', () => {
  const now = Math.floor(Date.now() / 1000);
  test.each<[string, number, () => Parameters<typeof ownAssertion>[0]]>([
    ['of a certificate nobody registered', 700027, () => ({ header: { 'x5t#S256': 'AAAA' } })],
    ['signed with another key', 700027, () => ({ key: other.privateKey })],
    ['not signed', 700027, () => ({ header: { alg: 'none' } })],
    ['that has expired', 700024, () => ({ claims: { nbf: now - 7200, exp: now - 3600 } })],
    ['from the future', 700024, () => ({ claims: { nbf: now + 3600, exp: now + 7200 } })],
    ['without an end', 700024, () => ({ claims: { exp: undefined } })],
    ['for another audience', 50012, () => ({ claims: { aud: 'https://elsewhere.example/token' } })],
    ['without an id', 50012, () => ({ claims: { jti: undefined } })],
    ['about another app', 700021, () => ({ claims: { sub: DEMO.signIn.clientId } })],
  ])('%s is refused with AADSTS%i', async (_why, code, changes) => {
    expect(await present(ownAssertion(changes()))).toBe(code);
  });

  test('of an expired certificate is refused', async () => {
    const expired = await createClientCertificate({
      notBefore: new Date(Date.now() - 3_000_000),
      notAfter: new Date(Date.now() - 1_000_000),
    });
    sandbox.directory.addCertificate(clientId, expired.certificate);
    const thumbprint = createHash('sha256').update(new X509Certificate(expired.certificate).raw);
    const header = { 'x5t#S256': thumbprint.digest('base64url') };
    expect(await present(ownAssertion({ header, key: expired.privateKey }))).toBe(700027);
  });

  test('is refused when it is no token, or said to be of another type', async () => {
    expect(await present('nonsense')).toBe(50027);
    expect(await present(ownAssertion(), { client_assertion_type: 'saml' })).toBe(50012);
  });

  test('is refused from a public client, which has nothing to prove', async () => {
    const refused = await present(ownAssertion(), {
      grant_type: 'password',
      client_id: DEMO.signIn.clientId,
      username: ANNA,
      password: DEMO.people.anna.password,
      scope: 'openid',
    });
    expect(refused).toBe(700025);
  });
});

const ISSUER = 'https://token.actions.example';
const SUBJECT = 'repo:contoso/mail:ref:refs/heads/main';

function trustIssuer(): void {
  sandbox.directory.addFederatedCredential(clientId, {
    issuer: ISSUER,
    subject: SUBJECT,
    publicKey: createPublicKey(other.certificate).export({ format: 'jwk' }),
  });
}

function foreignAssertion(claims: Json = {}, key = other.privateKey): string {
  const now = Math.floor(Date.now() / 1000);
  const usual = { iss: ISSUER, sub: SUBJECT, aud: 'api://AzureADTokenExchange', nbf: now, exp: now + 600 };
  return signToken({ alg: 'RS256', typ: 'JWT' }, { ...usual, ...claims }, key);
}

describe('another issuer’s assertion', () => {
  test.each<[string, number, Json]>([
    ['of an unknown issuer', 700211, { iss: 'https://unknown.example' }],
    ['about an unknown subject', 700213, { sub: 'repo:contoso/mail:pull_request' }],
    ['for another audience', 70021, { aud: 'https://github.com/contoso' }],
    ['that has expired', 700024, { exp: 1 }],
  ])('%s is refused with AADSTS%i', async (_why, code, claims) => {
    trustIssuer();
    expect(await present(foreignAssertion(claims))).toBe(code);
  });

  test('signed by somebody else is refused', async () => {
    trustIssuer();
    expect(await present(foreignAssertion({}, own.privateKey))).toBe(50013);
  });

  test('is of no use where nobody trusts the issuer', async () => {
    expect(await present(foreignAssertion())).toBe(700211);
  });
});
