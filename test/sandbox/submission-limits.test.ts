import { expect, test } from '@jest/globals';
import { SubmissionLimits } from '../../src/sandbox/smtp/submission-limits.js';

test('the 31st message of a minute waits until the first is a minute old, the next one behind it', () => {
  const limits = new SubmissionLimits();
  for (let count = 0; count < 30; count++) expect(limits.book(`anna`, 1, 1000 + count)).toBe(0);
  expect(limits.book('anna', 1, 2000)).toBe(59_000);
  expect(limits.book('anna', 1, 2000)).toBe(59_001);
  expect(limits.book('ben', 1, 2000)).toBe(0);
  expect(limits.book('anna', 1, 200_000)).toBe(0);
});

test('the highest counts are kept, over windows that slide', () => {
  const limits = new SubmissionLimits();
  const leave = limits.enter('anna', {});
  limits.enter('anna', {})();
  leave();
  const day = 24 * 60 * 60 * 1000;
  for (let count = 0; count < 5; count++) limits.book('anna', 100, count);
  limits.book('anna', 20, 60_000);
  expect(limits.peaks('anna')).toEqual({ connections: 2, messagesPerMinute: 5, recipientsPerDay: 520 });
  expect(limits.isOverQuota('anna', 1, 520, 60_000)).toBe(true);
  expect(limits.isOverQuota('anna', 100, 520, day)).toBe(false);
  expect(limits.isOverQuota('anna', 101, 520, day)).toBe(true);
  expect(limits.peaks('ben')).toEqual({ connections: 0, messagesPerMinute: 0, recipientsPerDay: 0 });
});
