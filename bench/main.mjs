/** `npm run bench -- read|send [options]`: makes everything ready and hands over. Owns: which benchmarks there are. */
import { fileURLToPath } from 'node:url';
import { ensureBuilt, ensureInstalled } from '../scripts/workspace.mjs';

const [name, ...options] = process.argv.slice(2);
if (name !== 'read' && name !== 'send') {
  console.error('npm run bench -- read [--rounds N] [--only NAME,NAME] [--check] [--json FILE]');
  console.error('npm run bench -- send [--rounds N] [--check]');
  process.exit(2);
}
ensureBuilt();
ensureInstalled(fileURLToPath(new URL('.', import.meta.url)));
if (name === 'read') {
  const { benchRead } = await import('./read/run.mjs');
  process.exitCode = await benchRead(options);
} else {
  const { benchSend } = await import('./send/run.mjs');
  process.exitCode = await benchSend(options);
}
