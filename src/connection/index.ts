/** What other rooms may use of this one. */
export { assertTenantFits, authMethodOf, createAccess, endpointOf, type Access } from './access.js';
export { openSubmission } from './sending.js';
export {
  checkAccess,
  expiriesOf,
  expiryWarning,
  runStage,
  Settling,
  usesOf,
  type CheckPlan,
  type Expiry,
  type ReadingTarget,
  type SendingTarget,
} from './checks/index.js';
export { CLOUDS, type Cloud } from './clouds.js';
export { AUTH_METHODS } from './grants/index.js';
export {
  beginSignIn,
  completeSignIn,
  disconnect,
  signedInFor,
  signInByDeviceCode,
  type CompletedSignIn,
  type DeviceSignInStep,
  type SignedIn,
  type SignInStart,
} from './sign-in.js';
export { openReading, openReadingOnce } from './reading.js';
export { resolveSecrets, type SecretStore } from './secrets.js';
export { TokenSource } from './token-source.js';
export { resealTokens, TokenStore } from './token-store.js';
