/**
 * OAuth 2.0 client credentials with a client secret (RFC 6749 section 4.4): the app signs in as itself.
 */
import type { ClientSecretAuthentication } from '../../generated/types.js';
import type { Grant } from './grant.js';
import { acquire } from './msal.js';

export const acquireByClientSecret: Grant<ClientSecretAuthentication> = (request) =>
  acquire(request, async (configuration) => {
    const { ConfidentialClientApplication } = await import('@azure/msal-node');
    const { clientSecret } = request.authentication;
    const app = new ConfidentialClientApplication({
      ...configuration,
      auth: { ...configuration.auth, clientSecret },
    });
    return app.acquireTokenByClientCredential({ scopes: [...request.scopes] });
  });
