/**
 * What codes, device codes and refresh tokens have in common: somebody signed in earlier, and policies are applied
 * to that sign-in again before tokens are issued.
 */
import type { Application } from '../../directory/entities.js';
import type { ClientCredential } from '../claims.js';
import { parseUserScopes } from '../scopes.js';
import type { SignInFacts } from '../sign-in-facts.js';
import { requireServicePrincipal } from '../tenant-choice.js';
import { TokenError } from '../token-error.js';
import type { TokenRequest } from '../token-request.js';
import { checkUser } from '../user-checks.js';
import { issueUserTokens } from '../user-tokens.js';
import type { GrantContext, TokenAnswer } from './grant.js';

export interface EarlierSignIn {
  readonly registration: Application;
  readonly credential: ClientCredential;
  readonly facts: SignInFacts;
  readonly scope: string;
  readonly nonce?: string | undefined;
}

/** @throws TokenError 70000 when the user is gone; those of checkUser, parseUserScopes, issueUserTokens */
export function redeemSignIn(
  request: TokenRequest,
  { registration, credential, facts, scope, nonce }: EarlierSignIn,
  context: GrantContext,
): TokenAnswer {
  const directory = context.platform.cloud.findTenant(facts.tenantId);
  const user = directory?.findUser(facts.userPrincipalName);
  if (directory === undefined || user === undefined) throw new TokenError(70000);
  const account = { directory, user };
  const scopes = parseUserScopes(scope, directory.tenant);
  const application = requireServicePrincipal(directory, registration);
  checkUser(account, application, { ...facts, by: 'silent' }, scopes.resource.appId);
  return issueUserTokens({ account, application, credential, scopes, facts, nonce, request }, context);
}
