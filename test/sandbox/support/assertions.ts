/**
 * Makes client assertions by hand, right ones and wrong ones.
 */
import { constants, createHash, randomUUID, sign, X509Certificate } from 'node:crypto';
import type { ClientCertificate, Sandbox } from '../../../src/sandbox/index.js';
import { DEMO } from '../../../src/sandbox/index.js';

export type Json = Record<string, unknown>;

export function thumbprint(certificate: string, algorithm: string): Buffer {
  return createHash(algorithm).update(new X509Certificate(certificate).raw).digest();
}

function encode(value: Json): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** A JWT signed with the given key: RS256, or PS256 when the header says so. */
export function signToken(header: Json, claims: Json, privateKey: string): string {
  const signed = `${encode(header)}.${encode(claims)}`;
  const key =
    header['alg'] === 'PS256'
      ? { key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }
      : privateKey;
  return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
}

/** What the daemon app says about itself. */
export function ownAssertion(
  sandbox: Sandbox,
  own: ClientCertificate,
  changes: { header?: Json; claims?: Json; key?: string } = {},
): string {
  const now = Math.floor(Date.now() / 1000);
  const { clientId } = DEMO.daemon;
  return signToken(
    {
      alg: 'PS256',
      typ: 'JWT',
      'x5t#S256': thumbprint(own.certificate, 'sha256').toString('base64url'),
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

export const ISSUER = 'https://token.actions.example';
export const SUBJECT = 'repo:contoso/mail:ref:refs/heads/main';

/** What the issuer says about the daemon app. */
export function foreignAssertion(privateKey: string, claims: Json = {}): string {
  const now = Math.floor(Date.now() / 1000);
  const usual = { iss: ISSUER, sub: SUBJECT, aud: 'api://AzureADTokenExchange', nbf: now, exp: now + 600 };
  return signToken({ alg: 'RS256', typ: 'JWT' }, { ...usual, ...claims }, privateKey);
}

export function assertionGrant(assertion: string): Record<string, string> {
  return {
    grant_type: 'client_credentials',
    client_id: DEMO.daemon.clientId,
    scope: 'https://outlook.office365.com/.default',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
  };
}
