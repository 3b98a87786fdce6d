/**
 * The HTTPS face of the identity platform: routes, body limits, JSON. Takes no decision about tokens.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import type { ServerIdentity } from '../tls/certificates.js';
import { describeInstances, describeKeys, describeOpenIdConfiguration } from './metadata.js';
import type { TokenRequest } from './token-request.js';
import { checkTenant } from './token-request.js';
import { describeTokenError, TokenError } from './token-error.js';
import type { JsonReply, TokenService } from './token-service.js';

const MAX_BODY_BYTES = 256 * 1024;
const NOT_FOUND: JsonReply = { status: 404, body: { error: 'not_found' } };

export function createTokenServer(
  identity: ServerIdentity,
  service: TokenService,
  reportFault: (fault: unknown) => void,
): Server {
  const server = createServer(
    { cert: identity.certificate, key: identity.privateKey, minVersion: 'TLSv1.2' },
    (request, response) => {
      answer(request, service)
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

async function answer(request: IncomingMessage, service: TokenService): Promise<JsonReply> {
  const url = new URL(request.url ?? '/', 'https://login.microsoftonline.com');
  const [tenant = '', ...rest] = url.pathname.split('/').slice(1);
  const path = rest.join('/');
  if (request.method === 'POST' && path === 'oauth2/v2.0/token') return answerToken(request, tenant, service);
  if (request.method !== 'GET') return NOT_FOUND;
  switch (path) {
    case 'v2.0/.well-known/openid-configuration':
      return answerConfiguration(tenant, service);
    case 'discovery/v2.0/keys':
      return { status: 200, body: describeKeys(service.signingKey) };
    case 'discovery/instance':
      return { status: 200, body: describeInstances() };
    default:
      return NOT_FOUND;
  }
}

async function answerToken(
  request: IncomingMessage,
  tenant: string,
  service: TokenService,
): Promise<JsonReply> {
  const body = await readBody(request);
  if (body === undefined) return { status: 413, body: { error: 'invalid_request' } };
  const header = request.headers['client-request-id'];
  return service.answer(
    {
      tenantSegment: decodeSegment(tenant),
      parameters: new URLSearchParams(body),
      basic: parseBasic(request.headers.authorization),
    },
    typeof header === 'string' && header !== '' ? header : undefined,
  );
}

function answerConfiguration(tenant: string, service: TokenService): JsonReply {
  const segment = decodeSegment(tenant);
  try {
    checkTenant(
      { tenantSegment: segment, parameters: new URLSearchParams(), basic: undefined },
      service.directory,
    );
  } catch (failure) {
    if (!(failure instanceof TokenError)) throw failure;
    const zero = '00000000-0000-0000-0000-000000000000';
    return {
      status: 400,
      body: describeTokenError(failure, { traceId: zero, correlationId: zero }, Date.now()),
    };
  }
  return { status: 200, body: describeOpenIdConfiguration(segment, service.directory.tenant.id) };
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseBasic(header: string | undefined): TokenRequest['basic'] {
  const encoded = /^Basic +(?<blob>[\w+/=-]+)$/iu.exec(header ?? '')?.groups?.blob;
  if (encoded === undefined) return undefined;
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  if (colon === -1) return undefined;
  // RFC 6749 section 2.3.1: both halves are form-encoded first.
  return {
    clientId: decodeSegment(pair.slice(0, colon)),
    clientSecret: decodeSegment(pair.slice(colon + 1), false),
  };
}

function decodeSegment(segment: string, lowerCase = true): string {
  let decoded = segment;
  try {
    decoded = decodeURIComponent(segment.replace(/\+/gu, ' '));
  } catch {
    // Not percent-encoded after all: taken as it stands.
  }
  return lowerCase ? decoded.toLowerCase() : decoded;
}

function send(response: ServerResponse, { status, body }: JsonReply): void {
  const json = Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': json.length,
    'Cache-Control': 'no-store, no-cache',
    Pragma: 'no-cache',
  });
  response.end(json);
}
