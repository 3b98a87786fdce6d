/**
 * The HTTP front door: the connector's calls for a page on this machine, and the page itself.
 * Owns: the server's life. Must not: be reachable from another machine, or from another page in the browser.
 *
 * Fastify is an optional dependency: a host that only imports the connector does not carry a server.
 */
import type { AddressInfo } from 'node:net';
import type { Connector } from '../index.js';
import { registerCalls } from './calls.js';
import { describeConnector, type Preset } from './description.js';
import { registerPage } from './page.js';
import { refusalOf, securityHeaders } from './security.js';
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
  /** Largest request in bytes; default 50 MiB, which holds the largest message Exchange Online takes, in base64. */
  readonly maxBodyBytes?: number;
}

export interface RunningServer {
  /** http://127.0.0.1:PORT */
  readonly url: string;
  /** Aborts running calls and closes every connection. */
  stop(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';
const MAX_BODY_BYTES = 50 * 1024 * 1024;
/** A request must have arrived by then; how long its answer takes is the connector's affair. */
const REQUEST_TIMEOUT_MS = 120_000;

export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { connector, preset, workbenchDir } = options;
  const { fastify } = await import('fastify');
  // No logger: request bodies hold secrets, and nobody reads a log of a page on their own machine.
  const server = fastify({
    logger: false,
    bodyLimit: options.maxBodyBytes ?? MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
  });
  server.removeContentTypeParser('text/plain');
  const stopping = new AbortController();

  server.addHook('onRequest', async (request, reply) => {
    reply.headers(securityHeaders());
    const { port } = server.server.address() as AddressInfo;
    const refusal = refusalOf(request.method, request.headers, port);
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
  registerCalls(server, connector, stopping.signal);
  if (workbenchDir !== undefined) registerPage(server, workbenchDir);

  await server.listen({ host: LOOPBACK, port: options.port ?? 0 });
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `http://${LOOPBACK}:${port}`,
    async stop() {
      stopping.abort();
      await server.close();
    },
  };
}
