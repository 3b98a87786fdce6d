/**
 * Sign-in through a web server with a public address: authorization code with PKCE and a confidential client, the
 * redirect URI registered under that address. The browser signs in on the sandbox's pages and follows the redirect.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { CompletedSignIn } from '../../src/index.js';
import { DEMO } from '../../src/sandbox/index.js';
import { signInWithBrowser, type Person } from '../support/browserless.js';
import { plainMessage } from '../support/messages.js';
import { API_TOKEN, openPublicServer, PUBLIC_URL, type Answer, type PublicServer } from './sign-in-server.js';

const { anna, bernd } = DEMO.people;
const CALLBACK = '/sign-in/callback';
const COOKIE = '__Host-m365-email-sign-in';
const token = { authorization: `Bearer ${API_TOKEN}` };
const MINUTE_MS = 60_000;

const connection = {
  tenant: DEMO.tenantId,
  mailbox: anna.address,
  authentication: { method: 'sign-in', ...DEMO.web },
};

/** What one browser holds of a sign-in that it began. */
interface Begun {
  readonly url: string;
  readonly cookie: string;
  readonly setCookie: string;
}

let server: PublicServer;
let ending: 'server' | 'proxy' = 'server';
beforeEach(async () => {
  server = await openPublicServer(ending);
});
afterEach(async () => {
  jest.restoreAllMocks();
  await server.stop();
});

async function begin(settings: unknown = connection): Promise<Begun> {
  const answer = await server.ask({
    method: 'POST',
    path: '/api/sign-in/begin',
    headers: { ...token, origin: PUBLIC_URL, 'sec-fetch-site': 'same-origin' },
    body: { connection: settings },
  });
  expect([answer.status, answer.body.slice(0, 200)]).toEqual([200, expect.stringContaining('url')]);
  const [setCookie = ''] = answer.headers['set-cookie'] ?? [];
  const { url } = JSON.parse(answer.body) as { url: string };
  return { url, setCookie, cookie: setCookie.split(';')[0] ?? '' };
}

/** Signs in at Microsoft; the parameters are what the browser brings back to the redirect URI. */
async function signIn({ url }: Begun, person: Partial<Person> = {}): Promise<Record<string, string>> {
  const { redirectUri, parameters } = await signInWithBrowser(url, {
    userName: anna.address,
    password: anna.password,
    ...person,
    net: server.tenant.net,
  });
  expect(redirectUri).toBe(`${PUBLIC_URL}${CALLBACK}`);
  return { ...parameters };
}

/** The redirect, as a browser follows it from Microsoft's page. */
function callback(parameters: Record<string, string>, cookie?: string): Promise<Answer> {
  return server.ask({
    path: `${CALLBACK}?${new URLSearchParams(parameters).toString()}`,
    headers: {
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
      'accept-language': 'en',
      ...(cookie === undefined ? {} : { cookie }),
    },
  });
}

function result(cookie?: string, headers: Record<string, string> = token): Promise<Answer> {
  return server.ask({
    method: 'POST',
    path: '/api/sign-in/result',
    headers: { ...headers, ...(cookie === undefined ? {} : { cookie }) },
    body: {},
  });
}

async function signedIn(cookie: string): Promise<CompletedSignIn> {
  const answer = await result(cookie);
  expect(answer.status).toBe(200);
  const { signedIn: completed } = JSON.parse(answer.body) as { signedIn: CompletedSignIn };
  return completed;
}

async function connect(settings: unknown = connection): Promise<CompletedSignIn> {
  const begun = await begin(settings);
  expect((await callback(await signIn(begun), begun.cookie)).status).toBe(200);
  return signedIn(begun.cookie);
}

const codeOf = ({ body }: Answer): unknown =>
  (JSON.parse(body) as { failure: { code: string } }).failure.code;
const nothingKept = async (): Promise<void> => {
  expect(await server.state.list('sign-ins')).toEqual([]);
};
const UNKNOWN = 'sign-in-attempt-unknown';

describe.each(['server', 'proxy'] as const)('with TLS ended by the %s', (who) => {
  beforeAll(() => {
    ending = who;
  });
  afterAll(() => {
    ending = 'server';
  });

  test('goes under the public address, yields a session once, and the session reads mail', async () => {
    expect(server.url).toBe(PUBLIC_URL);
    const uri = await server.ask({ path: '/api/sign-in/redirect-uri', headers: token });
    expect(JSON.parse(uri.body)).toEqual({ redirectUri: DEMO.redirectUris.web });

    const begun = await begin();
    expect(new URL(begun.url).searchParams.get('redirect_uri')).toBe(DEMO.redirectUris.web);
    expect(JSON.parse((await result(begun.cookie)).body)).toEqual({ pending: true });
    const parameters = await signIn(begun);
    const page = await callback(parameters, begun.cookie);
    expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.body).toContain(`Signed in as ${anna.address}`);

    const completed = await signedIn(begun.cookie);
    expect(completed).toMatchObject({ userName: anna.address, tenantId: DEMO.tenantId });
    const again = await result(begun.cookie);
    expect([again.status, codeOf(again)]).toEqual([400, UNKNOWN]);

    await server.tenant.deliver('anna', 'INBOX', plainMessage('for the web'));
    const read = await server.ask({
      method: 'POST',
      path: '/api/run/read-email',
      headers: token,
      body: {
        connection: {
          ...connection,
          authentication: { ...connection.authentication, session: completed.session },
        },
        config: { folder: 'INBOX' },
      },
    });
    expect(read.body).toContain('for the web');
  });

  test('sets a cookie that scripts, other sites and plain HTTP do not get', async () => {
    const { setCookie } = await begin();
    expect(setCookie).toMatch(new RegExp(`^${COOKIE}=[\\w-]{43}; `, 'u'));
    expect(setCookie.split('; ').slice(1).sort()).toEqual([
      'HttpOnly',
      'Max-Age=900',
      'Path=/',
      'SameSite=Lax',
      'Secure',
    ]);
  });

  test.each(['/api/sign-in/begin', '/api/sign-in/result', '/api/sign-in/status', '/api/sign-in/disconnect'])(
    '%s is refused without the API token, and with another',
    async (path) => {
      const { cookie } = await begin();
      for (const headers of [{}, { authorization: `Bearer ${API_TOKEN}x` }, { authorization: API_TOKEN }]) {
        const answer = await server.ask({
          method: 'POST',
          path,
          headers: { ...headers, cookie },
          body: { connection },
        });
        expect(answer).toMatchObject({ status: 401, body: '{"error":"no-token"}' });
      }
    },
  );

  test('is refused under another host name, and from another page', async () => {
    const call = { method: 'POST', path: '/api/sign-in/begin', body: { connection } } as const;
    const answers = [
      await server.ask({ ...call, headers: { ...token, host: 'evil.example' } }),
      await server.ask({ ...call, headers: { ...token, host: 'connector.example.evil.example' } }),
      await server.ask({ ...call, headers: { ...token, origin: 'https://evil.example' } }),
      await server.ask({ ...call, headers: { ...token, origin: 'http://connector.example' } }),
      await server.ask({ ...call, headers: { ...token, 'sec-fetch-site': 'same-site' } }),
      // In the background, instead of by a navigation that the user sees.
      await server.ask({
        path: `${CALLBACK}?code=x&state=y`,
        headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
      }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403, 403]);
    expect(answers.filter(({ headers }) => 'set-cookie' in headers)).toEqual([]);
  });
});

describe('a sign-in that is renewed', () => {
  test('keeps its session, so that connections which hold it recover', async () => {
    const first = await connect();
    server.tenant.sandbox.refreshTokens.revoke(anna.address);
    const renewed = await connect({
      ...connection,
      authentication: { ...connection.authentication, session: first.session },
    });
    expect(renewed.session).toBe(first.session);
    const status = await server.ask({
      method: 'POST',
      path: '/api/sign-in/status',
      headers: token,
      body: {
        connection: {
          ...connection,
          authentication: { ...connection.authentication, session: first.session },
        },
      },
    });
    expect(JSON.parse(status.body)).toMatchObject({ signedIn: { userName: anna.address } });
  });
});

describe('a sign-in that fails', () => {
  test('by somebody else than the mailbox’s own account says who it was, and keeps nothing', async () => {
    const begun = await begin();
    const parameters = await signIn(begun, { userName: bernd.address, password: bernd.password });
    const page = await callback(parameters, begun.cookie);
    expect(page.status).toBe(400);
    expect(codeOf(await result(begun.cookie))).toBe('signed-in-as-other-account');
    await nothingKept();
  });

  test('because the user cancels says so, and keeps nothing', async () => {
    const begun = await begin();
    const parameters = await signIn(begun, { cancel: true });
    expect(parameters['error']).toBe('access_denied');
    expect((await callback(parameters, begun.cookie)).status).toBe(400);
    const outcome = await result(begun.cookie);
    expect(JSON.parse(outcome.body)).toMatchObject({
      failure: { kind: 'auth' },
      text: { remedy: expect.any(String) },
    });
    await nothingKept();
  });

  test('shows no word of the redirect: a hostile description stays out of the page', async () => {
    const begun = await begin();
    const state = new URL(begun.url).searchParams.get('state') ?? '';
    const hostile = '<script>alert(1)</script>"\'<img src=x onerror=alert(1)>';
    const page = await callback(
      { error: 'server_error', error_description: `AADSTS65004: ${hostile}`, state },
      begun.cookie,
    );
    expect(page.status).toBe(400);
    for (const piece of ['<script', '<img', 'alert(1)', 'onerror']) expect(page.body).not.toContain(piece);
  });
});

describe('the callback', () => {
  test('takes no forged state, and leaves the right answer its chance', async () => {
    const begun = await begin();
    const parameters = await signIn(begun);
    for (const state of ['x'.repeat(43), '']) {
      expect((await callback({ ...parameters, state }, begun.cookie)).status).toBe(400);
    }
    const { code = '' } = parameters;
    expect((await callback({ code }, begun.cookie)).status).toBe(400);
    await nothingKept();
    expect(JSON.parse((await result(begun.cookie)).body)).toEqual({ pending: true });
    expect((await callback(parameters, begun.cookie)).status).toBe(200);
  });

  test('takes no state that is given twice', async () => {
    const begun = await begin();
    const query = new URLSearchParams(await signIn(begun));
    query.append('state', query.get('state') ?? '');
    const answer = await server.ask({
      path: `${CALLBACK}?${query.toString()}`,
      headers: { cookie: begun.cookie },
    });
    expect(answer.status).toBe(400);
    await nothingKept();
  });

  test('takes an answer neither without the cookie nor with that of another browser', async () => {
    const [mine, foreign] = [await begin(), await begin()];
    const parameters = await signIn(mine);
    const invented = `${COOKIE}=${'x'.repeat(43)}`;
    const unprefixed = mine.cookie.replace('__Host-', '');
    for (const cookie of [undefined, foreign.cookie, invented, unprefixed, `${COOKIE}=`]) {
      expect((await callback(parameters, cookie)).status).toBe(400);
    }
    await nothingKept();
    expect((await callback(parameters, `theme=dark; ${mine.cookie}`)).status).toBe(200);
    expect(JSON.parse((await result(foreign.cookie)).body)).toEqual({ pending: true });
    expect(codeOf(await result())).toBe(UNKNOWN);
  });

  test('takes an answer once; a second time changes nothing', async () => {
    const begun = await begin();
    const parameters = await signIn(begun);
    expect((await callback(parameters, begun.cookie)).status).toBe(200);
    expect((await callback(parameters, begun.cookie)).status).toBe(400);
    expect((await signedIn(begun.cookie)).userName).toBe(anna.address);
    const codes = server.tenant.sandbox.requests.tokens.filter(({ grant }) => grant === 'authorization_code');
    expect(codes).toHaveLength(1);
  });

  test('takes only one of two answers that come at the same time', async () => {
    const begun = await begin();
    const parameters = await signIn(begun);
    const both = await Promise.all([callback(parameters, begun.cookie), callback(parameters, begun.cookie)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 400]);
    expect((await signedIn(begun.cookie)).userName).toBe(anna.address);
  });

  test('takes no answer after a quarter of an hour', async () => {
    const begun = await begin();
    const parameters = await signIn(begun);
    const later = Date.now() + 15 * MINUTE_MS + 1;
    jest.spyOn(Date, 'now').mockReturnValue(later);
    expect((await callback(parameters, begun.cookie)).status).toBe(400);
    expect(codeOf(await result(begun.cookie))).toBe(UNKNOWN);
    await nothingKept();
  });

  test('answers with pages that hold neither code nor state nor session, and are not kept', async () => {
    const begun = await begin();
    const parameters = await signIn(begun);
    const pages = [
      await callback({ ...parameters, state: 'x' }, begun.cookie),
      await callback(parameters, begun.cookie),
      await callback(parameters, begun.cookie),
    ];
    const { session } = await signedIn(begun.cookie);
    const secrets = [
      parameters['code'],
      parameters['state'],
      session,
      begun.cookie.split('=')[1],
      DEMO.web.clientSecret,
    ];
    for (const { body, headers } of pages) {
      for (const secret of secrets) expect(body + JSON.stringify(headers)).not.toContain(secret);
      expect(headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
      expect(String(headers['content-security-policy'])).toMatch(
        /default-src 'none'.*frame-ancestors 'none'/u,
      );
      expect(body).not.toMatch(/<script|https?:/u);
    }
  });
});
