/**
 * The HTTPS face of the identity platform: routes, body limits, JSON and pages. Takes no decision about tokens.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import type { BrowserReply } from '../sign-in/browser-exchange.js';
import { SESSION_COOKIE } from '../sign-in/browser-sessions.js';
import type { SignInService } from '../sign-in/sign-in-service.js';
import type { ServerIdentity } from '../tls/certificates.js';
import { authorizeDevice } from './device-authorization.js';
import { describeInstances, describeKeys, describeOpenIdConfiguration } from './metadata.js';
import type { IdentityPlatform } from './platform.js';
import { decodeSegment, readForm, readTokenRequest } from './request-reader.js';
import { findNamedTenant } from './tenant-choice.js';
import { describeTokenError, TokenError } from './token-error.js';
import type { JsonReply, TokenService } from './token-service.js';

export interface IdentityServices {
  readonly platform: IdentityPlatform;
  readonly tokens: TokenService;
  readonly signIn: SignInService;
}

type Reply = JsonReply | BrowserReply;

const NOT_FOUND: JsonReply = { status: 404, body: { error: 'not_found' } };
const TOO_LARGE: JsonReply = { status: 413, body: { error: 'invalid_request' } };
/** Microsoft's short address for entering a device code. */
const DEVICE_LOGIN = '/devicelogin';

export function createTokenServer(
  identity: ServerIdentity,
  services: IdentityServices,
  reportFault: (fault: unknown) => void,
): Server {
  const server = createServer(
    { cert: identity.certificate, key: identity.privateKey, minVersion: 'TLSv1.2' },
    (request, response) => {
      answer(request, services)
        .then((reply) => {
          send(response, reply);
        })
        .catch((failure: unknown) => {
          // A request that broke off has nobody left to answer.
          if (!request.destroyed || request.complete) reportFault(failure);
          response.destroy();
        });
    },
  );
  server.requestTimeout = 30_000;
  return server;
}

async function answer(request: IncomingMessage, services: IdentityServices): Promise<Reply> {
  const url = new URL(request.url ?? '/', 'https://login.microsoftonline.com');
  if (url.pathname === DEVICE_LOGIN) url.pathname = '/common/oauth2/deviceauth';
  const [tenant = '', ...rest] = url.pathname.split('/').slice(1);
  const path = rest.join('/');
  const isPost = request.method === 'POST';
  if (!isPost && request.method !== 'GET') return NOT_FOUND;
  const parameters = isPost ? await readForm(request) : url.searchParams;
  if (parameters === undefined) return TOO_LARGE;
  return (
    answerProgram(path, decodeSegment(tenant), parameters, request, services) ??
    services.signIn.answer(path, {
      tenantSegment: decodeSegment(tenant),
      parameters,
      isPost,
      sessionId: readCookie(request.headers.cookie, SESSION_COOKIE),
    }) ??
    NOT_FOUND
  );
}

/** What is asked by programs rather than by people. */
function answerProgram(
  path: string,
  tenantSegment: string,
  parameters: URLSearchParams,
  request: IncomingMessage,
  { platform, tokens }: IdentityServices,
): JsonReply | undefined {
  const header = request.headers['client-request-id'];
  const correlationId = typeof header === 'string' && header !== '' ? header : undefined;
  const asked = readTokenRequest(tenantSegment, parameters, request.headers);
  switch (`${request.method ?? ''} ${path}`) {
    case 'POST oauth2/v2.0/token':
      return tokens.answer(asked, correlationId);
    case 'POST oauth2/v2.0/devicecode':
      return authorizeDevice(asked, platform, correlationId);
    case 'GET v2.0/.well-known/openid-configuration':
      return answerConfiguration(tenantSegment, platform);
    case 'GET discovery/v2.0/keys':
      return { status: 200, body: describeKeys(platform.signingKey) };
    case 'GET discovery/instance':
      return { status: 200, body: describeInstances() };
    default:
      return undefined;
  }
}

function answerConfiguration(segment: string, platform: IdentityPlatform): JsonReply {
  try {
    const named = findNamedTenant(segment, platform.cloud);
    return { status: 200, body: describeOpenIdConfiguration(segment, named?.tenant.id) };
  } catch (failure) {
    if (!(failure instanceof TokenError)) throw failure;
    const zero = '00000000-0000-0000-0000-000000000000';
    const ids = { traceId: zero, correlationId: zero };
    return { status: 400, body: describeTokenError(failure, ids, platform.now()) };
  }
}

function readCookie(header: string | undefined, name: string): string | undefined {
  const pairs = (header ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}

function send(response: ServerResponse, reply: Reply): void {
  const isPage = 'headers' in reply;
  const body = Buffer.from(isPage ? reply.body : JSON.stringify(reply.body));
  const retryAfter = isPage ? undefined : reply.retryAfterSeconds;
  response.writeHead(reply.status, {
    ...(isPage ? reply.headers : { 'Content-Type': 'application/json; charset=utf-8' }),
    ...(retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) }),
    'Content-Length': body.length,
    'Cache-Control': 'no-store, no-cache',
    Pragma: 'no-cache',
  });
  response.end(body);
}
