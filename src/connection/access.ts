/**
 * Settings → token → signed-in session: the one way from a connection to a mailbox.
 * Owns: which scope a transport needs, and the second try with a new token. Must not: know an activity.
 */
import { Failure, isFailure } from '../errors/index.js';
import type { ManifestAuthMethod, Microsoft365Connection } from '../generated/types.js';
import type { ReadTransport, ResumeOptions } from '../mail/index.js';
import { loadManifest } from '../manifest/index.js';
import { untilAborted, type NetPolicy } from '../net/index.js';
import {
  cloudOf,
  CONSUMER_TENANT,
  isConsumer,
  scopeIn,
  SHARED_AUTHORITIES,
  type Cloud,
  type Endpoint,
} from './clouds.js';
import type { GrantRequest } from './grants/index.js';
import { readClaims } from './token-claims.js';
import type { HeldToken, TokenSource } from './token-source.js';
import type { TokenStore } from './token-store.js';
import type { SignedInAccount } from './grants/index.js';

export type Transport = ReadTransport | 'smtp';

/** What a mailbox is used for: it decides which permissions a token needs. */
export interface Use {
  readonly transport: Transport;
  readonly mailbox: string;
  /** Whether messages are marked, moved or deleted after reading. */
  readonly changes: boolean;
  /** Whether messages are sent instead of read. */
  readonly sends?: boolean;
  /** Whether what is sent shows another author than the mailbox: over Graph it becomes a draft first. */
  readonly asAnother?: boolean;
}

/** A connection as it is at work: validated settings, and what the host gave for reaching Microsoft. */
export interface Access {
  readonly settings: Microsoft365Connection;
  readonly cloud: Cloud;
  readonly net: NetPolicy;
  readonly tokens: TokenSource;
  readonly store: TokenStore;
  readonly now: () => number;
  /** Who signed in, for the methods in which a user does. */
  readonly account?: SignedInAccount | undefined;
  /** Folders in which a federated credential's file may lie. */
  readonly assertionFolders?: readonly string[] | undefined;
  /** Told of every connection that broke or fell silent, once it is about to be opened anew. */
  readonly onResume?: ResumeOptions['onResume'];
}

/**
 * Some ways to sign in need one named tenant. Said before anything is sent, a password least of all.
 * @throws Failure tenant-must-be-named, password-not-possible
 */
export function assertTenantFits({ tenant, authentication }: Microsoft365Connection): void {
  const name = tenant.toLowerCase() === CONSUMER_TENANT ? 'consumers' : tenant.toLowerCase();
  const kind = SHARED_AUTHORITIES.includes(name) ? name : 'named';
  const { tenants, identity } = authMethod(authentication.method);
  if ((tenants as readonly string[]).includes(kind)) return;
  throw new Failure(identity === 'app' ? 'tenant-must-be-named' : 'password-not-possible', {
    parameters: { tenant },
  });
}

/** @throws Failure state-unavailable, state-key-wrong when the stored sign-in cannot be read */
export async function createAccess(parts: Omit<Access, 'cloud' | 'account'>): Promise<Access> {
  const { settings, store } = parts;
  const { authentication, tenant, mailbox } = settings;
  const session = 'session' in authentication ? authentication.session : undefined;
  const account = session === undefined ? undefined : (await store.signIn(session))?.value.account;
  const cloud = cloudOf(settings.cloud ?? 'global', isConsumer(tenant, mailbox, account?.tenantId));
  return { ...parts, cloud, account };
}

/** The manifest's entry for the connection's way to sign in. */
export function authMethodOf({ settings }: Pick<Access, 'settings'>): ManifestAuthMethod {
  return authMethod(settings.authentication.method);
}

function authMethod(id: string): ManifestAuthMethod {
  const found = loadManifest()
    .connectionTypes.flatMap(({ authMethods }) => authMethods)
    .find((method) => method.id === id);
  if (found === undefined) throw new Error(`The manifest lacks the authentication method ${id}.`);
  return found;
}

/**
 * What to ask Microsoft for, for a transport. Of Graph a user's token carries whatever was consented to: the same token
 * then serves activities that read and those that change, and a permission of Graph is never asked for in vain.
 * @param uses what for, so that a refusal can name the permission
 */
export function grantRequest(access: Access, transport: Transport, uses: readonly Use[] = []): GrantRequest {
  const { settings, cloud, net, assertionFolders } = access;
  const { scopes } = authMethodOf(access);
  const named = uses.filter((use) => use.transport === transport);
  const plain = { transport, mailbox: settings.mailbox, changes: false };
  return {
    tenant: settings.tenant,
    authentication: settings.authentication,
    scopes: (scopes[transport] ?? []).map((scope) => scopeIn(cloud, scope)),
    permissions: [
      ...new Set((named.length === 0 ? [plain] : named).flatMap((use) => permissionsFor(access, use))),
    ],
    cloud,
    net,
    assertionFolders,
  };
}

/** Permissions that a use takes. @param method whose; by default the connection's */
export function permissionsFor(
  access: Access,
  { transport, mailbox, changes, sends = false, asAnother = false }: Use,
  method: string = access.settings.authentication.method,
): string[] {
  const { permissions, changePermissions, sendPermissions, identity } = authMethod(method);
  const special = sends ? sendPermissions : changes ? changePermissions : undefined;
  const names = special?.[transport] ?? permissions[transport] ?? [];
  if (transport !== 'graph') return names;
  const isShared = identity === 'user' && !isOwn(access, mailbox);
  const whole = sends && asAnother ? [...names, ...(changePermissions?.[transport] ?? [])] : names;
  return [
    ...whole.map((name) => (isShared ? `${name}.Shared` : name)),
    // From one's own mailbox as somebody else: sending for others is a permission of its own.
    ...(sends && asAnother && identity === 'user' && !isShared ? names.map((name) => `${name}.Shared`) : []),
  ];
}

/** What a user is asked to consent to: each permission by its name, where a token takes what there is. */
export function consentScopes(access: Access, use: Use, method: string): string[] {
  const { cloud } = access;
  if (use.transport !== 'graph')
    return (authMethod(method).scopes[use.transport] ?? []).map((scope) => scopeIn(cloud, scope));
  return permissionsFor(access, use, method).map((name) => `https://${cloud.graphHost}/${name}`);
}

/** Who has to sign in: the account that is named, or the owner of the mailbox. */
export function expectedAccount({ settings: { authentication, mailbox } }: Access): string {
  if ('userName' in authentication) return authentication.userName;
  return ('account' in authentication ? authentication.account : undefined) ?? mailbox;
}

const isOwn = (access: Access, mailbox: string): boolean =>
  mailbox.toLowerCase() === expectedAccount(access).toLowerCase();

/** The user that signs in, when one does. */
function signedInUser({ settings: { authentication }, account }: Access): string | undefined {
  if ('userName' in authentication) return authentication.userName;
  return account?.userName;
}

/** Who signs in, for texts: the user, or the app. */
export function signedInName(access: Access): string {
  return signedInUser(access) ?? `app ${access.settings.authentication.clientId}`;
}

/** Who Exchange has to trust: the user, or the enterprise application by its object id, which only the token tells. */
export function trusteeName(access: Access, token: HeldToken): string {
  return signedInUser(access) ?? readClaims(token.value)?.oid ?? 'OBJECT-ID-OF-THE-ENTERPRISE-APPLICATION';
}

/** A token younger than this was issued with today's permissions: fetching another one would change nothing. */
const FRESH_MS = 60_000;

const REFUSED_SIGN_INS: ReadonlySet<string> = new Set([
  'imap-sign-in-refused',
  'pop3-sign-in-refused',
  'smtp-sign-in-refused',
]);

/** Opens a session; when the server refuses a token that is not fresh, once more with a new one. */
export async function withToken<T>(
  access: Access,
  transport: Transport,
  open: (token: HeldToken) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  const request = grantRequest(access, transport);
  const token = await untilAborted(access.tokens.get(request), signal);
  try {
    return await open(token);
  } catch (error) {
    const refused = isFailure(error) && REFUSED_SIGN_INS.has(error.code);
    if (!refused || access.now() - token.obtainedAt < FRESH_MS) throw error;
    return open(await untilAborted(access.tokens.replace(request, token), signal));
  }
}

export function endpointOf({ cloud }: Pick<Access, 'cloud'>, transport: Transport): Endpoint {
  return transport === 'graph' ? { host: cloud.graphHost, port: 443 } : cloud[transport];
}
