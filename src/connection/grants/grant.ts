/**
 * What a grant is: a function from settings and scopes to an access token. One file per grant beside this one.
 */
import type { Microsoft365Connection } from '../../generated/types.js';
import type { NetPolicy } from '../../net/index.js';
import type { Cloud } from '../clouds.js';

export type Authentication = Microsoft365Connection['authentication'];

export interface AccessToken {
  readonly value: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

export interface GrantRequest<A extends Authentication = Authentication> {
  readonly tenant: string;
  readonly authentication: A;
  readonly scopes: readonly string[];
  readonly cloud: Cloud;
  readonly net: NetPolicy;
}

/** @throws Failure with one of the sign-in codes of the catalogue; never yields an empty token */
export type Grant<A extends Authentication> = (request: GrantRequest<A>) => Promise<AccessToken>;
