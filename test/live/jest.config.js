// The suites that real servers judge: those shared with the sandbox, and those that only make sense here.
// Started by scripts/test-live.mjs, which names the tenant in the environment; never part of `npm test`.
import base from '../../jest.config.js';

/** @type {import('jest').Config} */
export default {
  ...base,
  rootDir: '../..',
  testMatch: ['activities/**/*', 'live/**/*', 'mail/imap-reading*'].map(
    (some) => `<rootDir>/test/${some}.test.ts`,
  ),
  // Those that only the sandbox can play are part of `npm test`.
  testPathIgnorePatterns: [
    '/node_modules/',
    '/activities/send-budget',
    '/activities/send-memory',
    '/activities/send-preview',
  ],
  // All suites share one tenant, and over POP3 its mailboxes.
  maxWorkers: 1,
  testTimeout: 60_000,
};
