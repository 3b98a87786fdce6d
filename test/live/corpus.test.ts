/**
 * Foreign mail by way of a real server: every message is put into Dovecot and read through the activity, over IMAP and over
 * POP3, and must make the record that its source makes. What Dovecot itself changes is done to the source before, and
 * the server is asked first whether that is all it changes.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { ImapFlow } from 'imapflow';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { openConnector, type EmailRecord, type ParsedRecord } from '../../src/index.js';
import { corpora } from '../corpus/support/corpora.js';
import { EVERYTHING, OF_A_MAILBOX, recordOf } from '../corpus/support/records.js';
import { liveDescription } from '../support/live-tenant.js';
import { addressOf } from './support/loopback-https.js';

interface Message {
  readonly name: string;
  readonly source: Buffer;
}

const head = 'Message-ID: <odd@x.example>\r\nSubject: odd';
/** What no foreign message has, and Dovecot does not leave as it is. */
const ODD: readonly Message[] = [
  { name: 'NUL', source: Buffer.from(`${head}\r\n\r\na\0b\r\n`) },
  { name: 'CR alone', source: Buffer.from(`${head}\r\n\r\na\rb\r\n`) },
  { name: 'two CR before LF', source: Buffer.from(`${head}\r\n\r\na\r\r\nb\r\n`) },
  { name: 'dots', source: Buffer.from(`${head}\r\n\r\n.\r\n..\r\n.a\r\n`) },
];

/** LF becomes CRLF, and of several CR before LF one stays. */
const withStoredLines = (source: Buffer): string => source.toString('latin1').replaceAll(/\r*\n/gu, '\r\n');

/** NUL, which a literal cannot hold (RFC 3501 section 4.3.1), becomes 0x80. */
function asOverImap(source: Buffer): Buffer {
  return Buffer.from(withStoredLines(source).replaceAll('\0', '\x80'), 'latin1');
}

/** What ends a message is a line of its own (RFC 1939 section 3), so the last line gets an end. */
function asOverPop3(source: Buffer): Buffer {
  const lines = withStoredLines(source);
  return Buffer.from(lines.endsWith('\r\n') ? lines : `${lines}\r\n`, 'latin1');
}

/** Where the BODYSTRUCTURE that Dovecot makes is another than ours, in the order of their names. */
const OTHER_STRUCTURE = {
  'mime4j/mimetools-testmsgs/multi-2evil.msg': 'it drops the slashes of a name without quotes',
  'ruby-mail/emails/attachment_emails/attachment_with_unquoted_name.eml':
    'it ends a name without quotes at the first blank',
  'ruby-mail/emails/mime_emails/raw_email_with_binary_encoded.eml': 'it counts an empty part behind the last',
};

const described = corpora === undefined ? describe.skip : describe;

described('foreign mail in Dovecot', () => {
  const live = liveDescription();
  const { address, password, clientId, clientSecret } = live.people.dora;
  const internalDate = new Date('2026-03-01T12:00:00Z');
  let messages: readonly Message[];
  let stored: readonly Buffer[];

  beforeAll(async () => {
    const { foreignMessages } = await import('../corpus/support/messages.js');
    messages = [...foreignMessages(), ...ODD];
    const client = new ImapFlow({
      ...addressOf(live, 'outlook.office365.com:993'),
      secure: true,
      servername: 'outlook.office365.com',
      tls: { ca: live.ca },
      auth: { user: address, pass: password },
      logger: false,
      disableAutoIdle: true,
    });
    await client.connect();
    for (const { source } of messages) await client.append('INBOX', source, [], internalDate);
    await client.mailboxOpen('INBOX', { readOnly: true });
    const fetched = await client.fetchAll('1:*', { uid: true, source: true });
    stored = fetched.sort((one, other) => one.uid - other.uid).map(({ source }) => source ?? Buffer.alloc(0));
    await client.logout();
  }, 60_000);

  async function read(transport: 'imap' | 'pop3', settings: object = EVERYTHING): Promise<EmailRecord[]> {
    const connector = openConnector({ net: { hosts: live.hosts, trustedRoots: [live.ca] } });
    const connection = {
      tenant: live.tenantId,
      mailbox: address,
      authentication: { method: 'client-secret', clientId, clientSecret },
    };
    const config = { ...settings, folder: 'INBOX', transport, readState: 'any', limit: 10_000 };
    const records: EmailRecord[] = [];
    for await (const batch of connector.run('read-email', { connection, config })) {
      records.push(...batch.records);
      await pause(0);
    }
    return records;
  }

  /** A record without what only a mailbox tells. */
  function ofMessage(record: EmailRecord | undefined): unknown {
    const names = new Set(Object.keys(OF_A_MAILBOX));
    return Object.fromEntries(Object.entries(record ?? {}).filter(([name]) => !names.has(name)));
  }

  test('Dovecot changes line ends and NUL, and nothing else', () => {
    expect(stored).toHaveLength(messages.length);
    const changed = messages.filter(({ source }, index) => !asOverImap(source).equals(stored[index]!));
    expect(changed.map(({ name }) => name)).toEqual([]);
  });

  test.each([
    ['imap', asOverImap, internalDate.toISOString()],
    ['pop3', asOverPop3, undefined],
  ] as const)(
    'over %s every record is what parse makes of the source',
    async (transport, arriving, receivedAt) => {
      const records = await read(transport);
      expect(records).toHaveLength(messages.length);
      for (const [index, { name, source }] of messages.entries()) {
        const expected = await recordOf(arriving(source), EVERYTHING);
        expect({ name, record: ofMessage(records[index]) }).toEqual({
          name,
          record: receivedAt === undefined ? expected : { ...expected, receivedAt },
        });
      }
    },
    120_000,
  );

  /** What does not need the bytes of an attachment. */
  function outline(record: ParsedRecord): unknown {
    const { text, html, report, calendar, smime, attachments } = record;
    return {
      ...{ text, html, report, calendar, smime },
      attachments: attachments.map(({ part, name, contentType, disposition, contentId, omitted }) => ({
        ...{ part, name, contentType, disposition, contentId, omitted },
      })),
    };
  }

  test('over imap, part by part without attachments, texts and names are those of parse', async () => {
    const settings = { includeAttachments: false };
    const records = await read('imap', settings);
    const different: string[] = [];
    for (const [index, { name, source }] of messages.entries()) {
      const expected = outline(await recordOf(asOverImap(source), settings));
      if (JSON.stringify(outline(records[index]!)) !== JSON.stringify(expected)) different.push(name);
    }
    expect(different).toEqual(Object.keys(OTHER_STRUCTURE));
  });
});
