/**
 * The public documents of the identity platform: OpenID configuration, keys, instance discovery.
 */
import { PERSONAL_TENANT_ID } from '../directory/cloud.js';
import type { SigningKey } from './signing-key.js';

const ORIGIN = 'https://login.microsoftonline.com';
const ALIASES = ['login.microsoftonline.com', 'login.windows.net', 'login.microsoft.com', 'sts.windows.net'];

/** `tenantId` is absent for common, organizations and consumers. */
export function describeOpenIdConfiguration(
  segment: string,
  tenantId: string | undefined,
): Record<string, unknown> {
  const base = `${ORIGIN}/${segment}`;
  const issuer = tenantId ?? (segment === 'consumers' ? PERSONAL_TENANT_ID : '{tenantid}');
  return {
    token_endpoint: `${base}/oauth2/v2.0/token`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
    jwks_uri: `${base}/discovery/v2.0/keys`,
    response_modes_supported: ['query', 'fragment', 'form_post'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    issuer: `${ORIGIN}/${issuer}/v2.0`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    device_authorization_endpoint: `${base}/oauth2/v2.0/devicecode`,
    end_session_endpoint: `${base}/oauth2/v2.0/logout`,
    claims_supported: [
      'sub',
      'iss',
      'aud',
      'exp',
      'iat',
      'acr',
      'nonce',
      'preferred_username',
      'name',
      'tid',
      'ver',
    ],
    tenant_region_scope: 'EU',
    cloud_instance_name: 'microsoftonline.com',
    cloud_graph_host_name: 'graph.windows.net',
    msgraph_host: 'graph.microsoft.com',
  };
}

export function describeKeys(signingKey: SigningKey): Record<string, unknown> {
  return { keys: [signingKey.jwk] };
}

export function describeInstances(): Record<string, unknown> {
  return {
    tenant_discovery_endpoint: `${ORIGIN}/common/v2.0/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: [{ preferred_network: ALIASES[0], preferred_cache: 'login.windows.net', aliases: ALIASES }],
  };
}
