import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Sandbox } from '../../src/sandbox/index.js';
import { startSandbox } from '../../src/sandbox/index.js';
import { address, ANNA, appToken, ImapClient, SmtpClient, xoauth2 } from './support/clients.js';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(async () => {
  expect(sandbox.faults).toEqual([]);
  await sandbox.stop();
});

/** The server is well when a fresh client gets through. */
async function expectWell(): Promise<void> {
  expect(sandbox.faults).toEqual([]);
  const imap = await ImapClient.open(sandbox, ANNA, 'INBOX');
  expect(await imap.run('NOOP')).toBe('T OK NOOP completed.\r\n');
  imap.close();
  const smtp = await SmtpClient.signedIn(sandbox);
  expect(await smtp.run('NOOP')).toMatch(/^250 /u);
  smtp.close();
}

/** Repeatable noise: the same bytes on every run. */
function* noise(seed: number): Generator<number> {
  for (let state = seed; ;) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    yield state >> 8;
  }
}

function randomBytes(seed: number, size: number): string {
  const source = noise(seed);
  return Array.from({ length: size }, () => String.fromCharCode((source.next().value as number) & 0xff)).join(
    '',
  );
}

describe('random bytes', () => {
  test.each([1, 2, 3, 4, 5])('on every port, seed %i', async (seed) => {
    for (const name of Object.keys(sandbox.hosts)) {
      const socket = connect(address(sandbox, name));
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      socket.end(Buffer.from(randomBytes(seed, 3000), 'latin1'));
      socket.resume();
      await once(socket, 'close');
    }
    const imap = await ImapClient.connect(sandbox);
    imap.write(`${randomBytes(seed, 20_000)}\r\n`);
    imap.socket.end();
    await imap.untilClosed();
    const smtp = await SmtpClient.secure(sandbox);
    smtp.write(`${randomBytes(seed, 20_000)}\r\n`);
    smtp.socket.end();
    await smtp.untilClosed();
    await expectWell();
  });

  test('in the arguments of every command of a signed-in client', async () => {
    const verbs = [
      'SELECT',
      'LIST',
      'STATUS',
      'APPEND INBOX',
      'FETCH 1',
      'FETCH',
      'UID FETCH 1:*',
      'STORE 1',
      'SEARCH',
      'UID SEARCH',
      'COPY 1',
      'MOVE',
      'RENAME',
      'ID',
      'EXPUNGE',
      'UID EXPUNGE',
    ];
    const pieces = [
      '(',
      ')',
      '"',
      '{3+}\r\nabc',
      '{0}',
      '[',
      ']',
      '<1.2>',
      '*',
      '1:*',
      '\\Seen',
      'BODY[',
      'HEADER.FIELDS',
      'OR',
      'NOT',
      'CHARSET',
      '&',
      'INBOX',
      ' ',
      '%',
      '\x00',
      '\xff',
      '4294967296',
      '-1',
    ];
    for (let round = 0; round < 300; round++) {
      const source = noise(round + 77);
      const pick = <T>(list: readonly T[]): T => list[(source.next().value as number) % list.length]!;
      const words = Array.from({ length: 1 + ((source.next().value as number) % 8) }, () => pick(pieces));
      const client = round % 20 === 0 ? await openFuzzed() : fuzzed!;
      fuzzed = client;
      client.write(
        `z${round} ${pick(verbs)} ${words.join((source.next().value as number) % 2 === 0 ? ' ' : '')}\r\n`,
      );
      if (round % 20 === 19) {
        client.socket.end();
        await client.untilClosed();
      }
    }
    await expectWell();
  });
});

let fuzzed: ImapClient | undefined;
const openFuzzed = (): Promise<ImapClient> => ImapClient.open(sandbox, 'carmen@contoso.example', 'INBOX');

describe('too much', () => {
  test('an endless IMAP line ends the connection', async () => {
    const client = await ImapClient.connect(sandbox);
    client.write('x'.repeat(80_000));
    expect(await client.untilClosed()).toBe('* BYE Command line too long.\r\n');
  });

  test('an endless SMTP line ends the connection', async () => {
    const client = await SmtpClient.connect(sandbox);
    client.write('x'.repeat(80_000));
    await client.untilClosed().then((text) => expect(['500 5.5.2 Line too long\r\n', '']).toContain(text));
  });

  test('a huge literal is refused before it is sent, and cut off when the client does not wait', async () => {
    const client = await ImapClient.open(sandbox, ANNA);
    expect(await client.run('APPEND INBOX {157286401}')).toBe('T BAD Command Argument Error. 11\r\n');
    expect(await client.run('CREATE {70000}')).toBe('T BAD Command Argument Error. 11\r\n');
    expect(await client.run('NOOP')).toBe('T OK NOOP completed.\r\n');
    client.write('x APPEND INBOX {9999999999+}\r\n');
    expect(await client.untilClosed()).toBe(
      'x BAD Command Argument Error. 11\r\n* BYE Connection closed. 14\r\n',
    );
  });

  test('before sign-in no literal may be large', async () => {
    const client = await ImapClient.connect(sandbox);
    expect(await client.run('LOGIN {20000}')).toBe('T BAD Command Argument Error. 11\r\n');
    client.close();
  });

  test('a client that only makes mistakes is sent away', async () => {
    const imap = await ImapClient.connect(sandbox);
    imap.write('x NONSENSE\r\n'.repeat(30));
    expect(await imap.untilClosed()).toMatch(/\* BYE Connection closed\. 14\r\n$/u);
    const smtp = await SmtpClient.connect(sandbox);
    smtp.write('NONSENSE\r\n'.repeat(30));
    expect((await smtp.untilClosed()).match(/^500 /gmu)).toHaveLength(20);
  });

  test('a request body without end is refused', async () => {
    const { callLogin } = await import('./support/clients.js');
    const answer = callLogin(sandbox, `/${sandbox.tenantId}/oauth2/v2.0/token`, {
      grant_type: 'x'.repeat(400_000),
    });
    await answer.then(
      ({ status }) => {
        expect(status).toBe(413);
      },
      () => undefined,
    );
    await expectWell();
  });
});

describe('a reset in the middle', () => {
  test.each([
    ['of a command', 'x SEL'],
    ['of a literal', 'x APPEND INBOX {5000}\r\nabc'],
    ['of IDLE', 'x IDLE\r\n'],
    ['of a large answer', 'x FETCH 1:* BODY.PEEK[]\r\ny FETCH 1:* BODY.PEEK[]\r\n'],
  ])('%s (IMAP)', async (_when, text) => {
    sandbox.mailbox(ANNA).append('Archive', Buffer.alloc(3_000_000, 'x'));
    const client = await ImapClient.open(sandbox, ANNA, 'Archive');
    client.socket.pause();
    client.write(text);
    await pause(20);
    client.raw?.on('error', () => undefined).resetAndDestroy();
    sandbox.mailbox(ANNA).append('Archive', Buffer.from('x'));
    await expectWell();
  });

  test.each([
    [
      'of AUTH',
      async (client: SmtpClient) => {
        await client.run('AUTH XOAUTH2');
      },
    ],
    [
      'of DATA',
      async (client: SmtpClient) => {
        await client.run(`AUTH XOAUTH2 ${xoauth2(ANNA, await appToken(sandbox))}`);
        await client.run(`MAIL FROM:<${ANNA}>`);
        await client.run(`RCPT TO:<${ANNA}>`);
        await client.run('DATA');
        client.write('Subject: half\r\n\r\nhalf a mess');
      },
    ],
  ])('%s (SMTP)', async (_when, act) => {
    const before = sandbox.mailbox(ANNA).messages('INBOX').length;
    const client = await SmtpClient.secure(sandbox);
    await act(client);
    client.close();
    await expectWell();
    expect(sandbox.mailbox(ANNA).messages('INBOX')).toHaveLength(before);
  });

  test('of the TLS handshake', async () => {
    const client = await SmtpClient.connect(sandbox);
    await client.run('STARTTLS');
    client.write('\x16\x03\x01');
    client.close();
    await expectWell();
  });
});

test('twelve megabytes of header lines without a colon are described in reasonable time', async () => {
  const mailbox = sandbox.mailbox(ANNA);
  mailbox.createFolder('Flood');
  mailbox.append('Flood', Buffer.alloc(12_000_000, '0123456789abcdef\r\n'));
  const client = await ImapClient.open(sandbox, ANNA, 'Flood');
  expect(await client.run('FETCH 1 (ENVELOPE BODYSTRUCTURE)')).toMatch(/T OK/u);
  client.close();
}, 5000);

test('a message with a thousand nested parts and broken boundaries can still be described', async () => {
  const nested = Array.from(
    { length: 1000 },
    (_value, depth) => `Content-Type: multipart/mixed; boundary=b${depth}\r\n\r\n--b${depth}\r\n`,
  ).join('');
  const mailbox = sandbox.mailbox(ANNA);
  mailbox.createFolder('Bombs');
  for (const source of [
    nested,
    'Content-Type: multipart/mixed; boundary=""\r\n\r\n--\r\n',
    'Content-Type: "\r\n',
    ':\r\n:\r\n',
    '',
    '\r\n',
    'From: "<@:;,(((\\\r\n\r\n',
  ]) {
    mailbox.append('Bombs', Buffer.from(source));
  }
  const client = await ImapClient.open(sandbox, ANNA, 'Bombs');
  expect(await client.run('FETCH 1:* (ENVELOPE BODYSTRUCTURE BODY.PEEK[1.1.1] BODY.PEEK[HEADER])')).toMatch(
    /T OK FETCH completed\.\r\n$/u,
  );
  expect(await client.run('SEARCH TEXT x BODY y SUBJECT z SENTSINCE 1-Jan-2020')).toMatch(/T OK/u);
  client.close();
});

test('a defect of the sandbox itself ends the connection, not the server, and is kept for whoever tests', async () => {
  const broken = await startSandbox({ seed: false });
  broken.directory.findMailbox = () => {
    throw new Error('defect');
  };
  const imap = await ImapClient.connect(broken);
  imap.write(`x AUTHENTICATE XOAUTH2 ${xoauth2(ANNA, await appToken(broken))}\r\n`);
  expect(await imap.untilClosed()).toBe('* BYE Connection closed. 14\r\n');
  const smtp = await SmtpClient.secure(broken);
  smtp.write(`AUTH XOAUTH2 ${xoauth2(ANNA, await appToken(broken))}\r\n`);
  expect(await smtp.untilClosed()).toBe('');
  expect(broken.faults).toEqual([new Error('defect'), new Error('defect')]);
  await broken.stop();
});
