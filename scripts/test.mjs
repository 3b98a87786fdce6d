/** `npm test [-- jest arguments]`: everything that needs no server of the operating system. */
import { join } from 'node:path';
import { ensureBuilt, ROOT, runNode } from './workspace.mjs';

ensureBuilt();
runNode([
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  join(ROOT, 'node_modules/jest/bin/jest.js'),
  ...process.argv.slice(2),
]);
