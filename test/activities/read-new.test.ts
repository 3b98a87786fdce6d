/**
 * Read Email with `take: new`, over every transport that the tenant offers: each message once, whatever becomes of its
 * record, and the reading position moves only over what is settled.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  openConnector,
  openMemoryState,
  openVault,
  type Connector,
  type ReadBatch,
} from '../../src/index.js';
import { plainMessage } from '../support/messages.js';
import { openTenant } from '../support/open-tenant.js';
import type { TestTenant } from '../support/tenant.js';

const HOSTS = {
  imap: 'outlook.office365.com:993',
  pop3: 'outlook.office365.com:995',
  graph: 'graph.microsoft.com:443',
} as const;
type Transport = keyof typeof HOSTS;

/** What no transport makes of its own accord. */
const NO_POSITIONS = [null, 7, 'x', [], {}, { uid: '7' }, { uid: -1 }, { uid: 1.5 }, { at: '/', done: 7 }];

let tenant: TestTenant;
let connector: Connector;

beforeAll(async () => {
  tenant = await openTenant();
  connector = openConnector({ net: tenant.net });
}, 30_000);
afterAll(() => tenant.stop());

const offered = (transport: Transport): boolean => tenant.net.hosts[HOSTS[transport]] !== undefined;

/** An activity of its own on the inbox, which other tests fill as well: it starts from now. */
function activityOn(transport: Transport, settings: Record<string, unknown> = {}, using = connector) {
  const activity = `test-${randomUUID()}`;
  const connection = tenant.connection('anna', transport);
  const config = { transport, folder: 'INBOX', take: 'new', afterRead: 'none', ...settings };
  const input = { connection, config, activity };
  return {
    activity,
    input,
    async run(): Promise<ReadBatch[]> {
      const batches: ReadBatch[] = [];
      for await (const batch of using.run('read-email', input)) batches.push(batch);
      return batches;
    },
    async subjects(): Promise<string[]> {
      return (await this.run()).flatMap(({ records }) => records.map(({ subject }) => subject));
    },
    async settle(batch: ReadBatch, outcome: 'done' | 'retry' | 'dead'): Promise<string[]> {
      const outcomes = batch.records.map(({ key }) => ({ key, outcome }));
      const { token } = batch;
      const settled = await using.settle('read-email', { connection, config, token, outcomes });
      return settled.map(({ result }) => result);
    },
  };
}

const deliver = (subject: string): Promise<void> => tenant.deliver('anna', 'INBOX', plainMessage(subject));

for (const transport of ['imap', 'pop3', 'graph'] as const) {
  describe(`over ${transport}`, () => {
    /** What the tenant does not offer is said, not passed over. */
    const when = (name: string, work: () => Promise<void>): void => {
      test(name, async () => {
        if (!offered(transport)) {
          expect([tenant.kind, transport]).toEqual(['live', 'graph']);
          return;
        }
        await work();
      });
    };

    when(
      'a first run from now delivers nothing that is there already, later ones each message once',
      async () => {
        await deliver('before');
        const reading = activityOn(transport);
        expect(await reading.subjects()).toEqual([]);
        await deliver('first');
        await deliver('second');
        const batches = await reading.run();
        expect(batches.flatMap(({ records }) => records.map(({ subject }) => subject))).toEqual([
          'first',
          'second',
        ]);
        for (const batch of batches)
          expect(await reading.settle(batch, 'done')).toEqual(batch.records.map(() => 'done'));
        expect(await reading.subjects()).toEqual([]);
        await deliver('third');
        expect(await reading.subjects()).toEqual(['third']);
      },
    );

    when('what was not settled comes again, whether the run ended or not', async () => {
      const reading = activityOn(transport);
      await reading.run();
      await deliver('unsettled 1');
      await deliver('unsettled 2');
      expect(await reading.subjects()).toEqual(['unsettled 1', 'unsettled 2']);
      const [batch] = await reading.run();
      const [first] = batch!.records;
      const { connection, config } = reading.input;
      const outcomes = [{ key: first!.key, outcome: 'done' as const }];
      await connector.settle('read-email', { connection, config, token: batch!.token, outcomes });
      expect(await reading.subjects()).toEqual(['unsettled 2']);
    });

    when(
      'a record that fails comes again up to its attempts, is parked then, and can be replayed',
      async () => {
        const reading = activityOn(transport, { maxAttempts: 2 });
        await reading.run();
        await deliver('fails');
        await deliver('works');
        const settleAll = async (): Promise<string[]> => {
          const results: string[] = [];
          for (const { records, token } of await reading.run()) {
            const outcomes = records.map(({ key, subject }) => ({
              key,
              outcome: subject === 'fails' ? ('retry' as const) : ('done' as const),
            }));
            const { connection, config } = reading.input;
            const settled = await connector.settle('read-email', { connection, config, token, outcomes });
            results.push(...settled.map(({ result }, at) => `${records[at]!.subject}: ${result}`));
          }
          return results;
        };
        expect(await settleAll()).toEqual(['fails: left', 'works: done']);
        expect(await settleAll()).toEqual(['fails: parked']);
        expect(await settleAll()).toEqual([]);
        const { activity } = reading;
        const parked = await connector.reading.parked({ activity });
        expect(parked.map(({ attempts, reason }) => [attempts, reason])).toEqual([[2, 'attempts']]);
        expect(await connector.reading.replay({ activity })).toBe(1);
        expect(await reading.subjects()).toEqual(['fails']);
      },
    );

    when('batches may be settled in any order: the position waits for the first', async () => {
      const reading = activityOn(transport, { limit: 10_000 });
      await reading.run();
      for (let number = 0; number < 60; number++) await deliver(`number ${String(number)}`);
      const batches = await reading.run();
      expect(batches.length).toBeGreaterThan(1);
      for (const batch of batches.slice(1)) await reading.settle(batch, 'done');
      const left = batches[0]!.records.map(({ subject }) => subject);
      expect(await reading.subjects()).toEqual(left);
      await reading.settle(batches[0]!, 'done');
      expect(await reading.subjects()).toEqual([]);
    });

    when('a limit never skips', async () => {
      const reading = activityOn(transport, { limit: 2 });
      await reading.run();
      for (let number = 0; number < 5; number++) await deliver(`limited ${String(number)}`);
      const seen: string[] = [];
      for (let run = 0; run < 4; run++) {
        for (const batch of await reading.run()) {
          seen.push(...batch.records.map(({ subject }) => subject));
          await reading.settle(batch, 'done');
        }
      }
      expect(seen).toEqual([0, 1, 2, 3, 4].map((number) => `limited ${String(number)}`));
    });

    when('a filter does not hold up the position', async () => {
      const reading = activityOn(transport, { subject: 'wanted ü' });
      await reading.run();
      await deliver('something else');
      await deliver('Wanted Ü here');
      await deliver('and more');
      const [batch] = await reading.run();
      expect(batch!.records.map(({ subject }) => subject)).toEqual(['Wanted Ü here']);
      await reading.settle(batch!, 'done');
      expect(await reading.subjects()).toEqual([]);
    });

    when(
      'a stored position that is none is taken for a forgotten one: nothing comes twice, and nothing is lost',
      async () => {
        const state = openMemoryState();
        const own = openConnector({
          net: tenant.net,
          store: { state, vault: openVault([Buffer.alloc(32, 7)]) },
        });
        const mark = `${transport} ${randomUUID()}`;
        const reading = activityOn(transport, { limit: 10_000, subject: mark }, own);
        const handled = async (): Promise<string[]> => {
          const subjects: string[] = [];
          for (const batch of await reading.run()) {
            subjects.push(...batch.records.map(({ subject }) => subject));
            await reading.settle(batch, 'done');
          }
          return subjects;
        };
        const internalDate = new Date(Date.now() - 24 * 60 * 60 * 1000);
        const received = Buffer.from(`Received: from a by b; ${internalDate.toUTCString()}\r\n`);
        const old = Buffer.concat([received, plainMessage(`${mark} of yesterday`)]);
        await tenant.deliver('anna', 'INBOX', old, { internalDate });
        await deliver('of today');
        await reading.run();
        await deliver(`${mark} first`);
        expect(await handled()).toEqual([`${mark} first`]);
        for (const [number, at] of NO_POSITIONS.entries()) {
          const [entry] = await state.list('read-positions');
          const value = { ...(entry!.value as object), at };
          await state.put('read-positions', entry!.key, value, { expect: 'any' });
          await deliver(`${mark} ${String(number)}`);
          expect(await handled()).toEqual([`${mark} ${String(number)}`]);
          expect(await handled()).toEqual([]);
        }
      },
    );

    when(
      'a position can be set to the beginning or to a date, and what was done last can be repeated',
      async () => {
        const reading = activityOn(transport, { subject: `unique-${transport}` });
        await reading.run();
        await deliver(`unique-${transport}`);
        for (const batch of await reading.run()) await reading.settle(batch, 'done');
        const { activity, input } = reading;
        expect(await connector.reading.repeatLast({ activity, count: 5 })).toBe(1);
        expect(await reading.subjects()).toEqual([`unique-${transport}`]);
        await connector.reading.setPosition({ ...input, start: { at: 'beginning' } });
        expect(await reading.subjects()).toEqual([`unique-${transport}`]);
        await connector.reading.setPosition({ ...input, start: { at: 'now' } });
        expect(await reading.subjects()).toEqual([]);
        const [position] = await connector.reading.positions({ activity });
        expect(position).toMatchObject({ transport, folder: expect.stringMatching(/inbox/iu) });
      },
    );
  });
}

describe('a change of transport', () => {
  test('repeats nothing and loses nothing', async () => {
    const activity = `test-${randomUUID()}`;
    const state = openMemoryState();
    const store = { state, vault: openVault([Buffer.alloc(32, 7)]) };
    const own = openConnector({ net: tenant.net, store });
    const read = async (transport: Transport): Promise<string[]> => {
      const connection = tenant.connection('anna', transport);
      const config = { transport, folder: 'INBOX', take: 'new', limit: 10_000 };
      const subjects: string[] = [];
      for await (const { records, token } of own.run('read-email', { connection, config, activity })) {
        subjects.push(...records.map(({ subject }) => subject));
        const outcomes = records.map(({ key }) => ({ key, outcome: 'done' as const }));
        await own.settle('read-email', { connection, config, token, outcomes });
      }
      return subjects;
    };
    expect(await read('imap')).toEqual([]);
    await deliver('over imap');
    expect(await read('imap')).toContain('over imap');
    await deliver('after the change');
    const changed = await read('pop3');
    expect(changed).toContain('after the change');
    expect(changed).not.toContain('over imap');
    expect(await read('pop3')).toEqual([]);
  });
});

describe('without an activity id', () => {
  test('a reading position is refused: nobody could find it again', async () => {
    const input = { connection: tenant.connection('anna'), config: { folder: 'INBOX', take: 'new' } };
    await expect(connector.run('read-email', input).next()).rejects.toMatchObject({
      code: 'activity-not-named',
    });
  });
});
