/** Calls on kept connections: that a server has closed them meanwhile is nobody's business but the client's. */
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { HttpsClient, routeTo, type CallStage } from '../../src/net/index.js';
import { createAuthority, issueServerCertificate } from '../../src/sandbox/tls/certificates.js';

const HOST = 'graph.microsoft.com';
const CONNECTIONS = 4;

let server: Server;
/** Calls that came over each connection. */
let calls = new Map<Socket, number>();
let closesUsed = false;
let client: HttpsClient;
const authority = createAuthority();
const { certificate, privateKey } = issueServerCertificate(authority, [HOST]);

beforeAll(async () => {
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

describe('a call that is carried out once', () => {
  /** Against a server that hangs up at the first bytes, or when it has the call whole. */
  async function hungUp(
    at: 'first' | 'whole',
    body?: string,
  ): Promise<{ seen: string; stages: CallStage[] }> {
    let seen = '';
    const peer = createTlsServer({ cert: certificate, key: privateKey }, (socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (bytes: Buffer) => {
        seen += bytes.toString('latin1');
        if (at === 'first' || seen.endsWith(`\r\n\r\n${body ?? ''}`)) socket.destroy();
      });
    });
    await new Promise<void>((resolve) => peer.listen(0, '127.0.0.1', resolve));
    const address = `127.0.0.1:${String((peer.address() as AddressInfo).port)}`;
    const net = { hosts: { [`${HOST}:443`]: address }, trustedRoots: [authority.certificate] };
    const caller = new HttpsClient(routeTo(net, HOST, 443), 443, 1);
    const stages: CallStage[] = [];
    const once = { holdsEnd: true, onStage: (stage: CallStage) => void stages.push(stage) };
    const headers = { 'content-length': String(body?.length ?? 0) };
    await expect(caller.send({ method: 'POST', path: '/x', headers, body, once })).rejects.toMatchObject({
      code: 'connection-lost',
    });
    caller.close();
    await new Promise((resolve) => peer.close(resolve));
    return { seen, stages };
  }

  test('is not whole before its end leaves, with a body and without one', async () => {
    for (const body of [undefined, 'body']) {
      const { seen, stages } = await hungUp('first', body);
      expect(stages).toEqual(['begun']);
      expect(seen.endsWith(`\r\n\r\n${body ?? ''}`)).toBe(false);
    }
  });

  test('may have been carried out when its end has left', async () => {
    for (const body of [undefined, 'body'])
      expect((await hungUp('whole', body)).stages).toEqual(['begun', 'left']);
  });

  test('tells of its answer', async () => {
    const stages: CallStage[] = [];
    const once = { holdsEnd: false, onStage: (stage: CallStage) => void stages.push(stage) };
    for (const body of [undefined, 'body']) {
      const reply = await client.send({ method: 'POST', path: '/x', headers: {}, body, once });
      for await (const piece of reply.body) expect(piece.toString()).toBe('answer');
    }
    expect(stages).toEqual(['begun', 'left', 'answered', 'begun', 'left', 'answered']);
  });
});
