/**
 * Issues the set of tokens a signed-in user gets: access token, id token, refresh token, client info.
 * The caller has already established who the user is; this checks the user's state and the app's consent.
 */
import type { Application, User } from '../directory/entities.js';
import { buildIdClaims, buildUserClaims } from './claims.js';
import type { GrantContext, TokenAnswer } from './grants/grant.js';
import type { RequestedScopes } from './scopes.js';
import { TokenError } from './token-error.js';

export interface UserSignIn {
  readonly user: User;
  readonly application: Application;
  readonly confidential: boolean;
  readonly scopes: RequestedScopes;
  readonly wantsClientInfo: boolean;
}

/** @throws TokenError 50057, 50055, 53003, 50076: the state of the user, in the order Entra looks at it */
export function checkUser(user: User, resource: string): void {
  if (!user.accountEnabled) throw new TokenError(50057);
  if (user.passwordExpired) throw new TokenError(50055);
  if (user.blockedByConditionalAccess) throw new TokenError(53003);
  if (user.mfaRequired) throw new TokenError(50076, { resource });
}

/** @throws TokenError 65001 when consent is missing */
export function issueUserTokens(signIn: UserSignIn, context: GrantContext): TokenAnswer {
  const { user, application, scopes } = signIn;
  const granted = grantedPermissions(application, scopes);
  const subject = {
    tenantId: context.directory.tenant.id,
    application,
    confidential: signIn.confidential,
    audience: scopes.identifierUri,
    issuedAt: Math.floor(context.now / 1000),
    lifetimeSeconds: context.lifetimeSeconds,
  };
  const clientInfo = { uid: user.objectId, utid: subject.tenantId };
  return {
    token_type: 'Bearer',
    scope: granted.map((permission) => `${scopes.identifierUri}/${permission}`).join(' '),
    expires_in: context.lifetimeSeconds,
    ext_expires_in: context.lifetimeSeconds,
    access_token: context.signingKey.issue(buildUserClaims(subject, user, granted)),
    ...(scopes.oidc.has('offline_access')
      ? {
          refresh_token: context.refreshTokens.issue(
            application.clientId,
            user.userPrincipalName,
            context.now,
          ),
        }
      : {}),
    ...(scopes.oidc.has('openid')
      ? { id_token: context.signingKey.issue(buildIdClaims(subject, user)) }
      : {}),
    ...(signIn.wantsClientInfo
      ? { client_info: Buffer.from(JSON.stringify(clientInfo)).toString('base64url') }
      : {}),
  };
}

function grantedPermissions(application: Application, scopes: RequestedScopes): readonly string[] {
  const consented = [...application.delegatedScopes].filter((scope) =>
    scopes.resource.delegatedScopes.has(scope),
  );
  const missing = scopes.permissions.filter((permission) => !consented.includes(permission));
  if (missing.length > 0 || consented.length === 0) {
    throw new TokenError(65001, { app: application.clientId, name: application.name });
  }
  return consented;
}
