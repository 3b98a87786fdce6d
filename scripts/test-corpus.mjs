/**
 * `npm run test:corpus [-- jest arguments]`: the parsers on mail that nobody on this project wrote. It is used where it lies:
 * shared/corpora in a folder above. Without it nothing is tested, loudly.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ensureBuilt, ROOT, runNode } from './workspace.mjs';

const above = (folder) =>
  existsSync(join(folder, 'shared/corpora')) || (dirname(folder) !== folder && above(dirname(folder)));

if (!above(ROOT)) {
  console.error('test:corpus skipped: no folder shared/corpora above this one. Nothing was tested.');
} else {
  ensureBuilt();
  runNode([
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    join(ROOT, 'node_modules/jest/bin/jest.js'),
    '--config',
    join(ROOT, 'test/corpus/jest.config.js'),
    ...process.argv.slice(2),
  ]);
}
