/**
 * Stands between connector and sign-in service with a TLS identity of its own and reads along: every secret that goes
 * by, in either direction, is told. On demand it answers itself, repeating what it was sent as a misguided proxy would.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createAuthority, issueServerCertificate } from '../../src/sandbox/tls/certificates.js';

const HOST = 'login.microsoftonline.com';
/** Fields of a request or answer that nobody else may see. A user code is no secret: it is there to be shown. */
const SECRET_FIELDS = [
  'client_secret',
  'client_assertion',
  'assertion',
  'password',
  'code',
  'code_verifier',
  'refresh_token',
  'device_code',
  'access_token',
  'id_token',
];

/** What the token endpoint does instead of answering properly. */
export type Mischief =
  | 'none'
  | 'html'
  | 'html-unavailable'
  | 'json-refusal'
  | 'token-with-control-character'
  | 'empty-token'
  | 'cut'
  | 'hang-up';

export interface LoginWire {
  /** To be put into `hosts` and `trustedRoots` of a network policy. */
  readonly hosts: Readonly<Record<string, string>>;
  readonly ca: string;
  mischief: Mischief;
  stop(): Promise<void>;
}

export async function startLoginWire(
  sandbox: { readonly hosts: Readonly<Record<string, string>>; readonly ca: string },
  tell: (field: string, secret: string) => void,
): Promise<LoginWire> {
  const authority = createAuthority();
  const { certificate, privateKey } = issueServerCertificate(authority, [HOST]);
  const [targetHost = '', targetPort = ''] = (sandbox.hosts[`${HOST}:443`] ?? '').split(':');

  const learn = (fields: Iterable<readonly [string, unknown]>): void => {
    for (const [name, value] of fields) {
      if (SECRET_FIELDS.includes(name) && typeof value === 'string') tell(name, value);
    }
  };

  const pass = (incoming: IncomingMessage, body: string, outgoing: ServerResponse): void => {
    const onward = request(
      {
        host: targetHost,
        port: Number(targetPort),
        servername: HOST,
        ca: sandbox.ca,
        agent: false,
        method: incoming.method,
        path: incoming.url,
        headers: incoming.headers,
      },
      (answer) => {
        void textOf(answer).then((text) => {
          try {
            learn(Object.entries(JSON.parse(text) as object));
          } catch {
            // A page, not an answer with tokens.
          }
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
          outgoing.end(text);
        });
      },
    );
    onward.on('error', () => outgoing.destroy());
    onward.end(body);
  };

  const wire = { mischief: 'none' as Mischief };
  const server = createServer({ cert: certificate, key: privateKey }, (incoming, outgoing) => {
    void textOf(incoming).then((body) => {
      learn(new URLSearchParams(body));
      const isToken = incoming.url?.split('?')[0]?.endsWith('/token') === true;
      if (!isToken || wire.mischief === 'none') pass(incoming, body, outgoing);
      else misbehave(wire.mischief, body, outgoing);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(wire, {
    hosts: { [`${HOST}:443`]: `127.0.0.1:${String((server.address() as AddressInfo).port)}` },
    ca: authority.certificate,
    stop: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  });
}

function misbehave(mischief: Mischief, body: string, outgoing: ServerResponse): void {
  const said = decodeURIComponent(body.replaceAll('+', ' '));
  const json = { 'content-type': 'application/json', connection: 'close' };
  const answer = (access_token: string): string =>
    JSON.stringify({ token_type: 'Bearer', expires_in: 3600, access_token });
  switch (mischief) {
    case 'html':
      outgoing.writeHead(200, { 'content-type': 'text/html' }).end(`${said}<html><pre>${body}</pre></html>`);
      break;
    case 'html-unavailable':
      outgoing
        .writeHead(503, { 'content-type': 'text/html' })
        .end(`<html><pre>${body}\n${said}</pre></html>`);
      break;
    case 'json-refusal':
      outgoing.writeHead(400, json).end(
        JSON.stringify({
          error: 'invalid_request',
          error_description: `AADSTS900144: The request was not understood: ${said} (${body})`,
        }),
      );
      break;
    case 'token-with-control-character':
      outgoing.writeHead(200, json).end(answer(`${CONTROL_TOKEN}\u0001auth=Bearer x`));
      break;
    case 'empty-token':
      outgoing.writeHead(200, json).end(answer(''));
      break;
    case 'cut':
      outgoing.writeHead(200, { ...json, 'content-length': '4000' });
      outgoing.write(answer(CONTROL_TOKEN).slice(0, -2), () => outgoing.destroy());
      break;
    default:
      outgoing.destroy();
  }
}

/** The access token that this service makes up itself. */
export const CONTROL_TOKEN = 'made-up-access-token-8a6e1f0b77c94e0d9a51c2';

async function textOf(stream: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
