/**
 * Refusals about the app and how it proves itself: secret, certificate, federated credential. 50027 and 700021 are not on
 * Microsoft's list; their numbers are inferred from answers seen elsewhere, as is which of 70021, 700211 and 700213 comes when.
 */
import type { RefusalTable } from './refusal.js';

export const CLIENTS = {
  50012: { error: 'invalid_client', status: 401, text: 'Client assertion failed: {reason}.' },
  50013: { error: 'invalid_client', status: 401, text: 'Assertion failed signature validation.' },
  70001: { error: 'unauthorized_client', status: 400, text: "The application '{app}' is disabled." },
  70002: { error: 'invalid_client', status: 401, text: 'Error validating credentials.' },
  50027: { error: 'invalid_client', status: 401, text: 'JWT token is invalid or malformed.' },
  70021: {
    error: 'invalid_grant',
    status: 400,
    text: "No matching federated identity record found for presented assertion. Assertion Issuer: '{issuer}'. Assertion Subject: '{subject}'. Assertion Audience: '{audience}'.",
  },
  700011: {
    error: 'unauthorized_client',
    status: 400,
    text: "Application with identifier '{app}' was not found in the directory '{tenant}'.",
  },
  700016: {
    error: 'unauthorized_client',
    status: 400,
    text: "Application with identifier '{app}' was not found in the directory '{tenant}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.",
  },
  700021: {
    error: 'invalid_client',
    status: 401,
    text: "Client assertion application identifier doesn't match 'client_id' parameter.",
  },
  700024: {
    error: 'invalid_client',
    status: 401,
    text: 'Client assertion is not within its valid time range. Current time: {now}, expiry time of assertion: {expiry}.',
  },
  700025: {
    error: 'invalid_client',
    status: 401,
    text: "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
  },
  700027: {
    error: 'invalid_client',
    status: 401,
    text: "The certificate with identifier used to sign the client assertion is not registered on application. [Reason - {reason}, Thumbprint of key used by client: '{thumbprint}'].",
  },
  700030: {
    error: 'invalid_client',
    status: 401,
    text: 'Invalid certificate: the subject name in the certificate is not authorized.',
  },
  700211: {
    error: 'invalid_client',
    status: 401,
    text: "No matching federated identity record found for presented assertion issuer '{issuer}'.",
  },
  700213: {
    error: 'invalid_client',
    status: 401,
    text: "No matching federated identity record found for presented assertion subject '{subject}'.",
  },
  7000112: { error: 'unauthorized_client', status: 400, text: "Application '{app}'({name}) is disabled." },
  7000215: {
    error: 'invalid_client',
    status: 401,
    text: "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{app}'.",
  },
  7000216: {
    error: 'invalid_client',
    status: 401,
    text: "'client_assertion', 'client_secret' or 'request' is required for the grant type.",
  },
  7000218: {
    error: 'invalid_client',
    status: 401,
    text: "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
  },
  7000222: {
    error: 'invalid_client',
    status: 401,
    text: "The provided client secret keys for app '{app}' are expired. Visit the Azure portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: https://aka.ms/certCreds.",
  },
  7000229: {
    error: 'unauthorized_client',
    status: 401,
    text: "The client application '{app}' is missing a service principal in the tenant '{tenant}'.",
  },
} as const satisfies RefusalTable;
