/** A forecast against the budget itself, which really waits (on a driven clock). */
import { expect, test } from '@jest/globals';
import { isFailure } from '../../src/errors/index.js';
import { knownLimits, pauseBefore, SendingBudget } from '../../src/budget/index.js';
import { openMemoryState } from '../../src/state/index.js';
import { DrivenClock } from '../support/clock.js';

/** Reproducible: https://en.wikipedia.org/wiki/Lehmer_random_number_generator */
function numbers(seed: number): (below: number) => number {
  let last = seed;
  return (below) => {
    last = (last * 48_271) % 2_147_483_647;
    return last % below;
  };
}

test.each([1, 2, 3, 4, 5])(
  'foresees what the budget does: messages of several mailboxes (%i)',
  async (seed) => {
    const below = numbers(seed * 7919);
    const clock = new DrivenClock(Date.UTC(2026, 0, 1));
    const state = openMemoryState({ now: () => clock.now() });
    const limits = knownLimits({ messagesPerMinute: 3, recipientsPerDay: 40, outsideRecipientsPerDay: 25 });
    const budget = new SendingBudget(state, clock, limits);
    const messages = Array.from({ length: 80 }, () => ({
      mailbox: `m${String(below(2))}@contoso.example`,
      recipients: Array.from(
        { length: 1 + below(4) },
        (_, at) => `r${String(at)}@${below(2) === 0 ? 'contoso' : 'x'}.example`,
      ),
    }));
    const patience = { mostMs: below(2) === 0 ? 120_000 : Number.MAX_SAFE_INTEGER };
    // Something was sent before.
    for (const message of messages.slice(0, 10)) await budget.grant(message, { mostMs: 0 });
    const forecast = budget.forecast();
    const foreseen: number[] = [];
    for (const message of messages) {
      const waits = await forecast.send(message, patience.mostMs, 0);
      foreseen.push(waits === undefined ? forecast.now : -waits);
    }
    const seen: number[] = [];
    for (const message of messages) {
      const answer = await budget.grant(message, patience);
      seen.push(isFailure(answer) ? -1 : clock.now());
    }
    expect(foreseen.map((time) => (time < 0 ? -1 : time))).toEqual(seen);
  },
);

test('pauses grow, are spread, end at five minutes and are never shorter than the server asked', () => {
  expect([1, 2, 3].map((tried) => pauseBefore(tried, 0, () => 1))).toEqual([2000, 8000, 32_000]);
  expect([1, 2, 3].map((tried) => pauseBefore(tried, 0, () => 0))).toEqual([1000, 4000, 16_000]);
  expect(pauseBefore(9, 0, () => 1)).toBe(300_000);
  expect(pauseBefore(1, 60_000, () => 0)).toBe(60_500);
});
