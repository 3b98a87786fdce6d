/**
 * Reads the `scope` parameter: which resource it means and what is wanted of it.
 * Judges form only; whether a permission was granted is for the grants to say.
 */
import type { Resource } from '../directory/resources.js';
import type { Tenant } from '../directory/entities.js';
import { findResource } from '../directory/resources.js';
import { TokenError } from './token-error.js';

export interface RequestedScopes {
  readonly resource: Resource;
  /** The application id URI as the client wrote it; it becomes the audience. */
  readonly identifierUri: string;
  /** Permission names without prefix; empty for '/.default'. */
  readonly permissions: readonly string[];
  readonly isDefault: boolean;
  /** openid, profile, email, offline_access */
  readonly oidc: ReadonlySet<string>;
}

const OIDC_SCOPES = new Set(['openid', 'profile', 'email', 'offline_access']);
const GRAPH_URI = 'https://graph.microsoft.com';

/** Exactly one '<resource>/.default'. @throws TokenError 1002012, 500011, 500014 */
export function parseAppScope(scope: string, tenant: Tenant): RequestedScopes {
  const value = scope.trim();
  if (!value.endsWith('/.default') || value.includes(' ')) throw new TokenError(1002012, { scope: value });
  const identifierUri = value.slice(0, -'/.default'.length).replace(/\/$/u, '');
  return { ...locate(identifierUri, tenant, 500011), permissions: [], isDefault: true, oidc: new Set() };
}

/** Delegated scopes: all of one resource. @throws TokenError 28000, 70011, 500011, 500014, 650052 */
export function parseUserScopes(scope: string, tenant: Tenant): RequestedScopes {
  const values = scope.split(/\s+/u).filter((value) => value !== '');
  const oidc = new Set(values.filter((value) => OIDC_SCOPES.has(value)));
  const wanted = values.filter((value) => !OIDC_SCOPES.has(value)).map(splitScope);
  const [first] = wanted;
  // Nothing but OpenID scopes: Entra answers with a Graph token.
  if (first === undefined) {
    if (oidc.size === 0) throw new TokenError(70011, { scope: scope === '' ? "''" : scope });
    return { ...locate(GRAPH_URI, tenant, 650052), permissions: ['User.Read'], isDefault: false, oidc };
  }
  if (wanted.some(({ identifierUri }) => identifierUri.toLowerCase() !== first.identifierUri.toLowerCase())) {
    throw new TokenError(28000, { scope });
  }
  const located = locate(first.identifierUri, tenant, 650052);
  const isDefault = wanted.some(({ permission }) => permission === '.default');
  for (const { permission } of wanted) {
    if (permission !== '.default' && !located.resource.delegatedScopes.has(permission)) {
      throw new TokenError(70011, { scope });
    }
  }
  const permissions = isDefault ? [] : wanted.map(({ permission }) => permission);
  return { ...located, permissions, isDefault, oidc };
}

/** The permissions named in an authorization request, of any number of resources: it may ask for consent to all. */
export function listPermissions(scope: string): { identifierUri: string; permission: string }[] {
  const values = scope.split(/\s+/u).filter((value) => value !== '' && !OIDC_SCOPES.has(value));
  return values.map(splitScope).filter(({ permission }) => permission !== '.default');
}

/**
 * Whether an authorization request names only what exists in the tenant.
 * @throws TokenError 70011, 500011, 500014, 650052
 */
export function checkScopes(scope: string, tenant: Tenant): void {
  for (const { identifierUri, permission } of listPermissions(scope)) {
    const { resource } = locate(identifierUri, tenant, 650052);
    if (!resource.delegatedScopes.has(permission)) throw new TokenError(70011, { scope });
  }
}

function splitScope(value: string): { identifierUri: string; permission: string } {
  const slash = value.lastIndexOf('/');
  // A bare permission name belongs to Microsoft Graph.
  if (slash === -1) return { identifierUri: GRAPH_URI, permission: value };
  return { identifierUri: value.slice(0, slash).replace(/\/$/u, ''), permission: value.slice(slash + 1) };
}

/** An app and a user get different numbers for a tenant without Exchange Online. */
function locate(
  identifierUri: string,
  tenant: Tenant,
  whenAbsent: 500011 | 650052,
): { resource: Resource; identifierUri: string } {
  const resource = findResource(identifierUri);
  const names = { resource: identifierUri, tenant: tenant.displayName };
  if (resource === undefined) throw new TokenError(500011, names);
  if (resource.kind === 'exchange' && tenant.exchangeOnline !== 'on') {
    throw new TokenError(tenant.exchangeOnline === 'lapsed' ? 500014 : whenAbsent, names);
  }
  return { resource, identifierUri };
}
