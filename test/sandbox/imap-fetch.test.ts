import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Sandbox } from '../../src/sandbox/index.js';
import { startSandbox } from '../../src/sandbox/index.js';
import { ANNA, ImapClient } from './support/clients.js';

const lines = (...text: string[]): Buffer =>
  Buffer.from(text.map((line) => `${line}\r\n`).join(''), 'latin1');

const SIMPLE = lines(
  'Return-Path: <>',
  'From: "Baker, Anna" <anna@contoso.example>, ben@contoso.example',
  'Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=',
  ' and more',
  'To: team: lee@fabrikam.example;',
  'Date: Mon, 2 Nov 2026 10:00:00 +0100',
  'Message-ID: <m1@contoso.example>',
  'X-Bytes: caf\xe9',
  '',
  'Body with \xe4 and a NUL \x00 byte',
);

const NESTED = lines(
  'From: a@b.example',
  'Content-Type: multipart/mixed; boundary="outer"',
  '',
  'preamble',
  '--outer',
  'Content-Type: text/plain; charset=utf-8',
  '',
  'first',
  '--outer',
  'Content-Type: message/rfc822',
  'Content-Disposition: attachment; filename="mail.eml"',
  '',
  'Subject: inner',
  'Content-Type: multipart/alternative; boundary=inner',
  '',
  '--inner',
  '',
  'plain',
  '--inner',
  'Content-Type: text/html',
  'Content-Transfer-Encoding: QUOTED-PRINTABLE',
  '',
  '<p>html</p>',
  '--inner--',
  '--outer--',
  'epilogue',
);

let sandbox: Sandbox;
let client: ImapClient;
beforeAll(async () => {
  sandbox = await startSandbox({ seed: false });
  sandbox.mailbox(ANNA).append('INBOX', SIMPLE, { internalDate: new Date('2026-11-02T09:00:05Z') });
  sandbox.mailbox(ANNA).append('INBOX', NESTED, { flags: ['\\Seen'] });
});
afterAll(async () => {
  expect(sandbox.faults).toEqual([]);
  await sandbox.stop();
});
beforeEach(async () => {
  client = await ImapClient.open(sandbox, ANNA);
  await client.run('EXAMINE INBOX');
});
afterEach(() => {
  client.close();
});

const done = 'T OK FETCH completed.\r\n';
const literal = (bytes: Buffer | string): string => {
  const text = Buffer.isBuffer(bytes) ? bytes.toString('latin1') : bytes;
  return `{${text.length}}\r\n${text}`;
};

describe('BODY[] sections', () => {
  test('the whole message comes back byte for byte, NUL and 8-bit included', async () => {
    expect(await client.run('FETCH 1 BODY.PEEK[]')).toBe(`* 1 FETCH (BODY[] ${literal(SIMPLE)})\r\n${done}`);
    expect(await client.run('FETCH 1 RFC822')).toBe(`* 1 FETCH (RFC822 ${literal(SIMPLE)})\r\n${done}`);
  });

  const text = SIMPLE.toString('latin1');
  const cut = text.indexOf('\r\n\r\n') + 4;
  const inner = 'Subject: inner\r\nContent-Type: multipart/alternative; boundary=inner\r\n\r\n';
  const innerBody =
    '--inner\r\n\r\nplain\r\n--inner\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: QUOTED-PRINTABLE\r\n\r\n<p>html</p>\r\n--inner--';

  test.each([
    [1, 'HEADER', text.slice(0, cut)],
    [1, 'TEXT', text.slice(cut)],
    [1, '1', text.slice(cut)],
    [1, '1.MIME', text.slice(0, cut)],
    [
      1,
      'HEADER.FIELDS (SUBJECT x-none FROM)',
      'From: "Baker, Anna" <anna@contoso.example>, ben@contoso.example\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n and more\r\n\r\n',
    ],
    [
      1,
      'HEADER.FIELDS.NOT (FROM SUBJECT TO DATE X-BYTES)',
      'Return-Path: <>\r\nMessage-ID: <m1@contoso.example>\r\n\r\n',
    ],
    [2, '1', 'first'],
    [2, '1.MIME', 'Content-Type: text/plain; charset=utf-8\r\n\r\n'],
    [2, '2', inner + innerBody],
    [2, '2.HEADER', inner],
    [2, '2.TEXT', innerBody],
    [2, '2.1', 'plain'],
    [2, '2.1.MIME', '\r\n'],
    [2, '2.2', '<p>html</p>'],
    [2, '2.HEADER.FIELDS (SUBJECT)', 'Subject: inner\r\n\r\n'],
  ])('message %i, section %s', async (sequence, section, expected) => {
    expect(await client.run(`FETCH ${sequence} BODY.PEEK[${section}]`)).toBe(
      `* ${sequence} FETCH (BODY[${section}] ${literal(expected)})\r\n${done}`,
    );
  });

  test.each(['2', '1.1', '1.HEADER'])('a section the message does not have is NIL: %s', async (section) => {
    expect(await client.run(`FETCH 1 BODY.PEEK[${section}]`)).toBe(
      `* 1 FETCH (BODY[${section}] NIL)\r\n${done}`,
    );
  });

  test('a partial is a window; beyond the end it is empty', async () => {
    expect(await client.run('FETCH 1 (BODY.PEEK[]<3.6> BODY.PEEK[TEXT]<0.4> BODY.PEEK[]<99999.5>)')).toBe(
      `* 1 FETCH (BODY[]<3> {6}\r\nurn-Pa BODY[TEXT]<0> {4}\r\nBody BODY[]<99999> {0}\r\n)\r\n${done}`,
    );
  });
});

test('ENVELOPE keeps encoded words, fills in Sender and Reply-To, and shows groups', async () => {
  const from = '(("Baker, Anna" NIL "anna" "contoso.example")(NIL NIL "ben" "contoso.example"))';
  expect(await client.run('FETCH 1 ENVELOPE')).toBe(
    `* 1 FETCH (ENVELOPE ("Mon, 2 Nov 2026 10:00:00 +0100" "=?utf-8?q?Gr=C3=BC=C3=9Fe?= and more" ${from} ${from} ${from} ` +
      `((NIL NIL "team" NIL)(NIL NIL "lee" "fabrikam.example")(NIL NIL NIL NIL)) NIL NIL NIL "<m1@contoso.example>"))\r\n${done}`,
  );
});

test('BODYSTRUCTURE describes nested multiparts and embedded messages', async () => {
  const answer = await client.run('FETCH 2 BODYSTRUCTURE');
  expect(answer).toBe(
    '* 2 FETCH (BODYSTRUCTURE (' +
      '("text" "plain" ("charset" "utf-8") NIL NIL "7bit" 5 0 NIL NIL NIL NIL)' +
      '("message" "rfc822" NIL NIL NIL "7bit" 192 ' +
      '(NIL "inner" NIL NIL NIL NIL NIL NIL NIL NIL) ' +
      '(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 5 0 NIL NIL NIL NIL)' +
      '("text" "html" NIL NIL NIL "quoted-printable" 11 0 NIL NIL NIL NIL) "alternative" ("boundary" "inner") NIL NIL NIL) ' +
      '11 NIL ("attachment" ("filename" "mail.eml")) NIL NIL)' +
      ` "mixed" ("boundary" "outer") NIL NIL NIL))\r\n${done}`,
  );
});

test('macros and the small items', async () => {
  expect(await client.run('FETCH 1 FAST')).toBe(
    `* 1 FETCH (FLAGS () INTERNALDATE " 2-Nov-2026 09:00:05 +0000" RFC822.SIZE ${SIMPLE.length})\r\n${done}`,
  );
  expect(await client.run('FETCH 2 (UID FLAGS)')).toBe(`* 2 FETCH (UID 2 FLAGS (\\Seen))\r\n${done}`);
  expect(await client.run('FETCH 1 ALL')).toContain(' ENVELOPE (');
  expect(await client.run('FETCH 1 FULL')).toContain(' BODY ("text"');
  expect(await client.run('UID FETCH 1:* FLAGS')).toBe(
    `* 1 FETCH (UID 1 FLAGS ())\r\n* 2 FETCH (UID 2 FLAGS (\\Seen))\r\n${done}`,
  );
});

test('RFC822.SIZE is an estimate when the tenant answers as Exchange Online does', async () => {
  sandbox.directory.tenant.sizeEstimate = true;
  const answer = await client.run('FETCH 1:2 RFC822.SIZE');
  sandbox.directory.tenant.sizeEstimate = false;
  expect(answer).not.toContain(` ${SIMPLE.length})`);
  expect(answer).not.toContain(` ${NESTED.length})`);
});

test('BODY[] marks as read and says so; PEEK and EXAMINE do not', async () => {
  const uid = sandbox.mailbox(ANNA).append('Drafts', SIMPLE);
  await client.run('SELECT Drafts');
  expect(await client.run('FETCH 1 BODY.PEEK[HEADER.FIELDS (DATE)]')).not.toContain('Seen');
  await client.run('EXAMINE Drafts');
  await client.run('FETCH 1 BODY[TEXT]');
  expect(sandbox.mailbox(ANNA).messages('Drafts')[0]).toMatchObject({ uid, flags: [] });
  await client.run('SELECT Drafts');
  expect(await client.run('FETCH 1 BODY[1]<0.4>')).toBe(
    `* 1 FETCH (BODY[1]<0> {4}\r\nBody FLAGS (\\Seen))\r\n${done}`,
  );
  expect(sandbox.mailbox(ANNA).messages('Drafts')[0]?.flags).toEqual(['\\Seen']);
});

test.each([
  'FETCH 1 X-GM-LABELS',
  'FETCH 0 FLAGS',
  'FETCH 9 FLAGS',
  'FETCH 1 BODY[MIME]',
  'FETCH 1 ()',
  'FETCH 1 (FLAGS',
  'FETCH x FLAGS',
  'FETCH 1 BODY[]<1.0>',
  'FETCH 1',
  'FETCH 1 FLAGS (CHANGEDSINCE 1)',
])('malformed: %s', async (command) => {
  expect(await client.run(command)).toBe('T BAD Command Argument Error. 11\r\n');
});

test('a UID that does not exist is no error', async () => {
  expect(await client.run('UID FETCH 77 FLAGS')).toBe(done);
});

test('a message expunged by somebody else meanwhile is reported as gone, the others are delivered', async () => {
  const mailbox = sandbox.mailbox(ANNA);
  mailbox.createFolder('Gone');
  mailbox.append('Gone', SIMPLE);
  mailbox.append('Gone', SIMPLE, { flags: ['\\Deleted'] });
  await client.run('SELECT Gone');
  const other = await ImapClient.open(sandbox, ANNA, 'Gone');
  await other.run('EXPUNGE');
  other.close();
  expect(await client.run('FETCH 1:2 UID')).toBe(
    '* 1 FETCH (UID 1)\r\nT NO Some of the requested messages no longer exist.\r\n',
  );
  expect(await client.run('NOOP')).toBe('* 2 EXPUNGE\r\nT OK NOOP completed.\r\n');
});
