/**
 * Refresh token: a new access token, for any resource, without the user.
 */
import { parseUserScopes } from '../scopes.js';
import { TokenError } from '../token-error.js';
import { authenticateClient, requireParameter } from '../token-request.js';
import { checkUser, issueUserTokens } from '../user-tokens.js';
import type { Grant } from './grant.js';

export const grantRefreshToken: Grant = (request, application, context) => {
  const refreshToken = requireParameter(request, 'refresh_token');
  const confidential = authenticateClient(request, application, true, context.now);
  const { directory, refreshTokens } = context;
  const scopes = parseUserScopes(requireParameter(request, 'scope'), directory.tenant.displayName);
  const user = directory.findUser(refreshTokens.redeem(refreshToken, application.clientId, context.now));
  if (user === undefined) throw new TokenError(70000);
  checkUser(user, scopes.resource.appId);
  const wantsClientInfo = request.parameters.get('client_info') === '1';
  return issueUserTokens({ user, application, confidential, scopes, wantsClientInfo }, context);
};
