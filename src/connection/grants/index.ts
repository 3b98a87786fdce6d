/**
 * The registry of grants: authentication method → function. The manifest's authMethods are held against it.
 */
import { acquireByClientSecret } from './client-credentials.js';
import type { AccessToken, GrantRequest } from './grant.js';
import { acquireByPassword } from './password.js';

export type { AccessToken, Authentication, GrantRequest } from './grant.js';

/** Methods that have code behind them. */
export const AUTH_METHODS = ['client-secret', 'password'] as const;

/** Fetches a token from Microsoft. Always goes to the network; caching is the token source's. */
export function acquireToken(request: GrantRequest): Promise<AccessToken> {
  const { authentication } = request;
  switch (authentication.method) {
    case 'client-secret':
      return acquireByClientSecret({ ...request, authentication });
    case 'password':
      return acquireByPassword({ ...request, authentication });
  }
}
