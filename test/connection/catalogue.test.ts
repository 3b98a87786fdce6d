/**
 * Every answer of the token endpoint, of IMAP, POP3 and SMTP that the catalogue knows is provoked in the sandbox, and
 * what the product makes of it is looked at: stage, kind, code, and a remedy in every language. What Graph answers follows
 * with its transport.
 */
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { FAILURES } from '../../src/generated/failures.js';
import { asFailure, openConnector, type Check, type Connector } from '../../src/index.js';
import { packagePath } from '../../src/manifest/index.js';
import { openPop3Session } from '../../src/mail/index.js';
import { routeTo } from '../../src/net/index.js';
import { DEMO, type Sandbox } from '../../src/sandbox/index.js';
import { requestToken } from '../sandbox/support/clients.js';
import { plainMessage } from '../support/messages.js';
import { openSandboxTenant } from '../support/sandbox-tenant.js';
import type { TestTenant } from '../support/tenant.js';

interface Reply {
  readonly id: string;
  readonly from: 'token' | 'imap' | 'pop3' | 'smtp' | 'graph';
  readonly sign: string;
  readonly code: keyof typeof FAILURES;
}

type ImapStep = Parameters<Sandbox['answers']['imap']>[0]['on'];
type Pop3Step = Parameters<Sandbox['answers']['pop3']>[0]['on'];
type SmtpStep = Parameters<Sandbox['answers']['smtp']>[0]['on'];

const replies = JSON.parse(readFileSync(packagePath('catalogue/replies.json'), 'utf8')) as Reply[];
const of = (from: Reply['from']): Reply[] => replies.filter((one) => one.from === from);
const numbered = of('token').filter(({ id }) => id.startsWith('AADSTS'));
const named = of('token').filter(({ id }) => id.startsWith('oauth-'));
/** What MSAL says by itself, on this side of the wire: test/errors holds the translation against each. */
const ownWords = of('token').filter(({ id }) => id.startsWith('msal-'));

/** A number that Microsoft has not given away: the OAuth error beside it has to do. */
const UNKNOWN_NUMBER = 999_999;

/** Where Exchange says it; whatever is not listed is said at the sign-in. */
const IMAP_AT: Readonly<Record<string, { on: ImapStep; stage: Check['stage'] | 'run'; close?: boolean }>> = {
  'imap-authenticated-not-connected': { on: 'list', stage: 'mailbox' },
  'imap-access-token-expired': { on: 'list', stage: 'mailbox', close: true },
  'imap-connection-closed': { on: 'list', stage: 'mailbox', close: true },
  'imap-throttled': { on: 'list', stage: 'mailbox' },
  'imap-server-unavailable': { on: 'list', stage: 'mailbox' },
  'imap-unavailable': { on: 'examine', stage: 'folder' },
  'imap-invalid-state': { on: 'examine', stage: 'folder' },
  'imap-badcharset': { on: 'search', stage: 'run' },
  'imap-argument-error': { on: 'search', stage: 'run' },
};

/** Where Exchange says it over POP3; whatever is not listed is said to the second line of the sign-in. */
const POP3_AT: Readonly<Record<string, { on: Pop3Step; close?: boolean }>> = {
  'pop3-tls-version': { on: 'greeting', close: true },
  'pop3-protocol-error': { on: 'auth', close: true },
  'pop3-server-unavailable': { on: 'stat' },
  'pop3-invalid-state': { on: 'uidl' },
  'pop3-message-gone': { on: 'dele' },
};

const SMTP_AT: Readonly<Record<string, SmtpStep>> = {
  'smtp-tls-version': 'greeting',
  'smtp-connection-dropped': 'mail',
  'smtp-not-authenticated': 'mail',
  'smtp-concurrent-connections': 'mail',
  'smtp-sender-thread-limit': 'message',
  'smtp-recipient-thread-limit': 'message',
  'smtp-temporary-error': 'message',
  'smtp-too-many-recipients': 'rcpt',
  'smtp-bad-outbound-sender': 'mail',
  'smtp-send-as-denied-new': 'message',
  'smtp-send-as-denied': 'message',
  'smtp-no-permission-to-send-as': 'message',
  'smtp-submission-quota': 'message',
  'smtp-mailbox-full': 'message',
  'smtp-message-too-large': 'message',
  'smtp-tenant-threshold': 'message',
  'smtp-address-not-accepted': 'message',
  'smtp-tenant-block-list': 'rcpt',
  'smtp-external-recipient-limit': 'rcpt',
  'smtp-sender-address-rejected': 'mail',
};

let tenant: TestTenant & { sandbox: Sandbox };
let connector: Connector;
beforeAll(async () => {
  tenant = await openSandboxTenant();
  await tenant.deliver('anna', 'INBOX', plainMessage('to be fetched'));
});
afterAll(() => tenant.stop());
afterEach(() => {
  tenant.sandbox.answers.clear();
});

/** imapflow waits out a back-off for half the idle time before it tells: two seconds keep the test short. */
const fresh = (): Connector => (connector = openConnector({ net: { ...tenant.net, idleTimeoutMs: 2000 } }));
const config = { folder: 'INBOX' };

async function failedCheck(activity: 'read-email' | 'send-email'): Promise<Check | undefined> {
  const activities = [{ id: activity, config: activity === 'read-email' ? config : {} }];
  let failed: Check | undefined;
  for await (const check of fresh().check({ connection: tenant.connection('anna'), activities })) {
    if (check.status === 'failed') failed ??= check;
  }
  return failed;
}

async function failedRead(): Promise<unknown> {
  try {
    const connection = tenant.connection('anna');
    const batches = fresh().run('read-email', { connection, config });
    while ((await batches.next()).done !== true);
    return undefined;
  } catch (error) {
    return asFailure(error).toJSON();
  }
}

async function failedSend(): Promise<unknown> {
  const requests = [{ to: [{ address: tenant.address('ben') }], subject: 'x', text: 'x' }];
  try {
    const connection = tenant.connection('anna');
    for await (const response of fresh().run('send-email', {
      connection,
      config: { attempts: 1 },
      requests,
    })) {
      return response.failure ?? response.recipients.find(({ failure }) => failure !== undefined)?.failure;
    }
    return undefined;
  } catch (error) {
    return asFailure(error).toJSON();
  }
}

/** Straight through the adapter: signs in, opens the inbox, and deletes its first message. */
async function failedPop3(): Promise<unknown> {
  const { clientId, clientSecret } = DEMO.pop3;
  const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret };
  const token = await requestToken(tenant.sandbox, {
    ...form,
    scope: 'https://outlook.office365.com/.default',
  });
  const context = { host: 'outlook.office365.com', port: 995, mailbox: tenant.address('anna') };
  let session;
  try {
    session = await openPop3Session(
      routeTo(tenant.net, context.host, context.port),
      token.json.access_token,
      {
        ...context,
        signedIn: `app ${clientId}`,
        trustee: clientId,
      },
    );
    await session.openFolder('INBOX', 'change');
    for await (const { messages } of session.changes({ after: undefined, conditions: [], pageSize: 1 })) {
      const outcomes = await session.apply(
        { kind: 'delete-permanently' },
        messages.map(({ id }) => id),
      );
      return [...outcomes.values()].map((outcome) => asFailure(outcome).toJSON())[0];
    }
    return undefined;
  } catch (error) {
    return asFailure(error).toJSON();
  } finally {
    await session?.close();
  }
}

/** The failure is the one of the catalogue, and everybody can read what to do about it. */
function expectExplained(failure: unknown, { id, code }: Reply): void {
  expect(failure).toMatchObject({ code, kind: FAILURES[code].kind, actor: FAILURES[code].actor, reply: id });
  for (const language of ['en', 'de', 'es']) {
    const { title, cause, remedy } = connector.explain(failure, language);
    for (const text of [title, cause, remedy]) {
      expect(text.length).toBeGreaterThan(10);
      expect(text).not.toMatch(/\{\w+\}|^failures\./u);
    }
  }
}

describe('the token endpoint', () => {
  test.each(numbered)('$id: $code', async (reply) => {
    tenant.sandbox.answers.token({ aadsts: Number(reply.sign), times: 20 });
    const failed = await failedCheck('read-email');
    expect(failed?.stage).toBe('token');
    expectExplained(failed?.failure, reply);
  });

  test.each(named)('$sign without a number that is known: $code', async (reply) => {
    const [error = '', suberror] = reply.sign.split('/');
    tenant.sandbox.answers.token({
      aadsts: UNKNOWN_NUMBER,
      error,
      ...(suberror === undefined ? {} : { suberror }),
      text: 'Something happened.',
      times: 20,
    });
    const failed = await failedCheck('read-email');
    expect(failed?.stage).toBe('token');
    expectExplained(failed?.failure, reply);
  });

  test('an unknown answer still has a kind, Microsoft’s words, a correlation id and a place to look', async () => {
    const words = 'The moon is in the wrong house.';
    tenant.sandbox.answers.token({ aadsts: UNKNOWN_NUMBER, error: 'invalid_moon', text: words, times: 20 });
    const failed = await failedCheck('read-email');
    expect(failed?.failure).toMatchObject({
      code: 'token-refused',
      kind: 'auth',
      docs: `https://login.microsoftonline.com/error?code=${String(UNKNOWN_NUMBER)}`,
    });
    expect(failed?.failure?.serverText).toContain(words);
    expect(failed?.failure?.correlationId).toMatch(/^[\da-f-]{36}$/u);
  });
});

/** Two answers that do not end a command: what becomes of them is told below, each for itself. */
const NOT_ENDING = ['imap-messages-gone', 'imap-server-unavailable-untagged'];

describe('IMAP', () => {
  test('messages that vanish while they are read are left out, and the read goes on', async () => {
    const { sign } = of('imap').find(({ id }) => id === 'imap-messages-gone') ?? { sign: '' };
    tenant.sandbox.answers.imap({ on: 'fetch', reply: sign, times: 20 });
    expect(await failedRead()).toBeUndefined();
  });

  test('a bare "Server Unavailable." without a tag answers no command: the wait for one ends it', async () => {
    const { sign } = of('imap').find(({ id }) => id === 'imap-server-unavailable-untagged') ?? { sign: '' };
    tenant.sandbox.answers.imap({ on: 'authenticate', reply: sign, times: 20 });
    expect(await failedCheck('read-email')).toMatchObject({ failure: { kind: 'transient' } });
  });

  test.each(of('imap').filter(({ id }) => !NOT_ENDING.includes(id)))('$id: $code', async (reply) => {
    const { on, stage, close = false } = IMAP_AT[reply.id] ?? { on: 'authenticate', stage: 'sign-in' };
    tenant.sandbox.answers.imap({ on, reply: reply.sign, times: 20, thenClose: close });
    if (stage === 'run') {
      expectExplained(await failedRead(), reply);
    } else {
      const failed = await failedCheck('read-email');
      expect(failed).toMatchObject({ stage, transport: 'imap' });
      expectExplained(failed?.failure, reply);
    }
  });
});

describe('POP3', () => {
  test.each(of('pop3'))('$id: $code', async (reply) => {
    connector = fresh();
    const { on, close = false } = POP3_AT[reply.id] ?? { on: 'response' };
    tenant.sandbox.answers.pop3({ on, reply: reply.sign, thenClose: close });
    expectExplained(await failedPop3(), reply);
  });
});

describe('SMTP', () => {
  test.each(of('smtp'))('$id: $code', async (reply) => {
    const on = SMTP_AT[reply.id];
    tenant.sandbox.answers.smtp({
      on: on ?? 'auth',
      reply: reply.sign,
      times: 20,
      thenClose: /^421/u.test(reply.sign),
    });
    if (on === undefined) {
      const failed = await failedCheck('send-email');
      expect(failed).toMatchObject({ stage: 'sign-in', transport: 'smtp' });
      expectExplained(failed?.failure, reply);
    } else {
      expectExplained(await failedSend(), reply);
    }
  });
});

describe('nothing in the catalogue is out of reach', () => {
  test('every reply of a transport that exists was provoked above', () => {
    const provoked = [...numbered, ...named, ...ownWords, ...of('imap'), ...of('pop3'), ...of('smtp')];
    expect(replies.filter(({ from }) => from !== 'graph')).toHaveLength(provoked.length);
    expect(numbered.length).toBeGreaterThanOrEqual(90);
    for (const id of [IMAP_AT, POP3_AT, SMTP_AT].flatMap((at) => Object.keys(at))) {
      expect(replies.map((reply) => reply.id)).toContain(id);
    }
  });
});
