/**
 * Verifies `client_assertion` (RFC 7523): a token the app signed with its own certificate, or one that another issuer
 * signed for it (federated credential). Source of the format: learn.microsoft.com, "Application authentication
 * certificate credentials".
 */
import { createPublicKey, X509Certificate } from 'node:crypto';
import type { AppCertificate, Application } from '../directory/entities.js';
import type { ForeignToken } from './json-web-token.js';
import { isSignedBy, parseForeignToken } from './json-web-token.js';
import { TokenError } from './token-error.js';

export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** How far the clocks of an app and of Entra may be apart. */
const CLOCK_SKEW_MS = 5 * 60_000;

/**
 * `tenantNames` are the names under which the tenant may stand in the audience.
 * @throws TokenError 50027, 50012, 50013, 700021, 700024, 700027, 70021, 700211, 700213
 */
export function verifyClientAssertion(
  assertion: string,
  application: Application,
  tenantNames: readonly string[],
  now: number,
): void {
  const token = parseForeignToken(assertion);
  if (token === undefined) throw new TokenError(50027);
  const { clientId } = application;
  const isOwn = [token.claims['iss'], token.claims['sub']].includes(clientId);
  if (isOwn) verifyOwn(token, application, tenantNames, now);
  else verifyFederated(token, application, now);
}

function verifyOwn(
  token: ForeignToken,
  application: Application,
  tenantNames: readonly string[],
  now: number,
): void {
  const { claims } = token;
  if (claims['iss'] !== application.clientId || claims['sub'] !== application.clientId) {
    throw new TokenError(700021);
  }
  const certificate = findCertificate(token, application);
  if (certificate.notBefore > now || certificate.notAfter <= now) {
    throw refusedCertificate('The key used is expired.', certificate.thumbprintSha256);
  }
  if (!isSignedBy(token, new X509Certificate(certificate.certificate).publicKey)) {
    throw refusedCertificate(
      'The key was found, but the signature is invalid.',
      certificate.thumbprintSha256,
    );
  }
  checkTimes(token, now);
  if (typeof claims['jti'] !== 'string' || claims['jti'] === '') {
    throw new TokenError(50012, { reason: 'the claim jti is missing' });
  }
  const audiences = tenantNames.flatMap((name) => [
    `https://login.microsoftonline.com/${name}/oauth2/v2.0/token`,
    `https://login.microsoftonline.com/${name}/oauth2/token`,
    `https://login.microsoftonline.com/${name}/v2.0`,
  ]);
  if (!audiences.includes(String(claims['aud']).toLowerCase())) {
    throw new TokenError(50012, { reason: `the audience '${String(claims['aud'])}' is not this endpoint` });
  }
}

function findCertificate({ header }: ForeignToken, application: Application): AppCertificate {
  const sha256 = header['x5t#S256'];
  const sha1 = header['x5t'] ?? header['kid'];
  const found = application.certificates.find(
    ({ thumbprintSha256, thumbprintSha1 }) => thumbprintSha256 === sha256 || thumbprintSha1 === sha1,
  );
  if (found !== undefined) return found;
  throw refusedCertificate(
    'The key was not found.',
    [sha256, sha1].find((name) => typeof name === 'string') ?? '',
  );
}

function verifyFederated(token: ForeignToken, application: Application, now: number): void {
  const { claims } = token;
  const issuer = String(claims['iss']);
  const subject = String(claims['sub']);
  const audiences = [claims['aud']].flat();
  const names = { issuer, subject, audience: audiences.join(', ') };
  const ofIssuer = application.federatedCredentials.filter((credential) => credential.issuer === issuer);
  if (ofIssuer.length === 0) throw new TokenError(700211, names);
  const ofSubject = ofIssuer.filter((credential) => credential.subject === subject);
  if (ofSubject.length === 0) throw new TokenError(700213, names);
  const credential = ofSubject.find(({ audience }) => audiences.includes(audience));
  if (credential === undefined) throw new TokenError(70021, names);
  if (!isSignedBy(token, createPublicKey(credential.publicKey))) throw new TokenError(50013);
  checkTimes(token, now);
}

/** @throws TokenError 700024 */
function checkTimes({ claims }: ForeignToken, now: number): void {
  const expiresAt = Number(claims['exp']) * 1000;
  const notBefore = Number(claims['nbf'] ?? claims['iat'] ?? 0) * 1000;
  if (expiresAt + CLOCK_SKEW_MS > now && notBefore - CLOCK_SKEW_MS < now) return;
  throw new TokenError(700024, {
    now: new Date(now).toISOString(),
    expiry: Number.isFinite(expiresAt) ? new Date(expiresAt).toISOString() : 'none',
  });
}

function refusedCertificate(reason: string, thumbprint: string): TokenError {
  const hexadecimal = Buffer.from(thumbprint, 'base64url').toString('hex').toUpperCase();
  return new TokenError(700027, { reason, thumbprint: hexadecimal });
}
