/** One HTTPS exchange: verified, bounded in time and size, never following a redirect. */
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { exchangeHttps, type NetPolicy } from '../../src/net/index.js';
import { startSandbox, type Sandbox } from '../../src/sandbox/index.js';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ seed: false });
});
afterAll(() => sandbox.stop());

const policy = (over: Partial<NetPolicy> = {}): NetPolicy => ({
  hosts: sandbox.hosts,
  trustedRoots: [sandbox.ca],
  connectTimeoutMs: 300,
  idleTimeoutMs: 300,
  ...over,
});
const url = 'https://login.microsoftonline.com/common/discovery/instance';

test('reaches the mapped address under the original name', async () => {
  const answer = await exchangeHttps(policy(), { method: 'GET', url });
  expect(answer.status).toBeGreaterThanOrEqual(200);
  expect(answer.headers['content-type']).toContain('json');
});

test('does not trust a certificate that no root vouches for', async () => {
  await expect(exchangeHttps(policy({ trustedRoots: [] }), { method: 'GET', url })).rejects.toMatchObject({
    code: 'certificate-not-trusted',
  });
});

test('does not trust a certificate for another name', async () => {
  const hosts = { 'elsewhere.example:443': sandbox.hosts['login.microsoftonline.com:443'] ?? '' };
  const answer = exchangeHttps(policy({ hosts }), { method: 'GET', url: 'https://elsewhere.example/' });
  await expect(answer).rejects.toMatchObject({ code: 'certificate-not-trusted', kind: 'config' });
});

test('gives up on a server that says nothing', async () => {
  const silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const hosts = {
    'login.microsoftonline.com:443': `127.0.0.1:${String((silent.address() as AddressInfo).port)}`,
  };
  await expect(exchangeHttps(policy({ hosts }), { method: 'GET', url })).rejects.toMatchObject({
    code: 'host-timed-out',
    retryable: true,
  });
  silent.close();
});

test('ends with the caller’s reason when it is cancelled', async () => {
  const reason = new Error('enough');
  await expect(
    exchangeHttps(policy(), { method: 'GET', url, signal: AbortSignal.abort(reason) }),
  ).rejects.toBe(reason);
});
