import { availableParallelism } from 'node:os';

// Native ESM: Jest runs the TypeScript sources as they are, with swc only stripping the types.
/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  // On two processors Jest would use one; many tests wait for processes and servers of their own.
  maxWorkers: Math.max(2, availableParallelism() - 1),
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
  // Sources import './x.js' as Node demands; under Jest the file on disk is './x.ts'.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: [
    '/node_modules/',
    '<rootDir>/test/live/',
    '<rootDir>/test/browser/',
    '<rootDir>/test/corpus/',
  ],
  setupFilesAfterEnv: ['<rootDir>/test/support/no-outside-network.ts'],
  testTimeout: 20_000,
};
