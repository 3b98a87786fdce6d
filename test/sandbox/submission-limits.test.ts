import { expect, test } from '@jest/globals';
import { SubmissionLimits } from '../../src/sandbox/smtp/submission-limits.js';

test('the 31st message of a minute waits until the first is a minute old, the next one behind it', () => {
  const limits = new SubmissionLimits();
  for (let count = 0; count < 30; count++) expect(limits.book(`anna`, 1000 + count)).toBe(0);
  expect(limits.book('anna', 2000)).toBe(59_000);
  expect(limits.book('anna', 2000)).toBe(59_001);
  expect(limits.book('ben', 2000)).toBe(0);
  expect(limits.book('anna', 200_000)).toBe(0);
});
