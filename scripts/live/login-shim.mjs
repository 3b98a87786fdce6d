/**
 * The shim between "login.microsoftonline.com" and the OpenID provider. It translates what Microsoft spells its own way,
 * in requests only, and NOTHING else:
 *
 *   paths (of this tenant's id only; a query stays)
 *     POST /{tenant id}/oauth2/v2.0/token        →  POST /token
 *     GET  /{tenant id}/oauth2/v2.0/authorize    →  GET  /auth
 *     POST /{tenant id}/oauth2/v2.0/devicecode   →  POST /device/auth
 *   parameters of these three
 *     scope={resource}/.default                  →  resource={resource}               (RFC 8707; the scope goes)
 *     scope=… {resource}/{permission} …          →  the same, and resource={resource}  (unless an app asks for itself)
 *     grant_type=device_code                     →  grant_type=urn:ietf:params:oauth:grant-type:device_code  (RFC 8628)
 *     prompt=select_account                      →  prompt=login consent              (authorize; there is no chooser)
 *     scope=… offline_access …                   →  the same, and prompt=consent      (devicecode; OpenID Connect wants it)
 *
 * Everything else, both ways, passes as it is: other paths (the provider's pages among them), other parameters, cookies,
 * credentials, statuses, headers, bodies. It never decides, never issues, never answers by itself (but for 502 when the
 * provider cannot be reached). The provider ignores what Microsoft alone knows (client_info, x-client-…, claims).
 */
import { readFileSync } from 'node:fs';
import { createServer, request } from 'node:https';

const SCOPE = /^(?<resource>https:\/\/.+)\/(?<permission>[^/]+)$/u;
const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const PATHS = { 'POST token': '/token', 'GET authorize': '/auth', 'POST devicecode': '/device/auth' };

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
    let [path, query] = split(incoming.url);
    const prefix = `/${tenantId}/oauth2/v2.0/`;
    const own = path.startsWith(prefix)
      ? PATHS[`${incoming.method} ${path.slice(prefix.length)}`]
      : undefined;
    if (own !== undefined) {
      path = own;
      if (incoming.method === 'POST') body = Buffer.from(translate(own, body.toString('utf8')));
      else query = translate(own, query ?? '');
    }
    if (query !== undefined) path += `?${query}`;
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

/** Path and query; no query at all is not the same as an empty one. */
function split(url) {
  const at = url.indexOf('?');
  return at === -1 ? [url, undefined] : [url.slice(0, at), url.slice(at + 1)];
}

/** The parameters as the provider spells them; the very same text when there is nothing to translate. */
function translate(path, text) {
  const parameters = new URLSearchParams(text);
  const before = parameters.toString();
  if (parameters.getAll('scope').length === 1) translateScope(path, parameters);
  if (path === '/token' && parameters.get('grant_type') === 'device_code') {
    parameters.set('grant_type', DEVICE_GRANT);
  }
  if (path === '/auth' && parameters.get('prompt') === 'select_account') {
    parameters.set('prompt', 'login consent');
  }
  return parameters.toString() === before ? text : parameters.toString();
}

function translateScope(path, parameters) {
  const scopes = (parameters.get('scope') ?? '').split(' ');
  const named = scopes.map((scope) => SCOPE.exec(scope)?.groups).filter((found) => found !== undefined);
  const resources = [...new Set(named.map(({ resource }) => resource))];
  const everything = scopes.length === 1 && named[0]?.permission === '.default';
  // What Microsoft refuses has no translation: permissions of several resources, or an app that names single ones.
  if (resources.length === 1 && (everything || parameters.get('grant_type') !== 'client_credentials')) {
    if (everything) parameters.delete('scope');
    parameters.set('resource', resources[0]);
  }
  if (path === '/device/auth' && scopes.includes('offline_access')) parameters.set('prompt', 'consent');
}
