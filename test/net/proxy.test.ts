/** An HTTP proxy on the way: everything goes through it, nothing around it, and its refusals are told as its own. */
import { Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { openConnector, type Check, type EmailRecord, type SendEmailResponse } from '../../src/index.js';
import {
  exchangeHttps,
  probeImplicitTls,
  probeSmtpStartTls,
  proxyFromEnvironment,
  routeTo,
  type NetPolicy,
} from '../../src/net/index.js';
import type { Sandbox } from '../../src/sandbox/index.js';
import { createAuthority, issueServerCertificate } from '../../src/sandbox/tls/certificates.js';
import { startConnectProxy, type ConnectProxy, type ConnectProxyOptions } from '../support/connect-proxy.js';
import { openSandboxTenant } from '../support/sandbox-tenant.js';
import { plainMessage } from '../support/messages.js';
import type { TestTenant } from '../support/tenant.js';

const url = 'https://login.microsoftonline.com/common/discovery/instance';
const IMAP = 'outlook.office365.com';
const SMTP = 'smtp.office365.com';
const PASSWORD = 'p%ss:wörd @';

let tenant: TestTenant & { sandbox: Sandbox };
let proxies: ConnectProxy[] = [];
beforeAll(async () => {
  tenant = await openSandboxTenant();
});
afterAll(() => tenant.stop());
afterEach(async () => {
  await Promise.all(proxies.map((proxy) => proxy.stop()));
  proxies = [];
});

/** A proxy that leads Microsoft's names to the sandbox, and a policy that knows nothing but the proxy. */
async function through(
  options: Partial<ConnectProxyOptions> = {},
  policy: Partial<NetPolicy> = {},
): Promise<{ proxy: ConnectProxy; net: NetPolicy }> {
  const proxy = await startConnectProxy({ hosts: tenant.sandbox.hosts, ...options });
  proxies.push(proxy);
  const net = {
    trustedRoots: [tenant.sandbox.ca],
    proxy: { url: `http://127.0.0.1:${String(proxy.port)}` },
    connectTimeoutMs: 2000,
    idleTimeoutMs: 2000,
    ...policy,
  };
  return { proxy, net };
}

const codeOf = async (work: Promise<unknown>) =>
  work.then(
    () => 'no failure',
    (error: unknown) => (error as { code?: string }).code,
  );

/** The same attempt of each kind of traffic. */
const attempts: readonly (readonly [string, (net: NetPolicy) => Promise<unknown>, string, number])[] = [
  ['sign-in', (net) => exchangeHttps(net, { method: 'GET', url }), 'login.microsoftonline.com', 443],
  ['IMAP', (net) => probeImplicitTls(routeTo(net, IMAP, 993), 993, 'imap'), IMAP, 993],
  ['SMTP', (net) => probeSmtpStartTls(routeTo(net, SMTP, 587), 587), SMTP, 587],
];

describe('reading, sending and testing through a proxy', () => {
  const opened: Socket[] = [];
  const connect = Socket.prototype.connect;
  beforeEach(() => {
    opened.length = 0;
    Socket.prototype.connect = function (this: Socket, ...args: unknown[]): Socket {
      opened.push(this);
      return Reflect.apply(connect, this, args) as Socket;
    };
  });
  afterEach(() => {
    Socket.prototype.connect = connect;
  });

  test.each([
    ['without a sign-in', undefined, ''],
    ['with one', `agent:${PASSWORD}`, `agent:${encodeURIComponent(PASSWORD)}@`],
  ])('%s goes nowhere else', async (_name, credentials, userInfo) => {
    const { proxy, net } = await through(credentials === undefined ? {} : { credentials });
    const policy = { ...net, proxy: { url: `http://${userInfo}127.0.0.1:${String(proxy.port)}` } };
    const connector = openConnector({ net: policy });
    const folder = await tenant.freshFolder('anna');
    await tenant.deliver('anna', folder, plainMessage('by proxy'));
    const connection = tenant.connection('anna');

    const checks: Check[] = [];
    for await (const check of connector.check({ connection })) checks.push(check);
    expect(checks.filter(({ status }) => status === 'failed')).toEqual([]);
    const read: EmailRecord[] = [];
    for await (const { records } of connector.run('read-email', { connection, config: { folder } })) {
      read.push(...records);
    }
    expect(read.map(({ subject }) => subject)).toEqual(['by proxy']);
    const sent: SendEmailResponse[] = [];
    const requests = [{ to: [{ address: tenant.address('ben') }], subject: 'by proxy', text: 'x' }];
    for await (const one of connector.run('send-email', { connection, config: { attempts: 1 }, requests }))
      sent.push(one);
    expect(sent).toMatchObject([{ recipients: [{ outcome: 'accepted' }] }]);

    const mine = opened.filter((socket) => !proxy.owns(socket));
    expect(mine.length).toBe(proxy.requests.length);
    expect(opened.length - mine.length).toBe(proxy.tunnels.length);
    expect(new Set(proxy.tunnels)).toEqual(
      new Set(['login.microsoftonline.com:443', `${IMAP}:993`, `${SMTP}:587`]),
    );
    await proxy.idle();
  });
});

describe.each(attempts)('%s through a proxy', (_kind, attempt, host, port) => {
  test('works over TLS to the proxy, whose certificate is verified', async () => {
    const authority = createAuthority();
    const { certificate: cert, privateKey: key } = issueServerCertificate(authority, ['127.0.0.1']);
    const { proxy, net } = await through({ tls: { key, cert } });
    const secure = { url: `https://127.0.0.1:${String(proxy.port)}` };
    const both = [tenant.sandbox.ca, authority.certificate];
    await attempt({ ...net, proxy: secure, trustedRoots: both });
    expect(proxy.tunnels).toEqual([`${host}:${String(port)}`]);
    await expect(attempt({ ...net, proxy: secure })).rejects.toMatchObject({
      code: 'certificate-not-trusted',
      facts: { parameters: { host: '127.0.0.1', port: proxy.port } },
    });
  });

  test('verifies the far side against its own name', async () => {
    const { net } = await through();
    await expect(attempt({ ...net, trustedRoots: [] })).rejects.toMatchObject({
      code: 'certificate-not-trusted',
      facts: { parameters: { host, port } },
    });
  });

  test('tells a refused sign-in, without a word of the credentials', async () => {
    const { proxy, net } = await through({ credentials: 'agent:right' });
    const wrong = { url: `http://agent:canary-4711@127.0.0.1:${String(proxy.port)}` };
    for (const policy of [net, { ...net, proxy: wrong }]) {
      const failure: unknown = await attempt(policy).catch((error: unknown) => error);
      expect(failure).toMatchObject({
        code: 'proxy-sign-in-refused',
        actor: 'operator',
        facts: {
          parameters: { proxy: `127.0.0.1:${String(proxy.port)}`, host, port },
          serverText: 'HTTP/1.1 407 Proxy Authentication Required',
        },
      });
      expect(JSON.stringify(failure) + String(failure)).not.toMatch(/canary|agent|Y2FuYXJ5/u);
    }
  });

  test('tells a sign-in refused with 401, as Tinyproxy does it', async () => {
    const { net } = await through({ refuseWith: 'HTTP/1.0 401 Unauthorized' });
    await expect(attempt(net)).rejects.toMatchObject({ code: 'proxy-sign-in-refused' });
  });

  test.each([
    'HTTP/1.1 403 Forbidden by policy',
    'HTTP/1.1 502 Bad Gateway',
    'HTTP/1.1 302 Found',
    'SSH-2.0-x',
  ])('tells a refusal in the proxy’s words: %s', async (refuseWith) => {
    const { proxy, net } = await through({ refuseWith });
    await expect(attempt(net)).rejects.toMatchObject({
      code: 'proxy-refused',
      kind: 'config',
      facts: {
        parameters: { proxy: `127.0.0.1:${String(proxy.port)}`, host, port },
        serverText: refuseWith,
      },
    });
  });

  test('waits for a silent proxy as long as for a connection, and names it', async () => {
    const { proxy, net } = await through({ stall: true }, { connectTimeoutMs: 200 });
    await expect(attempt(net)).rejects.toMatchObject({
      code: 'host-timed-out',
      facts: { parameters: { host: '127.0.0.1', port: proxy.port } },
    });
    await proxy.idle();
  });

  test('names a proxy that is not there', async () => {
    const { proxy, net } = await through();
    await proxy.stop();
    await expect(attempt(net)).rejects.toMatchObject({
      code: 'host-refused',
      facts: { parameters: { host: '127.0.0.1', port: proxy.port } },
    });
  });

  test('tells a tunnel that is cut as a lost connection to the host', async () => {
    const { net } = await through({ cutAfterBytes: 10 });
    await expect(attempt(net)).rejects.toMatchObject({
      code: 'connection-lost',
      facts: { parameters: { host, port } },
    });
  });
});

test('a greeting that comes in one piece with the proxy’s answer is not lost', async () => {
  const { net } = await through({ coalesce: true });
  const look = await probeSmtpStartTls(routeTo(net, SMTP, 587), 587);
  expect(look.greeting).toMatch(/^220 /u);
});

test('a cancelled call ends with the caller’s reason, even while the proxy is silent', async () => {
  const { proxy, net } = await through({ stall: true });
  const cancel = new AbortController();
  const reason = new Error('enough');
  setTimeout(() => cancel.abort(reason), 50);
  await expect(exchangeHttps(net, { method: 'GET', url, signal: cancel.signal })).rejects.toBe(reason);
  await proxy.idle();
});

test('hosts on the list of exceptions are reached directly', async () => {
  const { proxy, net } = await through({}, { hosts: tenant.sandbox.hosts });
  const proxyPolicy = { url: `http://127.0.0.1:${String(proxy.port)}`, bypass: ['127.0.0.1'] };
  await exchangeHttps({ ...net, proxy: proxyPolicy }, { method: 'GET', url });
  expect(proxy.requests).toEqual([]);
});

describe('the list of exceptions', () => {
  const proxied = (bypass: readonly string[], host: string): boolean =>
    routeTo({ proxy: { url: 'http://proxy.example:3128', bypass } }, host, 443).proxy !== undefined;
  test.each([
    ['office365.com', 'outlook.office365.com', false],
    ['.office365.com', 'outlook.office365.com', false],
    ['*.office365.com', 'Outlook.Office365.com', false],
    ['OUTLOOK.office365.com', 'outlook.office365.com', false],
    ['*', 'outlook.office365.com', false],
    ['office365.com', 'notoffice365.com', true],
    ['office365.com', 'office365.com.evil.example', true],
    ['', 'outlook.office365.com', true],
  ])('%j and %s', (suffix, host, expected) => {
    expect(proxied([suffix], host)).toBe(expected);
  });
});

describe('a proxy setting', () => {
  test.each(['proxy:3128', 'socks5://agent:canary@proxy:1080', 'http://', 'not a url canary'])(
    'that names no HTTP proxy is refused without being repeated: %s',
    async (bad) => {
      const work = exchangeHttps({ proxy: { url: bad } }, { method: 'GET', url });
      expect(await codeOf(work)).toBe('network-policy-invalid');
      await expect(work).rejects.not.toThrow(/canary/u);
    },
  );

  test('of the environment is read as other programs do', () => {
    expect(proxyFromEnvironment({})).toBeUndefined();
    expect(proxyFromEnvironment({ HTTP_PROXY: 'http://other:1' })).toBeUndefined();
    expect(proxyFromEnvironment({ HTTPS_PROXY: 'proxy:3128', NO_PROXY: 'localhost, .corp.example' })).toEqual(
      {
        url: 'http://proxy:3128',
        bypass: ['localhost', '.corp.example'],
      },
    );
    expect(proxyFromEnvironment({ HTTPS_PROXY: 'http://a:1', https_proxy: 'http://b:2' })).toEqual({
      url: 'http://b:2',
    });
    expect(() => proxyFromEnvironment({ HTTPS_PROXY: 'ftp://proxy' })).toThrow(/network-policy-invalid/u);
  });
});
