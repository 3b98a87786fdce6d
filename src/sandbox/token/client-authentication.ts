/**
 * How an app proves itself at the token endpoint: with a secret, or not at all as a public client.
 */
import type { Application } from '../directory/entities.js';
import type { ClientCredential } from './claims.js';
import { TokenError } from './token-error.js';
import type { TokenRequest } from './token-request.js';

/** 'either' lets the app's own "Allow public client flows" decide. */
export type ExpectedClient = 'confidential' | 'public' | 'either';

/** @throws TokenError 7000215, 7000218, 7000222, 700025 */
export function authenticateClient(
  request: TokenRequest,
  application: Application,
  expected: ExpectedClient,
  now: number,
): ClientCredential {
  const secret = request.basic?.clientSecret ?? request.parameters.get('client_secret') ?? '';
  const mayBePublic = expected === 'public' || (expected === 'either' && application.allowPublicClientFlows);
  if (secret === '') {
    if (mayBePublic) return 'none';
    throw new TokenError(7000218);
  }
  if (expected === 'public' || (mayBePublic && application.secrets.length === 0))
    throw new TokenError(700025);
  const match = application.secrets.find(({ value }) => value === secret);
  if (match === undefined) throw new TokenError(7000215, { app: application.clientId });
  if (match.expiresAt <= now) throw new TokenError(7000222, { app: application.clientId });
  return 'secret';
}
