/**
 * One POST to the token endpoint: what the client sent, and which app that means.
 * Refuses what is wrong before any grant is looked at; knows no grant.
 */
import type { Cloud } from '../directory/cloud.js';
import type { Directory } from '../directory/directory.js';
import type { Application } from '../directory/entities.js';
import { checkAudience, requireServicePrincipal } from './tenant-choice.js';
import { TokenError } from './token-error.js';

export interface TokenRequest {
  /** The path's tenant segment, lower case: a GUID, a domain, or common, organizations, consumers. */
  readonly tenantSegment: string;
  readonly parameters: URLSearchParams;
  /** client_id and client_secret of an Authorization: Basic header. */
  readonly basic: { readonly clientId: string; readonly clientSecret: string } | undefined;
  /** Whether a browser's script asks: it cannot leave out its Origin header. */
  readonly isCrossOrigin: boolean;
}

/** @throws TokenError 900144 */
export function requireParameter(request: Pick<TokenRequest, 'parameters'>, name: string): string {
  const value = request.parameters.get(name);
  if (value === null || value === '') throw new TokenError(900144, { parameter: name });
  return value;
}

/**
 * The app that asks, as its home tenant registered it.
 * @throws TokenError 700016, 7000112, 50194, 9002331, 9002332
 */
export function identifyRegistration(
  clientId: string,
  tenantSegment: string,
  cloud: Cloud,
  named: Directory | undefined,
): Application {
  const registration = cloud.findRegistration(clientId);
  // An app of one tenant only does not exist in any other.
  const isElsewhere =
    registration?.signInAudience === 'AzureADMyOrg' &&
    named !== undefined &&
    named.findApplication(clientId) === undefined;
  if (registration === undefined || isElsewhere) {
    const tenant = named?.tenant.displayName ?? 'Microsoft Accounts';
    throw new TokenError(700016, { app: clientId, tenant });
  }
  if (!registration.enabled) {
    throw new TokenError(7000112, { app: registration.clientId, name: registration.name });
  }
  checkAudience(registration, tenantSegment, named);
  return registration;
}

/**
 * As identifyRegistration; when the path names a tenant, the app has to be known there already.
 * @throws TokenError 900144, and as identifyRegistration
 */
export function identifyApplication(
  request: TokenRequest,
  cloud: Cloud,
  named: Directory | undefined,
): Application {
  const clientId = request.basic?.clientId ?? requireParameter(request, 'client_id');
  const registration = identifyRegistration(clientId, request.tenantSegment, cloud, named);
  if (named !== undefined) requireServicePrincipal(named, registration);
  return registration;
}

/** MSAL's clientCapabilities travel as a demand for the claim xms_cc (`claims` parameter, OpenID Connect section 5.5). */
export function declaresCp1({ parameters }: TokenRequest): boolean {
  const claims = parameters.get('claims') ?? '';
  return /"xms_cc"\s*:\s*\{[^}]*"cp1"/u.test(claims);
}
