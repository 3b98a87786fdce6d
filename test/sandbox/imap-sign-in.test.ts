import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Sandbox } from '../../src/sandbox/index.js';
import { DEMO, startSandbox } from '../../src/sandbox/index.js';
import { ANNA, appToken, BERND, ImapClient, userToken, xoauth2 } from './support/clients.js';
import { startQuickly } from './support/start.js';

let sandbox: Sandbox;
let client: ImapClient;
let now: number;
beforeEach(async () => {
  now = Date.now();
  sandbox = await startQuickly({ seed: false, now: () => now });
  client = await ImapClient.connect(sandbox);
});
afterEach(async () => {
  client.close();
  await sandbox.stop();
});

const { clientId } = DEMO.daemon;

async function signIn(token: string, user = ANNA): Promise<string> {
  return client.run(`AUTHENTICATE XOAUTH2 ${xoauth2(user, token)}`);
}

test('before sign-in the capabilities are those of the newer front end, afterwards there are more', async () => {
  expect(await client.run('CAPABILITY')).toBe(
    '* CAPABILITY IMAP4 IMAP4rev1 AUTH=XOAUTH2 LOGINDISABLED SASL-IR UIDPLUS MOVE ID UNSELECT CHILDREN IDLE NAMESPACE LITERAL+\r\nT OK CAPABILITY completed.\r\n',
  );
  await signIn(await appToken(sandbox));
  expect(await client.run('CAPABILITY')).toContain('BACKENDAUTHENTICATE');
});

describe('signing in', () => {
  test('works with an initial response', async () => {
    expect(await signIn(await appToken(sandbox))).toBe('T OK AUTHENTICATE completed.\r\n');
  });

  test('works without one', async () => {
    client.write('x AUTHENTICATE XOAUTH2\r\n');
    expect(await client.until(/\r\n/u)).toBe('+ \r\n');
    client.write(`${xoauth2(ANNA, await appToken(sandbox))}\r\n`);
    expect(await client.until(/\r\n/u)).toBe('x OK AUTHENTICATE completed.\r\n');
  });

  test('works for a user, and for a shared mailbox the user has full access to', async () => {
    expect(await signIn(await userToken(sandbox))).toMatch(/^T OK/u);
    const other = await ImapClient.connect(sandbox);
    await other.run(`AUTHENTICATE XOAUTH2 ${xoauth2(DEMO.sharedMailbox, await userToken(sandbox))}`);
    expect(await other.run('SELECT INBOX')).toMatch(/T OK \[READ-WRITE\]/u);
    other.close();
  });

  test('works by alias', async () => {
    await signIn(await appToken(sandbox), `anna.baker@${sandbox.domain}`);
    expect(await client.run('STATUS INBOX (MESSAGES)')).toMatch(/T OK/u);
  });
});

describe('AUTHENTICATE failed', () => {
  const refusals: [string, (directory: Sandbox['directory']) => void][] = [
    [
      'the role is not consented',
      (directory) => {
        directory.revokeAppRole(clientId, 'IMAP.AccessAsApp');
      },
    ],
    [
      'the app has no service principal in Exchange',
      (directory) => {
        directory.removeExchangeServicePrincipal(clientId);
      },
    ],
    [
      'the service principal was made with the app registration’s object id',
      (directory) => {
        directory.addExchangeServicePrincipal(clientId, directory.application(clientId).objectId);
      },
    ],
    [
      'IMAP is switched off for the mailbox',
      (directory) => {
        directory.mailbox(ANNA).imapEnabled = false;
      },
    ],
    [
      'the mailbox has no licence',
      (directory) => {
        directory.mailbox(ANNA).licensed = false;
      },
    ],
    ['the app is disabled after the token was issued', () => undefined],
  ];
  test.each(refusals)('because %s', async (why, arrange) => {
    arrange(sandbox.directory);
    const token = await appToken(sandbox);
    if (why.startsWith('the app is disabled')) sandbox.directory.application(clientId).enabled = false;
    expect(await signIn(token)).toBe('T NO AUTHENTICATE failed.\r\n');
    // The connection stays usable: the switch is flipped back and the same client tries again.
  });

  test('because the token is for Graph', async () => {
    expect(await signIn(await appToken(sandbox, { scope: 'https://graph.microsoft.com/.default' }))).toMatch(
      /^T NO AUTHENTICATE failed\./u,
    );
  });

  test('because the user’s token lacks the IMAP scope', async () => {
    sandbox.directory.revokeDelegatedScope(DEMO.signIn.clientId, 'IMAP.AccessAsUser.All');
    expect(await signIn(await userToken(sandbox, { scope: 'https://outlook.office.com/SMTP.Send' }))).toMatch(
      /^T NO/u,
    );
  });

  test('because the token has expired', async () => {
    const token = await appToken(sandbox);
    now += 2 * 3_600_000;
    expect(await signIn(token)).toBe('T NO AUTHENTICATE failed.\r\n');
  });

  test('because the token was tampered with', async () => {
    const [header, payload, signature] = (await appToken(sandbox)).split('.');
    const claims = JSON.parse(Buffer.from(payload!, 'base64url').toString()) as Record<string, unknown>;
    const forged = Buffer.from(JSON.stringify({ ...claims, exp: 9_999_999_999 })).toString('base64url');
    expect(await signIn(`${header!}.${forged}.${signature!}`)).toBe('T NO AUTHENTICATE failed.\r\n');
    const unsigned = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');
    expect(await signIn(`${unsigned}.${forged}.`)).toBe('T NO AUTHENTICATE failed.\r\n');
  });

  test('because it is another tenant’s sandbox', async () => {
    const other = await startSandbox({ seed: false });
    expect(await signIn(await appToken(other))).toBe('T NO AUTHENTICATE failed.\r\n');
    await other.stop();
  });

  test.each(['', 'AAAA', '!!!', xoauth2(ANNA, ''), xoauth2('', 'x')])(
    'because the response is %j',
    async (response) => {
      client.write('x AUTHENTICATE XOAUTH2\r\n');
      await client.until(/\r\n/u);
      client.write(`${response}\r\n`);
      expect(await client.until(/\r\n/u)).toBe('x NO AUTHENTICATE failed.\r\n');
    },
  );

  test('and LOGIN fails too', async () => {
    expect(await client.run(`LOGIN ${ANNA} secret`)).toBe('T NO LOGIN failed.\r\n');
  });
});

describe('without FullAccess', () => {
  test.each(['SELECT INBOX', 'LIST "" "*"', 'NAMESPACE'])(
    'sign-in succeeds and %s is refused',
    async (command) => {
      sandbox.directory.revokeFullAccess(ANNA, clientId);
      expect(await signIn(await appToken(sandbox))).toBe('T OK AUTHENTICATE completed.\r\n');
      expect(await client.run(command)).toBe('T BAD User is authenticated but not connected.\r\n');
      expect(await client.untilClosed()).toBe('* BYE Connection closed. 14\r\n');
    },
  );

  test('a user gets no further in a colleague’s mailbox', async () => {
    expect(await signIn(await userToken(sandbox), BERND)).toMatch(/^T OK/u);
    expect(await client.run('SELECT INBOX')).toBe('T BAD User is authenticated but not connected.\r\n');
  });
});

describe('when the access token runs out', () => {
  test('the next command is answered with BYE', async () => {
    await signIn(await appToken(sandbox));
    now += 2 * 3_600_000;
    client.write('x NOOP\r\n');
    expect(await client.untilClosed()).toBe('* BYE Session invalidated - AccessTokenExpired\r\n');
  });

  test('IDLE ends with BYE', async () => {
    await signIn(await appToken(sandbox));
    await client.run('SELECT INBOX');
    client.write('x IDLE\r\n');
    await client.until(/\+ .*\r\n/u);
    now += 2 * 3_600_000;
    expect(await client.untilClosed()).toBe('* BYE Session invalidated - AccessTokenExpired\r\n');
  });
});

test('commands in the wrong state are refused in Exchange’s words', async () => {
  expect(await client.run('SELECT INBOX')).toBe('T BAD Command received in Invalid state.\r\n');
  expect(await client.run('XYZZY')).toBe('T BAD Command Error. 12\r\n');
  await signIn(await appToken(sandbox));
  expect(await client.run('FETCH 1 FLAGS')).toBe('T BAD Command received in Invalid state.\r\n');
  expect(await client.run('LOGOUT')).toBe(
    '* BYE Microsoft Exchange Server IMAP4 server signing off.\r\nT OK LOGOUT completed.\r\n',
  );
});
