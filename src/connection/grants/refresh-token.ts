/**
 * OAuth 2.0 refresh token (RFC 6749 section 6): the access token of a user who signed in earlier. Microsoft answers
 * every use with another refresh token and leaves the old one valid; other servers do not, so the new one must be
 * stored before anything else happens.
 */
import { Failure } from '../../errors/index.js';
import type { AccessToken, GrantRequest } from './grant.js';
import { acquire, applicationFor, claimsOf } from './msal.js';

/** @throws Failure of the sign-in codes; sign-in-needed when there is nothing to renew */
export function redeemRefreshToken(request: GrantRequest, refreshToken: string): Promise<AccessToken> {
  const { authentication } = request;
  const clientSecret = 'clientSecret' in authentication ? authentication.clientSecret : undefined;
  return acquire(request, async (configuration) => {
    const application = await applicationFor(configuration, clientSecret);
    const result = await application.acquireTokenByRefreshToken({
      refreshToken,
      scopes: [...request.scopes],
      // Else MSAL throws the new refresh token away, as it does not know the account.
      forceCache: true,
      ...claimsOf(request),
    });
    if (result === null) throw new Failure('sign-in-needed');
    return { result, application };
  });
}
