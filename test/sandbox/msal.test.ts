// Unmodified MSAL against the sandbox: only its HTTP layer is replaced, to reach 127.0.0.1 under Microsoft's names.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { InteractionRequiredAuthError, ServerError } from '@azure/msal-node';
import type { Sandbox } from '../../src/sandbox/index.js';
import { DEMO } from '../../src/sandbox/index.js';
import { ANNA, OUTLOOK } from './support/clients.js';
import { confidentialClient, publicClient } from './support/msal.js';
import { startQuickly } from './support/start.js';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startQuickly({ seed: false });
});
afterEach(() => sandbox.stop());

const scopes = ['https://outlook.office.com/IMAP.AccessAsUser.All'];

const openDaemon = (clientSecret: string) =>
  confidentialClient(sandbox, { clientId: DEMO.daemon.clientId, clientSecret });
const openSignIn = () => publicClient(sandbox, DEMO.signIn.clientId);

test('gets an app-only token and serves the second request from its cache', async () => {
  const app = openDaemon(DEMO.daemon.clientSecret);
  const first = await app.acquireTokenByClientCredential({ scopes: [`${OUTLOOK}/.default`] });
  const second = await app.acquireTokenByClientCredential({ scopes: [`${OUTLOOK}/.default`] });
  expect(first?.accessToken).toBe(second?.accessToken);
  expect(second?.fromCache).toBe(true);
  expect(sandbox.requests.tokens).toHaveLength(1);
});

test('reports a wrong secret with Microsoft’s number', async () => {
  const refused = openDaemon('wrong').acquireTokenByClientCredential({ scopes: [`${OUTLOOK}/.default`] });
  await expect(refused).rejects.toBeInstanceOf(ServerError);
  await expect(refused).rejects.toMatchObject({ errorCode: 'invalid_client', errorNo: 7000215 });
});

/* eslint-disable @typescript-eslint/no-deprecated -- ROPC is deprecated, and still what many tenants run on */
test('signs a user in with a password, and refreshes silently', async () => {
  const app = openSignIn();
  const result = await app.acquireTokenByUsernamePassword({
    scopes,
    username: ANNA,
    password: DEMO.people.anna.password,
  });
  expect(result?.account?.username).toBe(ANNA);
  expect(result?.scopes).toContain('https://outlook.office.com/IMAP.AccessAsUser.All');
  const again = await app.acquireTokenSilent({ scopes, account: result!.account!, forceRefresh: true });
  expect(again.accessToken).not.toBe(result?.accessToken);
  expect(sandbox.requests.tokens.map(({ grant }) => grant)).toEqual(['password', 'refresh_token']);
});

test('takes a demand for a second factor as interaction required, with claims', async () => {
  sandbox.directory.user(ANNA).mfaRequired = true;
  const refused = openSignIn().acquireTokenByUsernamePassword({
    scopes,
    username: ANNA,
    password: DEMO.people.anna.password,
  });
  await expect(refused).rejects.toBeInstanceOf(InteractionRequiredAuthError);
  await expect(refused).rejects.toMatchObject({
    subError: 'basic_action',
    claims: expect.stringContaining('capolids'),
  });
});
