/**
 * What every grant is: a function from an identified request to an answer, or a TokenError.
 */
import type { Directory } from '../../directory/directory.js';
import type { Application } from '../../directory/entities.js';
import type { RefreshTokens } from '../refresh-tokens.js';
import type { SigningKey } from '../signing-key.js';
import type { TokenRequest } from '../token-request.js';

export interface GrantContext {
  readonly directory: Directory;
  readonly signingKey: SigningKey;
  readonly refreshTokens: RefreshTokens;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly lifetimeSeconds: number;
}

export interface TokenAnswer {
  readonly token_type: 'Bearer';
  readonly expires_in: number;
  readonly ext_expires_in: number;
  readonly access_token: string;
  readonly scope?: string;
  readonly refresh_token?: string;
  readonly id_token?: string;
  readonly client_info?: string;
}

export type Grant = (request: TokenRequest, application: Application, context: GrantContext) => TokenAnswer;
