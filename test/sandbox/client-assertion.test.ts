// Apps that prove themselves with a certificate of their own, or with another issuer's word for them.
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createPublicKey } from 'node:crypto';
import type { ClientCertificate, Sandbox } from '../../src/sandbox/index.js';
import { createClientCertificate, DEMO } from '../../src/sandbox/index.js';
import type { Json } from './support/assertions.js';
import {
  assertionGrant,
  foreignAssertion,
  ISSUER,
  ownAssertion,
  SUBJECT,
  thumbprint,
} from './support/assertions.js';
import { ANNA, ImapClient, OUTLOOK, requestToken, xoauth2 } from './support/clients.js';
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

async function present(assertion: string, changes: Record<string, string> = {}) {
  const { status, json } = await requestToken(sandbox, { ...assertionGrant(assertion), ...changes });
  return status === 200 ? json : json.error_codes[0];
}

describe('unmodified MSAL', () => {
  test('opens a mailbox with a certificate named by SHA-256 (PS256)', async () => {
    const app = confidentialClient(sandbox, {
      clientId,
      clientCertificate: {
        thumbprintSha256: thumbprint(own.certificate, 'sha256').toString('hex'),
        privateKey: own.privateKey,
      },
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
      clientCertificate: {
        thumbprint: thumbprint(own.certificate, 'sha1').toString('hex'),
        privateKey: own.privateKey,
      },
    });
    await expect(app.acquireTokenByClientCredential({ scopes })).resolves.toHaveProperty('accessToken');
  });
  /* eslint-enable @typescript-eslint/no-deprecated */

  test('gets a token with another issuer’s assertion', async () => {
    trustIssuer();
    const app = confidentialClient(sandbox, {
      clientId,
      clientAssertion: () => Promise.resolve(foreignAssertion(other.privateKey)),
    });
    await expect(app.acquireTokenByClientCredential({ scopes })).resolves.toHaveProperty('accessToken');
  });
});

describe('an own assertion', () => {
  const now = Math.floor(Date.now() / 1000);
  test.each<[string, number, () => Parameters<typeof ownAssertion>[2]]>([
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
    expect(await present(ownAssertion(sandbox, own, changes()))).toBe(code);
  });

  test('of an expired certificate is refused', async () => {
    const expired = await createClientCertificate({
      notBefore: new Date(Date.now() - 3_000_000),
      notAfter: new Date(Date.now() - 1_000_000),
    });
    sandbox.directory.addCertificate(clientId, expired.certificate);
    expect(await present(ownAssertion(sandbox, expired))).toBe(700027);
  });

  test('is refused when it is no token, or said to be of another type', async () => {
    expect(await present('nonsense')).toBe(50027);
    expect(await present(ownAssertion(sandbox, own), { client_assertion_type: 'saml' })).toBe(50012);
  });

  test('is refused from a public client, which has nothing to prove', async () => {
    const refused = await present(ownAssertion(sandbox, own), {
      grant_type: 'password',
      client_id: DEMO.signIn.clientId,
      username: ANNA,
      password: DEMO.people.anna.password,
      scope: 'openid',
    });
    expect(refused).toBe(700025);
  });
});

function trustIssuer(): void {
  sandbox.directory.addFederatedCredential(clientId, {
    issuer: ISSUER,
    subject: SUBJECT,
    publicKey: createPublicKey(other.certificate).export({ format: 'jwk' }),
  });
}

describe('another issuer’s assertion', () => {
  test.each<[string, number, Json]>([
    ['of an unknown issuer', 700211, { iss: 'https://unknown.example' }],
    ['about an unknown subject', 700213, { sub: 'repo:contoso/mail:pull_request' }],
    ['for another audience', 70021, { aud: 'https://github.com/contoso' }],
    ['that has expired', 700024, { exp: 1 }],
  ])('%s is refused with AADSTS%i', async (_why, code, claims) => {
    trustIssuer();
    expect(await present(foreignAssertion(other.privateKey, claims))).toBe(code);
  });

  test('signed by somebody else is refused', async () => {
    trustIssuer();
    expect(await present(foreignAssertion(own.privateKey))).toBe(50013);
  });

  test('is of no use where nobody trusts the issuer', async () => {
    expect(await present(foreignAssertion(other.privateKey))).toBe(700211);
  });
});
