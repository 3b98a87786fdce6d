/**
 * What the endpoints of the identity platform share: the tenants, and everything handed out so far.
 */
import type { Answers } from '../answers/answers.js';
import type { Cloud } from '../directory/cloud.js';
import type { AccessTokens } from './access-tokens.js';
import type { AuthorizationCodes } from './authorization-codes.js';
import type { DeviceCodes } from './device-codes.js';
import type { RefreshTokens } from './refresh-tokens.js';
import type { RequestLog } from './request-log.js';
import type { SigningKey } from './signing-key.js';

export interface IdentityPlatform {
  readonly cloud: Cloud;
  readonly signingKey: SigningKey;
  readonly accessTokens: AccessTokens;
  readonly codes: AuthorizationCodes;
  readonly deviceCodes: DeviceCodes;
  readonly refreshTokens: RefreshTokens;
  readonly log: RequestLog;
  readonly answers: Answers;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly tokenLifetimeSeconds: number | undefined;
}
