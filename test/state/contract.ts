/**
 * The contract of the state port as tests, held against every implementation by contract.test.ts.
 * Time is a number the test turns.
 */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { State } from '../../src/state/index.js';

/** A time of day, so that a clock starts where real ones do. */
const START = Date.UTC(2026, 0, 1);

export function describeContract(name: string, open: (now: () => number) => Promise<State>): void {
  describe(`State: ${name}`, () => {
    let now: number;
    let state: State;
    beforeEach(async () => {
      now = START;
      state = await open(() => now);
    });
    afterEach(() => state.close());

    async function keys(...args: Parameters<State['list']>): Promise<string[]> {
      return (await state.list(...args)).map(({ key }) => key);
    }

    describe('entries', () => {
      test('come back as they were written, whatever JSON they are', async () => {
        const values = [
          null,
          false,
          0,
          -1.5,
          2 ** 53,
          '',
          'Grüße 👋 \0',
          [],
          [[1]],
          {},
          { a: { b: [null] } },
        ];
        for (const value of values) {
          await state.put('things', 'one', value, { expect: 'any' });
          expect((await state.get('things', 'one'))?.value).toEqual(value);
        }
      });

      test('are not there before they are written, and belong to their collection', async () => {
        expect(await state.get('things', 'one')).toBeUndefined();
        await state.put('things', 'one', 1, { expect: 'any' });
        expect(await state.get('others', 'one')).toBeUndefined();
        expect(await state.get('things', 'One')).toBeUndefined();
      });

      test('cannot be changed from outside', async () => {
        const value = { list: [1] };
        const written = await state.put('things', 'one', value, { expect: 'any' });
        value.list.push(2);
        (written!.value as typeof value).list.push(3);
        ((await state.get('things', 'one'))!.value as typeof value).list.push(4);
        expect((await state.get('things', 'one'))?.value).toEqual({ list: [1] });
      });

      test('keep odd keys apart', async () => {
        const odd = [
          "'",
          '"',
          '%',
          '_',
          '\\',
          ' ',
          'ä',
          'a\u0308',
          '👋',
          '\u{10FFFF}',
          '--',
          '/',
          'x'.repeat(1024),
        ];
        for (const key of odd) {
          expect(await state.put('things', key, key, { expect: 'absent' })).toMatchObject({
            key,
            value: key,
          });
        }
        for (const key of odd) expect((await state.get('things', key))?.value).toBe(key);
        expect(await keys('things')).toHaveLength(odd.length);
      });
    });

    describe('compare and set', () => {
      test('absent: only the first writes', async () => {
        expect(await state.put('things', 'one', 1, { expect: 'absent' })).toBeDefined();
        expect(await state.put('things', 'one', 2, { expect: 'absent' })).toBeUndefined();
        expect((await state.get('things', 'one'))?.value).toBe(1);
      });

      test('a version: only who saw the newest writes', async () => {
        const first = await state.put('things', 'one', 1, { expect: 'absent' });
        const second = await state.put('things', 'one', 2, { expect: first!.version });
        expect(second!.version).not.toBe(first!.version);
        expect(await state.put('things', 'one', 3, { expect: first!.version })).toBeUndefined();
        expect(await state.get('things', 'one')).toEqual(second);
      });

      test('a version of something that is gone writes nothing', async () => {
        const entry = await state.put('things', 'one', 1, { expect: 'absent' });
        await state.remove('things', 'one', { expect: 'any' });
        expect(await state.put('things', 'one', 2, { expect: entry!.version })).toBeUndefined();
        expect(await state.get('things', 'one')).toBeUndefined();
      });

      test('a version never comes back, even when the value does', async () => {
        const seen = new Set<number>();
        for (let round = 0; round < 20; round += 1) {
          seen.add((await state.put('things', 'one', 1, { expect: 'any' }))!.version);
          seen.add((await state.put('things', 'one', 1, { expect: 'any' }))!.version);
          await state.remove('things', 'one', { expect: 'any' });
        }
        expect(seen.size).toBe(40);
      });

      test('many at once: one wins', async () => {
        const results = await Promise.all(
          Array.from({ length: 20 }, (_, index) => state.put('things', 'one', index, { expect: 'absent' })),
        );
        expect(results.filter((entry) => entry !== undefined)).toHaveLength(1);
      });

      test('remove obeys the expectation and tells whether something was there', async () => {
        expect(await state.remove('things', 'one', { expect: 'any' })).toBe(false);
        const entry = await state.put('things', 'one', 1, { expect: 'any' });
        expect(await state.remove('things', 'one', { expect: 'absent' })).toBe(false);
        expect(await state.remove('things', 'one', { expect: entry!.version + 1 })).toBe(false);
        expect(await state.get('things', 'one')).toEqual(entry);
        expect(await state.remove('things', 'one', { expect: entry!.version })).toBe(true);
        expect(await state.get('things', 'one')).toBeUndefined();
      });
    });

    describe('commit', () => {
      test('writes, replaces and removes together', async () => {
        const old = await state.put('things', 'old', 1, { expect: 'any' });
        await state.put('things', 'gone', 1, { expect: 'any' });
        const done = await state.commit([
          { collection: 'things', key: 'new', value: 2, expect: 'absent' },
          { collection: 'things', key: 'old', value: 2, expect: old!.version },
          { collection: 'things', key: 'gone', expect: 'any' },
          { collection: 'others', key: 'never', expect: 'absent' },
        ]);
        expect(done).toBe(true);
        expect(await keys('things')).toEqual(['new', 'old']);
        expect((await state.get('things', 'old'))?.value).toBe(2);
      });

      test.each([
        ['a key that should be absent', { key: 'there', value: 2, expect: 'absent' as const }],
        ['a version that is another', { key: 'there', value: 2, expect: 7 }],
        ['a removal of another version', { key: 'there', expect: 7 }],
        ['a removal of what should be absent', { key: 'there', expect: 'absent' as const }],
      ])('writes nothing because of %s', async (_, refused) => {
        const there = await state.put('things', 'there', 1, { expect: 'any' });
        for (const key of ['a', 'z']) {
          // Before and after the refused one, in whatever order they are worked through.
          const writes = [
            { collection: 'things', key, value: 1, expect: 'any' as const },
            { collection: 'things', ...refused },
          ];
          expect(await state.commit(writes)).toBe(false);
          expect(await state.commit(writes.toReversed())).toBe(false);
        }
        expect(await state.list('things')).toEqual([there]);
      });

      test('of nothing succeeds', async () => {
        expect(await state.commit([])).toBe(true);
      });

      test('goes through under a lease that is held, and not under one that is lost', async () => {
        const write = { collection: 'things', key: 'one', value: 1, expect: 'any' as const };
        const mine = await state.lease('job', { holder: 'a', ttlMs: 1000 });
        expect(await state.commit([write], { under: mine })).toBe(true);
        now += 1000;
        expect(await state.commit([{ ...write, value: 2 }], { under: mine })).toBe(false);
        const theirs = await state.lease('job', { holder: 'b', ttlMs: 1000 });
        expect(await state.commit([{ ...write, value: 3 }], { under: mine })).toBe(false);
        expect(await state.commit([{ ...write, value: 4 }], { under: theirs })).toBe(true);
        expect((await state.get('things', 'one'))?.value).toBe(4);
      });
    });

    describe('expiry', () => {
      test('ends an entry for every method', async () => {
        const entry = await state.put('things', 'one', 1, { expect: 'any', expiresAt: now + 10 });
        expect(entry?.expiresAt).toBe(now + 10);
        now += 9;
        expect(await state.get('things', 'one')).toEqual(entry);
        expect(await state.list('things')).toEqual([entry]);
        now += 1;
        expect(await state.get('things', 'one')).toBeUndefined();
        expect(await state.list('things')).toEqual([]);
        expect(await state.put('things', 'one', 2, { expect: entry!.version })).toBeUndefined();
        expect(await state.remove('things', 'one', { expect: 'any' })).toBe(false);
      });

      test('leaves room for a new entry, which takes no expiry over', async () => {
        await state.put('things', 'one', 1, { expect: 'any', expiresAt: now + 10 });
        await state.put('things', 'two', 1, { expect: 'any', expiresAt: now + 10 });
        now += 10;
        expect(await state.put('things', 'one', 2, { expect: 'absent' })).toMatchObject({ value: 2 });
        expect(await state.commit([{ collection: 'things', key: 'two', value: 2, expect: 'absent' }])).toBe(
          true,
        );
        expect(await keys('things')).toEqual(['one', 'two']);
        expect(await state.get('things', 'one')).not.toHaveProperty('expiresAt');
      });

      test('may lie in the past', async () => {
        expect(await state.put('things', 'one', 1, { expect: 'any', expiresAt: now })).toBeDefined();
        expect(await state.get('things', 'one')).toBeUndefined();
      });
    });

    describe('list', () => {
      test('has the order of UTF-8 bytes', async () => {
        const ordered = ['A', 'B', 'a', 'b', 'ä', '\uFFFD', '👋'];
        for (const key of ordered.toReversed()) await state.put('things', key, 1, { expect: 'any' });
        expect(await keys('things')).toEqual(ordered);
        expect(await keys('things', { descending: true })).toEqual(ordered.toReversed());
      });

      test('takes a prefix literally', async () => {
        for (const key of ['a', 'a%', 'a%b', 'a_', 'aa', 'A%', 'a\u{10FFFF}', 'b']) {
          await state.put('things', key, 1, { expect: 'any' });
        }
        expect(await keys('things', { prefix: 'a%' })).toEqual(['a%', 'a%b']);
        expect(await keys('things', { prefix: 'a\u{10FFFF}' })).toEqual(['a\u{10FFFF}']);
        expect(await keys('things', { prefix: 'a' })).toEqual(['a', 'a%', 'a%b', 'a_', 'aa', 'a\u{10FFFF}']);
        expect(await keys('things', { prefix: 'c' })).toEqual([]);
      });

      test.each([false, true])('comes in pages, descending: %s', async (descending) => {
        const all = Array.from({ length: 25 }, (_, index) => `run/${String(index).padStart(2, '0')}`);
        for (const key of all) await state.put('runs', key, 1, { expect: 'any' });
        await state.put('runs', 'other', 1, { expect: 'any' });
        const paged: string[] = [];
        for (;;) {
          const after = paged.at(-1);
          const page = await keys('runs', { prefix: 'run/', limit: 10, descending, ...(after && { after }) });
          if (page.length === 0) break;
          expect(page.length).toBeLessThanOrEqual(10);
          paged.push(...page);
        }
        expect(paged).toEqual(descending ? all.toReversed() : all);
      });
    });

    describe('lease', () => {
      test('is held by one at a time, with a fence that grows', async () => {
        const first = await state.lease('job', { holder: 'a', ttlMs: 100 });
        expect(first?.name).toBe('job');
        expect(await state.lease('job', { holder: 'b', ttlMs: 100 })).toBeUndefined();
        expect(await state.lease('other', { holder: 'b', ttlMs: 100 })).toBeDefined();
        now += 100;
        const second = await state.lease('job', { holder: 'b', ttlMs: 100 });
        expect(second!.fence).toBeGreaterThan(first!.fence);
        expect(await first!.renew(100)).toBe(false);
        await first!.release();
        expect(await second!.renew(100)).toBe(true);
      });

      test('lasts when it is renewed in time', async () => {
        const mine = await state.lease('job', { holder: 'a', ttlMs: 100 });
        now += 99;
        expect(await mine!.renew(100)).toBe(true);
        now += 99;
        expect(await state.lease('job', { holder: 'b', ttlMs: 100 })).toBeUndefined();
        now += 1;
        expect(await mine!.renew(100)).toBe(false);
        expect(await state.lease('job', { holder: 'b', ttlMs: 100 })).toBeDefined();
      });

      test('is free at once when released, and its fence grows still', async () => {
        const first = await state.lease('job', { holder: 'a', ttlMs: 100 });
        await first!.release();
        expect(await first!.renew(100)).toBe(false);
        const second = await state.lease('job', { holder: 'b', ttlMs: 100 });
        expect(second!.fence).toBeGreaterThan(first!.fence);
        await first!.release();
        expect(await state.lease('job', { holder: 'c', ttlMs: 100 })).toBeUndefined();
      });

      test('comes again to its own holder, whose earlier one is lost', async () => {
        const first = await state.lease('job', { holder: 'a', ttlMs: 100 });
        const again = await state.lease('job', { holder: 'a', ttlMs: 100 });
        expect(again!.fence).toBeGreaterThan(first!.fence);
        expect(await first!.renew(100)).toBe(false);
        expect(await again!.renew(100)).toBe(true);
      });

      test('grows even when nobody remembers it', async () => {
        const first = await state.lease('job', { holder: 'a', ttlMs: 100 });
        now += 400 * 24 * 60 * 60_000;
        await state.put('things', 'one', 1, { expect: 'any' });
        const much = await state.lease('job', { holder: 'b', ttlMs: 100 });
        expect(much!.fence).toBeGreaterThan(first!.fence);
      });

      test('many at once: one wins', async () => {
        const results = await Promise.all(
          Array.from({ length: 20 }, (_, index) => state.lease('job', { holder: `h${index}`, ttlMs: 100 })),
        );
        expect(results.filter((lease) => lease !== undefined)).toHaveLength(1);
      });
    });

    describe('spend', () => {
      const budget = { limit: 10, windowMs: 1000 };

      test('grants up to the limit, then says how long to wait', async () => {
        expect(await state.spend('m', { amount: 4, ...budget })).toEqual({ granted: true, left: 6 });
        now += 100;
        expect(await state.spend('m', { amount: 6, ...budget })).toEqual({ granted: true, left: 0 });
        now += 100;
        // 4 come free after 800 ms more, 10 after 900.
        expect(await state.spend('m', { amount: 1, ...budget })).toEqual({
          granted: false,
          retryAfterMs: 800,
        });
        expect(await state.spend('m', { amount: 5, ...budget })).toEqual({
          granted: false,
          retryAfterMs: 900,
        });
        now += 799;
        expect((await state.spend('m', { amount: 1, ...budget })).granted).toBe(false);
        now += 1;
        expect(await state.spend('m', { amount: 1, ...budget })).toEqual({ granted: true, left: 3 });
      });

      test('a refusal costs nothing, and names do not share', async () => {
        for (let round = 0; round < 3; round += 1) {
          expect((await state.spend('m', { amount: 11, ...budget })).granted).toBe(false);
        }
        expect(await state.spend('m', { amount: 10, ...budget })).toEqual({ granted: true, left: 0 });
        expect(await state.spend('n', { amount: 10, ...budget })).toEqual({ granted: true, left: 0 });
      });

      test('more than the limit never comes', async () => {
        const never = { granted: false, retryAfterMs: Number.POSITIVE_INFINITY };
        expect(await state.spend('m', { amount: 11, ...budget })).toEqual(never);
      });

      test('a smaller limit than before counts what was spent under it', async () => {
        await state.spend('m', { amount: 10, ...budget });
        now += 10;
        expect(await state.spend('m', { amount: 1, limit: 5, windowMs: 1000 })).toEqual({
          granted: false,
          retryAfterMs: 990,
        });
      });

      test('what is spent again under its id counts once, from the later time', async () => {
        await state.spend('m', { amount: 4, id: 'a', ...budget });
        await state.spend('m', { amount: 6, id: 'b', ...budget });
        now += 400;
        expect(await state.spend('m', { amount: 4, id: 'a', ...budget })).toEqual({ granted: true, left: 0 });
        // Another name knows nothing of it, and a refusal leaves what was spent where it was.
        expect(await state.spend('n', { amount: 4, id: 'a', ...budget })).toEqual({ granted: true, left: 6 });
        expect((await state.spend('m', { amount: 5, id: 'a', ...budget })).granted).toBe(false);
        now += 700;
        expect(await state.spend('m', { amount: 6, ...budget })).toEqual({ granted: true, left: 0 });
        now += 300;
        expect(await state.spend('m', { amount: 4, ...budget })).toEqual({ granted: true, left: 0 });
      });

      test('tells what lies within the window, oldest first', async () => {
        const begun = now;
        await state.spend('m', { amount: 4, ...budget });
        await state.spend('n', { amount: 1, ...budget });
        now += 10;
        await state.spend('m', { amount: 5, ...budget });
        await state.spend('m', { amount: 2, ...budget });
        const spendings = [
          { at: begun, amount: 4 },
          { at: begun + 10, amount: 5 },
        ];
        await expect(state.spendings('m', 1000)).resolves.toEqual(spendings);
        now = begun + 1000;
        await expect(state.spendings('m', 1000)).resolves.toEqual(spendings.slice(1));
        await expect(state.spendings('nothing', 1000)).resolves.toEqual([]);
      });

      test('many at once stay within the limit', async () => {
        const results = await Promise.all(
          Array.from({ length: 30 }, () => state.spend('m', { amount: 1, ...budget })),
        );
        expect(results.filter(({ granted }) => granted)).toHaveLength(10);
      });
    });

    describe('refuses as a mistake of the caller', () => {
      const any = { expect: 'any' as const };
      test.each<[string, (bad: State) => Promise<unknown>]>([
        ['a collection with a slash', (bad) => bad.get('a/b', 'c')],
        ['an empty key', (bad) => bad.put('things', '', 1, any)],
        ['a key with NUL', (bad) => bad.put('things', 'a\0', 1, any)],
        ['half a character', (bad) => bad.put('things', '\uD800', 1, any)],
        ['a key beyond bounds', (bad) => bad.put('things', 'x'.repeat(1025), 1, any)],
        ['a value that is no JSON', (bad) => bad.put('things', 'a', undefined as never, any)],
        ['a broken time', (bad) => bad.put('things', 'a', 1, { ...any, expiresAt: Number.NaN })],
        [
          'a key twice',
          (bad) =>
            bad.commit([
              { collection: 'things', key: 'a', value: 1, ...any },
              { collection: 'things', key: 'a', value: 2, ...any },
            ]),
        ],
        ['a limit of nothing', (bad) => bad.list('things', { limit: 0 })],
        ['a lease without time', (bad) => bad.lease('job', { holder: 'a', ttlMs: 0 })],
        ['a negative amount', (bad) => bad.spend('m', { amount: -1, limit: 1, windowMs: 1 })],
      ])('%s', async (_, act) => {
        await expect(act(state)).rejects.toThrow(TypeError);
        expect(await state.list('things')).toEqual([]);
      });
    });
  });
}
