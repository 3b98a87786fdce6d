/**
 * Device code: a poll for the answer that a user gives on another device.
 */
import { authenticateClient } from '../client-authentication.js';
import { TokenError } from '../token-error.js';
import type { Grant } from './grant.js';
import { redeemSignIn } from './redeem-sign-in.js';

export const grantDeviceCode: Grant = (request, registration, context) => {
  const { now, platform, named } = context;
  // MSAL sends `device_code`, Microsoft's documentation has also shown `code`.
  const deviceCode = request.parameters.get('device_code') ?? request.parameters.get('code') ?? '';
  if (deviceCode === '') throw new TokenError(900144, { parameter: 'device_code' });
  const credential = authenticateClient(request, registration, 'either', context);
  const { grant, facts } = platform.deviceCodes.redeem(deviceCode, registration.clientId, now);
  if (named !== undefined && named.tenant.id !== facts.tenantId) throw new TokenError(50134);
  return redeemSignIn(request, { registration, credential, facts, scope: grant.scope }, context);
};
