/**
 * Stage "least-privilege": does the app hold rights that the tested activities do not need? An app-only token for
 * Microsoft Graph lists the application permissions there, without any directory right: that is how "may send as
 * anyone" comes to light.
 */
import { Failure } from '../../errors/index.js';
import { untilAborted } from '../../net/index.js';
import { authMethodOf, grantRequest, permissionsFor, type Access, type Use } from '../access.js';
import { graphAudiences } from '../clouds.js';
import type { GrantRequest } from '../grants/index.js';
import { readClaims, type TokenClaims } from '../token-claims.js';
import type { HeldToken } from '../token-source.js';
import type { Finding } from './stage.js';

/**
 * Identity, and delegated mail protocols: these reach no further than what the signed-in user can do anyway, so nobody
 * has to give them back.
 */
const HARMLESS = new Set([
  'User.Read',
  'offline_access',
  'openid',
  'profile',
  'email',
  'IMAP.AccessAsUser.All',
  'POP.AccessAsUser.All',
  'SMTP.Send',
]);

/** Reading mail over Graph, one's own and what is shared. */
const READING_OVER_GRAPH = ['Mail.Read', 'Mail.ReadWrite', 'Mail.Read.Shared', 'Mail.ReadWrite.Shared'];

/** Sending looks into Sent Items when an answer was lost, and writes drafts for large files and other authors. */
const SENDING_OVER_GRAPH = ['Mail.Send', 'Mail.Send.Shared', ...READING_OVER_GRAPH];

const nameOf = (id: string): string => id.slice(id.lastIndexOf('/') + 1);

/** The connection as an app, when it has what an app signs in with; a password sign-in may have it as well. */
function asApp(access: Access): GrantRequest | undefined {
  const request = grantRequest(access, 'imap');
  const { authentication } = access.settings;
  switch (authentication.method) {
    case 'certificate':
    case 'federated-credential':
    case 'client-secret':
      return request;
    case 'password': {
      const { clientId, clientSecret } = authentication;
      if (clientSecret === undefined) return undefined;
      return { ...request, authentication: { method: 'client-secret', clientId, clientSecret } };
    }
    default:
      return undefined;
  }
}

/** Permissions of a token under the ids of catalogue/permissions.json: resource/kind/permission. */
function idsIn(claims: TokenClaims, resource: 'exchange' | 'graph'): string[] {
  const { roles = [], scp = '' } = claims;
  return [
    ...roles.map((role) => `${resource}/application/${role}`),
    ...scp
      .split(' ')
      .filter((scope) => scope !== '')
      .map((scope) => `${resource}/delegated/${scope}`),
  ];
}

/** What a token for another service would carry; undefined when it cannot be had or read. */
async function idsOn(
  access: Access,
  request: GrantRequest,
  resource: 'exchange' | 'graph',
  signal: AbortSignal | undefined,
): Promise<string[] | undefined> {
  try {
    const token = await untilAborted(access.tokens.get(request), signal);
    const claims = readClaims(token.value);
    return claims === undefined ? undefined : idsIn(claims, resource);
  } catch {
    signal?.throwIfAborted();
    return undefined;
  }
}

export async function checkLeastPrivilege(
  access: Access,
  uses: readonly Use[],
  tokens: readonly HeldToken[],
  signal?: AbortSignal,
): Promise<Finding> {
  const claims = tokens.map(({ value }) => readClaims(value)).filter((one) => one !== undefined);
  // Opaque by right for personal accounts; and a right nobody can see is not a finding.
  if (claims.length === 0) return { evidence: { opaque: true } };
  const { identity } = authMethodOf(access);
  const overGraph = uses.filter(({ transport }) => transport === 'graph');
  const sends = overGraph.some((use) => use.sends);
  const mailOfGraph = sends ? SENDING_OVER_GRAPH : overGraph.length > 0 ? READING_OVER_GRAPH : [];
  const needed = new Set(uses.flatMap((use) => permissionsFor(access, use)));

  const app = asApp(access);
  const { appMailResource, graphHost } = access.cloud;
  const look = (resource: 'exchange' | 'graph', scope: string) =>
    app === undefined
      ? Promise.resolve([])
      : idsOn(access, { ...app, scopes: [`${scope}/.default`] }, resource, signal);
  const onGraph = await look('graph', `https://${graphHost}`);
  // What the app may do by itself does not show in a user's token.
  const onExchange = identity === 'app' ? [] : await look('exchange', appMailResource);

  const ofGraph = graphAudiences(access.cloud);
  const own = claims.flatMap((one) =>
    idsIn(one, ofGraph.includes((one.aud ?? '').replace(/\/$/u, '')) ? 'graph' : 'exchange'),
  );
  const held = [...new Set([...own, ...(onExchange ?? []), ...(onGraph ?? [])])];
  const surplus = held.filter((id) => {
    const permission = nameOf(id);
    // A role of the app is no use to a user's sign-in, even if it has a needed name.
    if (mailOfGraph.includes(permission)) {
      // A user's own mail, in one width or the other; an app's is told below.
      return identity === 'app' ? !own.includes(id) : id.includes('/application/');
    }
    return !(needed.has(permission) && own.includes(id)) && !HARMLESS.has(permission);
  });
  const seen = onGraph === undefined || onExchange === undefined ? { graphPermissionsSeen: false } : {};
  // Granted at Microsoft Graph instead of in Exchange, a permission of an app knows no mailbox.
  const everyMailbox = held.filter(
    (id) => overGraph.length > 0 && id.startsWith('graph/application/') && !surplus.includes(id),
  );
  const evidence = {
    needed: [...needed],
    held,
    ...seen,
    ...(everyMailbox.length === 0 ? {} : { everyMailbox }),
  };
  const { clientId } = access.settings.authentication;
  if (surplus.length === 0 && everyMailbox.length > 0) {
    // The roles that may take their place: for each use one, and changing includes reading.
    const roles = new Set(overGraph.flatMap((use) => permissionsFor(access, use)));
    if (roles.has('Mail.ReadWrite')) roles.delete('Mail.Read');
    const permission = [...roles].join(', ');
    const permissions = everyMailbox.map(nameOf).join(', ');
    const failure = new Failure('mail-role-opens-all', { parameters: { permission, permissions, clientId } });
    return { status: 'warning', evidence, failure };
  }
  if (surplus.length === 0) return { evidence };
  const names = surplus.map(nameOf).join(', ');
  return {
    status: 'warning',
    evidence: { ...evidence, surplus },
    failure: new Failure('rights-surplus', { parameters: { permissions: names, clientId } }),
  };
}
