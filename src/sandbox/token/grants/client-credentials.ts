/**
 * Client credentials: a token for the app itself. Never refuses for lack of consent, as Entra does not: the token
 * simply comes without roles.
 */
import { buildAppClaims } from '../claims.js';
import { authenticateClient } from '../client-authentication.js';
import { parseAppScope } from '../scopes.js';
import { requireServicePrincipal } from '../tenant-choice.js';
import { TokenError } from '../token-error.js';
import { declaresCp1, requireParameter } from '../token-request.js';
import type { Grant } from './grant.js';

export const grantClientCredentials: Grant = (request, registration, context) => {
  const directory = context.named;
  // An app has no standing among private accounts: only a company's tenant can grant it anything.
  if (directory === undefined || directory.tenant.kind === 'personal') throw new TokenError(50059);
  const scope = requireParameter(request, 'scope');
  const credential = authenticateClient(request, registration, 'confidential', context);
  const { resource, identifierUri } = parseAppScope(scope, directory.tenant);
  const application = requireServicePrincipal(directory, registration);
  if (application.blockedByConditionalAccess) throw new TokenError(53003);
  const roles = [...application.appRoles].filter((role) => resource.appRoles.has(role));
  const subject = {
    tenantId: directory.tenant.id,
    application,
    credential,
    isClaimsAware: declaresCp1(request),
    audience: identifierUri,
    issuedAt: Math.floor(context.now / 1000),
    lifetimeSeconds: context.lifetimeSeconds,
  };
  return {
    token_type: 'Bearer',
    expires_in: context.lifetimeSeconds,
    ext_expires_in: context.lifetimeSeconds,
    access_token: context.platform.accessTokens.issue(buildAppClaims(subject, roles), false),
  };
};
