/**
 * OAuth 2.0 client credentials (RFC 6749 section 4.4): the app signs in as itself. What differs between the three
 * methods is only how the app proves who it is.
 */
import type { ClientAssertionCallback, Configuration } from '@azure/msal-node';
import { isFailure, type FailureCode } from '../../errors/index.js';
import type {
  CertificateAuthentication,
  ClientSecretAuthentication,
  FederatedCredentialAuthentication,
} from '../../generated/types.js';
import { readAssertion } from './assertion-file.js';
import { certificateInForce, readCertificate } from './certificate.js';
import type { AccessToken, Grant, GrantRequest } from './grant.js';
import { acquire, claimsOf } from './msal.js';

type Credential = Pick<
  NonNullable<Configuration['auth']>,
  'clientSecret' | 'clientCertificate' | 'clientAssertion'
>;

function acquireForApp(request: GrantRequest, credential: Credential): Promise<AccessToken> {
  return acquire(request, async (configuration) => {
    const { ConfidentialClientApplication } = await import('@azure/msal-node');
    const application = new ConfidentialClientApplication({
      ...configuration,
      auth: { ...configuration.auth, ...credential },
    });
    const scopes = [...request.scopes];
    return {
      result: await application.acquireTokenByClientCredential({ scopes, ...claimsOf(request) }),
    };
  });
}

/** Answers that speak of the credential itself: the next one may be better. */
const CREDENTIAL_REFUSED: ReadonlySet<FailureCode> = new Set([
  'client-secret-wrong',
  'client-secret-expired',
  'certificate-refused',
  'certificate-expired',
]);

/** The current credential; the one that takes over, when Microsoft refuses the current one. */
async function withRollover<T>(
  current: T,
  next: T | undefined,
  attempt: (credential: T) => Promise<AccessToken>,
): Promise<AccessToken> {
  try {
    return await attempt(current);
  } catch (error) {
    if (next === undefined || !isFailure(error) || !CREDENTIAL_REFUSED.has(error.code)) throw error;
    return attempt(next);
  }
}

export const acquireByClientSecret: Grant<ClientSecretAuthentication> = (request) => {
  const { clientSecret, nextClientSecret } = request.authentication;
  return withRollover(clientSecret, nextClientSecret, (secret) =>
    acquireForApp(request, { clientSecret: secret }),
  );
};

export const acquireByCertificate: Grant<CertificateAuthentication> = (request) => {
  const { certificate, certificatePassword, nextCertificate } = request.authentication;
  return withRollover(certificate, nextCertificate, async (text) => {
    const read = await readCertificate(text, certificatePassword);
    certificateInForce(read);
    const { privateKey, thumbprintSha256 } = read;
    return acquireForApp(request, { clientCertificate: { privateKey, thumbprintSha256 } });
  });
};

export const acquireByFederatedCredential: Grant<FederatedCredentialAuthentication> = (request) => {
  const { assertionFile } = request.authentication;
  // Read at every acquisition: the platform replaces the file long before the token in it ends.
  const clientAssertion: ClientAssertionCallback = () =>
    readAssertion(assertionFile, request.assertionFolders ?? []);
  return acquireForApp(request, { clientAssertion });
};
