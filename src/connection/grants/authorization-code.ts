/**
 * OAuth 2.0 authorization code with PKCE (RFC 6749 section 4.1, RFC 7636): the user signs in at Microsoft, in a
 * browser, and the code that comes back is redeemed here. Owns: the two requests. Must not: keep anything between
 * them (sign-in.ts does).
 */
import type { SignInAuthentication } from '../../generated/types.js';
import type { AccessToken, GrantRequest } from './grant.js';
import { acquire, applicationFor, claimsOf, withMsal } from './msal.js';

/** What has to be remembered between the two requests. */
export interface CodeAttempt {
  readonly redirectUri: string;
  /** Ties the answer to this attempt (RFC 6749 section 10.12). */
  readonly state: string;
  /** Ties the id token to this attempt (OpenID Connect Core section 3.1.2.1). */
  readonly nonce: string;
  /** PKCE: proves that whoever redeems the code began the sign-in. */
  readonly verifier: string;
  readonly scopes: readonly string[];
}

export interface CodeRequest extends GrantRequest {
  /** Of SignInAuthentication; a public client has none. */
  readonly clientSecret?: SignInAuthentication['clientSecret'];
}

/** The address to send the user's browser to. `query`, because a cookie of ours would not survive a cross-site POST. */
export function authorizationUrl(
  request: CodeRequest,
  attempt: CodeAttempt & {
    readonly challenge: string;
    readonly loginHint: string;
    /** Scopes of other resources: consent may be given for several at once, a token is for one. */
    readonly alsoConsent: readonly string[];
  },
): Promise<string> {
  return withMsal(request, async (configuration) => {
    const application = await applicationFor(configuration, request.clientSecret);
    return application.getAuthCodeUrl({
      scopes: [...attempt.scopes],
      extraScopesToConsent: [...attempt.alsoConsent],
      redirectUri: attempt.redirectUri,
      responseMode: 'query',
      state: attempt.state,
      nonce: attempt.nonce,
      codeChallenge: attempt.challenge,
      codeChallengeMethod: 'S256',
      // MSAL leaves the hint out where the user is to choose; Microsoft takes both and puts the hinted account first.
      extraQueryParameters: { login_hint: attempt.loginHint },
      prompt: 'select_account',
      ...claimsOf(request),
    });
  });
}

/**
 * Redeems the code. Only code, state and nonce are taken from the browser: MSAL would also follow a
 * `cloud_instance_host_name` to another server.
 * @throws Failure of the sign-in codes
 */
export function redeemCode(request: CodeRequest, attempt: CodeAttempt, code: string): Promise<AccessToken> {
  return acquire(request, async (configuration) => {
    const application = await applicationFor(configuration, request.clientSecret);
    const result = await application.acquireTokenByCode(
      {
        code,
        scopes: [...attempt.scopes],
        redirectUri: attempt.redirectUri,
        codeVerifier: attempt.verifier,
        nonce: attempt.nonce,
        state: attempt.state,
        ...claimsOf(request),
      },
      { code, state: attempt.state, nonce: attempt.nonce },
    );
    return { result, application };
  });
}
