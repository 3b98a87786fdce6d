/**
 * Reads an authorization request (RFC 6749 section 4.1.1, OpenID Connect Core section 3.1.2.1). Until client and
 * redirect URI are known to belong together, a refusal may only be shown; afterwards it goes to the redirect URI.
 */
import type { Directory } from '../directory/directory.js';
import type { Application, RedirectUri } from '../directory/entities.js';
import type { CodeChallenge } from '../token/authorization-codes.js';
import type { IdentityPlatform } from '../token/platform.js';
import { findRedirectUri } from '../token/redirect-uris.js';
import { listPermissions } from '../token/scopes.js';
import { findNamedTenant } from '../token/tenant-choice.js';
import { TokenError } from '../token/token-error.js';
import { identifyRegistration, requireParameter } from '../token/token-request.js';
import type { BrowserRequest } from './browser-exchange.js';

export type ResponseMode = 'query' | 'fragment' | 'form_post';

/** Where an answer goes once it may go anywhere. */
export interface ReturnAddress {
  readonly redirectUri: string;
  readonly type: RedirectUri['type'];
  readonly mode: ResponseMode;
  readonly state: string | undefined;
}

export interface TrustedClient {
  readonly registration: Application;
  readonly named: Directory | undefined;
  readonly returnTo: ReturnAddress;
}

export interface AuthorizeRequest {
  readonly scope: string;
  readonly nonce: string | undefined;
  readonly challenge: CodeChallenge | undefined;
  readonly prompt: ReadonlySet<string>;
  readonly loginHint: string;
}

const MODES: readonly string[] = ['query', 'fragment', 'form_post'] satisfies ResponseMode[];
const CHALLENGE = /^[\w.~-]{43,128}$/u;
const PROMPTS = new Set(['none', 'login', 'select_account', 'consent']);

/** @throws TokenError that must be shown, not sent: 90002, 900023, 900144, 700016, 50194, 500113, 900971, 50011 */
export function readTrustedClient(request: BrowserRequest, platform: IdentityPlatform): TrustedClient {
  const { parameters, tenantSegment } = request;
  const named = findNamedTenant(tenantSegment, platform.cloud);
  const registration = identifyRegistration(
    requireParameter(request, 'client_id'),
    tenantSegment,
    platform.cloud,
    named,
  );
  const redirectUri = parameters.get('redirect_uri') ?? '';
  if (registration.redirectUris.length === 0) throw new TokenError(500113);
  if (redirectUri === '') throw new TokenError(900971);
  const registered = findRedirectUri(registration, redirectUri);
  if (registered === undefined) throw new TokenError(50011, { redirectUri, app: registration.clientId });
  const mode = parameters.get('response_mode') ?? 'query';
  return {
    registration,
    named,
    returnTo: {
      redirectUri,
      type: registered.type,
      mode: isMode(mode) ? mode : 'query',
      state: parameters.get('state') ?? undefined,
    },
  };
}

/** @throws TokenError 900144, 700051, 90023, 70011, 500011, 50147, 501491, 9002325 */
export function readAuthorizeRequest(request: BrowserRequest, client: TrustedClient): AuthorizeRequest {
  const { parameters } = request;
  const responseType = requireParameter(request, 'response_type');
  if (responseType !== 'code') throw new TokenError(700051, { responseType });
  const mode = parameters.get('response_mode');
  if (mode !== null && !isMode(mode)) throw new TokenError(90023);
  const prompt = new Set((parameters.get('prompt') ?? '').split(' ').filter((value) => value !== ''));
  if ([...prompt].some((value) => !PROMPTS.has(value))) throw new TokenError(90023);
  if (prompt.has('none') && prompt.size > 1) throw new TokenError(90023);
  const challenge = readChallenge(parameters);
  if (challenge === undefined && client.returnTo.type === 'spa') throw new TokenError(9002325);
  const scope = requireParameter(request, 'scope');
  listPermissions(scope);
  return {
    scope,
    nonce: parameters.get('nonce') ?? undefined,
    challenge,
    prompt,
    loginHint: parameters.get('login_hint') ?? '',
  };
}

function readChallenge(parameters: URLSearchParams): CodeChallenge | undefined {
  const value = parameters.get('code_challenge');
  if (value === null) return undefined;
  const method = parameters.get('code_challenge_method') ?? 'plain';
  if (method !== 'S256' && method !== 'plain') {
    throw new TokenError(50147, { parameter: 'code_challenge_method' });
  }
  if (!CHALLENGE.test(value)) throw new TokenError(501491);
  return { method, value };
}

function isMode(value: string): value is ResponseMode {
  return MODES.includes(value);
}
