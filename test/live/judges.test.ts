/**
 * The live tenant itself: that Dovecot, Postfix and the OpenID provider judge as strictly as these tests assume.
 * Nothing of the product takes part, so a failure here is never the product's.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { describe, expect, test } from '@jest/globals';
import { ConfidentialClientApplication } from '@azure/msal-node';
import { ImapFlow } from 'imapflow';
import { createTransport } from 'nodemailer';
import { liveDescription, openLiveTenant } from '../support/live-tenant.js';
import type { Person } from '../support/tenant.js';
import { addressOf, appToken, exchange, msalNetwork, postForm } from './support/loopback-https.js';

const live = liveDescription();
const { tenantId, people } = live;
const TOKEN_URL = `https://login.microsoftonline.com/${tenantId}/oauth2/v2.0/token`;
const mailScope = 'https://outlook.office365.com/.default';

const msal = (person: Person, clientSecret = people[person].clientSecret): ConfidentialClientApplication =>
  new ConfidentialClientApplication({
    auth: {
      clientId: people[person].clientId,
      clientSecret,
      authority: `https://login.microsoftonline.com/${tenantId}`,
    },
    system: { networkClient: msalNetwork(live) },
  });

const tokenOf = (person: Person, resource?: string): Promise<string> =>
  appToken(live, { tenantId, ...people[person], ...(resource === undefined ? {} : { resource }) });

/** Signs in with XOAUTH2 and answers with the folders; rejects with imapflow's own error. */
async function foldersOf(address: string, accessToken: string): Promise<Map<string, string | undefined>> {
  const client = new ImapFlow({
    ...addressOf(live, 'outlook.office365.com:993'),
    secure: true,
    servername: 'outlook.office365.com',
    tls: { ca: live.ca },
    auth: { user: address, accessToken },
    logger: false,
  });
  try {
    await client.connect();
    const folders = await client.list();
    await client.logout();
    return new Map(folders.map(({ path, specialUse }) => [path, specialUse]));
  } finally {
    client.close();
  }
}

/** Submits with XOAUTH2 over STARTTLS; rejects with nodemailer's own error. */
function submit(
  person: Person,
  accessToken: string,
  envelope: { from: string; to: string[] },
  raw: Buffer,
): Promise<unknown> {
  return createTransport({
    ...addressOf(live, 'smtp.office365.com:587'),
    secure: false,
    requireTLS: true,
    tls: { servername: 'smtp.office365.com', ca: live.ca },
    auth: { type: 'OAuth2', user: people[person].address, accessToken },
  }).sendMail({ envelope, raw });
}

const message = (id: string): Buffer =>
  Buffer.from(
    `From: ${people.anna.address}\r\nTo: ${people.ben.address}\r\nMessage-ID: ${id}\r\nSubject: judged\r\n\r\n` +
      `.dot\r\n..two\r\nGr\u00fc\u00dfe\r\n${'long '.repeat(400)}\r\n.\r\nend\r\n`,
  );
const freshId = (): string => `<${randomUUID()}@${live.domain}>`;

describe('the OpenID provider behind its shim', () => {
  test('gives unmodified MSAL a token for the real authority', async () => {
    const answer = await msal('anna').acquireTokenByClientCredential({ scopes: [mailScope] });
    expect(answer?.tokenType).toBe('Bearer');
    // As long as Exchange Online's, so that line limits matter.
    expect(answer?.accessToken.length).toBeGreaterThan(1_500);
  });

  test('says invalid_client, in its own words, to a wrong secret', async () => {
    await expect(
      msal('anna', 'wrong').acquireTokenByClientCredential({ scopes: [mailScope] }),
    ).rejects.toMatchObject({ errorCode: 'invalid_client' });

    const form = {
      grant_type: 'client_credentials',
      client_id: people.anna.clientId,
      client_secret: 'wrong',
    };
    const throughShim = await postForm(live, TOKEN_URL, { ...form, scope: mailScope });
    expect(throughShim.status).toBe(401);
    expect(JSON.parse(throughShim.body)).toEqual({
      error: 'invalid_client',
      error_description: 'client authentication failed',
    });
  });

  test('is not shown what the shim may not translate: another resource, grant, tenant or method', async () => {
    const { clientId: client_id, clientSecret: client_secret } = people.anna;
    const form = { grant_type: 'client_credentials', client_id, client_secret };
    const answers = [
      await postForm(live, TOKEN_URL, { ...form, scope: 'https://elsewhere.example/.default' }),
      await postForm(live, TOKEN_URL, { ...form, grant_type: 'password', scope: mailScope }),
      await postForm(live, TOKEN_URL.replace(tenantId, randomUUID()), { ...form, scope: mailScope }),
      await exchange(live, TOKEN_URL),
    ];
    expect(answers.map(({ status, body }) => [status, /"error":"(\w+)"/u.exec(body)?.[1] ?? body])).toEqual([
      [400, 'invalid_target'],
      [400, 'unsupported_grant_type'],
      [404, 'Not Found'],
      [404, 'Not Found'],
    ]);
  });
});

describe('Dovecot', () => {
  test('opens the mailbox the app is bound to, with the folders Exchange Online has', async () => {
    const folders = await foldersOf(people.anna.address, await tokenOf('anna'));
    expect(Object.fromEntries(folders)).toMatchObject({
      INBOX: '\\Inbox',
      'Sent Items': '\\Sent',
      Drafts: '\\Drafts',
      'Deleted Items': '\\Trash',
      'Junk Email': '\\Junk',
      Archive: '\\Archive',
    });
  });

  // A provider that cannot be asked is UNAVAILABLE: that would be no judgement.
  const refused = { authenticationFailed: true, serverResponseCode: 'AUTHENTICATIONFAILED' };
  test("refuses ben's token at anna's mailbox", async () => {
    const token = await tokenOf('ben');
    await expect(foldersOf(people.anna.address, token)).rejects.toMatchObject(refused);
    await expect(foldersOf(people.ben.address, token)).resolves.toBeDefined();
  });

  test('refuses a token with one character changed', async () => {
    const token = await tokenOf('anna');
    const tampered = (token.startsWith('A') ? 'B' : 'A') + token.slice(1);
    await expect(foldersOf(people.anna.address, tampered)).rejects.toMatchObject(refused);
  });

  test('refuses a token that is meant for Graph', async () => {
    const token = await tokenOf('anna', 'https://graph.microsoft.com');
    await expect(foldersOf(people.anna.address, token)).rejects.toMatchObject(refused);
  });

  test('refuses a token that was asked for without "/.default": nothing says what it is for', async () => {
    const { clientId: client_id, clientSecret: client_secret, address } = people.anna;
    const form = { grant_type: 'client_credentials', client_id, client_secret };
    const scope = 'https://outlook.office365.com/IMAP.AccessAsUser.All';
    const { body } = await postForm(live, TOKEN_URL, { ...form, scope });
    const { access_token: token } = JSON.parse(body) as { access_token: string };
    await expect(foldersOf(address, token)).rejects.toMatchObject(refused);
  });

  test('does not know the password of the side door as a token', async () => {
    await expect(foldersOf(people.anna.address, people.anna.password)).rejects.toMatchObject(refused);
  });
});

describe('Postfix', () => {
  test('delivers what was submitted with a token, byte for byte below the headers it adds', async () => {
    const tenant = await openLiveTenant();
    const id = freshId();
    const source = message(id);
    await submit(
      'anna',
      await tokenOf('anna'),
      { from: people.anna.address, to: [people.ben.address] },
      source,
    );

    const stored = await tenant.arrived('ben', id);
    expect(stored.flags).toEqual([]);
    const added = stored.source.subarray(0, stored.source.length - source.length).toString('latin1');
    expect(stored.source.subarray(stored.source.length - source.length)).toEqual(source);
    expect([...added.matchAll(/^[\w-]+(?=:)/gmu)].map(([name]) => name)).toEqual([
      'Return-Path',
      'Delivered-To',
      'Received',
      'Received',
    ]);
  });

  test.each([
    ['anna as ben', people.ben.address],
    ['anna as someone unknown', `nobody@${live.domain}`],
    ['anna as someone of another domain', 'anna@elsewhere.example'],
  ])('refuses to let %s', async (_who, from) => {
    await expect(
      submit('anna', await tokenOf('anna'), { from, to: [people.ben.address] }, message(freshId())),
    ).rejects.toMatchObject({ responseCode: 553 });
  });

  test.each([
    ['unknown here', `nobody@${live.domain}`],
    ['outside the tenant', 'somebody@elsewhere.example'],
  ])('refuses a recipient who is %s at RCPT', async (_who, to) => {
    await expect(
      submit('anna', await tokenOf('anna'), { from: people.anna.address, to: [to] }, message(freshId())),
    ).rejects.toMatchObject({ code: 'EENVELOPE', command: 'RCPT TO', responseCode: 550 });
  });

  test('refuses a tampered token', async () => {
    const envelope = { from: people.anna.address, to: [people.ben.address] };
    await expect(
      submit('anna', `${await tokenOf('anna')}x`, envelope, message(freshId())),
    ).rejects.toMatchObject({ code: 'EAUTH', responseCode: 535 });
  });

  test('announces sign-in only after STARTTLS, takes no mail before, and no password ever', async () => {
    const plain = await dialogue(['EHLO test', 'MAIL FROM:<anna@contoso.example>', 'QUIT']);
    expect(plain).toContain('250-STARTTLS\r\n');
    expect(plain).not.toContain('AUTH');
    expect(plain).toContain('\r\n530 5.7.0 Must issue a STARTTLS command first\r\n');

    const encrypted = await dialogue(
      ['EHLO test', 'STARTTLS'],
      ['EHLO test', 'MAIL FROM:<anna@contoso.example>', 'QUIT'],
    );
    expect(encrypted).toContain('250-AUTH XOAUTH2\r\n');
    expect(encrypted).toContain('250-SIZE 157286400\r\n');
  });
});

/** Sends lines one after another, waiting for each answer; the second list goes over TLS. Answers with all that was heard. */
async function dialogue(lines: string[], overTls: string[] = []): Promise<string> {
  const { host, port } = addressOf(live, 'smtp.office365.com:587');
  let socket: Socket = connect(port, host);
  let heard = await answer(socket);
  for (const line of lines) {
    socket.write(`${line}\r\n`);
    heard += await answer(socket);
  }
  if (overTls.length > 0) {
    socket = connectTls({ socket, servername: 'smtp.office365.com', ca: live.ca });
    await once(socket, 'secureConnect');
  }
  for (const line of overTls) {
    socket.write(`${line}\r\n`);
    heard += await answer(socket);
  }
  socket.destroy();
  return heard;
}

/** One SMTP answer: lines "250-…" up to and with a line "250 …". */
async function answer(socket: Socket): Promise<string> {
  let heard = '';
  while (!/^\d{3} .*\r\n$/mu.test(heard)) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    heard += chunk.toString('latin1');
  }
  return heard;
}
