/**
 * The claims of an access token in Exchange's v1 format, and of the id token beside it.
 * Decides what goes into a token, never whether one may be issued.
 */
import { createHash, randomUUID } from 'node:crypto';
import type { Application, User } from '../directory/entities.js';

export interface TokenClaims {
  readonly aud: string;
  readonly iss: string;
  readonly iat: number;
  readonly nbf: number;
  readonly exp: number;
  readonly appid: string;
  /** '0' public client, '1' client secret, '2' certificate or assertion */
  readonly appidacr: string;
  readonly oid: string;
  readonly tid: string;
  readonly ver: '1.0';
  readonly roles?: readonly string[];
  readonly scp?: string;
  readonly upn?: string;
  readonly idtyp: 'app' | 'user';
  readonly idp: string;
  readonly sub: string;
  readonly uti: string;
  readonly app_displayname: string;
  readonly name?: string;
  readonly unique_name?: string;
  readonly acr?: string;
  readonly amr?: readonly string[];
  readonly xms_cc?: readonly string[];
}

/** What an app proved itself with; a public client proves nothing. 'assertion' is a certificate or a foreign token. */
export type ClientCredential = 'none' | 'secret' | 'assertion';

export interface TokenSubject {
  readonly tenantId: string;
  readonly application: Application;
  readonly credential: ClientCredential;
  /** The client declared that it understands claims challenges (client capability cp1). */
  readonly isClaimsAware: boolean;
  readonly audience: string;
  readonly issuedAt: number;
  readonly lifetimeSeconds: number;
}

/** An app-only token. Without consented roles it has no `roles` claim at all, and is issued nevertheless. */
export function buildAppClaims(subject: TokenSubject, roles: readonly string[]): TokenClaims {
  const { servicePrincipalObjectId } = subject.application;
  return {
    ...commonClaims(subject),
    idtyp: 'app',
    oid: servicePrincipalObjectId,
    sub: servicePrincipalObjectId,
    ...(roles.length > 0 ? { roles } : {}),
  };
}

/** A token on behalf of a user. `scp` names the scopes of this one resource. */
export function buildUserClaims(
  subject: TokenSubject,
  user: User,
  scopes: readonly string[],
  secondFactorProven: boolean,
): TokenClaims {
  return {
    ...commonClaims(subject),
    acr: '1',
    amr: secondFactorProven ? ['pwd', 'mfa'] : ['pwd'],
    idtyp: 'user',
    name: user.displayName,
    oid: user.objectId,
    scp: scopes.join(' '),
    sub: pairwiseSubject(subject.application.clientId, user.objectId),
    unique_name: user.userPrincipalName,
    upn: user.userPrincipalName,
  };
}

export function buildIdClaims(
  subject: TokenSubject,
  user: User,
  nonce: string | undefined,
): Record<string, unknown> {
  return {
    aud: subject.application.clientId,
    iss: `https://login.microsoftonline.com/${subject.tenantId}/v2.0`,
    iat: subject.issuedAt,
    nbf: subject.issuedAt,
    exp: subject.issuedAt + 3600,
    name: user.displayName,
    ...(nonce === undefined ? {} : { nonce }),
    oid: user.objectId,
    preferred_username: user.userPrincipalName,
    sub: pairwiseSubject(subject.application.clientId, user.objectId),
    tid: subject.tenantId,
    ver: '2.0',
  };
}

function commonClaims(subject: TokenSubject): Omit<TokenClaims, 'oid' | 'sub' | 'idtyp'> {
  return {
    aud: subject.audience,
    iss: `https://sts.windows.net/${subject.tenantId}/`,
    iat: subject.issuedAt,
    nbf: subject.issuedAt,
    exp: subject.issuedAt + subject.lifetimeSeconds,
    app_displayname: subject.application.name,
    appid: subject.application.clientId,
    appidacr: { none: '0', secret: '1', assertion: '2' }[subject.credential],
    idp: `https://sts.windows.net/${subject.tenantId}/`,
    tid: subject.tenantId,
    uti: randomUUID(),
    ver: '1.0',
    ...(subject.isClaimsAware ? { xms_cc: ['cp1'] } : {}),
  };
}

/** Entra's subjects differ per app for the same user. */
function pairwiseSubject(clientId: string, objectId: string): string {
  return createHash('sha256').update(`${clientId}\n${objectId}`).digest('base64url');
}
