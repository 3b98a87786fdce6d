/**
 * Resource owner password credentials (ROPC): a token for a user from name and password, which every kind of
 * stronger sign-in defeats.
 */
import { parseUserScopes } from '../scopes.js';
import { TokenError } from '../token-error.js';
import { authenticateClient, requireParameter } from '../token-request.js';
import { checkUser, issueUserTokens } from '../user-tokens.js';
import type { Grant } from './grant.js';

export const grantPassword: Grant = (request, application, context) => {
  const userName = requireParameter(request, 'username');
  const password = requireParameter(request, 'password');
  const scope = requireParameter(request, 'scope');
  const confidential = authenticateClient(request, application, true, context.now);
  const { directory } = context;
  const scopes = parseUserScopes(scope, directory.tenant.displayName);
  const user = directory.findUser(userName);
  if (user === undefined)
    throw new TokenError(50034, { user: userName, tenant: directory.tenant.displayName });
  if (user.locked) throw new TokenError(50053);
  if (user.password !== password) throw new TokenError(50126);
  checkUser(user, scopes.resource.appId);
  const wantsClientInfo = request.parameters.get('client_info') === '1';
  return issueUserTokens({ user, application, confidential, scopes, wantsClientInfo }, context);
};
