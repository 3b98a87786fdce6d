/**
 * What a grant is: a function from settings and scopes to an access token. One file per grant beside this one.
 */
import type { Microsoft365Connection } from '../../generated/types.js';
import type { NetPolicy } from '../../net/index.js';
import type { Cloud } from '../clouds.js';

export type Authentication = Microsoft365Connection['authentication'];

/** Who signed in, as Microsoft's id token says. */
export interface SignedInAccount {
  /** User principal name, or the address of a personal account. */
  readonly userName: string;
  /** Directory (tenant) id. */
  readonly tenantId: string;
  readonly objectId: string;
}

export interface AccessToken {
  readonly value: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** A user's sign-in only: renews the access token. Every use yields another one. */
  readonly refreshToken?: string;
  /** A user's sign-in only. */
  readonly account?: SignedInAccount;
}

export interface GrantRequest<A extends Authentication = Authentication> {
  readonly tenant: string;
  readonly authentication: A;
  readonly scopes: readonly string[];
  /** What the token is needed for, by the names of the permissions; for texts. Default: those in the scopes. */
  readonly permissions?: readonly string[] | undefined;
  readonly cloud: Cloud;
  readonly net: NetPolicy;
  /** What a server demanded beyond the last token (continuous access evaluation): the decoded `claims` JSON. */
  readonly claims?: string | undefined;
  /** Folders in which a federated credential's file may lie: the operator's choice, never the connection's. */
  readonly assertionFolders?: readonly string[] | undefined;
}

/** @throws Failure with one of the sign-in codes of the catalogue; never yields an empty token */
export type Grant<A extends Authentication> = (request: GrantRequest<A>) => Promise<AccessToken>;
