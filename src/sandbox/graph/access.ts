/**
 * Decides, as Graph and Exchange do, whether a token opens a mailbox, and for what.
 */
import type { Cloud } from '../directory/cloud.js';
import type { Directory } from '../directory/directory.js';
import type { Application, Mailbox } from '../directory/entities.js';
import { normalize } from '../directory/new-entities.js';
import type { AccessTokens } from '../token/access-tokens.js';
import type { TokenClaims } from '../token/claims.js';
import { GraphError } from './graph-error.js';

/** What a call needs: to see messages without their content, with it, to change them, or to send. */
export type Need = 'basic' | 'read' | 'write' | 'send';

const AUDIENCES: ReadonlySet<string> = new Set([
  'https://graph.microsoft.com',
  '00000003-0000-0000-c000-000000000000',
]);
const ENOUGH: Readonly<Record<Need, readonly string[]>> = {
  basic: ['Mail.ReadBasic', 'Mail.ReadBasic.All', 'Mail.Read', 'Mail.ReadWrite'],
  read: ['Mail.Read', 'Mail.ReadWrite'],
  write: ['Mail.ReadWrite'],
  send: ['Mail.Send'],
};

const unauthorized = (message: string, challenge = ''): GraphError =>
  new GraphError(401, 'InvalidAuthenticationToken', message, {
    'WWW-Authenticate': `Bearer realm=""${challenge}`,
  });
const denied = (): GraphError =>
  new GraphError(403, 'ErrorAccessDenied', 'Access is denied. Check credentials and try again.');

export interface Caller {
  readonly claims: TokenClaims;
  readonly directory: Directory;
}

/** @throws GraphError 401 */
export function authenticate(
  authorization: string | undefined,
  { cloud, accessTokens, now }: { cloud: Cloud; accessTokens: AccessTokens; now: () => number },
): Caller {
  const token = authorization?.replace(/^Bearer /iu, '') ?? '';
  if (token === '') throw unauthorized('Access token is empty.');
  const claims = accessTokens.verify(token);
  const directory = claims === undefined ? undefined : cloud.findTenant(claims.tid);
  if (claims === undefined || directory === undefined) {
    throw unauthorized('Access token validation failure.');
  }
  if (!AUDIENCES.has(claims.aud)) throw unauthorized('Access token validation failure. Invalid audience.');
  if (claims.exp * 1000 <= now()) throw unauthorized('Lifetime validation failed, the token is expired.');
  const user = claims.upn === undefined ? undefined : directory.findUser(claims.upn);
  if (user !== undefined && user.signInSessionsValidFrom > claims.iat * 1000) {
    throw claimsChallenge(user.signInSessionsValidFrom);
  }
  return { claims, directory };
}

/** Continuous access evaluation: only a token issued after the event will do. */
function claimsChallenge(since: number): GraphError {
  const nbf = { essential: true, value: String(Math.ceil(since / 1000)) };
  return challenge(JSON.stringify({ access_token: { nbf } }));
}

export function challenge(claims: string): GraphError {
  const encoded = Buffer.from(claims).toString('base64');
  return unauthorized(
    'Continuous access evaluation resulted in claims challenge with result: InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp',
    `, error="insufficient_claims", claims="${encoded}"`,
  );
}

/** @param name of the mailbox; undefined means the caller's own @throws GraphError 403, 404 */
export function openMailbox({ claims, directory }: Caller, name: string | undefined, need: Need): Mailbox {
  const wanted = name ?? claims.upn;
  if (wanted === undefined) {
    throw new GraphError(400, 'BadRequest', '/me request is only valid with delegated authentication flow.');
  }
  const application = directory.findApplication(claims.appid);
  if (application?.enabled !== true) throw denied();
  const mailbox = directory.findMailbox(wanted);
  const isApp = claims.upn === undefined;
  const owner = mailbox?.owner === undefined ? undefined : normalize(mailbox.owner);
  const isOwn = !isApp && owner === normalize(claims.upn ?? '');
  const granted = isApp ? (claims.roles ?? []) : (claims.scp ?? '').split(' ');
  const enough = ENOUGH[need];
  const isPermitted =
    granted.some((one) =>
      isApp || isOwn ? enough.includes(one.replace(/\.Shared$/u, '')) : isShared(one, enough),
    ) ||
    (isApp && hasExchangeRole(application, claims, mailbox, enough));
  if (!isPermitted) throw denied();
  if (mailbox === undefined) {
    throw new GraphError(404, 'ErrorInvalidUser', `The requested user '${wanted}' is invalid.`);
  }
  if (!mailbox.licensed) {
    throw new GraphError(
      404,
      'MailboxNotEnabledForRESTAPI',
      'The mailbox is either inactive, soft-deleted, or is hosted on-premise.',
    );
  }
  if (isApp && mailbox.appAccessRestricted) {
    throw new GraphError(
      403,
      'ErrorAccessDenied',
      'Access to OData is disabled: [RAOP] : Blocked by tenant configured AppOnly AccessPolicy settings.',
    );
  }
  // Without FullAccess the other mailbox does not even seem to be there.
  if (!isApp && !isOwn && !mailbox.fullAccess.has(normalize(claims.upn ?? ''))) throw denied();
  return mailbox;
}

/** Role based access control for applications: it adds up with what the token carries. */
function hasExchangeRole(
  { exchangeRoles, exchangeServicePrincipal }: Application,
  claims: TokenClaims,
  mailbox: Mailbox | undefined,
  enough: readonly string[],
): boolean {
  if (mailbox === undefined || exchangeServicePrincipal === undefined) return false;
  if (normalize(exchangeServicePrincipal) !== normalize(claims.oid)) return false;
  return enough.some((one) => exchangeRoles.get(`Application ${one}`)?.has(mailbox.address) === true);
}

const isShared = (scope: string, enough: readonly string[]): boolean =>
  scope.endsWith('.Shared') && enough.includes(scope.slice(0, -'.Shared'.length));
