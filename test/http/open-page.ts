/** A server over a sandbox tenant, and plain HTTP requests whose every header a test may set. */
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { startServer, type ServerOptions } from '../../src/http/index.js';
import { openConnector } from '../../src/index.js';
import { DEMO, startSandbox, type Sandbox } from '../../src/sandbox/index.js';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface OpenPage {
  readonly url: string;
  readonly sandbox: Sandbox;
  readonly connection: ReturnType<typeof demoConnection>;
  ask(method: string, path: string, headers?: Record<string, string>, body?: string): Promise<Answer>;
  post(path: string, body: unknown): Promise<Answer>;
  /** The lines of a streamed answer. */
  lines(path: string, body: unknown): Promise<Record<string, unknown>[]>;
  stop(): Promise<void>;
}

export function demoConnection(secret: string = DEMO.daemon.clientSecret) {
  return {
    tenant: DEMO.tenantId,
    mailbox: DEMO.people.anna.address,
    authentication: { method: 'client-secret', clientId: DEMO.daemon.clientId, clientSecret: secret },
  };
}

export async function openPage(
  options: Partial<ServerOptions> = {},
  lineTo: (hosts: Sandbox['hosts']) => Promise<Sandbox['hosts']> = (hosts) => Promise.resolve(hosts),
): Promise<OpenPage> {
  const sandbox = await startSandbox();
  const hosts = await lineTo(sandbox.hosts);
  const connector = openConnector({ net: { hosts, trustedRoots: [sandbox.ca] } });
  const server = await startServer({ connector, ...options });
  const { host } = new URL(server.url);

  const ask: OpenPage['ask'] = (method, path, headers = {}, body) =>
    new Promise((resolve, reject) => {
      // The path goes out as it is: new URL() would resolve the dots that a test sends on purpose.
      const [hostname = '', port] = host.split(':');
      const outgoing = request(
        { hostname, port, method, path, headers: { host, ...headers } },
        (incoming) => {
          text(incoming).then(
            (content) =>
              resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: content }),
            reject,
          );
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  const post: OpenPage['post'] = (path, body) =>
    ask('POST', path, { 'content-type': 'application/json' }, JSON.stringify(body));
  return {
    url: server.url,
    sandbox,
    connection: demoConnection(),
    ask,
    post,
    async lines(path, body) {
      const { body: content } = await post(path, body);
      return content
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    },
    async stop() {
      await server.stop();
      await sandbox.stop();
    },
  };
}
