/**
 * Issues the set of tokens a signed-in user gets: access token, id token, refresh token, client info.
 * The caller has already established who the user is; user-checks.ts looks at their state; this checks the app's consent.
 */
import type { Account } from '../directory/cloud.js';
import type { Application, User } from '../directory/entities.js';
import type { ClientCredential } from './claims.js';
import { buildIdClaims, buildUserClaims } from './claims.js';
import { listConsented } from './consents.js';
import type { GrantContext, TokenAnswer } from './grants/grant.js';
import type { RequestedScopes } from './scopes.js';
import type { SignInFacts } from './sign-in-facts.js';
import { TokenError } from './token-error.js';
import type { TokenRequest } from './token-request.js';
import { declaresCp1 } from './token-request.js';

export interface UserSignIn {
  readonly account: Account;
  readonly application: Application;
  readonly credential: ClientCredential;
  readonly scopes: RequestedScopes;
  readonly facts: SignInFacts;
  readonly nonce?: string | undefined;
  readonly request: TokenRequest;
}

/** @throws TokenError 65001 when consent is missing */
export function issueUserTokens(signIn: UserSignIn, context: GrantContext): TokenAnswer {
  const { account, application, scopes, facts, request, credential } = signIn;
  const { user } = account;
  const { tenant } = account.directory;
  const { accessTokens, refreshTokens, signingKey } = context.platform;
  const granted = grantedPermissions(application, user, scopes);
  const subject = {
    tenantId: tenant.id,
    application,
    credential,
    isClaimsAware: declaresCp1(request),
    audience: scopes.identifierUri,
    issuedAt: Math.floor(context.now / 1000),
    lifetimeSeconds: context.lifetimeSeconds,
  };
  const claims = buildUserClaims(subject, user, granted, facts.secondFactorProven);
  const clientInfo = { uid: user.objectId, utid: tenant.id };
  return {
    token_type: 'Bearer',
    scope: granted.map((permission) => `${scopes.identifierUri}/${permission}`).join(' '),
    expires_in: context.lifetimeSeconds,
    ext_expires_in: context.lifetimeSeconds,
    access_token: accessTokens.issue(claims, tenant.kind === 'personal'),
    ...(scopes.oidc.has('offline_access')
      ? {
          refresh_token: refreshTokens.issue(
            { clientId: application.clientId, credential, facts },
            context.now,
          ),
        }
      : {}),
    ...(scopes.oidc.has('openid')
      ? { id_token: signingKey.issue(buildIdClaims(subject, user, signIn.nonce)) }
      : {}),
    ...(request.parameters.get('client_info') === '1'
      ? { client_info: Buffer.from(JSON.stringify(clientInfo)).toString('base64url') }
      : {}),
  };
}

function grantedPermissions(
  application: Application,
  user: User,
  scopes: RequestedScopes,
): readonly string[] {
  const consented = listConsented(application, user).filter((scope) =>
    scopes.resource.delegatedScopes.has(scope),
  );
  const missing = scopes.permissions.filter((permission) => !consented.includes(permission));
  if (missing.length > 0 || consented.length === 0) {
    throw new TokenError(65001, { app: application.clientId, name: application.name });
  }
  return consented;
}
