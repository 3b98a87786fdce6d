/**
 * Refresh token: a new access token, for any resource, and a new refresh token, without the user.
 */
import { authenticateClient } from '../client-authentication.js';
import { TokenError } from '../token-error.js';
import { requireParameter } from '../token-request.js';
import type { Grant } from './grant.js';
import { redeemSignIn } from './redeem-sign-in.js';

export const grantRefreshToken: Grant = (request, registration, context) => {
  const { named, now, platform } = context;
  const token = requireParameter(request, 'refresh_token');
  const scope = requireParameter(request, 'scope');
  const grant = platform.refreshTokens.redeem(token, registration.clientId, now);
  const { facts, issuedAt } = grant;
  const credential = authenticateClient(
    request,
    registration,
    grant.credential === 'none' ? 'public' : 'confidential',
    context,
  );
  if (facts.redirectType === 'spa' && !request.isCrossOrigin) throw new TokenError(9002325);
  if (named !== undefined && named.tenant.id !== facts.tenantId) throw new TokenError(70000);
  const directory = platform.cloud.findTenant(facts.tenantId);
  const user = directory?.findUser(facts.userPrincipalName);
  // A new password ends what a public client holds; a confidential client keeps it.
  if (credential === 'none' && issuedAt < (user?.passwordChangedAt ?? 0)) throw new TokenError(50133);
  const validFrom = user?.signInSessionsValidFrom ?? 0;
  if (issuedAt < validFrom) {
    throw new TokenError(50173, {
      issued: new Date(issuedAt).toISOString(),
      validFrom: new Date(validFrom).toISOString(),
    });
  }
  const hours = directory?.tenant.signInFrequencyHours;
  if (hours !== undefined && now - facts.authenticatedAt > hours * 3_600_000) {
    throw new TokenError(70043, {
      issued: new Date(issuedAt).toISOString(),
      seconds: String(hours * 3600),
    });
  }
  return redeemSignIn(request, { registration, credential, facts, scope }, context);
};
