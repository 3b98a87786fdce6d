// POP3 as Exchange Online holds it: two-line XOAUTH2, the switches of an administrator, numbers that stay, QUIT that deletes.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Sandbox } from '../../src/sandbox/index.js';
import { DEMO } from '../../src/sandbox/index.js';
import { ANNA, popToken, BERND, Pop3Client, userToken, xoauth2 } from './support/clients.js';
import { startQuickly } from './support/start.js';

const { clientId } = DEMO.pop3;
const REFUSED = '-ERR Authentication failure: unknown user name or bad password.\r\n';
const USER_SCOPE = { scope: 'https://outlook.office.com/POP.AccessAsUser.All' };

let sandbox: Sandbox;
let now: number;
let client: Pop3Client;
beforeEach(async () => {
  now = Date.now();
  sandbox = await startQuickly({ seed: false, now: () => now });
  client = await Pop3Client.connect(sandbox);
  expect(await client.line()).toMatch(
    /^\+OK The Microsoft Exchange POP3 service is ready\. \[[\w+/=]+\]\r\n$/u,
  );
});
afterEach(async () => {
  client.close();
  expect(sandbox.faults).toEqual([]);
  await sandbox.stop();
});

const message = (subject: string, body = 'Hello.\r\n'): Buffer =>
  Buffer.from(`Subject: ${subject}\r\nFrom: a@example.com\r\n\r\n${body}`, 'latin1');
const deliver = (...sources: Buffer[]): void => {
  for (const source of sources) sandbox.mailbox(ANNA).append('INBOX', source);
};

describe('signing in', () => {
  test('CAPA names two-line XOAUTH2 and no PIPELINING', async () => {
    expect(await client.lines('CAPA')).toBe('+OK\r\nTOP\r\nUIDL\r\nSASL PLAIN XOAUTH2\r\nUSER\r\n.\r\n');
  });

  test('takes the response on a line of its own', async () => {
    expect(await client.run('AUTH XOAUTH2')).toBe('+ \r\n');
    expect(await client.run(xoauth2(ANNA, await popToken(sandbox)))).toBe(
      '+OK User successfully authenticated.\r\n',
    );
    expect(await client.run('STAT')).toBe('+OK 0 0\r\n');
  });

  test('takes no response on the line of the command', async () => {
    client.write(`AUTH XOAUTH2 ${xoauth2(ANNA, await popToken(sandbox))}\r\n`);
    expect(await client.untilClosed()).toBe('-ERR Protocol error. Connection is closed. 10\r\n');
  });

  test('takes no password', async () => {
    expect(await client.run(`USER ${ANNA}`)).toBe('+OK\r\n');
    expect(await client.run('PASS secret')).toBe(
      '-ERR Logon failure: unknown user name or bad password.\r\n',
    );
  });

  test('works for a user, and for a shared mailbox the user has full access to', async () => {
    const token = await userToken(sandbox, USER_SCOPE);
    expect(await client.signIn(DEMO.sharedMailbox, token)).toMatch(/^\+OK/u);
  });

  test('before it, nothing else is a command', async () => {
    expect(await client.run('STAT')).toBe('-ERR Command is not valid in this state.\r\n');
    expect(await client.run('NONSENSE')).toBe('-ERR Command is not valid in this state.\r\n');
  });
});

describe('a refused sign-in', () => {
  const refusals: [string, (directory: Sandbox['directory']) => void][] = [
    ['the role is missing', (directory) => directory.revokeAppRole(clientId, 'POP.AccessAsApp')],
    ['POP is switched off', (directory) => void (directory.mailbox(ANNA).popEnabled = false)],
    ['the mailbox has no licence', (directory) => void (directory.mailbox(ANNA).licensed = false)],
    ['there is no FullAccess', (directory) => directory.mailbox(ANNA).fullAccess.clear()],
    [
      'the app is not registered in Exchange',
      (directory) => void (directory.application(clientId).exchangeServicePrincipal = undefined),
    ],
  ];
  test.each(refusals)('when %s', async (_when, spoil) => {
    spoil(sandbox.directory);
    expect(await client.signIn(ANNA, await popToken(sandbox))).toBe(REFUSED);
  });

  test('when the user’s token has no scope for POP', async () => {
    sandbox.directory.application(DEMO.signIn.clientId).delegatedScopes.delete('POP.AccessAsUser.All');
    expect(await client.signIn(ANNA, await userToken(sandbox))).toBe(REFUSED);
  });

  test('when the token is for Graph', async () => {
    const token = await popToken(sandbox, { scope: 'https://graph.microsoft.com/.default' });
    expect(await client.signIn(ANNA, token)).toBe(REFUSED);
  });

  test('when a user has no right to the mailbox', async () => {
    expect(await client.signIn(BERND, await userToken(sandbox, USER_SCOPE))).toBe(REFUSED);
  });

  test('when the token has expired, or is none', async () => {
    const token = await popToken(sandbox);
    now += 2 * 3_600_000;
    expect(await client.signIn(ANNA, token)).toBe(REFUSED);
    expect(await client.signIn(ANNA, 'nonsense')).toBe(REFUSED);
  });
});

describe('the inbox', () => {
  let open: Pop3Client;
  beforeEach(async () => {
    deliver(message('first', '.one dot\r\n..two\r\n.\r\nl\xe4st'), message('second'), message('third'));
    open = await Pop3Client.open(sandbox);
  });
  afterEach(() => open.close());

  test('is listed with sizes and with ids that last', async () => {
    const sizes = sandbox
      .mailbox(ANNA)
      .messages('INBOX')
      .map(({ source }) => source.length);
    expect(await open.run('STAT')).toBe(`+OK 3 ${sizes.reduce((sum, size) => sum + size, 0)}\r\n`);
    expect(await open.lines('LIST')).toBe(`+OK\r\n1 ${sizes[0]}\r\n2 ${sizes[1]}\r\n3 ${sizes[2]}\r\n.\r\n`);
    expect(await open.run('LIST 2')).toBe(`+OK 2 ${sizes[1]}\r\n`);
    const ids = await open.lines('UIDL');
    expect(ids).toMatch(
      /^\+OK\r\n1 [\x21-\x7e]{1,70}\r\n2 [\x21-\x7e]{1,70}\r\n3 [\x21-\x7e]{1,70}\r\n\.\r\n$/u,
    );
    const another = await Pop3Client.open(sandbox);
    expect(await another.lines('UIDL')).toBe(ids);
    another.close();
  });

  test('gives sizes as estimates when the tenant does', async () => {
    sandbox.directory.tenant.sizeEstimate = true;
    const [first] = sandbox.mailbox(ANNA).messages('INBOX');
    expect(await open.run('LIST 1')).not.toBe(`+OK 1 ${first!.source.length}\r\n`);
  });

  test('gives messages with their dots doubled and a line end at the end, and marks them as read', async () => {
    expect(await open.lines('RETR 1')).toBe(
      '+OK\r\nSubject: first\r\nFrom: a@example.com\r\n\r\n..one dot\r\n...two\r\n..\r\nl\xe4st\r\n.\r\n',
    );
    await open.run('NOOP');
    expect(
      sandbox
        .mailbox(ANNA)
        .messages('INBOX')
        .map(({ flags }) => flags),
    ).toEqual([['\\Seen'], [], []]);
  });

  test('gives headers and the beginning of a body without marking', async () => {
    expect(await open.lines('TOP 1 0')).toBe('+OK\r\nSubject: first\r\nFrom: a@example.com\r\n\r\n.\r\n');
    expect(await open.lines('TOP 1 1')).toMatch(/\r\n\r\n\.\.one dot\r\n\.\r\n$/u);
    expect(await open.run('NOOP')).toBe('+OK\r\n');
    expect(sandbox.mailbox(ANNA).messages('INBOX')[0]!.flags).toEqual([]);
  });

  test('keeps its numbers while messages come and are marked', async () => {
    expect(await open.run('DELE 1')).toBe('+OK\r\n');
    deliver(message('fourth'));
    expect(await open.run('STAT')).toMatch(/^\+OK 2 /u);
    expect(await open.lines('LIST')).toMatch(/^\+OK\r\n2 \d+\r\n3 \d+\r\n\.\r\n$/u);
    for (const command of ['RETR 1', 'DELE 1', 'TOP 1 0', 'LIST 1', 'RETR 9', 'RETR x', 'RETR 0']) {
      expect(await open.run(command)).toBe('-ERR no such message\r\n');
    }
    expect(await open.run('RSET')).toBe('+OK\r\n');
    expect(await open.run('STAT')).toMatch(/^\+OK 3 /u);
  });

  test('loses messages at QUIT and not before', async () => {
    await open.run('DELE 2');
    expect(sandbox.mailbox(ANNA).messages('INBOX')).toHaveLength(3);
    expect(await open.run('QUIT')).toMatch(/^\+OK/u);
    const left = sandbox
      .mailbox(ANNA)
      .messages('INBOX')
      .map(({ source }) => /\w+(?=\r)/u.exec(source.toString())?.[0]);
    expect(left).toEqual(['first', 'third']);
  });

  test('keeps them when the connection is lost', async () => {
    await open.run('DELE 2');
    open.close();
    await (await Pop3Client.open(sandbox)).run('QUIT');
    expect(sandbox.mailbox(ANNA).messages('INBOX')).toHaveLength(3);
  });

  test('is gone when the token expires', async () => {
    now += 2 * 3_600_000;
    open.write('NOOP\r\n');
    expect(await open.untilClosed()).toBe('');
  });

  test('is away while its server is', async () => {
    sandbox.directory.mailbox(ANNA).backEndUnavailable = true;
    expect(await open.run('STAT')).toBe('-ERR Server Unavailable. 21\r\n');
  });
});

describe('hostile clients', () => {
  test('an endless line ends the connection', async () => {
    client.write('A'.repeat(200_000));
    expect(await client.untilClosed()).toBe('-ERR Protocol error. Connection is closed. 10\r\n');
  });

  test('whoever does not stop asking nonsense is hung up on', async () => {
    client.write('WHAT\r\n'.repeat(40));
    expect((await client.untilClosed()).match(/-ERR/gu)).toHaveLength(20);
  });
});

test('what is dictated is said instead, as often as was said', async () => {
  sandbox.answers.pop3({ on: 'response', reply: '-ERR Server Unavailable. 21' });
  sandbox.answers.pop3({ on: 'greeting', reply: '-ERR busy', thenClose: true });
  expect(await client.signIn(ANNA, await popToken(sandbox))).toBe('-ERR Server Unavailable. 21\r\n');
  expect(await client.signIn(ANNA, await popToken(sandbox))).toMatch(/^\+OK/u);
  const other = await Pop3Client.connect(sandbox);
  expect(await other.untilClosed()).toBe('-ERR busy\r\n');
});
