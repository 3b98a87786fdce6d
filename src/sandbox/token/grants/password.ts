/**
 * Resource owner password credentials (ROPC): a token for a user from name and password, which every kind of
 * stronger sign-in defeats.
 */
import { authenticateClient } from '../client-authentication.js';
import { parseUserScopes } from '../scopes.js';
import { checkAccount, requireServicePrincipal } from '../tenant-choice.js';
import { TokenError } from '../token-error.js';
import { requireParameter } from '../token-request.js';
import { checkPassword, checkUser } from '../user-checks.js';
import { issueUserTokens } from '../user-tokens.js';
import type { Grant } from './grant.js';

export const grantPassword: Grant = (request, registration, context) => {
  const { named, now, platform } = context;
  if (named === undefined ? request.tenantSegment !== 'organizations' : named.tenant.kind === 'personal') {
    throw new TokenError(9001023);
  }
  const userName = requireParameter(request, 'username');
  const password = requireParameter(request, 'password');
  const scope = requireParameter(request, 'scope');
  const credential = authenticateClient(request, registration, 'either', context);
  const account = platform.cloud.findAccount(userName);
  if (account === undefined) {
    throw new TokenError(50034, { user: userName, tenant: named?.tenant.displayName ?? 'organizations' });
  }
  checkAccount(account, request.tenantSegment, named, registration);
  const { directory, user } = account;
  const scopes = parseUserScopes(scope, directory.tenant);
  const application = requireServicePrincipal(directory, registration);
  checkPassword(account, password);
  const facts = {
    tenantId: directory.tenant.id,
    userPrincipalName: user.userPrincipalName,
    authenticatedAt: now,
    secondFactorProven: false,
  };
  checkUser(account, application, { ...facts, by: 'password' }, scopes.resource.appId);
  return issueUserTokens({ account, application, credential, scopes, facts, request }, context);
};
