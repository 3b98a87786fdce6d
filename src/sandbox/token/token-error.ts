/**
 * The refusals of the token endpoint: AADSTS number, OAuth error, HTTP status and Microsoft's wording in one table.
 * A refusal is thrown as a TokenError; the endpoint renders it. No decision is taken here.
 */

interface Refusal {
  readonly error: string;
  readonly status: number;
  readonly text: string;
  readonly suberror?: string;
  /** Entra adds a claims challenge, so that a client knows what to ask for next. */
  readonly claims?: boolean;
}

/** Placeholders {app}, {tenant}, … are filled in by whoever refuses. */
const REFUSALS = {
  28000: {
    error: 'invalid_request',
    status: 400,
    text: 'Provided value for the input parameter scope is not valid because it contains more than one resource. Scope {scope} is not valid.',
  },
  50034: {
    error: 'invalid_grant',
    status: 400,
    text: 'The user account {user} does not exist in the {tenant} directory. To sign into this application, the account must be added to the directory.',
  },
  50053: {
    error: 'invalid_grant',
    status: 400,
    text: 'The account is locked, you have tried to sign in too many times with an incorrect user ID or password.',
  },
  50055: {
    error: 'invalid_grant',
    status: 400,
    text: 'The password is expired.',
    suberror: 'user_password_expired',
  },
  50057: { error: 'invalid_grant', status: 400, text: 'The user account is disabled.' },
  50059: {
    error: 'invalid_request',
    status: 400,
    text: 'No tenant-identifying information found in either the request or implied by any provided credentials.',
  },
  50076: {
    error: 'invalid_grant',
    status: 400,
    text: "Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access '{resource}'.",
    suberror: 'basic_action',
    claims: true,
  },
  50126: {
    error: 'invalid_grant',
    status: 400,
    text: 'Error validating credentials due to invalid username or password.',
  },
  50194: {
    error: 'invalid_request',
    status: 400,
    text: "Application '{app}'({name}) is not configured as a multi-tenant application. Usage of the /common endpoint is not supported for such apps created after '10/15/2018'. Use a tenant-specific endpoint or configure the application to be multi-tenant.",
  },
  53003: {
    error: 'interaction_required',
    status: 400,
    text: 'Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.',
    suberror: 'message_only',
    claims: true,
  },
  65001: {
    error: 'invalid_grant',
    status: 400,
    text: "The user or administrator has not consented to use the application with ID '{app}' named '{name}'. Send an interactive authorization request for this user and resource.",
    suberror: 'consent_required',
  },
  70000: {
    error: 'invalid_grant',
    status: 400,
    text: 'Provided grant is invalid or malformed.',
    suberror: 'bad_token',
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
  90002: {
    error: 'invalid_request',
    status: 400,
    text: "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.",
  },
  500011: {
    error: 'invalid_resource',
    status: 400,
    text: 'The resource principal named {resource} was not found in the tenant named {tenant}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant.',
  },
  700016: {
    error: 'unauthorized_client',
    status: 400,
    text: "Application with identifier '{app}' was not found in the directory '{tenant}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.",
  },
  700025: {
    error: 'invalid_client',
    status: 401,
    text: "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
  },
  700082: {
    error: 'invalid_grant',
    status: 400,
    text: 'The refresh token has expired due to inactivity. The token was issued on {issued} and was inactive for 90.00:00:00.',
  },
  900023: {
    error: 'invalid_request',
    status: 400,
    text: "Specified tenant identifier '{tenant}' is neither a valid DNS name, nor a valid external domain.",
  },
  900144: {
    error: 'invalid_request',
    status: 400,
    text: "The request body must contain the following parameter: '{parameter}'.",
  },
  1002012: {
    error: 'invalid_scope',
    status: 400,
    text: 'The provided value for scope {scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).',
  },
  7000112: { error: 'unauthorized_client', status: 400, text: "Application '{app}'({name}) is disabled." },
  7000215: {
    error: 'invalid_client',
    status: 401,
    text: "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{app}'.",
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
  9001023: {
    error: 'invalid_request',
    status: 400,
    text: 'The grant type is not supported over the /common or /consumers endpoints. Please use the /organizations or tenant-specific endpoint.',
  },
  9002313: {
    error: 'invalid_request',
    status: 400,
    text: 'Invalid request. Request is malformed or invalid.',
  },
} as const satisfies Record<number, Refusal>;

export type RefusalCode = keyof typeof REFUSALS;

export class TokenError extends Error {
  override readonly name = 'TokenError';
  readonly code: RefusalCode;
  readonly refusal: Refusal;

  constructor(code: RefusalCode, parameters: Readonly<Record<string, string>> = {}) {
    const refusal: Refusal = REFUSALS[code];
    super(refusal.text.replace(/\{(\w+)\}/gu, (whole, name: string) => parameters[name] ?? whole));
    this.code = code;
    this.refusal = refusal;
  }
}

/** The JSON body of a refusal, as Entra words it. `now` in milliseconds. */
export function describeTokenError(
  failure: TokenError,
  ids: { readonly traceId: string; readonly correlationId: string },
  now: number,
): Record<string, unknown> {
  const timestamp = `${new Date(now).toISOString().slice(0, 19).replace('T', ' ')}Z`;
  return {
    error: failure.refusal.error,
    error_description:
      `AADSTS${failure.code}: ${failure.message}\r\nTrace ID: ${ids.traceId}\r\n` +
      `Correlation ID: ${ids.correlationId}\r\nTimestamp: ${timestamp}`,
    error_codes: [failure.code],
    timestamp,
    trace_id: ids.traceId,
    correlation_id: ids.correlationId,
    error_uri: `https://login.microsoftonline.com/error?code=${failure.code}`,
    ...(failure.refusal.suberror === undefined ? {} : { suberror: failure.refusal.suberror }),
    ...(failure.refusal.claims === true
      ? { claims: JSON.stringify({ access_token: { capolids: { essential: true, values: [ids.traceId] } } }) }
      : {}),
  };
}
