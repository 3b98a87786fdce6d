/**
 * Stands between adapter and Graph with a TLS identity of its own and keeps every call and its answer.
 */
import type { IncomingMessage } from 'node:http';
import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { NetPolicy } from '../../../src/net/index.js';
import { createAuthority, issueServerCertificate } from '../../../src/sandbox/tls/certificates.js';
import { HOST } from './graph-reading.js';

export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly status: number;
  readonly contentType: string;
  readonly answer: string;
}

export interface GraphWire {
  readonly net: NetPolicy;
  readonly exchanges: Exchange[];
  /** The most calls that were under way together. */
  readonly together: () => number;
  stop(): Promise<void>;
}

export async function startGraphWire(sandbox: {
  readonly hosts: Readonly<Record<string, string>>;
  readonly ca: string;
}): Promise<GraphWire> {
  const authority = createAuthority();
  const { certificate, privateKey } = issueServerCertificate(authority, [HOST]);
  const [host = '', port = ''] = (sandbox.hosts[`${HOST}:443`] ?? '').split(':');
  const exchanges: Exchange[] = [];
  let underWay = 0;
  let most = 0;
  const server = createServer({ cert: certificate, key: privateKey }, (incoming, outgoing) => {
    underWay += 1;
    most = Math.max(most, underWay);
    outgoing.once('close', () => (underWay -= 1));
    void textOf(incoming).then((body) => {
      const { method = '', url: path = '', headers } = incoming;
      const onward = request(
        { host, port: Number(port), servername: HOST, ca: sandbox.ca, agent: false, method, path, headers },
        (answer) => {
          void textOf(answer).then((text) => {
            const { statusCode: status = 0, headers: answered } = answer;
            const contentType = answered['content-type'] ?? '';
            exchanges.push({ method, path, headers, body, status, contentType, answer: text });
            outgoing.writeHead(status, answered);
            outgoing.end(text);
          });
        },
      );
      onward.on('error', () => outgoing.destroy());
      onward.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return {
    net: {
      hosts: { ...sandbox.hosts, [`${HOST}:443`]: address },
      trustedRoots: [sandbox.ca, authority.certificate],
    },
    exchanges,
    together: () => most,
    stop: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}

async function textOf(stream: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
