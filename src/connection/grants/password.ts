/**
 * OAuth 2.0 resource owner password credentials (RFC 6749 section 4.3). Legacy: Microsoft advises against it and
 * MSAL marks it deprecated. It is here because connections that people bring along use it.
 */
import { Failure } from '../../errors/index.js';
import type { PasswordAuthentication } from '../../generated/types.js';
import { isConsumer } from '../clouds.js';
import type { Grant } from './grant.js';
import { acquire, applicationFor, claimsOf } from './msal.js';

/** @throws Failure password-not-possible where Microsoft never takes a password, before it is sent anywhere */
export const acquireByPassword: Grant<PasswordAuthentication> = async (request) => {
  const { clientSecret, userName, password } = request.authentication;
  const tenant = request.tenant.toLowerCase();
  if (tenant === 'common' || isConsumer(tenant, userName)) {
    throw new Failure('password-not-possible', { parameters: { tenant: request.tenant } });
  }
  return acquire(request, async (configuration) => {
    const application = await applicationFor(configuration, clientSecret);
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the legacy method of the manifest; its form warns
    const result = await application.acquireTokenByUsernamePassword({
      scopes: [...request.scopes],
      username: userName,
      password,
      ...claimsOf(request),
    });
    return { result };
  });
};
