/**
 * How an app proves itself at the token endpoint: with a secret, with an assertion, or not at all as a public client.
 */
import type { Directory } from '../directory/directory.js';
import type { Application } from '../directory/entities.js';
import type { ClientCredential } from './claims.js';
import { ASSERTION_TYPE, verifyClientAssertion } from './client-assertion.js';
import { TokenError } from './token-error.js';
import type { TokenRequest } from './token-request.js';

/** 'either' lets the app's own "Allow public client flows" decide. */
export type ExpectedClient = 'confidential' | 'public' | 'either';

/** @throws TokenError 7000215, 7000218, 7000222, 700025, 50012 and those of verifyClientAssertion */
export function authenticateClient(
  request: TokenRequest,
  application: Application,
  expected: ExpectedClient,
  { named, now }: { readonly named: Directory | undefined; readonly now: number },
): ClientCredential {
  const secret = request.basic?.clientSecret ?? request.parameters.get('client_secret') ?? '';
  const assertion = request.parameters.get('client_assertion') ?? '';
  const mayBePublic = expected === 'public' || (expected === 'either' && application.allowPublicClientFlows);
  if (secret === '' && assertion === '') {
    if (mayBePublic) return 'none';
    throw new TokenError(7000218);
  }
  if (expected === 'public' || (mayBePublic && !isConfidential(application))) throw new TokenError(700025);
  if (assertion === '') {
    checkSecret(secret, application, now);
    return 'secret';
  }
  const type = request.parameters.get('client_assertion_type');
  if (type !== ASSERTION_TYPE) {
    throw new TokenError(50012, { reason: `the client_assertion_type must be '${ASSERTION_TYPE}'` });
  }
  const tenantNames = [request.tenantSegment, ...(named === undefined ? [] : [named.tenant.id])];
  verifyClientAssertion(assertion, application, tenantNames, now);
  return 'assertion';
}

function isConfidential({ secrets, certificates, federatedCredentials }: Application): boolean {
  return secrets.length + certificates.length + federatedCredentials.length > 0;
}

function checkSecret(secret: string, application: Application, now: number): void {
  const match = application.secrets.find(({ value }) => value === secret);
  if (match === undefined) throw new TokenError(7000215, { app: application.clientId });
  if (match.expiresAt <= now) throw new TokenError(7000222, { app: application.clientId });
}
