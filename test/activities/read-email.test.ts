/**
 * Read Email, whoever plays the tenant: what a record holds, what is selected, and that nothing in the mailbox
 * changes before the consumer says that it is done.
 */
import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  isFailure,
  openConnector,
  type Connector,
  type EmailRecord,
  type ReadBatch,
} from '../../src/index.js';
import { recordKey, settleToken } from '../../src/activities/read-email/references.js';
import type { Microsoft365Connection } from '../../src/index.js';
import { startCutProxy } from '../support/cut-proxy.js';
import { messageWithAttachment, noise, plainMessage, source } from '../support/messages.js';
import { openTenant } from '../support/open-tenant.js';
import type { TestTenant } from '../support/tenant.js';

let tenant: TestTenant;
let connector: Connector;

beforeAll(async () => {
  tenant = await openTenant();
  connector = openConnector({ net: tenant.net });
}, 30_000);
afterAll(() => tenant.stop());

interface Run {
  batches: ReadBatch[];
  records: EmailRecord[];
}

async function read(
  config: Record<string, unknown>,
  request: Record<string, unknown> = {},
  using = connector,
): Promise<Run> {
  const batches: ReadBatch[] = [];
  for await (const batch of using.run('read-email', {
    connection: tenant.connection('anna'),
    config,
    request,
  })) {
    batches.push(batch);
  }
  return { batches, records: batches.flatMap(({ records }) => records) };
}

async function failureOf(work: Promise<unknown>): Promise<{ kind: string; code: string }> {
  try {
    await work;
  } catch (error) {
    if (!isFailure(error)) throw error;
    return { kind: error.kind, code: error.code };
  }
  throw new Error('It did not fail.');
}

const seen = async (folder: string): Promise<boolean[]> =>
  (await tenant.stored('anna', folder)).map(({ flags }) => flags.includes('\\Seen'));

describe('a record', () => {
  test('holds addresses, dates, bodies, headers and attachments of the message', async () => {
    const folder = await tenant.freshFolder('anna');
    const pdf = noise(70_000);
    await tenant.deliver(
      'anna',
      folder,
      source(
        'Received: from elsewhere',
        'From: =?utf-8?Q?M=C3=BCller=2C_J=C3=B6rg?= <joerg@fabrikam.example>',
        'Sender: office@fabrikam.example',
        'To: "Baker, Anna" <anna@contoso.example>, ben@contoso.example',
        'Cc: Team: a@contoso.example, b@contoso.example;',
        'Reply-To: replies@fabrikam.example',
        'Subject: =?iso-8859-1?Q?Bestellung_f=FCr?=',
        ' =?iso-8859-1?Q?_Gr=F6=DFe_XL?=',
        'Date: Mon, 02 Nov 2026 09:30:00 +0100 (CET)',
        'Message-ID: <order-1@fabrikam.example>',
        'In-Reply-To: <offer-1@contoso.example>',
        'References: <first@contoso.example>',
        ' <offer-1@contoso.example>',
        'MIME-Version: 1.0',
        'Content-Type: multipart/mixed; boundary="outer"',
        '',
        'This is a preamble.',
        '--outer',
        'Content-Type: multipart/related; boundary="rel"',
        '',
        '--rel',
        'Content-Type: multipart/alternative; boundary=alt',
        '',
        '--alt',
        'Content-Type: text/plain; charset=iso-8859-15',
        'Content-Transfer-Encoding: quoted-printable',
        '',
        'Preis: 12 =A4, gr=FC=DFe =',
        'J=F6rg',
        '--alt',
        'Content-Type: text/html; charset=utf-8',
        'Content-Transfer-Encoding: base64',
        '',
        Buffer.from('<p>Preis: 12 €</p><img src="cid:logo@x">').toString('base64'),
        '--alt--',
        '--rel',
        'Content-Type: image/png',
        'Content-ID: <logo@x>',
        'Content-Transfer-Encoding: base64',
        '',
        Buffer.from('not really a png').toString('base64'),
        '--rel--',
        '--outer',
        "Content-Type: application/pdf; name*0*=utf-8''Rechnung%20f%C3%BCr; name*1*=%20M%C3%BCller.pdf",
        'Content-Disposition: attachment',
        'Content-Transfer-Encoding: base64',
        '',
        ...(pdf.toString('base64').match(/.{1,76}/gu) ?? []),
        '--outer--',
        'An epilogue.',
      ),
      { internalDate: new Date('2026-11-02T08:30:05Z') },
    );
    const { records } = await read({ folder });
    expect(records).toHaveLength(1);
    const [record] = records as [EmailRecord];
    expect(record).toMatchObject({
      folder,
      messageId: '<order-1@fabrikam.example>',
      inReplyTo: '<offer-1@contoso.example>',
      references: ['<first@contoso.example>', '<offer-1@contoso.example>'],
      subject: 'Bestellung für Größe XL',
      from: [{ name: 'Müller, Jörg', address: 'joerg@fabrikam.example' }],
      sender: [{ name: '', address: 'office@fabrikam.example' }],
      replyTo: [{ name: '', address: 'replies@fabrikam.example' }],
      to: [
        { name: 'Baker, Anna', address: 'anna@contoso.example' },
        { name: '', address: 'ben@contoso.example' },
      ],
      cc: [
        { name: '', address: 'a@contoso.example' },
        { name: '', address: 'b@contoso.example' },
      ],
      bcc: [],
      sentAt: '2026-11-02T08:30:00.000Z',
      receivedAt: '2026-11-02T08:30:05.000Z',
      isRead: false,
      html: '<p>Preis: 12 €</p><img src="cid:logo@x">',
      warnings: [],
    });
    expect(record.text).toBe('Preis: 12 €, grüße Jörg');
    expect(record.headers[0]).toEqual({ name: 'Received', value: 'from elsewhere' });
    expect(
      record.attachments.map(({ part, name, contentType, disposition, contentId, size }) => ({
        part,
        name,
        contentType,
        disposition,
        contentId,
        size,
      })),
    ).toEqual([
      {
        part: '1.2',
        name: 'attachment-1.2.png',
        contentType: 'image/png',
        disposition: 'inline',
        contentId: 'logo@x',
        size: 16,
      },
      {
        part: '2',
        name: 'Rechnung für Müller.pdf',
        contentType: 'application/pdf',
        disposition: 'attachment',
        contentId: null,
        size: pdf.length,
      },
    ]);
    expect(record.attachments[1]?.sha256).toBe(createHash('sha256').update(pdf).digest('hex'));
    expect(record.attachments[1]?.content).toEqual({ inline: pdf.toString('base64') });
    const [kept] = await tenant.stored('anna', folder);
    expect(record.size).toBe(kept?.source.length);
  });

  test('lists attachments without their content when attachments are off', async () => {
    const folder = await tenant.freshFolder('anna');
    await tenant.deliver('anna', folder, messageWithAttachment('off', 'a.bin', noise(100)));
    const { records } = await read({ folder, includeAttachments: false });
    expect(records[0]?.attachments).toMatchObject([{ name: 'a.bin', size: 100 }]);
    expect(records[0]?.attachments[0]).not.toHaveProperty('content');
  });

  test('refers to an attachment over the limit, and the reference opens to the same bytes', async () => {
    const folder = await tenant.freshFolder('anna');
    // Larger than one piece of a source, so that it is fetched in several.
    const content = noise(5_000_000);
    await tenant.deliver('anna', folder, messageWithAttachment('large', 'large.bin', content));
    const config = { folder, inlineContentLimit: 1000 };
    const { records } = await read(config);
    const attachment = records[0]?.attachments[0];
    expect(attachment?.sha256).toBe(createHash('sha256').update(content).digest('hex'));
    const handle = attachment?.content as { ref: string };
    expect(Object.keys(handle)).toEqual(['ref']);
    const stream = await connector.openContent(handle.ref, { connection: tenant.connection('anna') });
    expect((await buffer(stream)).equals(content)).toBe(true);
    expect(await seen(folder)).toEqual([false]);
  }, 60_000);

  test('has a safe file name where a sender put path parts, and says so', async () => {
    const folder = await tenant.freshFolder('anna');
    await tenant.deliver('anna', folder, messageWithAttachment('path', '../../etc/passwd', noise(10)));
    const { records } = await read({ folder });
    expect(records[0]?.attachments[0]?.name).toBe('passwd');
    expect(records[0]?.warnings).toEqual([
      { code: 'attachment-name-changed', part: '2', detail: '../../etc/passwd' },
    ]);
  });

  test('has no date where a date cannot be one, and the others are read', async () => {
    const folder = await tenant.freshFolder('anna');
    await tenant.deliver(
      'anna',
      folder,
      source('Subject: far future', 'Date: Mon, 1 Jan 20240 00:00:00 +0000', '', 'x'),
    );
    await tenant.deliver('anna', folder, plainMessage('behind'));
    const { records } = await read({ folder });
    expect(records.map(({ subject, sentAt }) => [subject, sentAt === null])).toEqual([
      ['far future', true],
      ['behind', false],
    ]);
  });

  test('holds one line per header value, whatever an encoded word brings', async () => {
    const folder = await tenant.freshFolder('anna');
    await tenant.deliver('anna', folder, source('Subject: =?utf-8?Q?a=0D=0ABcc:_x?=', '', 'x'));
    const { records } = await read({ folder });
    expect(records[0]?.subject).toBe('a Bcc: x');
  });

  test('comes of a malformed message too, with warnings, and does not stop the others', async () => {
    const folder = await tenant.freshFolder('anna');
    await tenant.deliver('anna', folder, plainMessage('before'));
    await tenant.deliver(
      'anna',
      folder,
      source(
        'From: <<broken',
        'Subject: =?klingon?Q?qapla?= =?utf-8?Q?=C3?=',
        'Date: yesterday',
        'Content-Type: multipart/mixed; boundary="lost"',
        '',
        '--lost',
        'Content-Type: text/plain; charset=x-nonsense',
        'Content-Transfer-Encoding: rot13',
        '',
        'b\u00e4h',
        '--lost',
        'Content-Disposition: attachment; filename=',
        'no blank line before the end',
      ),
    );
    await tenant.deliver('anna', folder, plainMessage('after'));
    const { records } = await read({ folder });
    expect(records.map(({ subject }) => subject)).toEqual(['before', expect.any(String), 'after']);
    const broken = records[1];
    expect(broken?.sentAt).toBeNull();
    expect(broken?.messageId).toBeNull();
    expect(broken?.text).toContain('bäh');
    expect(broken?.warnings.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['encoding-unknown', 'charset-unknown']),
    );
  });
});

describe('selection', () => {
  test('takes unread, read or all messages', async () => {
    const folder = await tenant.freshFolder('anna');
    await tenant.deliver('anna', folder, plainMessage('one'), { flags: ['\\Seen'] });
    await tenant.deliver('anna', folder, plainMessage('two'));
    const subjects = async (readState: string): Promise<string[]> =>
      (await read({ folder, readState })).records.map(({ subject }) => subject);
    expect(await subjects('unread')).toEqual(['two']);
    expect(await subjects('read')).toEqual(['one']);
    expect(await subjects('any')).toEqual(['one', 'two']);
  });

  test('compares the time of arrival to the second, though the server knows days only', async () => {
    const folder = await tenant.freshFolder('anna');
    const at = (time: string) => ({ internalDate: new Date(`2026-11-02T${time}Z`) });
    await tenant.deliver('anna', folder, plainMessage('early'), at('08:29:59'));
    await tenant.deliver('anna', folder, plainMessage('exact'), at('08:30:00'));
    await tenant.deliver('anna', folder, plainMessage('late'), at('23:59:59'));
    const receivedSince = '2026-11-02T09:30:00+01:00';
    expect((await read({ folder, receivedSince })).records.map(({ subject }) => subject)).toEqual([
      'exact',
      'late',
    ]);
    const request = { receivedSince: '2026-11-02T23:00:00Z' };
    expect((await read({ folder, receivedSince }, request)).records.map(({ subject }) => subject)).toEqual([
      'late',
    ]);
  });

  test('takes the oldest up to the limit and leaves the rest to the next run', async () => {
    const folder = await tenant.freshFolder('anna');
    for (const subject of ['m1', 'm2', 'm3', 'm4', 'm5'])
      await tenant.deliver('anna', folder, plainMessage(subject));
    const config = { folder, limit: 2, afterRead: 'mark-read' };
    const runs: string[][] = [];
    for (let run = 0; run < 3; run += 1) {
      const { batches, records } = await read(config);
      runs.push(records.map(({ subject }) => subject));
      await settleAll(config, batches);
    }
    expect(runs).toEqual([['m1', 'm2'], ['m3', 'm4'], ['m5']]);
  });

  test('yields large numbers in batches and an empty folder as nothing', async () => {
    const folder = await tenant.freshFolder('anna');
    expect((await read({ folder })).batches).toEqual([]);
    for (let number = 0; number < 120; number += 1) {
      await tenant.deliver('anna', folder, plainMessage(`number ${String(number)}`));
    }
    const { batches, records } = await read({ folder, limit: 1000 });
    expect(records).toHaveLength(120);
    expect(batches.length).toBeGreaterThan(1);
    expect(new Set(records.map(({ key }) => key)).size).toBe(120);
  }, 60_000);

  test('of a folder that is not there fails as not-found', async () => {
    expect(await failureOf(read({ folder: 'No such folder' }))).toEqual({
      kind: 'not-found',
      code: 'folder-not-found',
    });
  });

  test('of another mailbox by a record is refused unless the connection lists it', async () => {
    const work = read({ folder: 'INBOX' }, { mailbox: tenant.address('ben') });
    expect(await failureOf(work)).toEqual({ kind: 'input', code: 'override-not-allowed' });
  });
});

async function settleAll(config: Record<string, unknown>, batches: readonly ReadBatch[], using = connector) {
  const results = [];
  for (const { token, records } of batches) {
    const outcomes = records.map(({ key }) => ({ key, outcome: 'done' as const }));
    results.push(
      ...(await using.settle('read-email', {
        connection: tenant.connection('anna'),
        config,
        token,
        outcomes,
      })),
    );
  }
  return results;
}

describe('settling', () => {
  test('marks messages read only then, and only those that are done', async () => {
    const folder = await tenant.freshFolder('anna');
    for (const subject of ['a', 'b', 'c']) await tenant.deliver('anna', folder, plainMessage(subject));
    const config = { folder, afterRead: 'mark-read' };
    const { batches, records } = await read(config);
    expect(await seen(folder)).toEqual([false, false, false]);
    const [a, b] = records.map(({ key }) => key) as [string, string];
    const settled = await connector.settle('read-email', {
      connection: tenant.connection('anna'),
      config,
      token: batches[0]!.token,
      outcomes: [
        { key: a, outcome: 'done' },
        { key: b, outcome: 'retry' },
      ],
    });
    expect(settled).toEqual([
      { key: a, result: 'done' },
      { key: b, result: 'left' },
    ]);
    expect(await seen(folder)).toEqual([true, false, false]);
    expect((await read(config)).records.map(({ subject }) => subject)).toEqual(['b', 'c']);
  });

  test('works after a restart, and twice, with the same result', async () => {
    const folder = await tenant.freshFolder('anna');
    await tenant.deliver('anna', folder, plainMessage('restart'));
    const config = { folder, afterRead: 'mark-read' };
    const { batches } = await read(config);
    const afterRestart = openConnector({ net: tenant.net });
    expect(await settleAll(config, batches, afterRestart)).toMatchObject([{ result: 'done' }]);
    expect(await settleAll(config, batches, afterRestart)).toMatchObject([{ result: 'done' }]);
    expect(await seen(folder)).toEqual([true]);
  });

  test('without an after-read action changes nothing', async () => {
    const folder = await tenant.freshFolder('anna');
    await tenant.deliver('anna', folder, plainMessage('untouched'));
    const config = { folder };
    expect(await settleAll(config, (await read(config)).batches)).toMatchObject([{ result: 'done' }]);
    expect(await seen(folder)).toEqual([false]);
  });

  test('refuses a token that it did not make', async () => {
    const call = connector.settle('read-email', {
      connection: tenant.connection('anna'),
      config: { folder: 'INBOX' },
      token: Buffer.from('{"v":1,"mailbox":"someone@else.example"}').toString('base64url'),
      outcomes: [],
    });
    expect(await failureOf(call)).toEqual({ kind: 'input', code: 'settle-token-invalid' });
  });

  test.each([undefined, '', '.', 'nonsense', 'bm9uc2Vuc2U.bm9uc2Vuc2U'])(
    'refuses %j as a token or reference',
    async (text) => {
      const connection = tenant.connection('anna');
      const token = text as string;
      const settling = connector.settle('read-email', {
        connection,
        config: { folder: 'INBOX' },
        token,
        outcomes: [],
      });
      expect(await failureOf(settling)).toEqual({ kind: 'input', code: 'settle-token-invalid' });
      expect(await failureOf(connector.openContent(token, { connection }))).toEqual({
        kind: 'input',
        code: 'content-reference-invalid',
      });
    },
  );

  test('refuses a token that was changed, and marks nothing', async () => {
    const folder = await tenant.freshFolder('anna');
    await tenant.deliver('anna', folder, plainMessage('old'));
    const config = { folder, afterRead: 'mark-read' };
    const { batches } = await read(config);
    const [payload = '', signature = ''] = batches[0]!.token.split('.');
    const place = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
    const forged = Buffer.from(JSON.stringify({ ...place, uids: [1, 2, 3] })).toString('base64url');
    const connection = tenant.connection('anna');
    const outcomes = [{ key: batches[0]!.records[0]!.key, outcome: 'done' as const }];
    const call = connector.settle('read-email', {
      connection,
      config,
      token: `${forged}.${signature}`,
      outcomes,
    });
    expect(await failureOf(call)).toEqual({ kind: 'input', code: 'settle-token-invalid' });
    expect(await seen(folder)).toEqual([false]);
  });

  test('refuses a folder that was set up anew, where the same number is another message', async () => {
    const folder = await tenant.freshFolder('anna');
    await tenant.deliver('anna', folder, plainMessage('new'));
    const config = { folder, afterRead: 'mark-read' };
    const { batches } = await read(config);
    const { mailbox, id } = batches[0]!.records[0]!;
    const connection = tenant.connection('anna');
    // As if the batch had been read before the folder got its present UIDVALIDITY.
    const place = { mailbox, transport: 'imap' as const, folder, folderId: folder, generation: '1' };
    const token = settleToken(
      {
        ...place,
        messages: [{ id, contentKey: 'unknown' }],
        action: { kind: 'mark-read' },
        keepsPosition: false,
        maxAttempts: 5,
      },
      connection as unknown as Microsoft365Connection,
    );
    const outcomes = [{ key: recordKey(place, id), outcome: 'done' as const }];
    const call = connector.settle('read-email', { connection, config, token, outcomes });
    expect(await failureOf(call)).toEqual({ kind: 'conflict', code: 'folder-renewed' });
    expect(await seen(folder)).toEqual([false]);
  });
});

describe('a connection lost in the middle of a message', () => {
  test('fails as transient, marks nothing, and the next run reads everything', async () => {
    const folder = await tenant.freshFolder('anna');
    await tenant.deliver('anna', folder, messageWithAttachment('whole', 'whole.bin', noise(600_000)));
    await tenant.deliver('anna', folder, plainMessage('behind'));
    const config = { folder, afterRead: 'mark-read' };
    const proxy = await startCutProxy(tenant.net.hosts['outlook.office365.com:993'] ?? '', {
      afterServerBytes: 300_000,
    });
    try {
      const hosts = { ...tenant.net.hosts, 'outlook.office365.com:993': proxy.address };
      const cut = openConnector({ net: { ...tenant.net, hosts } });
      expect(await failureOf(read(config, {}, cut))).toEqual({ kind: 'transient', code: 'connection-lost' });
      expect(proxy.seen.fromServer).toBeGreaterThan(300_000);
    } finally {
      await proxy.stop();
    }
    expect(await seen(folder)).toEqual([false, false]);
    expect((await read(config)).records.map(({ subject }) => subject)).toEqual(['whole', 'behind']);
  });
});

describe('cancelling', () => {
  test('ends the run with the reason given', async () => {
    const folder = await tenant.freshFolder('anna');
    await tenant.deliver('anna', folder, plainMessage('cancelled'));
    const cancel = new AbortController();
    const run = connector.run(
      'read-email',
      { connection: tenant.connection('anna'), config: { folder } },
      { signal: cancel.signal },
    );
    cancel.abort(new Error('enough'));
    await expect(run.next()).rejects.toThrow('enough');
  });
});
