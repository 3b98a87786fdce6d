/** Calls on kept connections: that a server has closed them meanwhile is nobody's business but the client's. */
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { HttpsClient, routeTo } from '../../src/net/index.js';
import { createAuthority, issueServerCertificate } from '../../src/sandbox/tls/certificates.js';

const HOST = 'graph.microsoft.com';
const CONNECTIONS = 4;

let server: Server;
/** Calls that came over each connection. */
let calls = new Map<Socket, number>();
let closesUsed = false;
let client: HttpsClient;

beforeAll(async () => {
  const authority = createAuthority();
  const { certificate, privateKey } = issueServerCertificate(authority, [HOST]);
  server = createServer({ cert: certificate, key: privateKey }, (incoming, outgoing) => {
    const before = calls.get(incoming.socket) ?? 0;
    calls.set(incoming.socket, before + 1);
    if (closesUsed && before > 0) incoming.socket.destroy();
    else setTimeout(() => outgoing.end('answer'), 20);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const net = { hosts: { [`${HOST}:443`]: address }, trustedRoots: [authority.certificate] };
  client = new HttpsClient(routeTo(net, HOST, 443), 443, CONNECTIONS);
});
afterEach(() => {
  calls = new Map();
  closesUsed = false;
});
afterAll(async () => {
  client.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function call(method: 'GET' | 'POST'): Promise<string> {
  const { body } = await client.send({ method, path: '/v1.0/me', headers: {} });
  const pieces: Buffer[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

const together = (count: number, method: 'GET' | 'POST'): Promise<string[]> =>
  Promise.all(Array.from({ length: count }, () => call(method)));

test('connections are kept and used again', async () => {
  await together(CONNECTIONS, 'GET');
  await together(CONNECTIONS, 'GET');
  expect([...calls.values()]).toEqual(Array.from({ length: CONNECTIONS }, () => 2));
});

test('when all that were kept turn out to be closed, a call goes out on a new one', async () => {
  await together(CONNECTIONS, 'GET');
  const kept = calls.size;
  closesUsed = true;
  expect(await call('GET')).toBe('answer');
  expect(calls.size).toBe(kept + 1);
});

test('what may have been done is not sent again: the loss is told as it is', async () => {
  await together(1, 'POST');
  closesUsed = true;
  await expect(call('POST')).rejects.toMatchObject({ code: 'connection-lost', retryable: true });
});
