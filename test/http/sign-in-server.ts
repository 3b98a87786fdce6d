/**
 * A server with a public address over a sandbox tenant, and a browser that gets there by host mapping. Either the
 * server speaks TLS itself, or a proxy in front of it does and passes every header on.
 */
import { request as plainRequest } from 'node:http';
import { createServer as createTlsServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { startServer } from '../../src/http/index.js';
import { openConnector, type Connector } from '../../src/index.js';
import { createAuthority, issueServerCertificate } from '../../src/sandbox/tls/certificates.js';
import { openMemoryState, openVault, type State } from '../../src/state/index.js';
import { openSandboxTenant } from '../support/sandbox-tenant.js';
import { clockAt } from '../support/clock.js';

export const PUBLIC_URL = 'https://connector.example';
export const API_TOKEN = 'an-api-token-of-more-than-32-characters';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface Call {
  readonly method?: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface PublicServer {
  readonly tenant: Awaited<ReturnType<typeof openSandboxTenant>>;
  readonly state: State;
  readonly connector: Connector;
  /** As it reports itself. */
  readonly url: string;
  /** One request over TLS, verified against the name in the public address. */
  ask(call: Call): Promise<Answer>;
  stop(): Promise<void>;
}

/** @param ending who ends TLS */
export async function openPublicServer(ending: 'server' | 'proxy'): Promise<PublicServer> {
  const tenant = await openSandboxTenant();
  const authority = createAuthority();
  const identity = issueServerCertificate(authority, [new URL(PUBLIC_URL).hostname]);
  const tls = { key: identity.privateKey, cert: identity.certificate };
  const clock = (): number => Date.now(); // So that a test can turn it.
  const state = openMemoryState({ now: clock });
  const vault = openVault([Buffer.alloc(32, 5)]);
  const connector = openConnector({ net: tenant.net, store: { state, vault }, clock: clockAt(clock) });
  const server = await startServer({
    connector,
    publicUrl: PUBLIC_URL,
    apiToken: API_TOKEN,
    ...(ending === 'server' ? { tls } : {}),
  });
  const proxy = ending === 'proxy' ? await startProxy(tls, server.port) : undefined;
  const port = proxy?.port ?? server.port;

  return {
    tenant,
    state,
    connector,
    url: server.url,
    ask: ({ method = 'GET', path, headers = {}, body }) =>
      new Promise((resolve, reject) => {
        const outgoing = request(
          {
            host: '127.0.0.1',
            port,
            servername: new URL(PUBLIC_URL).hostname,
            ca: authority.certificate,
            agent: false,
            method,
            path,
            headers: {
              host: new URL(PUBLIC_URL).host,
              ...(body === undefined ? {} : { 'content-type': 'application/json' }),
              ...headers,
            },
          },
          (incoming) => {
            text(incoming).then(
              (content) =>
                resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: content }),
              reject,
            );
          },
        );
        outgoing.on('error', reject);
        outgoing.end(body === undefined ? undefined : JSON.stringify(body));
      }),
    async stop() {
      await proxy?.stop();
      await server.stop();
      await tenant.stop();
    },
  };
}

/** Ends TLS and passes on what came, the Host header as well. */
async function startProxy(
  tls: { key: string; cert: string },
  target: number,
): Promise<{ port: number; stop(): Promise<void> }> {
  const server = createTlsServer(tls, (incoming, outgoing) => {
    const onward = plainRequest(
      {
        host: '127.0.0.1',
        port: target,
        agent: false,
        method: incoming.method,
        path: incoming.url,
        headers: incoming.headers,
      },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    stop() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
