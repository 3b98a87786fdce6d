import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Sandbox } from '../../src/sandbox/index.js';
import { DEMO } from '../../src/sandbox/index.js';
import { ANNA, appToken, BERND, SmtpClient, userToken, xoauth2 } from './support/clients.js';
import { startQuickly } from './support/start.js';

let sandbox: Sandbox;
const open: SmtpClient[] = [];
beforeEach(async () => {
  sandbox = await startQuickly({ seed: false });
});
afterEach(async () => {
  for (const client of open.splice(0)) client.close();
  expect(sandbox.faults).toEqual([]);
  await sandbox.stop();
});

async function use(client: Promise<SmtpClient>): Promise<SmtpClient> {
  open.push(await client);
  return client;
}

const HOST = 'AM0PR10CA0365.EURPRD10.PROD.OUTLOOK.COM';
const { clientId } = DEMO.daemon;
const inbox = (address: string): string[] =>
  sandbox
    .mailbox(address)
    .messages('INBOX')
    .map(({ source }) => source.toString('latin1'));

describe('the dialogue', () => {
  test('announces STARTTLS before TLS and AUTH after it', async () => {
    const client = await use(SmtpClient.connect(sandbox));
    expect(await client.run('EHLO client.example')).toBe(
      `250-${HOST} Hello [127.0.0.1]\r\n250-SIZE 157286400\r\n250-PIPELINING\r\n250-DSN\r\n250-ENHANCEDSTATUSCODES\r\n250-STARTTLS\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n`,
    );
    expect(await client.run('STARTTLS')).toBe('220 2.0.0 SMTP server ready\r\n');
    await client.startTls(sandbox, 'smtp.office365.com');
    expect(await client.run('EHLO client.example')).toContain('250-AUTH LOGIN XOAUTH2\r\n');
  });

  test('refuses AUTH before TLS, and mail before AUTH', async () => {
    const client = await use(SmtpClient.connect(sandbox));
    await client.run('EHLO client.example');
    expect(await client.run('AUTH XOAUTH2 x')).toBe('530 5.7.0 Must issue a STARTTLS command first\r\n');
    const secure = await use(SmtpClient.secure(sandbox));
    expect(await secure.run(`MAIL FROM:<${ANNA}>`)).toBe(
      `530 5.7.57 Client not authenticated to send mail. [${HOST}]\r\n`,
    );
  });

  test('forgets what was smuggled in before the TLS handshake', async () => {
    const client = await use(SmtpClient.connect(sandbox));
    client.write('EHLO client.example\r\nSTARTTLS\r\nNOOP injected\r\n');
    await client.until(/220 .*\r\n/u);
    await client.startTls(sandbox, 'smtp.office365.com').catch(() => undefined);
    client.write('QUIT\r\n');
    // Either the handshake failed on the smuggled bytes or they vanished; in no case were they carried out.
    expect(await client.untilClosed()).not.toContain('250 2.0.0 OK');
  });

  test('takes commands in a pipeline', async () => {
    const client = await use(SmtpClient.signedIn(sandbox));
    client.write(`MAIL FROM:<${ANNA}>\r\nRCPT TO:<${BERND}>\r\nRCPT TO:<nobody@contoso.example>\r\nDATA\r\n`);
    expect(await client.until(/354 .*\r\n/u)).toBe(
      '250 2.1.0 Sender OK\r\n250 2.1.5 Recipient OK\r\n550 5.1.1 RESOLVER.ADR.ExRecipNotFound; not found\r\n354 Start mail input; end with <CRLF>.<CRLF>\r\n',
    );
    client.write('Subject: x\r\n\r\n.\r\nQUIT\r\n');
    expect(await client.until(/221 .*\r\n/u)).toMatch(
      /^250 2\.0\.0 OK <.*> \[Hostname=.*\]\r\n221 2\.0\.0 Service/u,
    );
  });

  test.each([
    ['XYZZY', /^500 5\.3\.3 Unrecognized command 'XYZZY'/u],
    ['RCPT TO:<a@b.example>', /^503 5\.5\.2 Need mail command/u],
    ['DATA', /^503 /u],
    ['MAIL FROM:anna', /^501 5\.5\.4/u],
    [`MAIL FROM:<${ANNA}> BODY=BINARYMIME`, /^501 5\.5\.4/u],
    [`MAIL FROM:<${ANNA}> SIZE=99999999`, /^552 5\.3\.4 Message size exceeds fixed maximum message size/u],
    ['AUTH XOAUTH2 x', /^503 /u],
    ['STARTTLS', /^503 /u],
    ['BDAT 5 LAST', /^500 /u],
    ['VRFY anna', /^252 /u],
    ['NOOP', /^250 /u],
  ])('answers %s', async (command, reply) => {
    expect(await (await use(SmtpClient.signedIn(sandbox))).run(command)).toMatch(reply);
  });
});

describe('signing in', () => {
  const refused = `535 5.7.3 Authentication unsuccessful [${HOST}]\r\n`;

  test('works in one line and in two', async () => {
    const token = await appToken(sandbox);
    const one = await use(SmtpClient.secure(sandbox));
    expect(await one.run(`AUTH XOAUTH2 ${xoauth2(ANNA, token)}`)).toBe(
      '235 2.7.0 Authentication successful\r\n',
    );
    const two = await use(SmtpClient.secure(sandbox));
    expect(await two.run('AUTH XOAUTH2')).toBe('334 \r\n');
    expect(await two.run(xoauth2(ANNA, token))).toBe('235 2.7.0 Authentication successful\r\n');
  });

  test('works for a user', async () => {
    const client = await use(SmtpClient.secure(sandbox));
    expect(await client.run(`AUTH XOAUTH2 ${xoauth2(ANNA, await userToken(sandbox))}`)).toMatch(/^235 /u);
  });

  const cases: [string, (directory: Sandbox['directory']) => void, string][] = [
    [
      'the role is missing',
      (d) => {
        d.revokeAppRole(clientId, 'SMTP.SendAsApp');
      },
      refused,
    ],
    [
      'the service principal is missing',
      (d) => {
        d.removeExchangeServicePrincipal(clientId);
      },
      refused,
    ],
    [
      'FullAccess is missing',
      (d) => {
        d.revokeFullAccess(ANNA, clientId);
      },
      refused,
    ],
    [
      'SMTP AUTH is off for the mailbox',
      (d) => {
        d.mailbox(ANNA).smtpClientAuthenticationDisabled = true;
      },
      `535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox. Visit https://aka.ms/smtp_auth_disabled for more information. [${HOST}]\r\n`,
    ],
    [
      'SMTP AUTH is off for the tenant',
      (d) => {
        d.mailbox(ANNA).smtpClientAuthenticationDisabled = undefined;
      },
      `535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled for more information. [${HOST}]\r\n`,
    ],
  ];
  test.each(cases)('fails when %s', async (_why, arrange, reply) => {
    arrange(sandbox.directory);
    const client = await use(SmtpClient.secure(sandbox));
    expect(await client.run(`AUTH XOAUTH2 ${xoauth2(ANNA, await appToken(sandbox))}`)).toBe(reply);
  });

  test('fails with a token for Graph, and says so when the response is no XOAUTH2', async () => {
    const client = await use(SmtpClient.secure(sandbox));
    const token = await appToken(sandbox, { scope: 'https://graph.microsoft.com/.default' });
    expect(await client.run(`AUTH XOAUTH2 ${xoauth2(ANNA, token)}`)).toBe(refused);
    expect(await client.run('AUTH XOAUTH2 bm9uc2Vuc2U=')).toBe('501 5.5.124 Invalid XOAUTH2 auth data\r\n');
    expect(await client.run('AUTH CRAM-MD5')).toMatch(/^504 5\.7\.4 /u);
  });

  test('with a password fails, before and after basic authentication is retired', async () => {
    const client = await use(SmtpClient.secure(sandbox));
    expect(await client.run('AUTH LOGIN')).toBe('334 VXNlcm5hbWU6\r\n');
    expect(await client.run('YW5uYQ==')).toBe('334 UGFzc3dvcmQ6\r\n');
    expect(await client.run('c2VjcmV0')).toBe(
      `535 5.7.139 Authentication unsuccessful, basic authentication is disabled. [${HOST}]\r\n`,
    );
    sandbox.directory.tenant.smtpBasicAuthenticationRetired = true;
    await client.run('AUTH LOGIN YW5uYQ==');
    expect(await client.run('c2VjcmV0')).toBe(
      '550 5.7.30 Basic authentication is not supported for Client Submission.\r\n',
    );
  });
});

describe('a message', () => {
  const message = `From: Anna <${ANNA}>\r\nTo: ${BERND}\r\nBcc: x@elsewhere.example,\r\n y@elsewhere.example\r\nMessage-ID: <m1@contoso.example>\r\nDate: Mon, 2 Nov 2026 10:00:00 +0000\r\nSubject: t\r\n`;

  test('reaches local mailboxes with a Received line and without Bcc, the world, and Sent Items', async () => {
    const client = await use(SmtpClient.signedIn(sandbox));
    expect(await client.send(ANNA, [BERND, 'x@elsewhere.example'], `${message}\r\nbody`)).toBe(
      `250 2.0.0 OK <m1@contoso.example> [Hostname=${HOST}]\r\n`,
    );
    const withoutBcc = message.replace(/Bcc: .*\r\n .*\r\n/u, '');
    expect(inbox(BERND)[0]?.replace(/^Received: from client\.example .*\r\n/u, '')).toBe(
      `${withoutBcc}\r\nbody\r\n`,
    );
    const sent = sandbox.mailbox(ANNA).messages('Sent Items');
    expect(sent).toMatchObject([{ flags: ['\\Seen'] }]);
    expect(sent[0]?.source.toString()).toBe(`${message}\r\nbody\r\n`);
    expect(sandbox.outbox).toMatchObject([{ from: ANNA, recipients: ['x@elsewhere.example'] }]);
    expect(sandbox.outbox[0]?.source.toString()).not.toContain('Bcc');
  });

  test('keeps dots, 8-bit bytes, long lines and bare line feeds, however it is cut', async () => {
    const body = `.one\r\n..two\r\n...\r\n \xe4\xff\x00\r\n${'x'.repeat(100_000)}\r\nbare\n.\nfeed\r\n.\rcr\r\n`;
    const stuffed = `${message}\r\n${body}`.replace(/(^|\r\n)\./gu, '$1..');
    const client = await use(SmtpClient.signedIn(sandbox));
    client.socket.setNoDelay(true);
    await client.run(`MAIL FROM:<${ANNA}> BODY=8BITMIME SIZE=200000`);
    await client.run(`RCPT TO:<${BERND}>`);
    await client.run('DATA');
    // Byte by byte where the dots are, at the end too, and in one go in between.
    const whole = `${stuffed}.\r\n`;
    const pieces = [
      ...Array.from(whole.slice(0, 400)),
      whole.slice(400, -300),
      ...Array.from(whole.slice(-300)),
    ];
    for (const piece of pieces) client.write(piece);
    expect(await client.reply()).toMatch(/^250 /u);
    expect(inbox(BERND)[0]?.endsWith(`\r\n\r\n${body}`)).toBe(true);
  });

  test('gets a Message-ID and a Date when it has none', async () => {
    const client = await use(SmtpClient.signedIn(sandbox));
    const reply = await client.send(ANNA, [BERND], 'Subject: bare\r\n\r\nx');
    const id = /<[^>]+>/u.exec(reply)?.[0] ?? '';
    expect(inbox(BERND)[0]).toMatch(
      new RegExp(`\\r\\nMessage-ID: ${id}\\r\\nDate: .*\\r\\nFrom: <${ANNA}>\\r\\n`, 'u'),
    );
  });

  test('from somebody else is refused without SendAs, and accepted with it', async () => {
    const client = await use(SmtpClient.signedIn(sandbox));
    const other = `From: ${BERND}\r\n\r\nx`;
    expect(await client.send(ANNA, [BERND], other)).toMatch(
      new RegExp(
        `^554 5\\.2\\.252 SendAsDenied; ${ANNA} not allowed to send as ${BERND}; STOREDRV\\.Submission\\.Exception:SendAsDeniedException\\.MapiExceptionSendAsDenied; `,
        'u',
      ),
    );
    expect(sandbox.mailbox(ANNA).messages('Sent Items')).toEqual([]);
    sandbox.directory.grantSendAs(BERND, ANNA);
    expect(await client.send(ANNA, [BERND], other)).toMatch(/^250 /u);
    expect(await client.send('stranger@elsewhere.example', [BERND], 'Subject: x\r\n\r\nx')).toMatch(
      /^554 5\.2\.252 /u,
    );
  });

  test('from an alias goes out under the primary address, unless aliases may be used', async () => {
    const client = await use(SmtpClient.signedIn(sandbox));
    const aliased = 'From: A <anna.baker@contoso.example>\r\n\r\nx';
    await client.send(ANNA, [BERND], aliased);
    sandbox.directory.tenant.sendFromAliasEnabled = true;
    await client.send(ANNA, [BERND], aliased);
    expect(inbox(BERND)[0]).toContain(`From: Anna Baker <${ANNA}>\r\n`);
    expect(inbox(BERND)[1]).toContain('From: A <anna.baker@contoso.example>\r\n');
  });

  test('that is too large is read to its end and refused', async () => {
    sandbox.directory.mailbox(ANNA).maxSendSizeBytes = 1000;
    const client = await use(SmtpClient.signedIn(sandbox));
    expect(await client.send(ANNA, [BERND], `${message}\r\n${'x'.repeat(2000)}`)).toBe(
      `552 5.3.4 Message size exceeds fixed maximum message size [Hostname=${HOST}]\r\n`,
    );
    expect(await client.run('NOOP')).toBe('250 2.0.0 OK\r\n');
    expect(inbox(BERND)).toEqual([]);
  });

  test('may have only so many recipients', async () => {
    sandbox.directory.mailbox(ANNA).recipientLimit = 2;
    const client = await use(SmtpClient.signedIn(sandbox));
    await client.run(`MAIL FROM:<${ANNA}>`);
    await client.run('RCPT TO:<a@elsewhere.example> NOTIFY=FAILURE');
    await client.run('RCPT TO:<b@elsewhere.example>');
    expect(await client.run('RCPT TO:<c@elsewhere.example>')).toBe('452 4.5.3 Too many recipients\r\n');
  });
});

test('the fourth connection of a mailbox may not send until one of the others ends', async () => {
  const clients = [];
  for (let count = 0; count < 4; count++) clients.push(await use(SmtpClient.signedIn(sandbox)));
  const [first, , third, fourth] = clients;
  expect(await fourth!.send(ANNA, [BERND], 'x')).toBe(
    `432 4.3.2 Concurrent connections limit exceeded. Visit https://aka.ms/concurrent_sending for more information. [Hostname=${HOST}]\r\n`,
  );
  expect(await third!.send(ANNA, [BERND], 'x')).toMatch(/^250 /u);
  await first!.run('QUIT');
  await first!.untilClosed();
  expect(await fourth!.send(ANNA, [BERND], 'x')).toMatch(/^250 /u);
});
