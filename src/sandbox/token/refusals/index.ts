/**
 * Every refusal the sandbox knows, by AADSTS number.
 */
import { CLIENTS } from './clients.js';
import { POLICIES } from './policies.js';
import { REQUESTS } from './requests.js';
import { SERVICE } from './service.js';
import { SESSIONS } from './sessions.js';
import { TENANTS } from './tenants.js';
import { USERS } from './users.js';

export const REFUSALS = {
  ...REQUESTS,
  ...CLIENTS,
  ...USERS,
  ...POLICIES,
  ...TENANTS,
  ...SESSIONS,
  ...SERVICE,
} as const;

export type RefusalCode = keyof typeof REFUSALS;
