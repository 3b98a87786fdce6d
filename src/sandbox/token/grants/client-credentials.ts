/**
 * Client credentials: a token for the app itself. Never refuses for lack of consent, as Entra does not: the token
 * simply comes without roles.
 */
import { buildAppClaims } from '../claims.js';
import { parseAppScope } from '../scopes.js';
import { authenticateClient, requireParameter } from '../token-request.js';
import type { Grant } from './grant.js';

export const grantClientCredentials: Grant = (request, application, context) => {
  const scope = requireParameter(request, 'scope');
  const confidential = authenticateClient(request, application, false, context.now);
  const { resource, identifierUri } = parseAppScope(scope, context.directory.tenant.displayName);
  const roles = [...application.appRoles].filter((role) => resource.appRoles.has(role));
  const subject = {
    tenantId: context.directory.tenant.id,
    application,
    confidential,
    audience: identifierUri,
    issuedAt: Math.floor(context.now / 1000),
    lifetimeSeconds: context.lifetimeSeconds,
  };
  return {
    token_type: 'Bearer',
    expires_in: context.lifetimeSeconds,
    ext_expires_in: context.lifetimeSeconds,
    access_token: context.signingKey.issue(buildAppClaims(subject, roles)),
  };
};
