/**
 * A sign-in service that remembers word for word what arrives and hands out one token for everything. For what the
 * sandbox's log leaves out, and for hosts that the sandbox does not play.
 */
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { makeCertificate } from './certificates.js';

export interface ArrivedRequest {
  /** Method, host and path: "POST login.microsoftonline.com/…". */
  readonly line: string;
  readonly body: string;
}

export interface TokenServer {
  readonly net: { readonly hosts: Record<string, string>; readonly trustedRoots: readonly string[] };
  readonly requests: readonly ArrivedRequest[];
  stop(): Promise<void>;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** @param answer of the token endpoint; every other path is answered with 404 */
export async function startTokenServer(
  hostNames: readonly string[],
  answer: Readonly<Record<string, unknown>> = {
    token_type: 'Bearer',
    expires_in: 3600,
    access_token: 'one-token',
  },
  { status = 200, headers: extra = {} }: { status?: number; headers?: Record<string, string> } = {},
): Promise<TokenServer> {
  const { certificate, privateKey } = makeCertificate('sign-in service', { hostNames });
  const requests: ArrivedRequest[] = [];
  const server = createServer({ cert: certificate, key: privateKey }, (request, response) => {
    void bodyOf(request).then((body) => {
      const { method = '', url = '', headers } = request;
      requests.push({ line: `${method} ${headers.host ?? ''}${url}`, body });
      const isToken = url.split('?')[0]?.endsWith('/oauth2/v2.0/token') === true;
      const always = { 'content-type': 'application/json', connection: 'close' };
      response.writeHead(isToken ? status : 404, { ...always, ...extra });
      response.end(JSON.stringify(isToken ? answer : { error: 'not_found' }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return {
    net: {
      hosts: Object.fromEntries(hostNames.map((name) => [`${name}:443`, address])),
      trustedRoots: [certificate],
    },
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
      }),
  };
}
