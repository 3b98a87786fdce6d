/**
 * The HTTP front door: the connector's calls for a page on this machine, and the page itself.
 * Owns: the server's life. Must not: be reachable from another machine, or from another page in the browser.
 *
 * Fastify is an optional dependency: a host that only imports the connector does not carry a server.
 */
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { Failure } from '../errors/index.js';
import type { Connector } from '../index.js';
import { registerCalls } from './calls.js';
import { describeConnector, type Preset } from './description.js';
import { registerPage } from './page.js';
import { createGate, securityHeaders } from './security.js';
import { REDIRECT_PATH, registerSignIn } from './sign-in.js';
import { validatorModule } from './validators.js';

export type { Description, Preset } from './description.js';

export interface ServerOptions {
  readonly connector: Connector;
  /** Default 0: any free port. */
  readonly port?: number;
  /** Values that the page opens with. They reach everybody who can open the page. */
  readonly preset?: Preset;
  /** Folder of the built page; without it only the API is served. */
  readonly workbenchDir?: string;
  /** Serves HTTPS itself, PEM. Behind a proxy that ends TLS this stays empty and only `publicUrl` is set. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Address to listen on; default 127.0.0.1. Another one needs `publicUrl`. */
  readonly host?: string;
  /** Where browsers reach the server, for example https://connector.example.com: base of the redirect URI. */
  readonly publicUrl?: string;
  /** Demanded from every API call as `Authorization: Bearer`; required as soon as there is a public address. */
  readonly apiToken?: string;
  /** `hosts` of a network policy that leads to a test tenant: the user's browser has to go there for the sign-in. */
  readonly browserHosts?: Readonly<Record<string, string>>;
  /** Largest request in bytes; default 50 MiB, which holds the largest message Exchange Online takes, in base64. */
  readonly maxBodyBytes?: number;
}

export interface RunningServer {
  /** The public address, or http://127.0.0.1:PORT */
  readonly url: string;
  /** Where it listens: what a proxy in front of it has to know. */
  readonly port: number;
  /** Aborts running calls and closes every connection. */
  stop(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';
const MIN_TOKEN_LENGTH = 32;
const MAX_BODY_BYTES = 50 * 1024 * 1024;
/** A request must have arrived by then; how long its answer takes is the connector's affair. */
const REQUEST_TIMEOUT_MS = 120_000;

export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { connector, preset, workbenchDir, tls, apiToken } = options;
  const publicUrl = options.publicUrl === undefined ? undefined : new URL(options.publicUrl);
  assertSafe(options);
  const { fastify } = await import('fastify');
  // No logger: request bodies hold secrets, and nobody reads a log of a page on their own machine.
  const server = fastify({
    logger: false,
    bodyLimit: options.maxBodyBytes ?? MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
    ...(tls === undefined ? {} : { https: tls }),
  }) as unknown as FastifyInstance;
  server.removeContentTypeParser('text/plain');
  const stopping = new AbortController();
  const ownPort = (): number => (server.server.address() as AddressInfo).port;
  const ownUrl = (name: string): string => `${tls === undefined ? 'http' : 'https'}://${name}:${ownPort()}`;
  // Microsoft compares loopback redirects by name: http://localhost, any port.
  const baseUrl = (name: string): string => publicUrl?.origin ?? ownUrl(name);
  const gate = createGate({
    origins: () =>
      [publicUrl?.origin, ownUrl('127.0.0.1'), ownUrl('localhost')].filter((one) => one !== undefined),
    apiToken,
  });

  server.addHook('onRequest', async (request, reply) => {
    reply.headers(securityHeaders());
    const refusal = gate(request.method, request.url, request.headers);
    if (refusal !== undefined) await reply.code(refusal.status).send({ error: refusal.error });
  });
  server.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: 'not-found' }));
  server.setErrorHandler((error, _request, reply) => {
    const { statusCode } = error as { statusCode?: number };
    const status = statusCode !== undefined && statusCode >= 400 && statusCode < 500 ? statusCode : 500;
    // The parser's message quotes the body, and the body may hold a secret: the status alone is told.
    return reply
      .code(status)
      .send({ error: status === 413 ? 'too-large' : status < 500 ? 'bad-request' : 'internal' });
  });

  server.get('/api/manifest', (request, reply) => {
    const { lang } = request.query as { lang?: unknown };
    reply.header('Cache-Control', 'no-store');
    return reply.send(describeConnector(typeof lang === 'string' ? lang : '', preset));
  });
  server.get('/api/validators.js', (_request, reply) =>
    reply.header('Cache-Control', 'no-cache').type('text/javascript; charset=utf-8').send(validatorModule()),
  );
  registerCalls(server, connector, stopping.signal, options.browserHosts);
  registerSignIn(server, connector, {
    redirectUri: () => `${baseUrl('localhost')}${REDIRECT_PATH}`,
    secure: tls !== undefined || publicUrl !== undefined,
    browserHosts: options.browserHosts,
  });
  if (workbenchDir !== undefined) registerPage(server, workbenchDir);

  await server.listen({ host: options.host ?? LOOPBACK, port: options.port ?? 0 });
  return {
    url: baseUrl(LOOPBACK),
    port: ownPort(),
    async stop() {
      stopping.abort();
      await server.close();
    },
  };
}

/** Beyond this machine nobody gets in without a token, and no redirect comes back in the clear. */
function assertSafe({ host, publicUrl, apiToken }: ServerOptions): void {
  if (publicUrl !== undefined && new URL(publicUrl).protocol !== 'https:') {
    throw new Failure('settings-invalid', { serverText: `publicUrl ${publicUrl}: https is required` });
  }
  const beyond = publicUrl !== undefined || (host !== undefined && host !== LOOPBACK);
  if (beyond && (apiToken === undefined || apiToken.length < MIN_TOKEN_LENGTH)) {
    throw new Failure('settings-invalid', {
      serverText: `apiToken: at least ${String(MIN_TOKEN_LENGTH)} characters are required beyond this machine`,
    });
  }
}
