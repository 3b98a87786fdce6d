/**
 * A user signs in for a connection: in the browser or with a device code; later the sign-in is renewed, looked at or
 * disconnected. Owns: the attempt between the two halves of a browser sign-in, and the comparison of who signed in
 * with who should. Must not: know an HTTP server or a terminal.
 *
 * What a connection keeps is a handle. Knowing a mailbox and an app must not be enough to use somebody's sign-in.
 */
import { createHash, randomBytes } from 'node:crypto';
import { Failure, isFailure } from '../errors/index.js';
import type { Microsoft365Connection } from '../generated/types.js';
import {
  authMethodOf,
  consentScopes,
  expectedAccount,
  grantRequest,
  type Access,
  type Use,
} from './access.js';
import { entraFailure } from './grants/entra-failures.js';
import {
  acquireByDeviceCode,
  authorizationUrl,
  redeemCode,
  redeemRefreshToken,
  type AccessToken,
  type CodeAttempt,
  type DeviceCode,
  type GrantRequest,
} from './grants/index.js';
import type { StoredSignIn } from './token-store.js';

/** How long a browser may take; Microsoft's code itself lives about ten minutes. */
const ATTEMPT_MS = 15 * 60 * 1000;

/** Days without use after which Microsoft forgets a refresh token (learn.microsoft.com, "Refresh tokens"). */
export const REFRESH_TOKEN_IDLE_DAYS = 90;
const DAY_MS = 86_400_000;

export interface SignInStart {
  /** Where the user's browser has to go. */
  readonly url: string;
  /** To be kept in the user's own browser session, and given to completeSignIn(). */
  readonly attempt: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** A stored sign-in as a form may show it. */
export interface SignedIn {
  readonly userName: string;
  /** Directory (tenant) id. */
  readonly tenantId: string;
  /** ISO 8601 dates and times. */
  readonly signedInAt: string;
  readonly lastUsedAt: string;
  /** When Microsoft forgets the sign-in unless it is used before. */
  readonly idleUntil: string;
}

export interface CompletedSignIn extends SignedIn {
  /** Belongs into `authentication.session` of the connection. */
  readonly session: string;
}

export type DeviceSignInStep =
  | ({ readonly step: 'code' } & DeviceCode)
  | { readonly step: 'signed-in'; readonly signedIn: CompletedSignIn }
  /** The method keeps no sign-in: the code only proved that the app registration works. */
  | { readonly step: 'verified'; readonly userName: string; readonly tenantId: string };

interface StoredAttempt extends CodeAttempt {
  readonly settings: Microsoft365Connection;
  readonly session: string;
}

/** What completing needs to turn stored settings back into an access. */
export type AccessFor = (settings: Microsoft365Connection) => Promise<Access>;

function random(): string {
  return randomBytes(32).toString('base64url');
}

export function describeSignIn({ account, signedInAt, lastUsedAt }: StoredSignIn): SignedIn {
  return {
    userName: account.userName,
    tenantId: account.tenantId,
    signedInAt: new Date(signedInAt).toISOString(),
    lastUsedAt: new Date(lastUsedAt).toISOString(),
    idleUntil: new Date(lastUsedAt + REFRESH_TOKEN_IDLE_DAYS * DAY_MS).toISOString(),
  };
}

/**
 * The scopes of all uses, one request for each resource: a token is for one, and consent is asked for all. Mail
 * protocols share theirs; Microsoft Graph is another.
 */
function requestsFor(
  access: Access,
  uses: readonly Use[],
  method: string,
): [GrantRequest, ...GrantRequest[]] {
  const resources = new Map<string, Set<string>>();
  for (const scope of uses.flatMap((use) => consentScopes(access, use, method))) {
    const resource = scope.slice(0, scope.lastIndexOf('/'));
    resources.set(resource, (resources.get(resource) ?? new Set()).add(scope));
  }
  const base = grantRequest(access, 'imap');
  const [first, ...others] = [...resources.values()].map((scopes): GrantRequest => ({
    ...base,
    scopes: [...scopes],
    permissions: undefined,
  }));
  if (first === undefined) throw new Failure('settings-invalid');
  return [first, ...others];
}

/** @throws Failure sign-in-not-needed for a method without a browser sign-in, and the sign-in codes */
export async function beginSignIn(
  access: Access,
  redirectUri: string,
  uses: readonly Use[],
): Promise<SignInStart> {
  const { authentication } = access.settings;
  if (authentication.method !== 'sign-in') throw notNeeded(access);
  const [request, ...others] = requestsFor(access, uses, authentication.method);
  const attempt = random();
  const stored: StoredAttempt = {
    settings: access.settings,
    session: authentication.session ?? random(),
    redirectUri,
    state: random(),
    nonce: random(),
    verifier: random(),
    scopes: request.scopes,
  };
  const url = await authorizationUrl(withSecret(request), {
    ...stored,
    challenge: createHash('sha256').update(stored.verifier).digest('base64url'),
    loginHint: expectedAccount(access),
    alsoConsent: others.flatMap(({ scopes }) => scopes),
  });
  const expiresAt = access.now() + ATTEMPT_MS;
  await access.store.saveAttempt(attempt, stored, expiresAt);
  return { url, attempt, expiresAt };
}

/**
 * Takes what the browser brought back to the redirect URI.
 * @param parameters of the redirect's query
 * @throws Failure sign-in-attempt-unknown, signed-in-as-other-account and the sign-in codes; nothing is stored then
 */
export async function completeSignIn(
  attempt: string,
  parameters: Readonly<Record<string, string>>,
  store: Access['store'],
  accessFor: AccessFor,
): Promise<CompletedSignIn> {
  const found = await store.attempt<StoredAttempt>(attempt);
  // An answer with another state belongs to another attempt: this one stays open for the right answer.
  if (found === undefined || parameters['state'] !== found.value.state) {
    throw new Failure('sign-in-attempt-unknown');
  }
  if (!(await store.takeAttempt(attempt, found.version))) throw new Failure('sign-in-attempt-unknown');
  const access = await accessFor(found.value.settings);
  const request: GrantRequest = {
    ...grantRequest(access, 'imap'),
    scopes: found.value.scopes,
    permissions: undefined,
  };
  const { error, code } = parameters;
  if (error !== undefined) {
    const answer = { errorCode: error, errorMessage: parameters['error_description'] ?? error };
    throw entraFailure(answer, request, undefined);
  }
  if (code === undefined) throw new Failure('sign-in-attempt-unknown');
  const token = await redeemCode(withSecret(request), found.value, code);
  return keep(access, token, found.value.session);
}

/**
 * Shows a code, waits for the user, and stores the sign-in when that is wanted and the method keeps one. A code is for
 * one resource; where another one waits for the user's consent as well, a second code follows.
 * @throws Failure sign-in-not-needed for an app-only method, and the sign-in codes
 */
export async function* signInByDeviceCode(
  access: Access,
  uses: readonly Use[],
  keeping: boolean,
  signal?: AbortSignal,
): AsyncGenerator<DeviceSignInStep> {
  const { authentication } = access.settings;
  if (authMethodOf(access).identity === 'app') throw notNeeded(access);
  // The verify step works for any app registration with a user's scopes.
  const [first, ...others] = requestsFor(access, uses, 'device-code');
  let token = yield* byDeviceCode(first, signal);
  for (const request of others) {
    const { refreshToken } = token;
    const renewed = refreshToken === undefined ? undefined : await consentedBefore(request, refreshToken);
    token = renewed ?? (yield* byDeviceCode(request, signal));
  }
  if (keeping && authentication.method === 'device-code') {
    const signedIn = await keep(access, token, authentication.session ?? random());
    yield { step: 'signed-in', signedIn };
  } else {
    const { userName = '', tenantId = '' } = token.account ?? {};
    yield { step: 'verified', userName, tenantId };
  }
}

async function* byDeviceCode(
  request: GrantRequest,
  signal: AbortSignal | undefined,
): AsyncGenerator<DeviceSignInStep, AccessToken> {
  let show: (code: DeviceCode) => void = () => undefined;
  const shown = new Promise<DeviceCode>((resolve) => {
    show = resolve;
  });
  const signingIn = acquireByDeviceCode(request, show, signal);
  // A refusal before any code must not wait for one; and must not be unhandled while the code is awaited.
  const first = await Promise.race([shown, signingIn]);
  if ('userCode' in first) yield { step: 'code', ...first };
  return signingIn;
}

/** A token of another resource for the user who has just signed in; undefined while nobody has consented. */
async function consentedBefore(
  request: GrantRequest,
  refreshToken: string,
): Promise<AccessToken | undefined> {
  const { clientId } = request.authentication;
  try {
    // As the public client that the device code was issued to.
    return await redeemRefreshToken(
      { ...request, authentication: { method: 'device-code', clientId } },
      refreshToken,
    );
  } catch (error) {
    if (isFailure(error) && error.code === 'consent-missing') return undefined;
    throw error;
  }
}

/** Who is signed in for the connection; undefined when nobody is, or the method needs nobody. @throws Failure state-* */
export async function signedInFor({ settings, store }: Access): Promise<SignedIn | undefined> {
  const { authentication } = settings;
  const session = sessionOf(authentication);
  if (session === undefined) return undefined;
  const stored = await store.signIn(session);
  return stored === undefined ? undefined : describeSignIn(stored.value);
}

/** Deletes the stored sign-in and its tokens. False when there was none. */
export async function disconnect({ settings, store, tokens }: Access): Promise<boolean> {
  const { authentication } = settings;
  const session = sessionOf(authentication);
  if (session === undefined) return false;
  tokens.forget(session);
  return store.forgetSignIn(session);
}

function sessionOf(authentication: Microsoft365Connection['authentication']): string | undefined {
  return 'session' in authentication ? authentication.session : undefined;
}

async function keep(access: Access, token: AccessToken, session: string): Promise<CompletedSignIn> {
  const { account, refreshToken } = token;
  if (account === undefined) throw new Failure('token-unusable', hostOf(access));
  const expected = expectedAccount(access);
  if (account.userName.toLowerCase() !== expected.toLowerCase()) {
    throw new Failure('signed-in-as-other-account', { parameters: { actual: account.userName, expected } });
  }
  if (refreshToken === undefined) {
    const { clientId } = access.settings.authentication;
    throw new Failure('scope-missing', { parameters: { permission: 'offline_access', clientId } });
  }
  const now = access.now();
  const signIn: StoredSignIn = { account, refreshToken, signedInAt: now, lastUsedAt: now };
  // Renewing replaces whatever was there, the access tokens of the former sign-in included.
  await access.store.forgetSignIn(session);
  access.tokens.forget(session);
  await access.store.saveSignIn(session, signIn, 'any');
  return { session, ...describeSignIn(signIn) };
}

function withSecret(request: GrantRequest): GrantRequest & { readonly clientSecret?: string } {
  const { authentication } = request;
  return authentication.method === 'sign-in' && authentication.clientSecret !== undefined
    ? { ...request, clientSecret: authentication.clientSecret }
    : request;
}

function hostOf({ cloud }: Access): { parameters: { host: string } } {
  return { parameters: { host: cloud.authorityHost } };
}

/** The app signs in by itself: there is nobody to ask. */
function notNeeded(access: Access): Failure {
  const { method } = access.settings.authentication;
  return new Failure('sign-in-not-needed', { parameters: { method } });
}
