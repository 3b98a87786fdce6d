/** What other rooms may use of this one. */
export { createAccess, openMailbox, openSubmission, type Access } from './access.js';
export { checkAccess, runStage, type CheckPlan, type ReadingTarget } from './checks/index.js';
export { AUTH_METHODS } from './grants/index.js';
export { TokenSource } from './token-source.js';
export { resolveSecrets, type SecretStore } from './secrets.js';
