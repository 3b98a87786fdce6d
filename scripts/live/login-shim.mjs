/**
 * The shim between "login.microsoftonline.com" and the OpenID provider. It may translate exactly two things of a request,
 * because Microsoft spells them its own way, and NOTHING else:
 *
 *   1. the path       POST /{tenant id}/oauth2/v2.0/token   →   POST /token        (this tenant's id only; a query stays)
 *   2. the parameter  scope={resource}/.default             →   resource={resource}   (RFC 8707)
 *
 * Everything else, both ways, passes as it is: other paths, other parameters, credentials, statuses, headers, bodies.
 * It never decides, never issues, never answers by itself (but for 502 when the provider cannot be reached).
 */
import { readFileSync } from 'node:fs';
import { createServer, request } from 'node:https';

const DEFAULT_SCOPE = /^(https:\/\/[^ ]+)\/\.default$/u;

/** Starts it in front of the provider that listens on `providerPort` of this machine. */
export async function startLoginShim({ port, providerPort, tenantId, certificates }) {
  const server = createServer(
    { key: readFileSync(certificates.keyFile), cert: readFileSync(certificates.certificateFile) },
    (incoming, outgoing) => {
      forward(incoming, outgoing).catch((error) => {
        if (!outgoing.headersSent) outgoing.writeHead(502);
        outgoing.end(String(error));
      });
    },
  );

  async function forward(incoming, outgoing) {
    const chunks = [];
    for await (const chunk of incoming) chunks.push(chunk);
    let body = Buffer.concat(chunks);
    const query = incoming.url.indexOf('?');
    let path = query === -1 ? incoming.url : incoming.url.slice(0, query);
    if (incoming.method === 'POST' && path === `/${tenantId}/oauth2/v2.0/token`) {
      path = '/token';
      body = translateScope(body);
    }
    if (query !== -1) path += incoming.url.slice(query);
    const headers = { ...incoming.headers };
    delete headers['transfer-encoding'];
    if (incoming.method === 'POST') headers['content-length'] = String(body.length);

    await new Promise((resolve, reject) => {
      const onward = request(
        {
          host: '127.0.0.1',
          port: providerPort,
          servername: 'localhost',
          ca: certificates.root,
          method: incoming.method,
          path,
          headers,
          agent: false,
        },
        (answer) => {
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(outgoing);
          answer.once('end', resolve).once('error', reject);
        },
      );
      onward.once('error', reject);
      onward.end(body);
    });
  }

  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    stop() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

function translateScope(body) {
  const parameters = new URLSearchParams(body.toString('utf8'));
  const resource = DEFAULT_SCOPE.exec(parameters.get('scope') ?? '')?.[1];
  if (resource === undefined || parameters.getAll('scope').length !== 1) return body;
  parameters.delete('scope');
  parameters.append('resource', resource);
  return Buffer.from(parameters.toString());
}
