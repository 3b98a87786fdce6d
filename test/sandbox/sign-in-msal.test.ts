// Every way of signing a user in, driven by unmodified MSAL, up to a mailbox that opens.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { AuthenticationResult } from '@azure/msal-node';
import { CryptoProvider } from '@azure/msal-node';
import type { Sandbox } from '../../src/sandbox/index.js';
import { DEMO } from '../../src/sandbox/index.js';
import { enterDeviceCode, signInWithBrowser } from '../support/browserless.js';
import { ANNA, ImapClient, SmtpClient, xoauth2 } from './support/clients.js';
import { confidentialClient, publicClient } from './support/msal.js';
import { startQuickly } from './support/start.js';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startQuickly({ seed: false });
});
afterEach(() => sandbox.stop());

const OUTLOOK_COM = 'https://outlook.office.com';
const scopes = [`${OUTLOOK_COM}/IMAP.AccessAsUser.All`, `${OUTLOOK_COM}/SMTP.Send`];
const anna = { userName: ANNA, password: DEMO.people.anna.password };
const crypto = new CryptoProvider();

type App = ReturnType<typeof publicClient> | ReturnType<typeof confidentialClient>;

async function signInByCode(
  app: App,
  redirectUri: string,
  changes: { responseMode?: 'query' | 'fragment' | 'form_post' } = {},
): Promise<AuthenticationResult> {
  const { verifier, challenge } = await crypto.generatePkceCodes();
  const url = await app.getAuthCodeUrl({
    scopes,
    redirectUri,
    state: 'state-1',
    nonce: 'nonce-1',
    codeChallenge: challenge,
    codeChallengeMethod: 'S256',
    ...changes,
  });
  const answer = await signInWithBrowser(url, { ...anna, net: sandbox });
  expect(answer).toMatchObject({ redirectUri, parameters: { state: 'state-1' } });
  const code = answer.parameters['code'] ?? '';
  return app.acquireTokenByCode(
    // A confidential client of MSAL takes the nonce from the request and drops the payload's.
    { code, scopes, redirectUri, codeVerifier: verifier, state: 'state-1', nonce: 'nonce-1' },
    { code, state: 'state-1', nonce: 'nonce-1' },
  );
}

async function opensMailbox({ accessToken }: AuthenticationResult): Promise<void> {
  const imap = await ImapClient.connect(sandbox);
  expect(await imap.run(`AUTHENTICATE XOAUTH2 ${xoauth2(ANNA, accessToken)}`)).toMatch(/^T OK/u);
  expect(await imap.run('SELECT INBOX')).toContain('T OK');
  imap.close();
  const smtp = await SmtpClient.secure(sandbox);
  expect(await smtp.run(`AUTH XOAUTH2 ${xoauth2(ANNA, accessToken)}`)).toMatch(/^235 /u);
  smtp.close();
}

test.each(['query', 'fragment', 'form_post'] as const)(
  'a public client on a loopback address of any port, answered by %s',
  async (responseMode) => {
    const app = publicClient(sandbox, DEMO.signIn.clientId);
    const result = await signInByCode(app, 'http://localhost:51234/sign-in/callback', { responseMode });
    expect(result.account?.username).toBe(ANNA);
    await opensMailbox(result);
  },
);

test('a confidential web client', async () => {
  const app = confidentialClient(sandbox, { ...DEMO.web });
  await opensMailbox(await signInByCode(app, DEMO.redirectUris.web));
});

test('silently afterwards, with a refresh token that is new each time', async () => {
  const app = publicClient(sandbox, DEMO.signIn.clientId);
  const { account, accessToken } = await signInByCode(app, DEMO.redirectUris.loopback);
  const refreshTokens = (): string[] => {
    const cache = JSON.parse(app.getTokenCache().serialize()) as {
      RefreshToken: Record<string, { secret: string }>;
    };
    return Object.values(cache.RefreshToken).map(({ secret }) => secret);
  };
  const [first = ''] = refreshTokens();
  const again = await app.acquireTokenSilent({ scopes, account: account!, forceRefresh: true });
  expect(again.accessToken).not.toBe(accessToken);
  expect(refreshTokens()).not.toContain(first);
  await opensMailbox(again);
  // As at Microsoft, the old one is still good.
  const other = publicClient(sandbox, DEMO.signIn.clientId);
  const result = await other.acquireTokenByRefreshToken({ refreshToken: first, scopes });
  await opensMailbox(result!);
  sandbox.refreshTokens.revokeOldRefreshTokens = true;
  await other.acquireTokenByRefreshToken({ refreshToken: first, scopes });
  const reused = other.acquireTokenByRefreshToken({ refreshToken: first, scopes });
  await expect(reused).rejects.toMatchObject({ errorNo: 70000 });
});

test('on another device, with a code', async () => {
  sandbox.deviceCodes.intervalSeconds = 0;
  const app = publicClient(sandbox, DEMO.signIn.clientId);
  const result = await app.acquireTokenByDeviceCode({
    scopes,
    deviceCodeCallback: ({ userCode, verificationUri, message, expiresIn }) => {
      expect(message).toContain(userCode);
      expect(expiresIn).toBe(900);
      void enterDeviceCode({ ...anna, net: sandbox, userCode, verificationUri });
    },
  });
  expect(result?.account?.username).toBe(ANNA);
  await opensMailbox(result!);
  expect(sandbox.requests.tokens.map(({ grant }) => grant)).toContain('device_code');
});

test('not on another device when the user cancels there', async () => {
  sandbox.deviceCodes.intervalSeconds = 0;
  const refused = publicClient(sandbox, DEMO.signIn.clientId).acquireTokenByDeviceCode({
    scopes,
    deviceCodeCallback: ({ userCode, verificationUri }) => {
      void enterDeviceCode({ ...anna, net: sandbox, userCode, verificationUri, cancel: 'confirm' });
    },
  });
  await expect(refused).rejects.toThrow('authorization_declined');
});
