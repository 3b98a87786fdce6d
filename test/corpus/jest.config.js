// The parser on foreign mail. Started by scripts/test-corpus.mjs; never part of `npm test`, since a plain clone has no such mail.
import base from '../../jest.config.js';

/** @type {import('jest').Config} */
export default {
  ...base,
  rootDir: '../..',
  testMatch: ['<rootDir>/test/corpus/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  testTimeout: 60_000,
};
