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
  readonly connections: () => number;
  stop(): Promise<void>;
}

/**
 * @param onCall told of a call when the wire has it whole, before Graph has; what it answers happens to Graph's answer
 */
export async function startGraphWire(
  sandbox: { readonly hosts: Readonly<Record<string, string>>; readonly ca: string },
  onCall: (call: string) => 'lost' | 'passed' = () => 'passed',
): Promise<GraphWire> {
  const authority = createAuthority();
  const { certificate, privateKey } = issueServerCertificate(authority, [HOST]);
  const [host = '', port = ''] = (sandbox.hosts[`${HOST}:443`] ?? '').split(':');
  const exchanges: Exchange[] = [];
  const relayed: Promise<void>[] = [];
  let connections = 0;
  let underWay = 0;
  let most = 0;
  const server = createServer({ cert: certificate, key: privateKey }, (incoming, outgoing) => {
    underWay += 1;
    most = Math.max(most, underWay);
    outgoing.once('close', () => (underWay -= 1));
    void textOf(incoming).then((body) => {
      const { method = '', url: path = '', headers } = incoming;
      const fate = onCall(`${method} ${path}`);
      const onward = request(
        { host, port: Number(port), servername: HOST, ca: sandbox.ca, agent: false, method, path, headers },
        (answer) => {
          void textOf(answer).then((text) => {
            const { statusCode: status = 0, headers: answered } = answer;
            const contentType = answered['content-type'] ?? '';
            exchanges.push({ method, path, headers, body, status, contentType, answer: text });
            if (fate === 'lost') {
              outgoing.destroy();
              return;
            }
            outgoing.writeHead(status, answered);
            outgoing.end(text);
          });
        },
      );
      onward.on('error', () => outgoing.destroy());
      relayed.push(new Promise((resolve) => void onward.once('close', resolve)));
      onward.end(body);
    });
  });
  server.on('secureConnection', () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return {
    net: {
      hosts: { ...sandbox.hosts, [`${HOST}:443`]: address },
      trustedRoots: [sandbox.ca, authority.certificate],
    },
    exchanges,
    together: () => most,
    connections: () => connections,
    async stop() {
      await Promise.all(relayed); // what arrived here arrives there, whoever waits for the answer
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function textOf(stream: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
