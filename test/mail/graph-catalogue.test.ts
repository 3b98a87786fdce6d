/**
 * Every answer of Microsoft Graph that the catalogue knows is dictated to the sandbox, and what the adapter makes of it
 * is looked at: code, kind, and a remedy in every language.
 */
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { asFailure } from '../../src/errors/index.js';
import { FAILURES } from '../../src/generated/failures.js';
import { openConnector } from '../../src/index.js';
import { packagePath } from '../../src/manifest/index.js';
import type { ReadingSession } from '../../src/mail/reading.js';
import { DEMO, startSandbox, type GraphStep, type Sandbox } from '../../src/sandbox/index.js';
import { plainMessage } from '../support/messages.js';
import { collect, openGraph } from './support/graph-reading.js';

interface Reply {
  readonly id: string;
  readonly from: string;
  readonly sign: string;
  readonly code: keyof typeof FAILURES;
}

const replies = (JSON.parse(readFileSync(packagePath('catalogue/replies.json'), 'utf8')) as Reply[]).filter(
  ({ from }) => from === 'graph',
);

/** Where it is said; those about sending mean the same wherever, but for whom, which reading does not know. */
const AT: Readonly<Record<string, GraphStep>> = {
  'graph-item-not-found': 'source',
  'graph-malformed-id': 'source',
  'graph-sync-state-not-found': 'delta',
  'graph-folder-exists': 'get-folder',
};

let sandbox: Sandbox;
let session: ReadingSession;
let id: string;
beforeAll(async () => {
  sandbox = await startSandbox({ seed: false });
  sandbox.mailbox(DEMO.people.anna.address).append('INBOX', plainMessage('x'));
  session = await openGraph(sandbox);
  await session.openFolder('INBOX', 'read');
  const [page] = await collect(session.find({ conditions: [], order: 'oldest-first', pageSize: 1 }));
  id = page![0]!.id;
});
afterAll(async () => {
  await session.close();
  await sandbox.stop();
});
afterEach(() => {
  sandbox.answers.clear();
});

const ways: Partial<Record<GraphStep, () => Promise<unknown>>> = {
  source: () => collect(session.source(id)),
  delta: () => collect(session.changes({ after: undefined, conditions: [], pageSize: 10 })),
  'get-folder': () => session.openFolder('inbox', 'read'),
  'list-messages': () => collect(session.find({ conditions: [], order: 'oldest-first', pageSize: 10 })),
};

async function failureAt(step: GraphStep): Promise<unknown> {
  try {
    await ways[step]!();
    return undefined;
  } catch (error) {
    return asFailure(error).toJSON();
  }
}

const connector = openConnector();

test.each(replies)('$id: $code', async (reply) => {
  const [, status = '', code = '', message = ''] = /^(\d{3}) (\w+)(?:: (.*))?$/su.exec(reply.sign)!;
  const on = AT[reply.id] ?? 'list-messages';
  sandbox.answers.graph({
    on,
    status: Number(status),
    error: { code, message },
    retryAfterSeconds: 0,
    times: 20,
  });
  const failure = await failureAt(on);
  const { kind, actor } = FAILURES[reply.code];
  expect(failure).toMatchObject({
    code: reply.code,
    kind,
    actor,
    reply: reply.id,
    correlationId: expect.any(String),
  });
  for (const language of ['en', 'de', 'es']) {
    const { title, cause, remedy } = connector.explain(failure, language);
    for (const text of [title, cause, remedy]) {
      expect(text.length).toBeGreaterThan(10);
      expect(text.replace(/\{(?:sender|recipient)\}/gu, '')).not.toMatch(/\{\w+\}|^failures\./u);
    }
  }
});

test('the catalogue is not empty', () => {
  expect(replies.length).toBeGreaterThanOrEqual(20);
});

describe('answers that the catalogue does not know are told by their status', () => {
  test.each<[number, string]>([
    [401, 'graph-sign-in-refused'],
    [403, 'graph-access-denied'],
    [404, 'folder-not-found'],
    [418, 'server-answer-unexpected'],
    [500, 'server-unavailable'],
  ])('%d: %s', async (status, code) => {
    sandbox.answers.graph({
      on: 'get-folder',
      status,
      error: { code: 'Strange', message: 'words' },
      times: 20,
    });
    expect(await failureAt('get-folder')).toMatchObject({
      code,
      serverText: `${String(status)} Strange: words`,
    });
  });

  test('and an answer that is no error of Graph as well', async () => {
    sandbox.answers.graph({ on: 'get-folder', status: 502, body: '<html>', times: 20 });
    expect(await failureAt('get-folder')).toMatchObject({ code: 'server-unavailable', serverText: '502' });
    sandbox.answers.graph({ on: 'list-messages', status: 200, body: { value: [{ error: { code: 'x' } }] } });
    expect(await failureAt('list-messages')).toMatchObject({ code: 'server-answer-unexpected' });
  });
});
