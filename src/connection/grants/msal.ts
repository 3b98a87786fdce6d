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
  Configuration,
  INetworkModule,
  NetworkRequestOptions,
} from '@azure/msal-node';
import { asFailure, Failure, isFailure } from '../../errors/index.js';
import { exchangeHttps } from '../../net/index.js';
import { entraFailure } from './entra-failures.js';
import type { AccessToken, GrantRequest } from './grant.js';

interface Observed {
  failure?: Failure;
  retryAfterMs?: number;
}

function retryAfterOf(headers: Record<string, string>): number | undefined {
  const seconds = Number(headers['retry-after']);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}

function networkClient({ net, cloud }: GrantRequest, observed: Observed): INetworkModule {
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
        body = JSON.parse(answer.body) as T;
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

/** Runs one acquisition on a fresh MSAL application and translates what comes of it. */
export async function acquire(
  request: GrantRequest,
  use: (configuration: Configuration) => Promise<AuthenticationResult | null>,
): Promise<AccessToken> {
  const observed: Observed = {};
  const configuration: Configuration = {
    auth: {
      clientId: request.authentication.clientId,
      authority: `https://${request.cloud.authorityHost}/${request.tenant}`,
    },
    system: { networkClient: networkClient(request, observed) },
  };
  let result: AuthenticationResult | null;
  try {
    result = await use(configuration);
  } catch (error) {
    if (isFailure(error)) throw error;
    throw observed.failure ?? entraFailure(error, request, observed.retryAfterMs);
  }
  if (result === null || result.accessToken === '' || result.expiresOn === null) {
    throw new Failure('token-unusable', { parameters: { host: request.cloud.authorityHost } });
  }
  return { value: result.accessToken, expiresAt: result.expiresOn.getTime() };
}
