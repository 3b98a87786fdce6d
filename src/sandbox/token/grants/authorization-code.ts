/**
 * Authorization code: what a browser brought back, redeemed for tokens. The type of the redirect URI decides whether
 * the app has to prove itself (web) or must not (mobile and desktop).
 */
import { authenticateClient } from '../client-authentication.js';
import { findRedirectUri } from '../redirect-uris.js';
import { TokenError } from '../token-error.js';
import { requireParameter } from '../token-request.js';
import type { Grant } from './grant.js';
import { redeemSignIn } from './redeem-sign-in.js';

export const grantAuthorizationCode: Grant = (request, registration, context) => {
  const { named, now, platform } = context;
  const code = requireParameter(request, 'code');
  const redirectUri = requireParameter(request, 'redirect_uri');
  const type = findRedirectUri(registration, redirectUri)?.type;
  if (type === 'spa' && !request.isCrossOrigin) throw new TokenError(9002325);
  const credential = authenticateClient(
    request,
    registration,
    type === 'web' ? 'confidential' : type === undefined ? 'either' : 'public',
    context,
  );
  const grant = platform.codes.redeem(
    {
      code,
      clientId: registration.clientId,
      redirectUri,
      verifier: request.parameters.get('code_verifier') ?? undefined,
      tenantId: named?.tenant.id,
    },
    now,
  );
  const scope = request.parameters.get('scope') ?? grant.scope;
  return redeemSignIn(request, { ...grant, registration, credential, scope }, context);
};
