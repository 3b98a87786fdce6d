/**
 * Which tenant a path means, and what an app is in it: common, organizations and consumers stand for whichever tenant
 * the user turns out to live in.
 */
import type { Account, Cloud } from '../directory/cloud.js';
import type { Directory } from '../directory/directory.js';
import type { Application } from '../directory/entities.js';
import { TokenError } from './token-error.js';

const GUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/u;
const DNS_NAME = /^(?:[\da-z-]+\.)+[a-z]{2,}$/u;
const SHARED_SEGMENTS = new Set(['common', 'organizations', 'consumers']);

export function isSharedSegment(segment: string): boolean {
  return SHARED_SEGMENTS.has(segment);
}

/** Undefined for common and the like. @throws TokenError 90002, 900023 when the path names no tenant */
export function findNamedTenant(segment: string, cloud: Cloud): Directory | undefined {
  if (SHARED_SEGMENTS.has(segment)) return undefined;
  const found = cloud.findTenant(segment);
  if (found !== undefined) return found;
  if (GUID.test(segment) || DNS_NAME.test(segment)) throw new TokenError(90002, { tenant: segment });
  throw new TokenError(900023, { tenant: segment });
}

/** @throws TokenError 90055 when the tenant has used up what it may ask for */
export function checkThrottling(named: Directory | undefined): void {
  const seconds = named?.tenant.throttledForSeconds;
  if (seconds !== undefined) throw new TokenError(90055, {}, { retryAfterSeconds: seconds });
}

/** Whether an app may be used under this segment at all. @throws TokenError 50194, 9002331, 9002332 */
export function checkAudience(application: Application, segment: string, named: Directory | undefined): void {
  const { signInAudience } = application;
  const app = { app: application.clientId, name: application.name };
  const isPersonal = segment === 'consumers' || named?.tenant.kind === 'personal';
  const takesPersonal = signInAudience.includes('Personal');
  if (isPersonal) {
    if (!takesPersonal) throw new TokenError(9002332, app);
    return;
  }
  if (signInAudience === 'PersonalMicrosoftAccount') throw new TokenError(9002331, app);
  if (named === undefined && signInAudience === 'AzureADMyOrg') throw new TokenError(50194, app);
}

/**
 * Whether an account may sign in under this segment, to this app.
 * @throws TokenError 50020, 500208
 */
export function checkAccount(
  { directory, user }: Account,
  segment: string,
  named: Directory | undefined,
  application: Application,
): void {
  const isPersonal = directory.tenant.kind === 'personal';
  if (segment === 'consumers' ? !isPersonal : segment === 'organizations' && isPersonal) {
    throw new TokenError(500208);
  }
  const isForeign = named === undefined ? !fitsAudience(application, directory) : named !== directory;
  if (!isForeign) return;
  throw new TokenError(50020, {
    user: user.userPrincipalName,
    issuer: isPersonal ? 'live.com' : `https://sts.windows.net/${directory.tenant.id}/`,
    tenant: named?.tenant.displayName ?? 'of the application',
    app: application.clientId,
    name: application.name,
  });
}

function fitsAudience({ signInAudience }: Application, { tenant }: Directory): boolean {
  if (tenant.kind === 'personal') return signInAudience.includes('Personal');
  return signInAudience !== 'PersonalMicrosoftAccount';
}

/**
 * The app's enterprise application in a tenant; personal accounts know every app that is made for them.
 * Undefined when nobody there consented to it yet.
 * @throws TokenError 7000112 when it is switched off, 7000229 when it was deleted
 */
export function findServicePrincipal(
  directory: Directory,
  registration: Application,
): Application | undefined {
  const known = directory.findApplication(registration.clientId);
  if (known === undefined) {
    return directory.tenant.kind === 'personal' ? directory.addServicePrincipal(registration) : undefined;
  }
  if (!known.hasServicePrincipal) {
    throw new TokenError(7000229, { app: known.clientId, tenant: directory.tenant.displayName });
  }
  if (!known.enabled) throw new TokenError(7000112, { app: known.clientId, name: known.name });
  return known;
}

/** @throws TokenError 700016, 7000112 */
export function requireServicePrincipal(directory: Directory, registration: Application): Application {
  const found = findServicePrincipal(directory, registration);
  if (found !== undefined) return found;
  throw new TokenError(700016, { app: registration.clientId, tenant: directory.tenant.displayName });
}
