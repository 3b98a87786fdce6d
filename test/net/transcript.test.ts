/**
 * What a tap is given: the whole dialogue, and not one secret, subject, folder or name, in whatever form it was said.
 * Canaries are planted at every place; the search for them is itself tested on text that holds them.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openConnector } from '../../src/index.js';
import { attachTap, routeTo, type NetPolicy, type TranscriptEntry } from '../../src/net/index.js';
import { listenToHttps, listenToMail } from '../../src/net/transcript/recorder.js';
import { DEMO, type Sandbox } from '../../src/sandbox/index.js';
import { messageWithAttachment, plainMessage } from '../support/messages.js';
import { openSandboxTenant } from '../support/sandbox-tenant.js';
import type { TestTenant } from '../support/tenant.js';

/** base64 of a text at one of three alignments, whatever surrounds it. */
function base64At(text: string, offset: number): string {
  const encoded = Buffer.from('x'.repeat(offset) + text + 'xxx').toString('base64');
  return encoded.slice(Math.ceil((offset * 4) / 3), Math.floor(((offset + text.length) * 4) / 3));
}

/** The forms of a canary that stand in a text. */
function foundIn(text: string, canary: string): string[] {
  const forms = {
    plain: canary,
    'lower case': canary.toLowerCase(),
    percent: encodeURIComponent(canary),
    'base64 at 0': base64At(canary, 0),
    'base64 at 1': base64At(canary, 1),
    'base64 at 2': base64At(canary, 2),
    'base64url at 0': base64At(canary, 0).replaceAll('+', '-').replaceAll('/', '_'),
    hex: Buffer.from(canary).toString('hex'),
  };
  return Object.entries(forms)
    .filter(([, form]) => text.includes(form))
    .map(([name]) => name);
}

function recording(): {
  entries: TranscriptEntry[];
  tap: (entry: TranscriptEntry) => void;
  text: () => string;
} {
  const entries: TranscriptEntry[] = [];
  return {
    entries,
    tap: (entry) => void entries.push(entry),
    text: () => JSON.stringify(entries) + entries.map(({ text }) => text).join('\n'),
  };
}

describe('the search for canaries', () => {
  test.each([0, 1, 2])('finds one in base64 at alignment %i, and in clear', (offset) => {
    const canary = 'canary-secret-4711';
    const encoded = Buffer.from('x'.repeat(offset) + canary + '!').toString('base64');
    expect(foundIn(`a ${encoded} b`, canary)).toContain(`base64 at ${String(offset)}`);
    expect(foundIn(`a ${canary}`, canary)).toContain('plain');
    expect(foundIn('nothing here', canary)).toEqual([]);
  });
});

describe('a whole session with the sandbox', () => {
  const { anna, bernd } = DEMO.people;
  let tenant: TestTenant & { sandbox: Sandbox };
  const folder = 'Kundenkanarien/Vertraulich';
  beforeAll(async () => {
    tenant = await openSandboxTenant();
    tenant.sandbox.mailbox(anna.address).createFolder(folder);
  });
  afterAll(() => tenant.stop());

  const byPassword = {
    method: 'password',
    clientId: DEMO.signIn.clientId,
    userName: anna.address,
    password: anna.password,
  };
  test.each([
    ['an app’s secret', { method: 'client-secret', ...DEMO.daemon }, DEMO.daemon.clientSecret],
    ['user name and password', byPassword, anna.password],
  ])(
    'with %s shows the dialogue and nothing of it that is private',
    async (_name, authentication, secret) => {
      const recorded = recording();
      const net: NetPolicy = { ...tenant.net, tap: recorded.tap };
      const connector = openConnector({ net });
      const mailbox = tenant.sandbox.mailbox(anna.address);
      mailbox.append(folder, plainMessage('subject canary-in', 'body canary-in'), {});
      mailbox.append(
        folder,
        messageWithAttachment('attached', 'canary-name.txt', Buffer.from('canary-file')),
        {},
      );
      const connection = { ...tenant.connection('anna'), authentication };

      const config = { folder, afterRead: 'mark-read' };
      for await (const check of connector.check({ connection })) expect(check.status).not.toBe('failed');
      for await (const { records, token } of connector.run('read-email', { connection, config })) {
        const outcomes = records.map(({ key }) => ({ key, outcome: 'done' as const }));
        await connector.settle('read-email', { connection, config, token, outcomes });
      }
      const requests = [{ to: [{ address: bernd.address }], subject: 'canary-out', text: 'body canary-out' }];
      for await (const one of connector.run('send-email', {
        connection,
        config: { attempts: 1 },
        requests,
      })) {
        expect(one.recipients[0]?.outcome).toBe('accepted');
      }

      const text = recorded.text();
      const tokens = tenant.sandbox.requests;
      expect(tokens).toBeDefined();
      const canaries = [
        ...[secret, anna.address, bernd.address, 'contoso', tenant.sandbox.tenantId],
        ...[
          DEMO.daemon.clientId,
          DEMO.signIn.clientId,
          'canary-in',
          'canary-out',
          'canary-file',
          'canary-name',
        ],
        ...['Kundenkanarien', 'Vertraulich', 'eyJ0eXAi', 'user=anna', 'Bearer '],
      ];
      for (const canary of canaries) expect([canary, foundIn(text, canary)]).toEqual([canary, []]);

      // The dialogue itself is there, from all three servers.
      const said = (protocol: string, from: string): string =>
        recorded.entries
          .filter((entry) => entry.protocol === protocol && entry.from === from)
          .map((entry) => entry.text)
          .join('\n');
      expect(said('https', 'client')).toMatch(
        /^POST \/00000000-0000-4000-8000-\d{12}\/oauth2\/v2\.0\/token$/mu,
      );
      expect(said('https', 'client')).toMatch(/^grant_type=(?:client_credentials|password)$/mu);
      expect(said('https', 'client')).toMatch(/^(?:client_secret|password)=<redacted \d+ characters>$/mu);
      expect(said('https', 'server')).toMatch(/"claims":\[.*"(?:roles|scp)"/u);
      expect(said('imap', 'client')).toMatch(/^\w+ AUTHENTICATE XOAUTH2 <redacted>$/mu);
      expect(said('imap', 'client')).toMatch(/^\w+ (?:SELECT|EXAMINE) "?folder1\/folder2"?$/mu);
      expect(said('imap', 'server')).toMatch(/^\* OK .* ready/mu);
      expect(said('imap', 'server')).toMatch(/^\* \d+ FETCH .*\{\d+\} \)/mu);
      expect(said('smtp', 'client')).toMatch(/^EHLO <name>$/mu);
      expect(said('smtp', 'client')).toMatch(/^AUTH XOAUTH2 <redacted>$/mu);
      expect(said('smtp', 'client')).toMatch(/^MAIL FROM:<user\d+@domain\d+\.example>/mu);
      expect(said('smtp', 'client')).toMatch(/^<content, \d+ bytes>$/mu);
      expect(said('smtp', 'server')).toMatch(/^235 2\.7\.0 /mu);
    },
  );
});

describe('a server that repeats what it was told', () => {
  const token = 'opaque canary/token+4711==é';
  const encodings: readonly (readonly [string, string])[] = [
    ['in clear', token],
    ['percent-encoded', encodeURIComponent(token)],
    ['as a form', new URLSearchParams({ token }).toString()],
    ['in base64', Buffer.from(token).toString('base64')],
    ['in base64, shifted by one', Buffer.from(`x${token}`).toString('base64')],
    ['in base64, shifted by two', Buffer.from(`xx${token}`).toString('base64')],
    ['in base64url', Buffer.from(`{"t":"${token}"}`).toString('base64url')],
    ['in UTF-16 and base64', Buffer.from(token, 'utf16le').toString('base64')],
    ['in hexadecimal', Buffer.from(token).toString('hex')],
    ['in JSON', JSON.stringify({ token })],
  ];
  const leaked = (text: string): string[] =>
    ['canary', ...encodings.map(([, form]) => form), base64At('canary', 0), base64At('canary', 1)].filter(
      (form) => text.includes(form),
    );

  test.each(encodings)('%s does not show it', (_name, form) => {
    const recorded = recording();
    const imap = listenToMail(recorded.tap, 'imap', 'h', 993);
    imap?.learn(token);
    const smtp = listenToMail(recorded.tap, 'smtp', 'h', 587);
    const https = listenToHttps(recorded.tap, 'h', 443);
    imap?.server(`* OK [x ${form}] ready ${form}\r\n* BAD ${form}\r\n1 NO ${form} refused\r\n`);
    smtp?.server(`535-5.7.3 ${form}\r\n535 5.7.3 [${form}]\r\n`);
    https?.answer(400, { 'content-type': form }, JSON.stringify({ error_description: form, error: form }));
    expect(recorded.entries.length).toBe(5);
    expect(leaked(recorded.text())).toEqual([]);
    expect(leaked(`x ${form}`)).not.toEqual([]);
  });

  test('not even in the answer to the request that held it first', () => {
    const recorded = recording();
    const https = listenToHttps(recorded.tap, 'h', 443);
    const url = new URL('https://h/contoso.com/oauth2/v2.0/token?code=query-canary');
    const username = 'canary@contoso.com';
    https?.request(
      'POST',
      url,
      new URLSearchParams({ client_secret: token, username, scope: 'https://x/.default' }).toString(),
    );
    const echo = `AADSTS7000215: '${token}' query-canary of tenant contoso.com, app named 'Canary Ltd'`;
    https?.answer(
      401,
      {},
      JSON.stringify({ error: 'invalid_client', error_description: echo, refresh_token: 'r-canary' }),
    );
    https?.answer(500, {}, `<html>${token}</html>`);
    const text = recorded.text();
    expect(text).not.toMatch(/canary|contoso/iu);
    expect(text).toContain('scope=https://x/.default');
    expect(text).toContain('username=user1@domain1.example');
    expect(text).toContain('AADSTS7000215');
  });
});

describe('places where mail servers and clients put what is private', () => {
  const imapLines = (client: readonly string[], server: readonly string[] = []): string[] => {
    const recorded = recording();
    const listener = listenToMail(recorded.tap, 'imap', 'h', 993);
    for (const line of client) listener?.client(`${line}\r\n`);
    for (const line of server) listener?.server(`${line}\r\n`);
    return recorded.entries.map(({ text }) => text);
  };

  test.each([
    ['1 LOGIN anna canary', '1 LOGIN <redacted 11 characters>'],
    ['1 AUTHENTICATE PLAIN Y2FuYXJ5', '1 AUTHENTICATE PLAIN <redacted>'],
    [
      '1 UID SEARCH SUBJECT canary SINCE 1-Jan-2026',
      '1 UID SEARCH SUBJECT <redacted 6 characters> SINCE 1-Jan-2026',
    ],
    [
      '1 UID SEARCH HEADER Message-ID "<canary@x>"',
      '1 UID SEARCH HEADER <redacted 10 characters> <redacted 12 characters>',
    ],
    ['1 SELECT Canary', '1 SELECT folder1'],
    ['1 SELECT "INBOX/Canary corp"', '1 SELECT "INBOX/folder1"'],
    ['1 UID MOVE 1:2 Canary', '1 UID MOVE 1:2 folder1'],
    ['1 UID STORE 1 +FLAGS (\\Seen canary)', '1 UID STORE 1 +FLAGS (\\Seen keyword)'],
    ['1 XCANARY canary', '1 XCANARY <redacted 6 characters>'],
    ['canary', '<redacted>'],
  ])('IMAP client: %s', (line, expected) => {
    expect(imapLines([line])).toEqual([expected]);
  });

  test('a two-step sign-in shows that it has two steps', () => {
    const recorded = recording();
    const imap = listenToMail(recorded.tap, 'imap', 'h', 993);
    imap?.client('1 AUTHENTICATE XOAUTH2\r\n');
    imap?.server('+ \r\n');
    imap?.client(`${Buffer.from('user=canary').toString('base64')}\r\n`);
    imap?.server(`+ ${Buffer.from('{"status":"400"}').toString('base64')}\r\n`);
    imap?.client('\r\n');
    imap?.server('1 NO AUTHENTICATE failed.\r\n');
    imap?.client('2 NOOP\r\n');
    expect(recorded.entries.map(({ text }) => text)).toEqual([
      '1 AUTHENTICATE XOAUTH2',
      '+ ',
      '<redacted>',
      '+ <redacted>',
      '',
      '1 NO AUTHENTICATE failed.',
      '2 NOOP',
    ]);
  });

  test.each([
    ['* LIST (\\HasNoChildren) "/" Canary', '* LIST (\\HasNoChildren) "/" folder1'],
    ['* LIST (\\HasNoChildren) "/" "Canary/Sent Items"', '* LIST (\\HasNoChildren) "/" "folder1/Sent Items"'],
    ['* STATUS Canary (MESSAGES 3)', '* STATUS folder1 (MESSAGES 3)'],
    [
      '* 1 FETCH (ENVELOPE ("date" "Canary" (("Anna" NIL "canary" "contoso.com"))) UID 7)',
      '* 1 FETCH (ENVELOPE ("<redacted 4 characters>" "<redacted 6 characters>" (("<redacted 4 characters>" NIL ' +
        '"<redacted 6 characters>" "<redacted 11 characters>"))) UID 7)',
    ],
    ['* FLAGS (\\Seen $MDNSent canary)', '* FLAGS (\\Seen $MDNSent keyword)'],
    ['* OK [PERMANENTFLAGS (canary \\*)] x', '* OK [PERMANENTFLAGS (keyword \\*)] x'],
    ['* 1 FETCH (BODY[1] "canary', '* 1 FETCH (BODY[1] "<redacted 6 characters>"'],
    ['* 1 FETCH (BODY[1] "canary\\', '* 1 FETCH (BODY[1] "<redacted 6 characters>"'],
    ['* LIST () "/" "Canary', '* LIST () "/" "folder1"'],
    ['* XCANARY canary', '* XCANARY <redacted 16 characters>'],
  ])('IMAP server: %s', (line, expected) => {
    expect(imapLines([], [line])).toEqual([expected]);
  });

  test('literals are counted, not shown, wherever they are cut', () => {
    const wire = Buffer.from('* 1 FETCH (BODY[] {16}\r\nSubject: canary\r\n UID 3)\r\n1 OK done\r\n');
    for (let cut = 1; cut < wire.length; cut += 1) {
      const recorded = recording();
      const imap = listenToMail(recorded.tap, 'imap', 'h', 993);
      imap?.server(wire.subarray(0, cut));
      imap?.server(wire.subarray(cut));
      expect(recorded.text()).not.toMatch(/canary|Subject/u);
      expect(recorded.entries.map(({ text }) => text).at(-1)).toBe('1 OK done');
    }
  });

  test.each([
    [`* OK ${'x'.repeat(16_370)}anna@contoso.com canary`, '* OK <cut>'],
    [`* 1 FETCH (BODY[] "canary ${'x'.repeat(20_000)}"`, '* 1 FETCH <cut>'],
    [`+ canary${'x'.repeat(20_000)}`, '<cut>'],
    [`canary ${'x'.repeat(20_000)}`, '<cut>'],
  ])('a line of more than 16 KiB tells its kind alone: %.20s', (line, start) => {
    const [cut = '', next] = imapLines([], [line, '1 OK next']);
    expect(cut).toBe(start);
    expect(cut).not.toMatch(/canary|contoso|xxx/u);
    expect(next).toBe('1 OK next');
  });

  test('a mail address in a path is recognised in its percent-encoding', () => {
    const recorded = recording();
    const url = new URL('https://h/common/userrealm/canary%40contoso.com');
    listenToHttps(recorded.tap, 'h', 443)?.request('GET', url, undefined);
    expect(recorded.text()).not.toMatch(/canary|contoso/u);
    expect(recorded.text()).toContain('GET /common/userrealm/user1@domain1.example');
  });

  test('SMTP names no machine, person or address of the client', () => {
    const recorded = recording();
    const smtp = listenToMail(recorded.tap, 'smtp', 'h', 587);
    smtp?.client('EHLO canary.corp.example');
    smtp?.server('250-AM0PR10CA.outlook.office365.com Hello [203.0.113.77]\r\n250 AUTH XOAUTH2');
    smtp?.client('AUTH LOGIN');
    smtp?.server('334 VXNlcm5hbWU6');
    smtp?.client('Y2FuYXJ5');
    smtp?.server(
      '535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.',
    );
    smtp?.client('MAIL FROM:<canary@contoso.com> SIZE=100');
    smtp?.server('250 2.1.0 Sender OK');
    smtp?.client('RCPT TO:<Canary@Contoso.com>');
    smtp?.server('550 5.1.10 canary@contoso.com not found by contoso.com');
    smtp?.client('XCANARY canary');
    expect(recorded.entries.map(({ text }) => text)).toEqual([
      'EHLO <name>',
      '250-AM0PR10CA.outlook.office365.com Hello [192.0.2.1]\n250 AUTH XOAUTH2',
      'AUTH LOGIN',
      '334 <redacted>',
      '<redacted>',
      '535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.',
      'MAIL FROM:<user1@domain1.example> SIZE=100',
      '250 2.1.0 Sender OK',
      'RCPT TO:<user1@domain1.example>',
      '550 5.1.10 user1@domain1.example not found by domain1.example',
      '<redacted 14 characters>',
    ]);
  });
});

test('a tap can be attached to a policy in use; one of the policy itself comes first', () => {
  const own = (): void => undefined;
  const later = (): void => undefined;
  const policies: NetPolicy[] = [{}, { tap: own }, {}];
  for (const policy of policies.slice(0, 2)) attachTap(policy, later);
  expect(policies.map((policy) => routeTo(policy, 'h', 443).tap)).toEqual([later, own, undefined]);
});

test('a tap that throws disturbs nobody', () => {
  const tap = (): never => {
    throw new Error('full disk');
  };
  expect(() => listenToMail(tap, 'smtp', 'h', 587)?.client('QUIT')).not.toThrow();
});
