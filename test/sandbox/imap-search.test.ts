import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Sandbox } from '../../src/sandbox/index.js';
import { startSandbox } from '../../src/sandbox/index.js';
import { ANNA, ImapClient } from './support/clients.js';

let sandbox: Sandbox;
let client: ImapClient;
beforeAll(async () => {
  sandbox = await startSandbox({ seed: false });
  const mailbox = sandbox.mailbox(ANNA);
  const add = (text: string, flags: string[], day: string): number =>
    mailbox.append('INBOX', Buffer.from(text.replace(/\n/gu, '\r\n')), {
      flags,
      internalDate: new Date(day),
    });
  add(
    'From: Lee <lee@fabrikam.example>\nTo: anna@contoso.example\nSubject: Order 2041\nDate: Sun, 1 Nov 2026 23:30:00 -0500\n\nplease ship\n',
    [],
    '2026-11-02T04:30:00Z',
  );
  add(
    'From: Ben <ben@contoso.example>\nCc: team@contoso.example\nSubject: =?utf-8?B?w5xiZXJzaWNodCBvcmRlcg==?=\nDate: Tue, 3 Nov 2026 08:00:00 +0100\nX-Job: 7\n\nhello\n',
    ['\\Seen', '\\Flagged'],
    '2026-11-03T07:00:00Z',
  );
  add(
    'From: lee@fabrikam.example\nBcc: secret@contoso.example\nSubject: invoice\nContent-Transfer-Encoding: base64\n\nUGxlYXNlIHBheSBzb29u\n',
    ['\\Answered', '\\Deleted'],
    '2026-11-04T23:59:59Z',
  );
  add(`Subject: large\n\n${'x'.repeat(5000)}\n`, ['\\Draft', '\\Seen'], '2026-11-05T00:00:00Z');
  mailbox.append('INBOX', Buffer.from('Subject: fifth\r\n\r\n'));
  client = await ImapClient.open(sandbox, ANNA, 'INBOX');
  await client.run('STORE 5 +FLAGS (\\Deleted)');
  await client.run('UID EXPUNGE 5');
});
afterAll(async () => {
  client.close();
  expect(sandbox.faults).toEqual([]);
  await sandbox.stop();
});

describe('SEARCH', () => {
  test.each([
    ['ALL', '1 2 3 4'],
    ['SEEN', '2 4'],
    ['UNSEEN UNDELETED', '1'],
    ['FLAGGED', '2'],
    ['UNFLAGGED ANSWERED', '3'],
    ['DELETED', '3'],
    ['DRAFT', '4'],
    ['UNDRAFT UNANSWERED', '1 2'],
    ['NEW', ''],
    ['RECENT', ''],
    ['OLD', '1 2 3 4'],
    ['FROM lee', '1 3'],
    ['FROM "Lee <lee"', '1'],
    ['TO anna', '1'],
    ['CC TEAM@', '2'],
    ['BCC secret', '3'],
    ['SUBJECT order', '1 2'],
    ['SUBJECT "w5xiZXJz"', '2'],
    ['HEADER X-Job ""', '2'],
    ['HEADER X-Job 7', '2'],
    ['HEADER X-Job 8', ''],
    ['BODY "pay soon"', '3'],
    ['BODY invoice', ''],
    ['TEXT invoice', '3'],
    ['TEXT "SHIP"', '1'],
    ['SINCE 3-Nov-2026', '2 3 4'],
    ['BEFORE 03-Nov-2026', '1'],
    ['ON 4-Nov-2026', '3'],
    ['SENTON 1-Nov-2026', '1'],
    ['SENTSINCE 2-Nov-2026', '2'],
    ['SENTBEFORE "2-Nov-2026"', '1'],
    ['LARGER 5000', '4'],
    ['SMALLER 5000', '1 2 3'],
    ['OR FROM lee SEEN', '1 2 3 4'],
    ['OR (FROM lee UNDELETED) DRAFT', '1 4'],
    ['NOT FROM lee', '2 4'],
    ['NOT (SEEN OR DRAFT FLAGGED)', '1 3'],
    ['2:3', '2 3'],
    ['*', '4'],
    ['UID 2,4', '2 4'],
    ['UID 99:*', '4'],
    ['CHARSET US-ASCII SEEN', '2 4'],
    ['(SEEN) (FLAGGED)', '2'],
  ])('%s', async (criteria, expected) => {
    const found = expected === '' ? '* SEARCH' : `* SEARCH ${expected}`;
    expect(await client.run(`SEARCH ${criteria}`)).toBe(`${found}\r\nT OK SEARCH completed.\r\n`);
  });

  test('UID SEARCH answers UIDs', async () => {
    await client.run('COPY 1,4 Archive');
    await client.run('SELECT Archive');
    await client.run('STORE 1 +FLAGS.SILENT \\Deleted');
    await client.run('EXPUNGE');
    expect(await client.run('UID SEARCH ALL')).toMatch(/^\* SEARCH 2\r\n/u);
    expect(await client.run('SEARCH ALL')).toMatch(/^\* SEARCH 1\r\n/u);
    await client.run('SELECT INBOX');
  });

  test('a string may come as a literal', async () => {
    client.write('x SEARCH SUBJECT {5}\r\n');
    expect(await client.until(/\r\n/u)).toMatch(/^\+ /u);
    client.write('order FROM {3+}\r\nlee\r\n');
    expect(await client.until(/x OK.*\r\n/u)).toBe('* SEARCH 1\r\nx OK SEARCH completed.\r\n');
  });

  test('UTF-8 is refused with the charset Exchange has', async () => {
    expect(await client.run('SEARCH CHARSET UTF-8 SUBJECT x')).toBe(
      'T NO [BADCHARSET (US-ASCII)] The specified charset is not supported.\r\n',
    );
  });

  test.each([
    'KEYWORD foo',
    'UNKEYWORD foo',
    'RETURN (ALL) SEEN',
    'X-GM-RAW foo',
    'SINCE 2026-11-01',
    'SINCE',
    'LARGER x',
    'SUBJECT gr\xfc\xdfe',
    'OR SEEN',
    '(SEEN',
    '',
    '0',
    '('.repeat(500),
  ])('what Exchange does not know is an argument error: %s', async (criteria) => {
    expect(await client.run(`SEARCH ${criteria}`)).toBe('T BAD Command Argument Error. 11\r\n');
    client.close();
    client = await ImapClient.open(sandbox, ANNA, 'INBOX');
  });
});
