/**
 * Refusals about what the client asked for and how: scope, redirect URI, PKCE, form.
 */
import type { RefusalTable } from './refusal.js';

export const REQUESTS = {
  28000: {
    error: 'invalid_request',
    status: 400,
    text: 'Provided value for the input parameter scope is not valid because it contains more than one resource. Scope {scope} is not valid.',
  },
  28002: {
    error: 'invalid_scope',
    status: 400,
    text: 'The value of the input parameter scope is not valid.',
  },
  28003: { error: 'invalid_scope', status: 400, text: 'The input parameter scope must not be empty.' },
  50011: {
    error: 'invalid_request',
    status: 400,
    text: "The redirect URI '{redirectUri}' specified in the request does not match the redirect URIs configured for the application '{app}'. Make sure the redirect URI sent in the request matches one added to your application in the Azure portal. Navigate to https://aka.ms/redirectUriMismatchError to learn more about how to fix this.",
  },
  50029: { error: 'invalid_request', status: 400, text: 'The address of the request is not valid.' },
  50147: {
    error: 'invalid_request',
    status: 400,
    text: 'Invalid size or characters of the PKCE parameter {parameter}.',
  },
  70003: {
    error: 'unsupported_grant_type',
    status: 400,
    text: "The app requested an unsupported grant type '{grant}'.",
  },
  70011: {
    error: 'invalid_scope',
    status: 400,
    text: "The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope {scope} is not valid.",
  },
  90013: { error: 'invalid_request', status: 400, text: 'Input that the user sent is not valid.' },
  90014: {
    error: 'invalid_request',
    status: 400,
    text: "The required field '{parameter}' is missing from the request.",
  },
  90023: { error: 'invalid_request', status: 400, text: 'The request is not valid.' },
  500113: {
    error: 'invalid_request',
    status: 400,
    text: 'No reply address is registered for the application.',
  },
  501481: {
    error: 'invalid_grant',
    status: 400,
    text: 'The Code_Verifier does not match the code_challenge supplied in the authorization request.',
  },
  501491: { error: 'invalid_request', status: 400, text: 'Invalid size of Code_Challenge parameter.' },
  700022: {
    error: 'invalid_request',
    status: 400,
    text: 'The scope {scope} is not valid: it names more than one resource.',
  },
  700023: { error: 'invalid_request', status: 400, text: 'The scope {scope} names no resource.' },
  700051: {
    error: 'unsupported_response_type',
    status: 400,
    text: "The response_type '{responseType}' is not enabled for the application.",
  },
  900144: {
    error: 'invalid_request',
    status: 400,
    text: "The request body must contain the following parameter: '{parameter}'.",
  },
  900971: { error: 'invalid_request', status: 400, text: 'No reply address provided.' },
  901002: {
    error: 'invalid_request',
    status: 400,
    text: "The 'resource' request parameter is not supported.",
  },
  1002012: {
    error: 'invalid_scope',
    status: 400,
    text: 'The provided value for scope {scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).',
  },
  9002313: {
    error: 'invalid_request',
    status: 400,
    text: 'Invalid request. Request is malformed or invalid.',
  },
  9002325: {
    error: 'invalid_request',
    status: 400,
    text: 'Proof Key for Code Exchange is required for cross-origin authorization code redemption.',
  },
} as const satisfies RefusalTable;
