/**
 * One message that cannot be read costs no other: it is told, tried again by later runs, and parked in the end.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openConnector, type Connector, type ReadBatch } from '../../src/index.js';
import { plainMessage } from '../support/messages.js';
import { openSandboxTenant } from '../support/sandbox-tenant.js';

let tenant: Awaited<ReturnType<typeof openSandboxTenant>>;
let connector: Connector;

beforeAll(async () => {
  tenant = await openSandboxTenant();
  connector = openConnector({ net: tenant.net });
}, 30_000);
afterAll(() => tenant.stop());

test('the rest is delivered, the message comes with a later run, or is parked', async () => {
  const activity = 'unreadable';
  const connection = tenant.connection('anna');
  const config = { folder: 'INBOX', take: 'new', startAt: 'beginning', maxAttempts: 2 };
  const run = async (): Promise<ReadBatch[]> => {
    const batches: ReadBatch[] = [];
    for await (const batch of connector.run('read-email', { connection, config, activity })) {
      batches.push(batch);
      const outcomes = batch.records.map(({ key }) => ({ key, outcome: 'done' as const }));
      await connector.settle('read-email', { connection, config, token: batch.token, outcomes });
    }
    return batches;
  };
  const subjects = (batches: readonly ReadBatch[]): string[] =>
    batches.flatMap(({ records }) => records.map(({ subject }) => subject));
  const refused = (batches: readonly ReadBatch[]): string[] =>
    batches.flatMap(({ unreadable }) => unreadable.map(({ failure }) => failure.code));
  /** The facts of the page, all sources together, and the source of the first message by itself. */
  const refuseSources = (times: number): void => {
    tenant.sandbox.answers.imap({
      on: 'fetch',
      reply: 'NO The message cannot be rendered.',
      after: 1,
      times,
    });
  };

  for (const subject of ['one', 'two', 'three']) await tenant.deliver('anna', 'INBOX', plainMessage(subject));
  refuseSources(2);
  const first = await run();
  expect(subjects(first)).toEqual(['two', 'three']);
  expect(refused(first)).toHaveLength(1);
  expect(subjects(await run())).toEqual(['one']);
  expect(await run()).toEqual([]);
});
