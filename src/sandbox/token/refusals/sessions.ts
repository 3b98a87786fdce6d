/**
 * Refusals about what was handed out before: codes, refresh tokens, device codes. 70020 is inferred: Microsoft documents the OAuth error
 * authorization_declined without a number.
 */
import type { RefusalTable } from './refusal.js';

export const SESSIONS = {
  50134: { error: 'invalid_request', status: 400, text: 'The request was sent to the wrong data center.' },
  50173: {
    error: 'invalid_grant',
    status: 400,
    text: "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password. The grant was issued on '{issued}' and the TokensValidFrom date (before which tokens are not valid) for this user is '{validFrom}'.",
    suberror: 'bad_token',
  },
  54005: {
    error: 'invalid_grant',
    status: 400,
    text: 'OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.',
  },
  70000: {
    error: 'invalid_grant',
    status: 400,
    text: 'Provided grant is invalid or malformed.',
    suberror: 'bad_token',
  },
  70008: {
    error: 'invalid_grant',
    status: 400,
    text: 'The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource.',
  },
  70016: {
    error: 'authorization_pending',
    status: 400,
    text: 'OAuth 2.0 device flow error. Authorization is pending. Continue polling.',
  },
  70018: { error: 'bad_verification_code', status: 400, text: 'Verification code was not found.' },
  70019: { error: 'expired_token', status: 400, text: 'Verification code expired.' },
  70020: {
    error: 'authorization_declined',
    status: 400,
    text: 'The end user denied the authorization request.',
  },
  70043: {
    error: 'invalid_grant',
    status: 400,
    text: 'The refresh token has expired or is invalid due to sign-in frequency checks by conditional access. The token was issued on {issued} and the maximum allowed lifetime for this request is {seconds}.',
    suberror: 'bad_token',
    claims: true,
  },
  90120: {
    error: 'invalid_request',
    status: 400,
    text: 'The device sign-in request was already authorized or declined.',
  },
  700005: {
    error: 'invalid_grant',
    status: 400,
    text: 'Provided Authorization Code is intended to use against other tenant, thus rejected. OAuth2 Authorization Code must be redeemed against same tenant it was acquired for.',
  },
  700082: {
    error: 'invalid_grant',
    status: 400,
    text: 'The refresh token has expired due to inactivity. The token was issued on {issued} and was inactive for 90.00:00:00.',
  },
  700084: {
    error: 'invalid_grant',
    status: 400,
    text: "The refresh token was issued to a single page app (SPA), and therefore has a fixed, limited lifetime of 1.00:00:00, which can't be extended. It is now expired and a new sign in request must be sent by the SPA to the sign in page. The token was issued on {issued}.",
  },
} as const satisfies RefusalTable;
