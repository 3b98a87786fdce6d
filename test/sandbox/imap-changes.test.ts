import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Sandbox } from '../../src/sandbox/index.js';
import { ANNA, BERND, ImapClient } from './support/clients.js';
import { startQuickly } from './support/start.js';

let sandbox: Sandbox;
let client: ImapClient;
beforeEach(async () => {
  sandbox = await startQuickly({ seed: false, now: () => Date.UTC(2026, 10, 1) });
  for (const name of ['one', 'two', 'three']) {
    sandbox.mailbox(ANNA).append('INBOX', Buffer.from(`Subject: ${name}\r\n\r\n${name}\r\n`));
  }
  client = await ImapClient.open(sandbox, ANNA, 'INBOX');
});
afterEach(async () => {
  client.close();
  expect(sandbox.faults).toEqual([]);
  await sandbox.stop();
});

const flagsOf = (folder = 'INBOX'): (readonly string[])[] =>
  sandbox
    .mailbox(ANNA)
    .messages(folder)
    .map(({ flags }) => flags);
const validity = async (folder: string): Promise<string> =>
  /UIDVALIDITY (?<value>\d+)/u.exec(await client.run(`STATUS "${folder}" (UIDVALIDITY)`))?.groups?.value ??
  '';

test('SELECT answers as Exchange does, without \\* among the permanent flags', async () => {
  sandbox.mailbox(ANNA).append('INBOX', Buffer.from('x'), { flags: ['\\Seen'] });
  const uidValidity = await validity('INBOX');
  const flags = '(\\Seen \\Answered \\Flagged \\Deleted \\Draft $MDNSent)';
  expect(await client.run('SELECT inbox')).toBe(
    `* 4 EXISTS\r\n* 0 RECENT\r\n* FLAGS ${flags}\r\n* OK [PERMANENTFLAGS ${flags}] Permanent flags\r\n` +
      `* OK [UNSEEN 1] Is the first unseen message\r\n* OK [UIDVALIDITY ${uidValidity}] UIDVALIDITY value\r\n` +
      '* OK [UIDNEXT 5] The next unique identifier value\r\nT OK [READ-WRITE] SELECT completed.\r\n',
  );
});

describe('STORE', () => {
  test('adds, removes and replaces flags', async () => {
    expect(await client.run('STORE 1:2 +FLAGS (\\flagged \\SEEN)')).toBe(
      '* 1 FETCH (FLAGS (\\Seen \\Flagged))\r\n* 2 FETCH (FLAGS (\\Seen \\Flagged))\r\nT OK STORE completed.\r\n',
    );
    expect(await client.run('UID STORE 2 -FLAGS \\Seen')).toBe(
      '* 2 FETCH (FLAGS (\\Flagged) UID 2)\r\nT OK STORE completed.\r\n',
    );
    expect(await client.run('STORE 1 FLAGS.SILENT ($MDNSent)')).toBe('T OK STORE completed.\r\n');
    expect(flagsOf()).toEqual([['$MDNSent'], ['\\Flagged'], []]);
  });

  test('refuses keywords, as Exchange does', async () => {
    expect(await client.run('STORE 1 +FLAGS (processed)')).toBe('T BAD Command Argument Error. 11\r\n');
  });

  test('is refused in a folder opened with EXAMINE', async () => {
    await client.run('EXAMINE INBOX');
    expect(await client.run('STORE 1 +FLAGS (\\Seen)')).toMatch(/^T NO /u);
    expect(flagsOf()).toEqual([[], [], []]);
  });
});

describe('COPY and MOVE', () => {
  test('COPY reports the new UIDs', async () => {
    expect(await client.run('UID COPY 1,3 Archive')).toBe(
      `T OK [COPYUID ${await validity('Archive')} 1,3 1:2] COPY completed.\r\n`,
    );
    expect(sandbox.mailbox(ANNA).messages('INBOX')).toHaveLength(3);
  });

  test('MOVE reports the new UIDs before the expunges', async () => {
    sandbox.mailbox(ANNA).createFolder('Done/2026');
    expect(await client.run('MOVE 1:2 "Done/2026"')).toBe(
      `* OK [COPYUID ${await validity('Done/2026')} 1:2 1:2]\r\n* 1 EXPUNGE\r\n* 1 EXPUNGE\r\nT OK MOVE completed.\r\n`,
    );
    expect(
      sandbox
        .mailbox(ANNA)
        .messages('INBOX')
        .map(({ uid }) => uid),
    ).toEqual([3]);
  });

  test('to a folder that does not exist changes nothing', async () => {
    expect(await client.run('MOVE 1 Nowhere')).toMatch(/^T NO \[TRYCREATE\]/u);
    expect(await client.run('UID MOVE 99 Archive')).toBe('T OK MOVE completed.\r\n');
    expect(sandbox.mailbox(ANNA).messages('INBOX')).toHaveLength(3);
  });
});

describe('EXPUNGE', () => {
  test('removes what is marked, UID EXPUNGE only what is named', async () => {
    await client.run('STORE 1:3 +FLAGS.SILENT (\\Deleted)');
    expect(await client.run('UID EXPUNGE 2')).toBe('* 2 EXPUNGE\r\nT OK EXPUNGE completed.\r\n');
    expect(await client.run('EXPUNGE')).toBe('* 1 EXPUNGE\r\n* 1 EXPUNGE\r\nT OK EXPUNGE completed.\r\n');
  });

  test('happens silently on CLOSE and not at all on UNSELECT', async () => {
    await client.run('STORE 1 +FLAGS.SILENT (\\Deleted)');
    expect(await client.run('UNSELECT')).toBe('T OK UNSELECT completed.\r\n');
    expect(flagsOf()).toHaveLength(3);
    await client.run('SELECT INBOX');
    expect(await client.run('CLOSE')).toBe('T OK CLOSE completed.\r\n');
    expect(flagsOf()).toHaveLength(2);
  });

  test('never reuses a UID', async () => {
    await client.run('STORE 3 +FLAGS.SILENT (\\Deleted)');
    await client.run('EXPUNGE');
    expect(sandbox.mailbox(ANNA).append('INBOX', Buffer.from('x'))).toBe(4);
  });
});

describe('folders', () => {
  test('names travel in modified UTF-7 and are compared without regard to case', async () => {
    expect(await client.run('CREATE "Pr&APw-fung/A&-B"')).toBe('T OK CREATE completed.\r\n');
    expect(sandbox.mailbox(ANNA).folders()).toEqual(expect.arrayContaining(['Prüfung', 'Prüfung/A&B']));
    expect(await client.run('LIST "" "pr&APw-fung/*"')).toBe(
      '* LIST (\\HasNoChildren) "/" Pr&APw-fung/A&-B\r\nT OK LIST completed.\r\n',
    );
    expect(await client.run('RENAME "Pr&APw-fung" "&ZeVnLIqe-"')).toBe('T OK RENAME completed.\r\n');
    expect(sandbox.mailbox(ANNA).folders()).toEqual(expect.arrayContaining(['日本語', '日本語/A&B']));
    expect(await client.run('DELETE "&ZeVnLIqe-"')).toBe('T OK DELETE completed.\r\n');
    expect(await client.run('CREATE "bad&name"')).toBe('T BAD Command Argument Error. 11\r\n');
  });

  test('are listed with their roles, in the language of the mailbox', async () => {
    expect(await client.run('LIST "" "*"')).toContain('* LIST (\\HasNoChildren \\Sent) "/" "Sent Items"\r\n');
    expect(await client.run('LIST "" ""')).toBe(
      '* LIST (\\Noselect \\HasChildren) "/" ""\r\nT OK LIST completed.\r\n',
    );
    expect(await client.run('LSUB "" INBOX')).toBe(
      '* LSUB (\\HasNoChildren) "/" INBOX\r\nT OK LSUB completed.\r\n',
    );
    const bernd = await ImapClient.open(sandbox, BERND);
    expect(await bernd.run('LIST "" "*"')).toContain(
      '* LIST (\\HasNoChildren \\Trash) "/" "Gel&APY-schte Elemente"\r\n',
    );
    bernd.close();
  });

  test('% stops at the separator, * does not', async () => {
    await client.run('CREATE A/B/C');
    const paths = async (pattern: string): Promise<string[]> =>
      [...(await client.run(`LIST "" ${pattern}`)).matchAll(/"\/" (\S+)\r/gu)].map((match) => match[1]!);
    expect(await paths('A/%')).toEqual(['A/B']);
    expect(await paths('A/*')).toEqual(['A/B', 'A/B/C']);
    expect(await paths('A%')).toEqual(['Archive', 'A']);
  });

  test.each([
    ['CREATE INBOX', /^T NO Folder already exists/u],
    ['CREATE ""', /^T NO /u],
    ['DELETE "Sent Items"', /^T NO Folder cannot/u],
    ['DELETE Nowhere', /^T NO Nowhere doesn't exist/u],
    ['RENAME INBOX Other', /^T NO /u],
    ['SELECT Nowhere', /^T NO Nowhere doesn't exist/u],
    ['STATUS Nowhere (MESSAGES)', /^T NO /u],
    ['STATUS INBOX (HIGHESTMODSEQ)', /^T BAD Command Argument Error/u],
  ])('refuses %s', async (command, answer) => {
    expect(await client.run(command)).toMatch(answer);
  });
});

describe('APPEND', () => {
  const message = 'Subject: caf\xe9\r\n\r\n\x00\xff\r\n';

  test('stores the bytes, the flags and the date', async () => {
    client.write(`x APPEND INBOX (\\Seen) " 1-Feb-2020 10:00:00 +0100" {${message.length}}\r\n`);
    expect(await client.until(/\r\n/u)).toBe('+ Ready for additional command text.\r\n');
    client.write(`${message}\r\n`);
    expect(await client.until(/x OK.*\r\n/u)).toMatch(
      /^\* 4 EXISTS\r\nx OK \[APPENDUID \d+ 4\] APPEND completed\.\r\n$/u,
    );
    const stored = sandbox.mailbox(ANNA).messages('INBOX')[3]!;
    expect(stored.source.toString('latin1')).toBe(message);
    expect(stored).toMatchObject({ flags: ['\\Seen'], internalDate: new Date('2020-02-01T09:00:00Z') });
  });

  test('to a missing folder says TRYCREATE', async () => {
    expect(await client.run(`APPEND Nowhere {1+}\r\nx`)).toMatch(/^T NO \[TRYCREATE\]/u);
  });
});

describe('other sessions', () => {
  let other: ImapClient;
  beforeEach(async () => {
    other = await ImapClient.open(sandbox, ANNA, 'INBOX');
  });
  afterEach(() => {
    other.close();
  });

  test('learn at once, in IDLE, of new mail, flags and expunges', async () => {
    other.write('i IDLE\r\n');
    expect(await other.until(/\r\n/u)).toBe('+ IDLE accepted, awaiting DONE command.\r\n');
    sandbox.mailbox(ANNA).append('INBOX', Buffer.from('new'));
    expect(await other.until(/\r\n/u)).toBe('* 4 EXISTS\r\n');
    await client.run('STORE 2 +FLAGS (\\Flagged)');
    expect(await other.until(/\r\n/u)).toBe('* 2 FETCH (UID 2 FLAGS (\\Flagged))\r\n');
    await client.run('STORE 1 +FLAGS.SILENT (\\Deleted)');
    await other.until(/\r\n/u);
    await client.run('EXPUNGE');
    expect(await other.until(/\r\n/u)).toBe('* 1 EXPUNGE\r\n');
    other.write('DONE\r\n');
    expect(await other.until(/\r\n/u)).toBe('i OK IDLE completed.\r\n');
  });

  test('are told of expunges only when their sequence numbers may move', async () => {
    await client.run('STORE 1 +FLAGS (\\Deleted)');
    await client.run('EXPUNGE');
    expect(await other.run('SEARCH SUBJECT three')).toBe('* SEARCH 3\r\nT OK SEARCH completed.\r\n');
    expect(await other.run('NOOP')).toBe('* 1 EXPUNGE\r\nT OK NOOP completed.\r\n');
    expect(await other.run('SEARCH SUBJECT three')).toBe('* SEARCH 2\r\nT OK SEARCH completed.\r\n');
  });
});
