/** What a mailbox is granted, and what a grant costs. */
import { beforeEach, expect, test } from '@jest/globals';
import { Failure, isFailure } from '../../src/errors/index.js';
import { openMemoryState, type State } from '../../src/state/index.js';
import { knownLimits, SendingBudget, type Grant, type Patience } from '../../src/budget/index.js';
import { DrivenClock } from '../support/clock.js';

const MINUTE_MS = 60_000;
const PATIENT: Patience = { mostMs: 48 * 60 * MINUTE_MS };
const HURRIED: Patience = { mostMs: 0 };
const message = {
  mailbox: 'Anna@contoso.example',
  recipients: ['ben@contoso.example', 'x@fabrikam.example'],
};
let clock: DrivenClock;
let state: State;

beforeEach(() => {
  clock = new DrivenClock(Date.UTC(2026, 0, 1));
  state = openMemoryState({ now: () => clock.now() });
});

const budget = (limits: Parameters<typeof knownLimits>[0]): SendingBudget =>
  new SendingBudget(state, clock, knownLimits(limits));

async function granted(asked: Promise<Grant | Failure>): Promise<Grant> {
  const answer = await asked;
  if (isFailure(answer)) throw answer;
  return answer;
}
async function refused(asked: Promise<Grant | Failure>): Promise<Failure> {
  const answer = await asked;
  if (!isFailure(answer)) throw new Error('granted');
  return answer;
}

test('what was not used costs nothing', async () => {
  const small = budget({ recipientsPerDay: 2, messagesPerMinute: 1 });
  await (await granted(small.grant(message, HURRIED))).end(false);
  expect(await small.recipientsLeft('anna@contoso.example')).toBe(2);
  await (await granted(small.grant(message, HURRIED))).end(true);
  expect(await small.recipientsLeft('anna@contoso.example')).toBe(0);
  expect((await refused(small.grant(message, HURRIED))).code).toBe('sending-quota-reached');
});

test('a refusal by the last window gives back what the earlier ones gave', async () => {
  const small = budget({ messagesPerMinute: 1 });
  await granted(small.grant(message, HURRIED));
  const failure = await refused(small.grant(message, HURRIED));
  expect(failure).toMatchObject({ code: 'sending-rate-reached', facts: { retryAfterMs: MINUTE_MS } });
  expect(await small.recipientsLeft(message.mailbox)).toBe(9998);
});

test('a message counts until a minute after its answer, however long it took', async () => {
  const small = budget({ messagesPerMinute: 1 });
  const grant = await granted(small.grant(message, HURRIED));
  await clock.sleep(50_000);
  await grant.end(true);
  await clock.sleep(20_000);
  expect((await refused(small.grant(message, HURRIED))).facts.retryAfterMs).toBe(40_000);
  // Even where others had filled the window meanwhile.
  const slow = await granted(small.grant(message, PATIENT));
  await clock.sleep(MINUTE_MS);
  await granted(small.grant(message, HURRIED));
  await slow.end(true);
  await clock.sleep(MINUTE_MS - 1);
  expect(isFailure(await small.grant(message, HURRIED))).toBe(true);
});

test('more recipients than a day allows can never be sent', async () => {
  const small = budget({ recipientsPerDay: 1 });
  expect((await refused(small.grant(message, PATIENT))).code).toBe('too-many-recipients');
});

test('recipients outside the sender’s domain are counted for the whole domain, where a limit is known', async () => {
  const small = budget({ outsideRecipientsPerDay: 1 });
  await granted(small.grant(message, HURRIED));
  const other = { ...message, mailbox: 'ben@contoso.example' };
  expect((await refused(small.grant(other, HURRIED))).code).toBe('external-recipient-limit-reached');
  await granted(small.grant({ ...other, recipients: ['anna@contoso.example'] }, HURRIED));
});

test('agents that share the state share the limit', async () => {
  await granted(budget({ messagesPerMinute: 2 }).grant(message, HURRIED));
  await granted(budget({ messagesPerMinute: 2 }).grant(message, HURRIED));
  expect(isFailure(await budget({ messagesPerMinute: 2 }).grant(message, HURRIED))).toBe(true);
});

test('what the server said of a mailbox holds for the messages behind', async () => {
  const own = budget({});
  own.heard(message.mailbox, new Failure('server-throttled', { retryAfterMs: 30_000, serverText: 'slow' }));
  const failure = await refused(own.grant(message, HURRIED));
  expect(failure).toMatchObject({
    code: 'server-throttled',
    facts: { serverText: 'slow', retryAfterMs: 30_000 },
  });
  await granted(own.grant({ ...message, mailbox: 'ben@contoso.example' }, HURRIED));
  const before = clock.now();
  await granted(own.grant(message, PATIENT));
  expect(clock.now() - before).toBe(30_000);
  // Of one recipient it says nothing about the mailbox.
  own.heard(message.mailbox, new Failure('recipient-busy', { retryAfterMs: 30_000 }));
  await granted(own.grant(message, HURRIED));
});

test('of two words of the server the longer one holds, also for who waits already', async () => {
  const own = budget({});
  const slow = (retryAfterMs: number): Failure => new Failure('server-throttled', { retryAfterMs });
  own.heard(message.mailbox, slow(300_000));
  own.heard(message.mailbox, slow(10_000));
  const before = clock.now();
  const waiting = own.grant(message, PATIENT);
  own.heard(message.mailbox, slow(600_000));
  await granted(waiting);
  expect(clock.now() - before).toBe(600_000);
});

test('a limit that is left undefined is the usual one', () => {
  expect(knownLimits({ connections: undefined as unknown as number }).connections).toBe(3);
});

test('who gives up the wait is told so, and has spent nothing', async () => {
  const small = budget({ messagesPerMinute: 1 });
  await granted(small.grant(message, HURRIED));
  const reason = new Error('given up');
  const waiting = small.grant(message, { ...PATIENT, signal: AbortSignal.abort(reason) });
  await expect(waiting).rejects.toBe(reason);
  expect(await small.recipientsLeft(message.mailbox)).toBe(9998);
});

test('sessions: no more than allowed at a time, and those of a process that died come free', async () => {
  const small = budget({ connections: 2 });
  const leave = await small.session(message.mailbox, HURRIED);
  await small.session(message.mailbox, HURRIED);
  await expect(small.session(message.mailbox, HURRIED)).rejects.toMatchObject({
    code: 'too-many-connections',
  });
  await small.session('ben@contoso.example', HURRIED);
  // Held as long as their holder lives.
  await clock.sleep(5 * MINUTE_MS);
  await expect(budget({ connections: 2 }).session(message.mailbox, HURRIED)).rejects.toThrow();
  await leave();
  await small.session(message.mailbox, HURRIED);
  await state.lease('sending/session/carl@contoso.example/0', { holder: 'dead', ttlMs: MINUTE_MS });
  const carl = budget({ connections: 1 });
  await expect(carl.session('carl@contoso.example', HURRIED)).rejects.toThrow();
  await carl.session('carl@contoso.example', PATIENT);
});

test('uploads: five minutes share their bytes, and a piece larger than the share goes alone', async () => {
  const small = budget({ uploadedBytes: 100 });
  const start = clock.now();
  await small.upload(message.mailbox, 60, undefined);
  await small.upload(message.mailbox, 40, undefined);
  expect(clock.now()).toBe(start);
  await small.upload(message.mailbox, 1, undefined);
  expect(clock.now() - start).toBe(5 * MINUTE_MS);
  await small.upload(message.mailbox, 1000, undefined);
  expect(clock.now() - start).toBe(10 * MINUTE_MS);
});

test.each([0, -1, 1.5, Number.NaN])('%p is no limit', (recipientsPerDay) => {
  expect(() => knownLimits({ recipientsPerDay })).toThrow('sendingLimits.recipientsPerDay');
});
