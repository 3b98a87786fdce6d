/**
 * The token endpoint without HTTP: a request in, status and JSON out, one line in the log.
 */
import { randomInt, randomUUID } from 'node:crypto';
import { dictatedRefusal } from './dictated-refusal.js';
import { grantAuthorizationCode } from './grants/authorization-code.js';
import { grantClientCredentials } from './grants/client-credentials.js';
import { grantDeviceCode } from './grants/device-code.js';
import type { Grant, TokenAnswer } from './grants/grant.js';
import { grantPassword } from './grants/password.js';
import { grantRefreshToken } from './grants/refresh-token.js';
import type { IdentityPlatform } from './platform.js';
import { checkThrottling, findNamedTenant } from './tenant-choice.js';
import { describeTokenError, TokenError } from './token-error.js';
import type { TokenRequest } from './token-request.js';
import { identifyApplication, requireParameter } from './token-request.js';

export interface JsonReply {
  readonly status: number;
  readonly body: unknown;
  readonly retryAfterSeconds?: number | undefined;
}

const GRANTS = new Map<string, Grant>([
  ['authorization_code', grantAuthorizationCode],
  ['client_credentials', grantClientCredentials],
  // MSAL sends the short form, Microsoft's documentation the long one.
  ['device_code', grantDeviceCode],
  ['urn:ietf:params:oauth:grant-type:device_code', grantDeviceCode],
  ['password', grantPassword],
  ['refresh_token', grantRefreshToken],
]);

export class TokenService {
  readonly #platform: IdentityPlatform;

  constructor(platform: IdentityPlatform) {
    this.#platform = platform;
  }

  /** Never throws: a refusal is an answer. `correlationId` is the client's own, when it sent one. */
  answer(request: TokenRequest, correlationId: string = randomUUID()): JsonReply {
    const { log } = this.#platform;
    const now = this.#platform.now();
    const claims = request.parameters.get('claims');
    const entry = {
      at: now,
      tenant: request.tenantSegment,
      grant: request.parameters.get('grant_type') ?? '',
      clientId: request.basic?.clientId ?? request.parameters.get('client_id') ?? '',
      scope: request.parameters.get('scope') ?? '',
      ...(claims === null ? {} : { claims }),
    };
    try {
      const dictated = this.#platform.answers.takeToken('token');
      if (dictated !== undefined) throw dictatedRefusal(dictated);
      const body = this.#grant(request, now);
      log.add({ ...entry, outcome: 'issued', status: 200 });
      return { status: 200, body };
    } catch (failure) {
      if (!(failure instanceof TokenError)) throw failure;
      const { status, retryAfterSeconds } = failure.refusal;
      log.add({ ...entry, outcome: `AADSTS${failure.code}`, status });
      const body = describeTokenError(failure, { traceId: randomUUID(), correlationId }, now);
      return { status, body, retryAfterSeconds };
    }
  }

  #grant(request: TokenRequest, now: number): TokenAnswer {
    const platform = this.#platform;
    const named = findNamedTenant(request.tenantSegment, platform.cloud);
    checkThrottling(named);
    const grantType = requireParameter(request, 'grant_type');
    const grant = GRANTS.get(grantType);
    if (grant === undefined) throw new TokenError(70003, { grant: grantType });
    const registration = identifyApplication(request, platform.cloud, named);
    // Microsoft spreads lifetimes over 60 to 90 minutes, so that not everybody comes back at once.
    const lifetimeSeconds = platform.tokenLifetimeSeconds ?? randomInt(3600, 5400);
    return grant(request, registration, { platform, named, now, lifetimeSeconds });
  }
}
