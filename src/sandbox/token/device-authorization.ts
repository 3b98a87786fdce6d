/**
 * The device authorization endpoint (RFC 8628 section 3.1): a request in, status and JSON out.
 */
import { randomUUID } from 'node:crypto';
import { dictatedRefusal } from './dictated-refusal.js';
import type { IdentityPlatform } from './platform.js';
import { parseUserScopes } from './scopes.js';
import { findNamedTenant } from './tenant-choice.js';
import { describeTokenError, TokenError } from './token-error.js';
import type { TokenRequest } from './token-request.js';
import { identifyApplication, requireParameter } from './token-request.js';
import type { JsonReply } from './token-service.js';

/** Microsoft's https://microsoft.com/devicelogin leads to the same page. */
const VERIFICATION_URI = 'https://login.microsoftonline.com/common/oauth2/deviceauth';

/** Never throws: a refusal is an answer. */
export function authorizeDevice(
  request: TokenRequest,
  platform: IdentityPlatform,
  correlationId: string = randomUUID(),
): JsonReply {
  const now = platform.now();
  const entry = {
    at: now,
    tenant: request.tenantSegment,
    grant: 'devicecode',
    clientId: request.parameters.get('client_id') ?? '',
    scope: request.parameters.get('scope') ?? '',
  };
  try {
    const dictated = platform.answers.takeToken('devicecode');
    if (dictated !== undefined) throw dictatedRefusal(dictated);
    const body = issueDeviceCode(request, platform, now);
    platform.log.add({ ...entry, outcome: 'issued', status: 200 });
    return { status: 200, body };
  } catch (failure) {
    if (!(failure instanceof TokenError)) throw failure;
    const { status, retryAfterSeconds } = failure.refusal;
    platform.log.add({ ...entry, outcome: `AADSTS${failure.code}`, status });
    const body = describeTokenError(failure, { traceId: randomUUID(), correlationId }, now);
    return { status, body, retryAfterSeconds };
  }
}

function issueDeviceCode(request: TokenRequest, platform: IdentityPlatform, now: number): object {
  const named = findNamedTenant(request.tenantSegment, platform.cloud);
  const registration = identifyApplication(request, platform.cloud, named);
  if (!registration.allowPublicClientFlows) throw new TokenError(7000218);
  const scope = requireParameter(request, 'scope');
  const home = named ?? platform.cloud.tenants[0];
  if (home !== undefined) parseUserScopes(scope, home.tenant);
  const grant = platform.deviceCodes.issue(
    { clientId: registration.clientId, tenantSegment: request.tenantSegment, scope },
    now,
  );
  const { intervalSeconds, lifetimeSeconds } = platform.deviceCodes.settings;
  return {
    user_code: grant.userCode,
    device_code: grant.deviceCode,
    verification_uri: VERIFICATION_URI,
    expires_in: lifetimeSeconds,
    interval: intervalSeconds,
    message:
      `To sign in, use a web browser to open the page ${VERIFICATION_URI} ` +
      `and enter the code ${grant.userCode} to authenticate.`,
  };
}
