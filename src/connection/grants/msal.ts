/**
 * How every grant talks to Microsoft: unmodified MSAL over our network policy, through MSAL's own extension
 * point (`system.networkClient`). Owns: translation of MSAL's results and errors. Must not: know a grant.
 *
 * MSAL loses the cause of a network failure, has no time-out of its own on POST, resolves with an empty token when a proxy
 * answers in place of Microsoft, and blocks itself for a while after a 429 or 5xx. Hence the kept failure, the
 * deadlines in `net`, the check for a token, and a fresh MSAL application for every acquisition.
 */
import type {
  AuthenticationResult,
  ConfidentialClientApplication,
  Configuration,
  INetworkModule,
  NetworkRequestOptions,
  PublicClientApplication,
} from '@azure/msal-node';
import { asFailure, Failure, isFailure } from '../../errors/index.js';
import { exchangeHttps, Secrets } from '../../net/index.js';
import { entraFailure } from './entra-failures.js';
import type { AccessToken, GrantRequest } from './grant.js';

/** RFC 8628, section 3.2: where the server names no interval. */
const DEFAULT_POLL_SECONDS = 5;

interface Observed {
  failure?: Failure;
  retryAfterMs?: number;
  /** The last error answer of the token endpoint. */
  refusal?: Record<string, unknown>;
}

/** Seconds, or a date (RFC 9110 section 10.2.3). */
function retryAfterOf(headers: Record<string, string>): number | undefined {
  const value = headers['retry-after'];
  if (value === undefined || value.trim() === '') return undefined;
  const wait = /^\s*\d+\s*$/u.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}

/** An OAuth error answer (RFC 6749 section 5.2) in the shape of MSAL's errors. */
function refusalIn(body: unknown): Record<string, unknown> {
  const answer = body as Record<string, unknown>;
  return {
    errorCode: answer['error'],
    errorMessage: answer['error_description'],
    correlationId: answer['correlation_id'],
  };
}

const SECRET_FIELDS = new Set([
  'client_secret',
  'client_assertion',
  'password',
  'code',
  'code_verifier',
  'refresh_token',
  'device_code',
]);

/** The answer without the secrets of the request it answers. */
function withoutRepeated(answer: string, form: string | undefined): string {
  const secrets = new Secrets();
  for (const [name, value] of new URLSearchParams(form)) if (SECRET_FIELDS.has(name)) secrets.learn(value);
  return secrets.scrub(answer);
}

function networkClient(request: GrantRequest, observed: Observed): INetworkModule {
  const { net, cloud } = request;
  const send = async <T>(method: 'GET' | 'POST', url: string, options?: NetworkRequestOptions) => {
    try {
      const answer = await exchangeHttps(net, {
        method,
        url,
        headers: options?.headers ?? {},
        ...(options?.body === undefined ? {} : { body: options.body }),
      });
      const retryAfterMs = retryAfterOf(answer.headers);
      if (retryAfterMs !== undefined) observed.retryAfterMs = retryAfterMs;
      let body: T;
      try {
        // A refusal becomes part of failures: what it repeats of the request must not.
        const text = answer.status < 400 ? answer.body : withoutRepeated(answer.body, options?.body);
        body = JSON.parse(text) as T;
      } catch (error) {
        throw answer.status >= 500
          ? new Failure('authority-unavailable', {
              serverText: `HTTP ${String(answer.status)}`,
              cause: error,
            })
          : new Failure('token-unusable', {
              parameters: { host: cloud.authorityHost },
              serverText: `HTTP ${String(answer.status)}, not JSON`,
              cause: error,
            });
      }
      if (new URL(url).pathname.endsWith('/devicecode')) {
        // MSAL takes a refusal here for a device code without a code, and polls for it.
        if (answer.status >= 400) throw entraFailure(refusalIn(body), request, observed.retryAfterMs);
        // And without an interval it polls without a pause.
        body = { interval: DEFAULT_POLL_SECONDS, ...body };
      }
      if (answer.status >= 400) observed.refusal = refusalIn(body);
      return { status: answer.status, headers: answer.headers, body };
    } catch (error) {
      observed.failure = asFailure(error);
      throw error;
    }
  };
  return {
    sendGetRequestAsync: (url, options) => send('GET', url, options),
    sendPostRequestAsync: (url, options) => send('POST', url, options),
  };
}

export type MsalApplication = PublicClientApplication | ConfidentialClientApplication;

/** Continuous access evaluation: "this client can answer a claims challenge" (learn.microsoft.com, "Claims challenges"). */
const CLIENT_CAPABILITIES = ['cp1'];

function configurationFor(request: GrantRequest, observed: Observed): Configuration {
  return {
    auth: {
      clientId: request.authentication.clientId,
      authority: `https://${request.cloud.authorityHost}/${request.tenant}`,
      clientCapabilities: [...CLIENT_CAPABILITIES],
    },
    system: { networkClient: networkClient(request, observed) },
  };
}

/** Runs something on a fresh MSAL application and translates what it throws. @throws Failure of the sign-in codes */
export async function withMsal<T>(
  request: GrantRequest,
  use: (configuration: Configuration) => Promise<T>,
): Promise<T> {
  const observed: Observed = {};
  try {
    return await use(configurationFor(request, observed));
  } catch (error) {
    if (isFailure(error)) throw error;
    // While it polls for a device code, MSAL keeps the OAuth error of a refusal and loses the number and the words.
    const lost = (error as { errorCode?: unknown }).errorCode === 'post_request_failed';
    const answer = lost ? (observed.refusal ?? error) : error;
    throw observed.failure ?? entraFailure(answer, request, observed.retryAfterMs);
  }
}

/** An MSAL application with the connection's secret, when it has one, and a public one otherwise. */
export async function applicationFor(
  configuration: Configuration,
  clientSecret: string | undefined,
): Promise<MsalApplication> {
  const { ConfidentialClientApplication, PublicClientApplication } = await import('@azure/msal-node');
  return clientSecret === undefined
    ? new PublicClientApplication(configuration)
    : new ConfidentialClientApplication({ ...configuration, auth: { ...configuration.auth, clientSecret } });
}

/** MSAL answers with the access token alone; the refresh token is in its cache, under a documented JSON shape. */
function refreshTokenIn(application: MsalApplication): string | undefined {
  const cache = JSON.parse(application.getTokenCache().serialize()) as {
    RefreshToken?: Record<string, { secret?: string }>;
  };
  return Object.values(cache.RefreshToken ?? {})[0]?.secret;
}

/** Runs one acquisition and makes sure that what comes of it is a token. @throws Failure of the sign-in codes */
export async function acquire(
  request: GrantRequest,
  use: (
    configuration: Configuration,
  ) => Promise<{ result: AuthenticationResult | null; application?: MsalApplication }>,
): Promise<AccessToken> {
  const { result, application } = await withMsal(request, use);
  if (result === null || result.accessToken === '' || result.expiresOn === null) {
    throw new Failure('token-unusable', { parameters: { host: request.cloud.authorityHost } });
  }
  const refreshToken = application === undefined ? undefined : refreshTokenIn(application);
  return {
    value: result.accessToken,
    expiresAt: result.expiresOn.getTime(),
    ...(refreshToken === undefined ? {} : { refreshToken }),
    ...(result.account === null
      ? {}
      : {
          account: {
            userName: result.account.username,
            tenantId: result.account.tenantId,
            objectId: result.account.localAccountId,
          },
        }),
  };
}

/** `claims` as MSAL wants it: absent rather than undefined. */
export function claimsOf({ claims }: GrantRequest): { claims?: string } {
  return claims === undefined ? {} : { claims };
}
