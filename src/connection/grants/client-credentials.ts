/**
 * OAuth 2.0 client credentials with a client secret (RFC 6749 section 4.4): the app signs in as itself.
 */
import { ConfidentialClientApplication } from '@azure/msal-node';
import type { ClientSecretAuthentication } from '../../generated/types.js';
import type { Grant } from './grant.js';
import { acquire } from './msal.js';

export const acquireByClientSecret: Grant<ClientSecretAuthentication> = (request) =>
  acquire(request, (configuration) =>
    new ConfidentialClientApplication({
      ...configuration,
      auth: { ...configuration.auth, clientSecret: request.authentication.clientSecret },
    }).acquireTokenByClientCredential({ scopes: [...request.scopes] }),
  );
