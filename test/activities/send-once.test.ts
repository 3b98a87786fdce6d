/**
 * Send Email with an idempotency key, whoever plays the tenant: however often a record is given it is sent once, and what is
 * not known is looked for and never sent again.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  openConnector,
  openMemoryState,
  openVault,
  type Connector,
  type EmailRecord,
  type SendEmailResponse,
  type State,
} from '../../src/index.js';
import { startCutProxy } from '../support/cut-proxy.js';
import { openTenant } from '../support/open-tenant.js';
import type { TestTenant } from '../support/tenant.js';
import { clockAt } from '../support/clock.js';

const SMTP = 'smtp.office365.com:587';
const IMAP = 'outlook.office365.com:993';
const NOWHERE = '127.0.0.1:1';
let tenant: TestTenant;
let ben: string;

beforeAll(async () => {
  tenant = await openTenant();
  ben = tenant.address('ben');
}, 30_000);
afterAll(() => tenant.stop());

interface Place {
  readonly hosts?: Readonly<Record<string, string>>;
  readonly state?: State;
  readonly clock?: () => number;
}

function open({ hosts = {}, state = openMemoryState(), clock = Date.now }: Place = {}): Connector {
  const net = { ...tenant.net, hosts: { ...tenant.net.hosts, ...hosts } };
  return openConnector({
    net,
    store: { state, vault: openVault([Buffer.alloc(32, 7)]) },
    clock: clockAt(clock),
  });
}

async function send(
  connector: Connector,
  requests: readonly unknown[],
  activity: string | undefined = 'orders',
): Promise<SendEmailResponse[]> {
  const input = { connection: tenant.connection('anna'), config: {}, requests };
  const named = activity === '' ? {} : { activity };
  const responses: SendEmailResponse[] = [];
  for await (const one of connector.run('send-email', { ...input, ...named })) responses.push(one);
  return responses;
}

const mail = (subject: string, more: object = {}) => ({
  to: [{ address: ben }],
  subject,
  text: 'x',
  ...more,
});
const copies = async (subject: string): Promise<number> =>
  (await tenant.stored('ben', 'INBOX')).filter(({ source }) => source.includes(`Subject: ${subject}\r\n`))
    .length;

test('a key is sent once, over runs and processes that share the store, and says so', async () => {
  const subject = randomUUID();
  const state = openMemoryState();
  const request = mail(subject, { idempotencyKey: subject });
  const [first] = await send(open({ state }), [request]);
  expect(first).toMatchObject({ outcome: 'accepted', attempts: 1 });
  expect(first).not.toHaveProperty('repeated');
  await tenant.arrived('ben', first!.messageId!);
  const [, again] = await send(open({ state }), [mail('another'), request]);
  expect(again).toEqual({ ...first, index: 1, repeated: true });
  expect(await copies(subject)).toBe(1);
});

test('of two runs at once one sends', async () => {
  const subject = randomUUID();
  const state = openMemoryState();
  const request = mail(subject, { idempotencyKey: subject });
  const answers = (
    await Promise.all(Array.from({ length: 4 }, () => send(open({ state }), [request])))
  ).flat();
  const sent = answers.filter(({ outcome, repeated }) => outcome === 'accepted' && repeated !== true);
  expect(sent).toHaveLength(1);
  for (const { outcome, repeated, failure } of answers.filter((one) => one !== sent[0]))
    expect([repeated, outcome, failure?.code]).toEqual(
      repeated === true ? [true, 'accepted', undefined] : [undefined, 'unknown', 'send-in-progress'],
    );
  await tenant.arrived('ben', sent[0]!.messageId!);
  expect(await copies(subject)).toBe(1);
});

test('activities have keys of their own, and two mails that are alike without keys are two mails', async () => {
  const subject = randomUUID();
  const connector = open();
  const request = mail(subject, { idempotencyKey: 'same' });
  const [one] = await send(connector, [request], 'one');
  const [two] = await send(connector, [request], 'two');
  expect(one!.messageId).not.toBe(two!.messageId);
  const [three, four] = await send(connector, [mail(subject), mail(subject)]);
  for (const { messageId } of [one!, two!, three!, four!]) await tenant.arrived('ben', messageId!);
  expect(await copies(subject)).toBe(4);
});

describe('a key is refused', () => {
  test('for another content', async () => {
    const key = randomUUID();
    const connector = open();
    await send(connector, [mail(key, { idempotencyKey: key })]);
    const [response] = await send(connector, [mail(key, { idempotencyKey: key, text: 'y' })]);
    expect(response).toMatchObject({
      outcome: 'rejected',
      messageId: null,
      recipients: [],
      failure: { kind: 'conflict', code: 'key-reused', parameters: { key } },
    });
    expect(response).not.toHaveProperty('repeated');
  });

  test('without an activity', async () => {
    const [response] = await send(open(), [mail('x', { idempotencyKey: 'k' })], '');
    expect(response).toMatchObject({
      outcome: 'rejected',
      failure: { kind: 'config', code: 'key-needs-activity' },
    });
  });

  test('that is empty or too long', async () => {
    const [empty, long] = await send(open(), [
      mail('x', { idempotencyKey: '' }),
      mail('x', { idempotencyKey: 'k'.repeat(201) }),
    ]);
    for (const response of [empty, long])
      expect(response).toMatchObject({
        outcome: 'rejected',
        failure: { code: 'input-invalid', problems: [{ pointer: '/idempotencyKey' }] },
      });
  });
});

test('a record that was refused is tried again, with the same Message-ID', async () => {
  const key = randomUUID();
  const connector = open();
  const other = { address: 'anna.without.right@contoso.example' };
  const connection = { ...tenant.connection('anna'), allowedMailboxes: [other.address] };
  const requests = [mail(key, { idempotencyKey: key, from: other })];
  const once = async (): Promise<SendEmailResponse> => {
    for await (const one of connector.run('send-email', { connection, config: {}, requests, activity: 'a' }))
      return one;
    throw new Error('no answer');
  };
  const first = await once();
  expect(first).toMatchObject({ outcome: 'rejected', attempts: 1 });
  expect(await once()).toMatchObject({ outcome: 'rejected', attempts: 2, messageId: first.messageId });
});

describe('when the answer of the server is lost', () => {
  async function lose(hosts: Place['hosts'] = {}) {
    const subject = randomUUID();
    const state = openMemoryState();
    const request = mail(subject, { idempotencyKey: subject, text: 'x'.repeat(100_000) });
    const proxy = await startCutProxy(tenant.net.hosts[SMTP] ?? '', { replyLostAfterClientBytes: 60_000 });
    try {
      const [first] = await send(open({ state, hosts: { ...hosts, [SMTP]: proxy.address } }), [request]);
      return { subject, state, request, first: first! };
    } finally {
      await proxy.stop();
    }
  }

  test('the copy in Sent Items proves the acceptance', async () => {
    const { subject, state, request, first } = await lose();
    if (tenant.kind === 'live') {
      expect(first).toMatchObject({ outcome: 'unknown' }); // Postfix keeps no copy
      return;
    }
    expect(first).toMatchObject({
      outcome: 'accepted',
      evidence: 'sent-items',
      recipients: [{ address: ben, outcome: 'accepted' }],
    });
    expect(first).not.toHaveProperty('failure');
    const [again] = await send(open({ state }), [request]);
    expect(again).toEqual({ ...first, repeated: true });
    expect(await copies(subject)).toBe(1);
  }, 30_000);

  test('without a way to read it stays unknown, and is not sent again', async () => {
    const { subject, state, request, first } = await lose({ [IMAP]: NOWHERE });
    expect(first).toMatchObject({
      outcome: 'unknown',
      failure: { code: 'acceptance-unknown', parameters: { messageId: first.messageId } },
    });
    await tenant.arrived('ben', first.messageId!);
    const [again] = await send(open({ state, hosts: { [IMAP]: NOWHERE } }), [request]);
    expect(again).toEqual({ ...first, repeated: true });
    expect(await copies(subject)).toBe(1);
  }, 30_000);

  test('a delivery report that comes back proves the acceptance, and is told with the answer from then on', async () => {
    const { subject, state, request, first } = await lose({ [IMAP]: NOWHERE });
    expect(first.outcome).toBe('unknown');
    const folder = await tenant.freshFolder('anna');
    await tenant.deliver('anna', folder, bounce(first.messageId!, ben));
    await tenant.deliver('anna', folder, bounce('<somebody@else.example>', ben));
    const connector = open({ state });
    const records = await readAll(connector, folder);
    const taken = await connector.sending.takeReports({ activity: 'orders', records });
    const said = { recipient: ben, action: 'failed', status: '5.1.1', diagnostic: '550 5.1.1 no such user' };
    expect(taken).toEqual([
      expect.objectContaining({ ...said, idempotencyKey: subject, messageId: first.messageId }),
    ]);
    // Twice is once; another activity has sent no such message.
    await connector.sending.takeReports({ activity: 'orders', records });
    await expect(connector.sending.takeReports({ activity: 'invoices', records })).resolves.toEqual([]);
    const answers = [
      ...(await send(open({ state, hosts: { [IMAP]: NOWHERE } }), [request])),
      ...(await send(connector, [request])),
    ];
    for (const answer of answers) {
      expect(answer).toMatchObject({ outcome: 'accepted', evidence: 'delivery-report', repeated: true });
      expect(answer.recipients).toEqual([
        {
          address: ben,
          outcome: 'accepted',
          delivery: {
            action: 'failed',
            status: '5.1.1',
            diagnostic: '550 5.1.1 no such user',
            reportedAt: expect.any(String),
          },
        },
      ]);
    }
    expect(await copies(subject)).toBe(1);
  }, 30_000);
});

/** As Exchange and Postfix write it (RFC 3464). */
function bounce(messageId: string, recipient: string): Buffer {
  const lines = [
    'From: postmaster@contoso.example',
    `To: ${tenant.address('anna')}`,
    'Subject: Undeliverable',
    `Message-ID: <${randomUUID()}@contoso.example>`,
    'Date: Mon, 02 Nov 2026 21:00:00 +0000',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status; boundary=b',
    '',
    '--b',
    'Content-Type: text/plain',
    '',
    'Sorry.',
    '--b',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mail.contoso.example',
    '',
    `Final-Recipient: rfc822; ${recipient}`,
    'Action: failed',
    'Status: 5.1.1',
    'Diagnostic-Code: smtp; 550 5.1.1 no such user',
    '',
    '--b',
    'Content-Type: text/rfc822-headers',
    '',
    `Message-ID: ${messageId}`,
    'Subject: x',
    '',
    '--b--',
    '',
  ];
  return Buffer.from(lines.join('\r\n'));
}

async function readAll(connector: Connector, folder: string): Promise<EmailRecord[]> {
  const found: EmailRecord[] = [];
  const input = { connection: tenant.connection('anna'), config: { folder, readState: 'any' } };
  for await (const { records } of connector.run('read-email', input)) found.push(...records);
  return found;
}
