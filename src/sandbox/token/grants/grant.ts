/**
 * What every grant is: a function from an identified request to an answer, or a TokenError.
 */
import type { Directory } from '../../directory/directory.js';
import type { Application } from '../../directory/entities.js';
import type { IdentityPlatform } from '../platform.js';
import type { TokenRequest } from '../token-request.js';

export interface GrantContext {
  readonly platform: IdentityPlatform;
  /** The tenant in the path; absent for common, organizations, consumers. */
  readonly named: Directory | undefined;
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

/** `registration` is the app as its home tenant has it. */
export type Grant = (request: TokenRequest, registration: Application, context: GrantContext) => TokenAnswer;
