/**
 * The registry of grants: authentication method → function. The manifest's authMethods are held against it.
 */
import { Failure } from '../../errors/index.js';
import {
  acquireByCertificate,
  acquireByClientSecret,
  acquireByFederatedCredential,
} from './client-credentials.js';
import type { AccessToken, GrantRequest } from './grant.js';
import { acquireByPassword } from './password.js';
import { redeemRefreshToken } from './refresh-token.js';

export { authorizationUrl, redeemCode, type CodeAttempt } from './authorization-code.js';
export { readCertificate } from './certificate.js';
export { acquireByDeviceCode, type DeviceCode } from './device-code.js';
export { redeemRefreshToken } from './refresh-token.js';
export type { AccessToken, Authentication, GrantRequest, SignedInAccount } from './grant.js';

/** Methods that have code behind them, the best first. */
export const AUTH_METHODS = [
  'certificate',
  'federated-credential',
  'client-secret',
  'sign-in',
  'device-code',
  'password',
] as const;

/**
 * Fetches a token from Microsoft. Always goes to the network; caching is the token source's.
 * @param refreshToken of the stored sign-in, for the methods in which a user signs in first
 */
export function acquireToken(request: GrantRequest, refreshToken?: string): Promise<AccessToken> {
  const { authentication } = request;
  switch (authentication.method) {
    case 'certificate':
      return acquireByCertificate({ ...request, authentication });
    case 'federated-credential':
      return acquireByFederatedCredential({ ...request, authentication });
    case 'client-secret':
      return acquireByClientSecret({ ...request, authentication });
    case 'sign-in':
    case 'device-code':
      if (refreshToken === undefined) throw new Failure('sign-in-needed');
      return redeemRefreshToken(request, refreshToken);
    case 'password':
      return acquireByPassword({ ...request, authentication });
  }
}
