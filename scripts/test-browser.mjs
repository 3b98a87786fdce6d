/**
 * `npm run test:browser`: the form in a real browser. Takes Chromium from CHROMIUM or the usual places; on Debian as
 * root it installs it; elsewhere it says what is missing and skips.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt, ensureWorkbench, ROOT, runNode } from './workspace.mjs';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const found = () => process.env.CHROMIUM ?? places.find((path) => existsSync(path));

function installOnDebian() {
  if (!existsSync('/usr/bin/apt-get') || process.getuid?.() !== 0) return;
  console.log('test:browser installing Chromium (Debian) …');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'],
  ]) {
    spawnSync('apt-get', args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  }
}

if (found() === undefined) installOnDebian();
if (found() === undefined) {
  console.log(
    'test:browser skipped: no Chromium. Install it, or name one in the environment variable CHROMIUM.',
  );
} else {
  ensureBuilt();
  ensureWorkbench();
  process.env.CHROMIUM ??= found();
  runNode([
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    join(ROOT, 'node_modules/jest/bin/jest.js'),
    '--config',
    'test/browser/jest.config.js',
    ...process.argv.slice(2),
  ]);
}
