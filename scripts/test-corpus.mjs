/**
 * `npm run test:corpus [-- jest arguments]`: the MIME parser on mail that nobody on this project wrote. It is used where it
 * lies: beside the project in ../shared/corpora, or where M365_EMAIL_CORPORA says. Without it nothing is tested, loudly.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ensureInstalled, ROOT, runNode } from './workspace.mjs';

const folder = process.env.M365_EMAIL_CORPORA ?? join(ROOT, '../shared/corpora');
if (!existsSync(folder)) {
  console.error(`test:corpus skipped: there is no ${folder}. Nothing was tested.`);
} else {
  ensureInstalled();
  runNode(
    [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      join(ROOT, 'node_modules/jest/bin/jest.js'),
      '--config',
      join(ROOT, 'test/corpus/jest.config.js'),
      ...process.argv.slice(2),
    ],
    { env: { M365_EMAIL_CORPORA: folder } },
  );
}
