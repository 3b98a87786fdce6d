/**
 * One POST to the token endpoint: what the client sent, and which tenant and app that means.
 * Refuses what is wrong before any grant is looked at; knows no grant.
 */
import type { Directory } from '../directory/directory.js';
import type { Application } from '../directory/entities.js';
import { TokenError } from './token-error.js';

export interface TokenRequest {
  /** The path's tenant segment, lower case: a GUID, a domain, or common, organizations, consumers. */
  readonly tenantSegment: string;
  readonly parameters: URLSearchParams;
  /** client_id and client_secret of an Authorization: Basic header. */
  readonly basic: { readonly clientId: string; readonly clientSecret: string } | undefined;
}

const GUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/u;
const DNS_NAME = /^(?:[\da-z-]+\.)+[a-z]{2,}$/u;
const SHARED_SEGMENTS = new Set(['common', 'organizations', 'consumers']);

/** @throws TokenError 900144 */
export function requireParameter(request: TokenRequest, name: string): string {
  const value = request.parameters.get(name);
  if (value === null || value === '') throw new TokenError(900144, { parameter: name });
  return value;
}

/** @throws TokenError 90002 or 900023 when the path names no tenant of this sandbox */
export function checkTenant(request: TokenRequest, directory: Directory): void {
  const segment = request.tenantSegment;
  if (SHARED_SEGMENTS.has(segment)) return;
  if (segment === directory.tenant.id || directory.tenant.domains.includes(segment)) return;
  if (GUID.test(segment) || DNS_NAME.test(segment)) throw new TokenError(90002, { tenant: segment });
  throw new TokenError(900023, { tenant: segment });
}

/** The app that asks. @throws TokenError 900144, 700016, 7000112, 50194, 9001023, 50059 */
export function identifyApplication(request: TokenRequest, directory: Directory, grant: string): Application {
  const clientId = request.basic?.clientId ?? requireParameter(request, 'client_id');
  const application = directory.findApplication(clientId);
  if (application === undefined) {
    throw new TokenError(700016, { app: clientId, tenant: directory.tenant.displayName });
  }
  const named = { app: application.clientId, name: application.name };
  if (!application.enabled) throw new TokenError(7000112, named);
  const segment = request.tenantSegment;
  if (!SHARED_SEGMENTS.has(segment)) return application;
  if (application.signInAudience === 'AzureADMyOrg') throw new TokenError(50194, named);
  if (grant === 'client_credentials') throw new TokenError(50059);
  if (grant === 'password' && segment !== 'organizations') throw new TokenError(9001023);
  return application;
}

/**
 * Whether the app proved itself with a secret (true) or is a public client (false).
 * @throws TokenError 7000215, 7000218, 7000222, 700025
 */
export function authenticateClient(
  request: TokenRequest,
  application: Application,
  mayBePublic: boolean,
  now: number,
): boolean {
  const secret = request.basic?.clientSecret ?? request.parameters.get('client_secret') ?? '';
  const isPublic = mayBePublic && application.allowPublicClientFlows;
  if (secret === '') {
    if (isPublic) return false;
    throw new TokenError(7000218);
  }
  if (isPublic && application.secrets.length === 0) throw new TokenError(700025);
  const match = application.secrets.find(({ value }) => value === secret);
  if (match === undefined) throw new TokenError(7000215, { app: application.clientId });
  if (match.expiresAt <= now) throw new TokenError(7000222, { app: application.clientId });
  return true;
}
