/**
 * The token endpoint without HTTP: a request in, status and JSON out, one line in the log.
 */
import { randomInt, randomUUID } from 'node:crypto';
import type { Directory } from '../directory/directory.js';
import { grantClientCredentials } from './grants/client-credentials.js';
import type { Grant, TokenAnswer } from './grants/grant.js';
import { grantPassword } from './grants/password.js';
import { grantRefreshToken } from './grants/refresh-token.js';
import { RefreshTokens } from './refresh-tokens.js';
import type { RequestLog } from './request-log.js';
import type { SigningKey } from './signing-key.js';
import { describeTokenError, TokenError } from './token-error.js';
import type { TokenRequest } from './token-request.js';
import { checkTenant, identifyApplication, requireParameter } from './token-request.js';

export interface TokenServiceOptions {
  readonly directory: Directory;
  readonly signingKey: SigningKey;
  readonly log: RequestLog;
  readonly now: () => number;
  readonly tokenLifetimeSeconds?: number | undefined;
}

export interface JsonReply {
  readonly status: number;
  readonly body: unknown;
}

const GRANTS = new Map<string, Grant>([
  ['client_credentials', grantClientCredentials],
  ['password', grantPassword],
  ['refresh_token', grantRefreshToken],
]);

export class TokenService {
  readonly refreshTokens = new RefreshTokens();
  readonly #options: TokenServiceOptions;

  constructor(options: TokenServiceOptions) {
    this.#options = options;
  }

  get directory(): Directory {
    return this.#options.directory;
  }

  get signingKey(): SigningKey {
    return this.#options.signingKey;
  }

  /** Never throws: a refusal is an answer. `correlationId` is the client's own, when it sent one. */
  answer(request: TokenRequest, correlationId: string = randomUUID()): JsonReply {
    const { log } = this.#options;
    const now = this.#options.now();
    const entry = {
      at: now,
      tenant: request.tenantSegment,
      grant: request.parameters.get('grant_type') ?? '',
      clientId: request.basic?.clientId ?? request.parameters.get('client_id') ?? '',
      scope: request.parameters.get('scope') ?? '',
    };
    try {
      const body = this.#grant(request, now);
      log.add({ ...entry, outcome: 'issued', status: 200 });
      return { status: 200, body };
    } catch (failure) {
      if (!(failure instanceof TokenError)) throw failure;
      const { status } = failure.refusal;
      log.add({ ...entry, outcome: `AADSTS${failure.code}`, status });
      return { status, body: describeTokenError(failure, { traceId: randomUUID(), correlationId }, now) };
    }
  }

  #grant(request: TokenRequest, now: number): TokenAnswer {
    const { directory, signingKey, tokenLifetimeSeconds } = this.#options;
    checkTenant(request, directory);
    const grantType = requireParameter(request, 'grant_type');
    const grant = GRANTS.get(grantType);
    if (grant === undefined) throw new TokenError(70003, { grant: grantType });
    const application = identifyApplication(request, directory, grantType);
    return grant(request, application, {
      directory,
      signingKey,
      refreshTokens: this.refreshTokens,
      now,
      // Microsoft spreads lifetimes over 60 to 90 minutes, so that not everybody comes back at once.
      lifetimeSeconds: tokenLifetimeSeconds ?? randomInt(3600, 5400),
    });
  }
}
