/**
 * OAuth 2.0 resource owner password credentials (RFC 6749 section 4.3). Legacy: Microsoft advises against it and
 * MSAL marks it deprecated. It is here because connections that people bring along use it.
 */
import type { PasswordAuthentication } from '../../generated/types.js';
import type { Grant } from './grant.js';
import { acquire } from './msal.js';

export const acquireByPassword: Grant<PasswordAuthentication> = (request) =>
  acquire(request, async (configuration) => {
    const { ConfidentialClientApplication, PublicClientApplication } = await import('@azure/msal-node');
    const { clientSecret, userName, password } = request.authentication;
    const app =
      clientSecret === undefined
        ? new PublicClientApplication(configuration)
        : new ConfidentialClientApplication({
            ...configuration,
            auth: { ...configuration.auth, clientSecret },
          });
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the legacy method of the manifest; its form warns
    return app.acquireTokenByUsernamePassword({ scopes: [...request.scopes], username: userName, password });
  });
