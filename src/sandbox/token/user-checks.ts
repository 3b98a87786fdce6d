/**
 * Whether a user may sign in now: account, password, policies, assignment, second factor, in the order Entra looks at
 * them. Reads the directory and refuses; issues nothing.
 */
import type { Account } from '../directory/cloud.js';
import type { Application, ConditionalAccessDemand, User } from '../directory/entities.js';
import type { RefusalCode } from './refusals/index.js';
import { TokenError } from './token-error.js';

export interface SignInManner {
  readonly secondFactorProven: boolean;
  /** 'silent' is everything without a person: refresh, and redeeming what a person did before. */
  readonly by: 'password' | 'browser' | 'silent';
}

const DEMANDS: Readonly<Record<ConditionalAccessDemand, RefusalCode>> = {
  'compliant-device': 53000,
  'joined-device': 53001,
  'approved-app': 53002,
  'managed-device': 530003,
  'device-authentication': 50097,
  never: 530032,
};

/** @throws TokenError 80001, 50053, 50056, 50126, 80012 */
export function checkPassword({ directory, user }: Account, password: string): void {
  if (directory.tenant.passThroughAgent === 'unreachable') throw new TokenError(80001);
  if (user.locked) throw new TokenError(50053);
  if (!user.hasPassword) throw new TokenError(50056);
  if (user.password !== password) throw new TokenError(50126);
  if (user.outsideLogonHours) throw new TokenError(80012);
}

/** @throws TokenError 50057, 50055, 50144, 50135, 530…, 53…, 50105, 50072, 50076, 50079, 50158 */
export function checkUser(
  account: Account,
  application: Application,
  manner: SignInManner,
  resource: string,
): void {
  const { directory, user } = account;
  if (!user.accountEnabled) throw new TokenError(50057);
  if (user.passwordExpired !== false) throw new TokenError(user.passwordExpired === true ? 50055 : 50144);
  if (user.passwordChangeRequired) throw new TokenError(50135);
  checkConditionalAccess(user);
  // The password grant counts as legacy authentication: nobody could be asked for a second factor.
  if (directory.tenant.securityDefaults && manner.by === 'password') throw new TokenError(530035);
  if (
    application.assignmentRequired &&
    !application.assignedUsers.has(user.userPrincipalName.toLowerCase())
  ) {
    const { clientId, name } = application;
    throw new TokenError(50105, { app: clientId, name, user: user.userPrincipalName });
  }
  if (user.externalFactorRequired) throw new TokenError(50158);
  const needsSecondFactor = user.mfaRequired || directory.tenant.securityDefaults;
  if (!needsSecondFactor || manner.secondFactorProven) return;
  if (!user.mfaEnrolled) throw new TokenError(manner.by === 'browser' ? 50072 : 50079, { resource });
  throw new TokenError(50076, { resource });
}

function checkConditionalAccess(user: User): void {
  if (user.blockedByConditionalAccess) throw new TokenError(53003);
  if (user.conditionalAccess === undefined) return;
  throw new TokenError(DEMANDS[user.conditionalAccess], { state: 'not managed' });
}
