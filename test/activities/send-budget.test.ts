/**
 * Send Email within what Microsoft 365 allows a mailbox. The clock is driven and shared with the sandbox, whose own counts are
 * the judge: nothing here asks the product whether it kept to a limit.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  Failure,
  openConnector,
  openMemoryState,
  openVault,
  type Connector,
  type SendEmailResponse,
  type SendRun,
  type State,
} from '../../src/index.js';
import { DEMO, startSandbox, type Sandbox } from '../../src/sandbox/index.js';
import { clockAt, DrivenClock } from '../support/clock.js';

const START = Date.UTC(2026, 10, 2, 21);
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const anna = DEMO.people.anna.address;
const bernd = DEMO.people.bernd.address;
const carmen = DEMO.people.carmen.address;
let clock: DrivenClock;
let sandbox: Sandbox;
let state: State;

async function open(): Promise<void> {
  clock = new DrivenClock(START);
  const now = (): number => clock.now();
  sandbox = await startSandbox({ seed: false, now });
  sandbox.directory.tenant.submissionRateDelay = true;
  state = openMemoryState({ now });
}

/** Each has what it is a process of its own for, but for the state, which agents share. */
function agent(): Connector {
  return openConnector({
    net: { hosts: sandbox.hosts, trustedRoots: [sandbox.ca] },
    store: { state, vault: openVault([Buffer.alloc(32, 7)]) },
    clock,
  });
}

function input(requests: readonly unknown[], config: object = {}, transport = 'smtp') {
  const app = transport === 'graph' ? DEMO.graphSender : DEMO.daemon;
  const authentication = { method: 'client-secret', ...app };
  return {
    connection: { tenant: sandbox.tenantId, mailbox: anna, authentication },
    config: { transport, ...config },
    requests,
    activity: 'orders',
  };
}

const records = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, at) => {
    const number = from + at;
    return {
      to: number % 5 === 0 ? [{ address: bernd }, { address: carmen }] : [{ address: bernd }],
      subject: `Record ${String(number)}`,
      text: 'x',
      idempotencyKey: `record-${String(number)}`,
    };
  });

async function run(connector: Connector, sending: SendRun): Promise<SendEmailResponse[]> {
  const responses: SendEmailResponse[] = [];
  for await (const one of connector.run('send-email', sending)) responses.push(one);
  return responses;
}

/** How often each subject lies in Bernd's inbox. */
function arrivals(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { source } of sandbox.mailbox(bernd).messages('INBOX')) {
    const subject =
      /^Subject: (?<subject>.*)\r$/mu.exec(source.toString('latin1'))?.groups?.['subject'] ?? '';
    counts.set(subject, (counts.get(subject) ?? 0) + 1);
  }
  return counts;
}

function expectOnceEach(count: number): void {
  const arrived = arrivals();
  expect(arrived.size).toBe(count);
  expect([...arrived.values()].every((times) => times === 1)).toBe(true);
}

const outcomes = (responses: readonly SendEmailResponse[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { outcome } of responses) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
};

describe('ten thousand records, more than a day allows', () => {
  beforeAll(open);
  afterAll(() => sandbox.stop());

  test('all arrive once, never over a limit, and the estimate made before holds', async () => {
    const sending = input(records(0, 10_000), { longestWaitMinutes: 1560 });
    const connector = agent();
    const estimate = await connector.sending.estimate(sending);
    expect(estimate).toMatchObject({ messages: 10_000, recipients: 12_000, alreadySent: 0, deferred: 0 });
    const responses = await run(connector, sending);
    expect(outcomes(responses)).toEqual({ accepted: 10_000 });
    expectOnceEach(10_000);
    const peaks = sandbox.peaks(anna);
    expect(peaks.messagesPerMinute).toBeLessThanOrEqual(30);
    expect(peaks.recipientsPerDay).toBeLessThanOrEqual(10_000);
    expect(peaks.connections).toBeLessThanOrEqual(3);
    // A limit that nothing came near to would prove nothing.
    expect(peaks.messagesPerMinute).toBeGreaterThan(20);
    expect(peaks.recipientsPerDay).toBeGreaterThan(9900);
    const took = clock.now() - START;
    const estimated = Date.parse(estimate.endsAt) - START;
    process.stdout.write(
      `took ${(took / HOUR_MS).toFixed(2)} h, estimated ${(estimated / HOUR_MS).toFixed(2)} h; ${JSON.stringify(peaks)}\n`,
    );
    expect(took).toBeGreaterThan(24 * HOUR_MS);
    expect(Math.abs(estimated - took) / took).toBeLessThan(0.2);
    expect(sandbox.faults).toEqual([]);
    // Once more with the same keys: nothing is sent.
    const again = input(records(0, 300));
    expect(await agent().sending.estimate(again)).toMatchObject({ messages: 0, alreadySent: 300 });
    const repeats = await run(agent(), again);
    expect(repeats.every(({ repeated, outcome }) => repeated === true && outcome === 'accepted')).toBe(true);
    expectOnceEach(10_000);
  }, 180_000);
});

describe('agents that share the state', () => {
  beforeEach(open);

  test('stay within the limits together, over SMTP and Graph', async () => {
    const patient = { longestWaitMinutes: 60 };
    const responses = await Promise.all([
      run(agent(), input(records(0, 60), patient)),
      run(agent(), input(records(60, 120), patient)),
      run(agent(), input(records(120, 180), patient, 'graph')),
    ]);
    expect(outcomes(responses.flat())).toEqual({ accepted: 180 });
    expectOnceEach(180);
    const peaks = sandbox.peaks(anna);
    expect(peaks.messagesPerMinute).toBeLessThanOrEqual(30);
    expect(peaks.connections).toBeLessThanOrEqual(3);
    await sandbox.stop();
  }, 60_000);
});

describe('a wait longer than the settings allow', () => {
  beforeEach(open);

  test('is not begun: the rest is deferred with the time, and a later run sends it', async () => {
    const mailbox = sandbox.cloud.findMailbox(anna);
    mailbox!.recipientsPerDay = 40;
    const connector = openConnector({
      net: { hosts: sandbox.hosts, trustedRoots: [sandbox.ca] },
      store: { state, vault: openVault([Buffer.alloc(32, 7)]) },
      clock,
      sendingLimits: { recipientsPerDay: 40 },
    });
    const sending = input(records(0, 60));
    const estimate = await connector.sending.estimate(sending);
    const responses = await run(connector, sending);
    expect(outcomes(responses)).toEqual({ accepted: estimate.messages, deferred: estimate.deferred });
    expect(estimate.deferred).toBeGreaterThan(0);
    const [deferred] = responses.filter(({ outcome }) => outcome === 'deferred');
    expect(deferred).toMatchObject({
      failure: { code: 'sending-quota-reached', kind: 'throttled', retryable: true },
    });
    expect(clock.now() + (deferred?.failure?.retryAfterMs ?? 0)).toBeGreaterThan(START + 24 * HOUR_MS);
    await clock.sleep(25 * HOUR_MS);
    expect(outcomes(await run(connector, sending))).toEqual({ accepted: 60 });
    expectOnceEach(60);
    await sandbox.stop();
  }, 60_000);

  test('a minute is waited for by default, and whoever wants to hears of it', async () => {
    const waits: number[] = [];
    const onWait = ({ waitMs }: { waitMs: number }): void => void waits.push(waitMs);
    const responses: SendEmailResponse[] = [];
    for await (const one of agent().run('send-email', input(records(0, 40)), { onWait })) responses.push(one);
    expect(outcomes(responses)).toEqual({ accepted: 40 });
    expect(waits.length).toBeGreaterThan(0);
    expect(waits.every((wait) => wait <= MINUTE_MS)).toBe(true);
    await sandbox.stop();
  });

  test('no wait at all: the thirty-first is deferred', async () => {
    const responses = await run(agent(), input(records(0, 31), { longestWaitMinutes: 0 }));
    expect(outcomes(responses)).toEqual({ accepted: 30, deferred: 1 });
    expect(responses[30]?.failure).toMatchObject({ code: 'sending-rate-reached' });
    await sandbox.stop();
  });
});

describe('what others have, or do', () => {
  beforeEach(open);
  afterEach(() => sandbox.stop());

  test('a mailbox whose sessions others have: the message is deferred, and the run goes on', async () => {
    for (const place of ['0', '1', '2'])
      await state.lease(`sending/session/${anna}/${place}`, { holder: place, ttlMs: 30_000 });
    const [deferred] = await run(agent(), input(records(1, 2), { longestWaitMinutes: 0 }));
    expect(deferred).toMatchObject({ outcome: 'deferred', failure: { code: 'too-many-connections' } });
    const [accepted] = await run(agent(), input(records(1, 2)));
    expect(accepted).toMatchObject({ outcome: 'accepted', attempts: 1 });
  });

  test('a state that fails once the message has gone does not take the answer away', async () => {
    const failing: State = {
      ...delegating(),
      // Only what has happened is counted without a limit.
      spend: (name, options) =>
        options.limit === Number.MAX_SAFE_INTEGER
          ? Promise.reject(new Failure('state-unavailable'))
          : state.spend(name, options),
    };
    const connector = openConnector({
      net: { hosts: sandbox.hosts, trustedRoots: [sandbox.ca] },
      store: { state: failing, vault: openVault([Buffer.alloc(32, 7)]) },
      clock: { ...clockAt(Date.now) },
    });
    expect(outcomes(await run(connector, input(records(0, 2))))).toEqual({ accepted: 2 });
  });

  test('a mailbox of some records that cannot be opened is answered, and the others are sent', async () => {
    sandbox.cloud.findMailbox(bernd)!.smtpClientAuthenticationDisabled = true;
    const { connection, ...rest } = input(
      records(1, 5).map((one, at) => ({ ...one, ...(at === 1 ? { mailbox: bernd } : {}) })),
    );
    const sending = { ...rest, connection: { ...connection, allowedMailboxes: [bernd] } };
    const responses = await run(agent(), sending);
    expect(responses.map(({ outcome }) => outcome)).toEqual(['accepted', 'rejected', 'accepted', 'accepted']);
    expect(responses[1]).toMatchObject({ mailbox: bernd, failure: { kind: 'permission' } });
    // Where it is everybody's mailbox, the run has nothing to do.
    const own = { ...sending, connection: { ...connection, mailbox: bernd } };
    await expect(run(agent(), own)).rejects.toMatchObject({ kind: 'permission' });
  });

  test('a state that cannot be written for a moment after the answer: it is written a little later', async () => {
    let submitted = false;
    let refused = 0;
    const failing: State = {
      ...delegating(),
      commit: (writes, options) => {
        const isEnd = JSON.stringify(writes).includes('"stage":"accepted"');
        submitted ||= isEnd;
        if (!isEnd || refused >= 2) return state.commit(writes, options);
        refused += 1;
        return Promise.reject(new Failure('state-unavailable'));
      },
    };
    const connector = openConnector({
      net: { hosts: sandbox.hosts, trustedRoots: [sandbox.ca] },
      store: { state: failing, vault: openVault([Buffer.alloc(32, 7)]) },
    });
    expect(outcomes(await run(connector, input(records(1, 2))))).toEqual({ accepted: 1 });
    expect([submitted, refused]).toEqual([true, 2]);
    const [again] = await run(agent(), input(records(1, 2)));
    expect(again).toMatchObject({ outcome: 'accepted', repeated: true });
    expectOnceEach(1);
  });

  test('given up while an upload waits for its turn: known not to be sent, and sent by the next run', async () => {
    const connector = openConnector({
      net: { hosts: sandbox.hosts, trustedRoots: [sandbox.ca] },
      store: { state, vault: openVault([Buffer.alloc(32, 7)]) },
      sendingLimits: { uploadedBytes: 100 },
    });
    const given = new AbortController();
    const responses: SendEmailResponse[] = [];
    const sending = input(records(1, 3), {}, 'graph');
    setTimeout(() => given.abort(new Error('given up')), 1500);
    const running = (async () => {
      for await (const one of connector.run('send-email', sending, { signal: given.signal }))
        responses.push(one);
    })();
    await expect(running).rejects.toThrow('given up');
    expect(responses).toMatchObject([
      { outcome: 'accepted' },
      { outcome: 'deferred', failure: { code: 'connection-lost', retryable: true } },
    ]);
    expect(outcomes(await run(agent(), sending))).toEqual({ accepted: 2 });
    expectOnceEach(2);
  });

  test('an input that cannot even be closed ends nothing', async () => {
    const unclosable = {
      *[Symbol.iterator](): Generator {
        try {
          yield* [{ to: 'x' }, ...records(1, 3)];
        } finally {
          throw new Error('the cursor is gone');
        }
      },
    };
    const responses: SendEmailResponse[] = [];
    const sending = { ...input([], { onFailure: 'stop' }), requests: unclosable };
    for await (const one of agent().run('send-email', sending)) responses.push(one);
    expect(responses.map(({ outcome }) => outcome)).toEqual(['rejected']);
    await new Promise((resolve) => setImmediate(resolve));
  });

  test('records that take turns between mailboxes keep their sessions', async () => {
    let opened = 0;
    const counting: State = {
      ...delegating(),
      lease: async (name, options) => {
        const lease = await state.lease(name, options);
        if (lease !== undefined && name.startsWith('sending/session/')) opened += 1;
        return lease;
      },
    };
    const connector = openConnector({
      net: { hosts: sandbox.hosts, trustedRoots: [sandbox.ca] },
      store: { state: counting, vault: openVault([Buffer.alloc(32, 7)]) },
    });
    const { connection, ...rest } = input(
      records(0, 20).map((one, at) => ({ ...one, mailbox: at % 2 === 0 ? anna : bernd })),
    );
    const sending = { ...rest, connection: { ...connection, allowedMailboxes: [bernd] } };
    expect(outcomes(await run(connector, sending))).toEqual({ accepted: 20 });
    // Three for each at most.
    expect(opened).toBeLessThanOrEqual(6);
  });
});

/** The state of the test, for one that differs in a method. */
function delegating(): State {
  const names = ['get', 'put', 'remove', 'commit', 'list', 'lease', 'spend', 'spendings', 'close'] as const;
  return Object.fromEntries(
    names.map((name) => [name, (...all: never[]) => (state[name] as (...some: never[]) => unknown)(...all)]),
  ) as unknown as State;
}
