/** The connector's calls over HTTP: what streams, what fails before and within a stream, and what never leaves. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startServer } from '../../src/http/index.js';
import {
  openConnector,
  type Check,
  type Connector,
  type EmailRecord,
  type Folder,
  type SendEmailResponse,
} from '../../src/index.js';
import { textsIn } from '../../src/manifest/index.js';
import { messageWithAttachment, noise } from '../support/messages.js';
import { startOneCut, type OneCut } from '../support/one-cut.js';
import { demoConnection, openPage, type OpenPage } from './open-page.js';

let page: OpenPage;

beforeAll(async () => {
  page = await openPage();
}, 30_000);
afterAll(() => page.stop());

const checks = (lines: Record<string, unknown>[]): Check[] =>
  lines.filter((line) => 'check' in line).map(({ check }) => check as Check);

describe('Test', () => {
  test('streams a line per stage and says when it is complete', async () => {
    const lines = await page.lines('/api/check', { connection: page.connection });
    expect(lines.at(-1)).toEqual({ end: true });
    expect(new Set(checks(lines).map(({ stage }) => stage))).toEqual(
      new Set([
        'settings',
        'authority',
        'token',
        'claims',
        'least-privilege',
        'mail-host',
        'sign-in',
        'mailbox',
        'folder',
        'rights',
        'expiry',
      ]),
    );
    expect(checks(lines).filter(({ status }) => status === 'failed' || status === 'skipped')).toEqual([]);
  });

  test('tells cause, remedy and who must act in the language asked for', async () => {
    const connection = demoConnection('a-wrong-secret');
    const lines = await page.lines('/api/check?lang=de', { connection });
    const failed = lines.find(({ check }) => (check as Check).status === 'failed');
    expect(failed).toMatchObject({
      check: { stage: 'token', failure: { code: 'client-secret-wrong' } },
      text: { title: textsIn('de').text('failures.client-secret-wrong.title') },
    });
    const { text } = failed as { text: Record<string, string> };
    expect(text).toMatchObject({
      cause: expect.any(String),
      remedy: expect.any(String),
      actor: expect.any(String),
    });
    expect(Object.values(text).join(' ')).not.toMatch(/failures\.|actors\.|\{\w+\}/u);
  });

  test('names what is wrong with the fields', async () => {
    const lines = await page.lines('/api/check', { connection: { tenant: 'common' } });
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatchObject({
      check: { stage: 'settings', status: 'failed' },
      text: { problems: expect.arrayContaining([expect.stringMatching(/^Mailbox is missing\./u)]) },
    });
  });
});

describe('folders', () => {
  test('come as a tree in order', async () => {
    const answer = await page.post('/api/list/folders', { connection: page.connection, config: {} });
    const { items } = JSON.parse(answer.body) as { items: Folder[] };
    expect(items.find(({ role }) => role === 'inbox')).toMatchObject({ level: 0, selectable: true });
    expect(items.length).toBeGreaterThan(3);
  });

  test('that Microsoft refuses are answered with the failure and its texts', async () => {
    const connection = demoConnection('a-wrong-secret');
    const answer = await page.post('/api/list/folders?lang=es', { connection });
    expect(answer.status).toBe(502);
    expect(JSON.parse(answer.body)).toMatchObject({
      failure: { code: 'client-secret-wrong', kind: 'auth' },
      text: { title: expect.stringMatching(/Microsoft/u) },
    });
  });

  test('of an unknown list are the caller’s mistake', async () => {
    expect((await page.post('/api/list/nothing', { connection: page.connection })).status).toBe(400);
  });
});

describe('Read Email', () => {
  const config = { folder: 'INBOX', readState: 'any', limit: 3, afterRead: 'mark-read' };
  const flagsSeen = () =>
    page.sandbox
      .mailbox(page.connection.mailbox)
      .messages('INBOX')
      .filter(({ flags }) => [...flags].includes('\\Seen')).length;

  test('streams records and leaves the mailbox as it is', async () => {
    const before = flagsSeen();
    const lines = await page.lines('/api/run/read-email', { connection: page.connection, config });
    const records = lines.filter((line) => 'record' in line).map(({ record }) => record as EmailRecord);
    expect(records).toHaveLength(3);
    expect(records[0]).toMatchObject({ folder: 'INBOX', subject: expect.any(String) });
    expect(lines.at(-2)).toEqual({ batch: { token: expect.any(String), records: 3, unreadable: [] } });
    expect(lines.at(-1)).toEqual({ end: true });
    expect(flagsSeen()).toBe(before);
  });

  test('tells of a connection that was opened anew, before the records that came over the next one', async () => {
    let line: OneCut | undefined;
    const host = 'outlook.office365.com:993';
    const bad = await openPage({}, async (hosts) => {
      line = await startOneCut(hosts[host] ?? '', 'fromServer', 100_000);
      return { ...hosts, [host]: line.address };
    });
    try {
      const large = messageWithAttachment('Large', 'a.bin', noise(200_000));
      bad.sandbox.mailbox(bad.connection.mailbox).createFolder('Large');
      bad.sandbox.mailbox(bad.connection.mailbox).append('Large', large);
      const lines = await bad.lines('/api/run/read-email', {
        connection: bad.connection,
        config: { folder: 'Large' },
      });
      expect(line?.done).toBe(true);
      expect(lines).toMatchObject([
        { resumed: { failure: { code: 'connection-lost' }, waitedMs: expect.any(Number) } },
        { record: { subject: 'Large' } },
        { batch: { records: 1 } },
        { end: true },
      ]);
    } finally {
      await line?.stop();
      await bad.stop();
    }
  });

  test('settles only when it is asked to', async () => {
    const lines = await page.lines('/api/run/read-email', {
      connection: page.connection,
      config: { ...config, readState: 'unread', limit: 1 },
      settle: true,
    });
    expect(lines.filter((line) => 'settled' in line)).toEqual([
      { settled: { key: expect.any(String), result: 'done' } },
    ]);
  });

  test('with settings that do not fit is the caller’s mistake, said before any line', async () => {
    const answer = await page.post('/api/run/read-email', {
      connection: page.connection,
      config: { folder: '' },
    });
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body)).toMatchObject({
      failure: { code: 'settings-invalid', problems: [{ pointer: '/folder' }] },
      text: { problems: [expect.stringMatching(/^Folder is empty\./u)] },
    });
  });
});

describe('Send Email', () => {
  test('answers one line per request', async () => {
    const requests = [
      { to: [{ address: page.connection.mailbox }], subject: 'Over HTTP', text: 'Hello' },
      { to: [{ address: 'not an address' }] },
    ];
    const lines = await page.lines('/api/run/send-email', {
      connection: page.connection,
      config: {},
      requests,
    });
    const responses = lines
      .filter((line) => 'response' in line)
      .map(({ response }) => response as SendEmailResponse);
    expect(responses.map(({ outcome }) => outcome)).toEqual(['accepted', 'rejected']);
    expect(lines.find(({ text }) => text !== undefined)).toMatchObject({
      text: { problems: [expect.stringMatching(/address/u)] },
    });
  });

  test('without a list of requests is the caller’s mistake', async () => {
    const answer = await page.post('/api/run/send-email', { connection: page.connection, config: {} });
    expect(answer.status).toBe(400);
  });
});

test('no answer holds a secret that the form sent', async () => {
  const secret = 'Top~Secret-value-4711';
  const connection = demoConnection(secret);
  const config = { folder: 'INBOX' };
  const answers = await Promise.all([
    page.post('/api/check', { connection }),
    page.post('/api/check', { connection: { ...connection, tenant: '?', unknown: secret } }),
    page.post('/api/list/folders', { connection }),
    page.post('/api/run/read-email', { connection, config }),
    page.post('/api/run/send-email', { connection, config: {}, requests: [{}] }),
    page.post('/api/validate/connection', { value: { ...connection, tenant: secret } }),
  ]);
  for (const { body } of answers) expect(body).not.toContain(secret);
});

test('a reader that leaves aborts the call', async () => {
  let aborted: (() => void) | undefined;
  const ended = new Promise<void>((resolve) => (aborted = resolve));
  const connector: Connector = {
    ...openConnector(),
    async *check(_input, { signal } = {}) {
      yield { stage: 'settings', status: 'passed', durationMs: 0, evidence: {} };
      await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()));
      aborted?.();
    },
  };
  const server = await startServer({ connector });
  const leaving = new AbortController();
  const answer = await fetch(`${server.url}/api/check`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
    signal: leaving.signal,
  });
  // The first line has come although the second never will: nothing holds lines back.
  await answer.body!.getReader().read();
  leaving.abort();
  await ended;
  await server.stop();
});
