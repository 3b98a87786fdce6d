// Every state of the registry provokes the answer it says, over the way of signing in that it says; undone, all is well.
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import type { ClientCertificate, Sandbox, SandboxState, SignInWay } from '../../src/sandbox/index.js';
import { createClientCertificate, DEMO, STATES } from '../../src/sandbox/index.js';
import { enterDeviceCode, signInWithBrowser, StuckOnPage } from '../support/browserless.js';
import { assertionGrant, foreignAssertion, ISSUER, ownAssertion, SUBJECT } from './support/assertions.js';
import type { HttpAnswer } from './support/clients.js';
import {
  ANNA,
  APP_GRANT,
  BERND,
  callGraph,
  callLogin,
  ImapClient,
  Pop3Client,
  popToken,
  requestToken,
  SmtpClient,
  USER_GRANT,
  xoauth2,
} from './support/clients.js';
import { startQuickly } from './support/start.js';

interface Reply {
  id: string;
  from: string;
  pattern?: string;
}
const catalogue = JSON.parse(
  readFileSync(new URL('../../catalogue/replies.json', import.meta.url), 'utf8'),
) as Reply[];

let certificate: ClientCertificate;
let sandbox: Sandbox;
beforeAll(async () => {
  certificate = await createClientCertificate();
});
beforeEach(async () => {
  sandbox = await startQuickly({ seed: false });
  sandbox.directory.addCertificate(DEMO.daemon.clientId, certificate.certificate);
  sandbox.directory.addFederatedCredential(DEMO.daemon.clientId, {
    issuer: ISSUER,
    subject: SUBJECT,
    publicKey: sandbox.directory.application(DEMO.daemon.clientId).certificates[0]!.certificate,
  });
});
afterEach(() => sandbox.stop());

const anna = { userName: ANNA, password: DEMO.people.anna.password };
const scope = USER_GRANT.scope;

function outcomeOf({ status, json }: HttpAnswer): string {
  return status === 200 ? 'issued' : `AADSTS${json.error_codes[0]}`;
}

/** The whole way to a token: 'issued', or the number of the refusal wherever on the way it is given. */
const WAYS: Record<Exclude<SignInWay, 'refresh'>, (clientId: string) => Promise<string>> = {
  'client-secret': async () => outcomeOf(await requestToken(sandbox, APP_GRANT)),
  certificate: async () =>
    outcomeOf(await requestToken(sandbox, assertionGrant(ownAssertion(sandbox, certificate)))),
  'federated-credential': async () =>
    outcomeOf(await requestToken(sandbox, assertionGrant(foreignAssertion(certificate.privateKey)))),
  password: async () => outcomeOf(await requestToken(sandbox, USER_GRANT)),
  'sign-in': async (clientId) => {
    const isWeb = clientId === DEMO.web.clientId;
    const redirectUri = isWeb ? DEMO.redirectUris.web : DEMO.redirectUris.loopback;
    const query = new URLSearchParams({ client_id: clientId, redirect_uri: redirectUri, scope });
    // PKCE with a verifier that is its own challenge.
    const verifier = 'v'.repeat(43);
    query.append('response_type', 'code');
    query.append('code_challenge', verifier);
    const url = `https://login.microsoftonline.com/${sandbox.tenantId}/oauth2/v2.0/authorize?${query.toString()}`;
    try {
      const { parameters } = await signInWithBrowser(url, { ...anna, net: sandbox });
      const refusal = /^AADSTS\d+/u.exec(parameters['error_description'] ?? '')?.[0];
      if (refusal !== undefined) return refusal;
      const form = {
        grant_type: 'authorization_code',
        client_id: clientId,
        code: parameters['code'] ?? '',
        redirect_uri: redirectUri,
        code_verifier: verifier,
        ...(isWeb ? { client_secret: DEMO.web.clientSecret } : {}),
      };
      return outcomeOf(await requestToken(sandbox, form));
    } catch (stuck) {
      if (!(stuck instanceof StuckOnPage)) throw stuck;
      return /AADSTS\d+/u.exec(stuck.page.text)?.[0] ?? stuck.message;
    }
  },
  'device-code': async (clientId) => {
    const path = `/${sandbox.tenantId}/oauth2/v2.0/devicecode`;
    const asked = await callLogin(sandbox, path, { client_id: clientId, scope });
    if (asked.status !== 200) return outcomeOf(asked);
    const { user_code: userCode, verification_uri: verificationUri, device_code } = asked.json;
    await enterDeviceCode({
      ...anna,
      net: sandbox,
      userCode: String(userCode),
      verificationUri: String(verificationUri),
    }).catch((stuck: unknown) => stuck);
    const form = { grant_type: 'device_code', client_id: clientId, device_code: String(device_code) };
    return outcomeOf(await requestToken(sandbox, form));
  },
};

async function appToken(): Promise<string> {
  return (await requestToken(sandbox, APP_GRANT)).json.access_token;
}

/** The first line that is a refusal; 'selected' when there is none. */
async function overImap(): Promise<string> {
  const imap = await ImapClient.connect(sandbox);
  const lines: string[] = [];
  for (const command of [`AUTHENTICATE XOAUTH2 ${xoauth2(ANNA, await appToken())}`, 'SELECT INBOX']) {
    const line = (await imap.run(command)).trimEnd().split('\r\n').at(-1) ?? '';
    lines.push(line.slice(2));
    if (!line.startsWith('T OK')) break;
  }
  imap.close();
  return lines.find((line) => !line.startsWith('OK')) ?? 'selected';
}

/** The first answer that is a refusal; 'opened' when there is none. */
async function overPop3(): Promise<string> {
  const pop3 = await Pop3Client.connect(sandbox);
  try {
    await pop3.line();
    const signedIn = await pop3.signIn(ANNA, await popToken(sandbox));
    const answer = signedIn.startsWith('+OK') ? await pop3.run('STAT') : signedIn;
    return answer.startsWith('+OK') ? 'opened' : answer.trimEnd();
  } finally {
    pop3.close();
  }
}

/** The first reply that is a refusal; 'accepted' when there is none. */
async function overSmtp({ message }: SandboxState): Promise<string> {
  const from = message?.from ?? ANNA;
  const smtp = await SmtpClient.secure(sandbox);
  const steps = [
    `AUTH XOAUTH2 ${xoauth2(ANNA, await appToken())}`,
    `MAIL FROM:<${from}>`,
    `RCPT TO:<${message?.to ?? BERND}>`,
    'DATA',
    `From: ${from}\r\nSubject: A message of some length\r\n\r\nHello.\r\n.`,
  ];
  try {
    for (const step of steps) {
      const reply = await smtp.run(step);
      if (/^[45]/u.test(reply)) return reply.trimEnd();
    }
    return 'accepted';
  } finally {
    smtp.close();
  }
}

/** The error of a delta query from a position of before; 'opened' when there is none. */
async function overGraph(): Promise<string> {
  const form = {
    grant_type: 'client_credentials',
    client_id: DEMO.graph.clientId,
    client_secret: DEMO.graph.clientSecret,
    scope: 'https://graph.microsoft.com/.default',
  };
  const token = (await requestToken(sandbox, form)).json.access_token;
  const folder = `/v1.0/users/${ANNA}/mailFolders/inbox/messages/delta`;
  const begun = await callGraph(sandbox, `${folder}?changeType=created`, token);
  if (begun.status !== 200) return graphLine(begun);
  const link = String(begun.json['@odata.deltaLink']);
  const next = await callGraph(sandbox, link.slice(link.indexOf('/v1.0')), token);
  return next.status === 200 ? 'opened' : graphLine(next);
}

function graphLine({ status, json }: HttpAnswer): string {
  const { code, message } = json.error as unknown as { code: string; message: string };
  return `${String(status)} ${code}: ${message}`;
}

/** The id under which the product's catalogue knows an answer. */
function recognize(from: 'imap' | 'pop3' | 'smtp' | 'graph', answer: string): string {
  const known = catalogue.filter((reply) => reply.from === from && reply.pattern !== undefined);
  return known.find(({ pattern }) => new RegExp(pattern ?? '', 'iu').test(answer))?.id ?? answer;
}

async function meet(state: SandboxState): Promise<string> {
  if (state.at === 'imap') return recognize('imap', await overImap());
  if (state.at === 'pop3') return recognize('pop3', await overPop3());
  if (state.at === 'graph') return recognize('graph', await overGraph());
  if (state.at === 'smtp') return recognize('smtp', await overSmtp(state));
  if (state.signInWith === 'refresh') throw new Error('A refresh needs a sign-in first.');
  return WAYS[state.signInWith](state.clientId);
}

const WELL = ['issued', 'selected', 'opened', 'accepted'];

test.each(STATES.filter(({ signInWith }) => signInWith !== 'refresh'))(
  '$id provokes $provokes',
  async (state) => {
    state.apply(sandbox);
    state.apply(sandbox);
    expect(await meet(state)).toBe(state.provokes);
    state.undo(sandbox);
    expect(WELL).toContain(await meet(state));
    expect(sandbox.faults).toEqual([]);
  },
);

test.each(STATES.filter(({ signInWith }) => signInWith === 'refresh'))(
  '$id provokes $provokes',
  async (state) => {
    const { json } = await requestToken(sandbox, USER_GRANT);
    const form = {
      grant_type: 'refresh_token',
      client_id: state.clientId,
      refresh_token: json.refresh_token,
      scope,
    };
    state.apply(sandbox);
    expect(outcomeOf(await requestToken(sandbox, form))).toBe(state.provokes);
    state.undo(sandbox);
    expect(outcomeOf(await requestToken(sandbox, form))).toBe('issued');
  },
);

describe('the registry', () => {
  test('names each state once, and only answers the catalogue knows', () => {
    const ids = STATES.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const known = new Set(catalogue.map(({ id }) => id));
    expect(STATES.filter(({ provokes }) => !known.has(provokes)).map(({ provokes }) => provokes)).toEqual([]);
    expect(new Set(STATES.map(({ provokes }) => provokes)).size).toBeGreaterThanOrEqual(40);
  });
});
