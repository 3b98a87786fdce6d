// The page in a real browser. Needs Chromium and a built page (workbench/dist); never part of `npm test`.
import base from '../../jest.config.js';

/** @type {import('jest').Config} */
export default {
  ...base,
  rootDir: '../..',
  testMatch: ['<rootDir>/test/browser/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  // Browsers and the measurements in them take all of a small machine.
  maxWorkers: 1,
  testTimeout: 60_000,
};
