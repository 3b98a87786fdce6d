/**
 * `npm run check:host`: packs the plugin, installs the tarball into an empty folder as a foreign host would, and runs
 * host.mjs there against a sandbox, by import and by require. Checks that a host that only runs activities loads
 * neither HTTP server nor sandbox.
 */
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt, ROOT, run } from '../../scripts/workspace.mjs';

ensureBuilt();
const { DEMO, startSandbox } = await import('../../dist/sandbox/index.js');

const folder = mkdtempSync(join(tmpdir(), 'm365-email-host-'));
const sandbox = await startSandbox();
let failed = false;
try {
  run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], { quiet: true });
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'a-foreign-host', private: true }));
  // Without the optional packages: a host that brings its own front end needs none of them.
  run('npm', ['install', '--omit=optional', '--no-audit', '--no-fund', '--loglevel=error', `./${tarball}`], {
    cwd: folder,
    quiet: true,
  });
  copyFileSync(join(ROOT, 'examples/host/host.mjs'), join(folder, 'host.mjs'));
  if (existsSync(join(folder, 'node_modules/fastify')))
    throw new Error('The plugin pulled in an HTTP server.');
  for (const how of ['import', 'require']) {
    const { clientId, clientSecret } = DEMO.daemon;
    const input = JSON.stringify({
      net: { hosts: sandbox.hosts, trustedRoots: [sandbox.ca] },
      connection: {
        tenant: sandbox.tenantId,
        mailbox: how === 'import' ? DEMO.people.anna.address : DEMO.people.bernd.address,
        authentication: { method: 'client-secret', clientId },
      },
      secret: clientSecret,
      recipient: DEMO.people.carmen.address,
    });
    const code = await hosted(how, input);
    failed ||= code !== 0;
    console.log(`${code === 0 ? '✓' : '✗'} host by ${how}`);
  }
} finally {
  await sandbox.stop();
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = failed ? 1 : 0;

/** Asynchronous, since the sandbox lives in this process. */
async function hosted(how, input) {
  const child = spawn(process.execPath, ['host.mjs', how], {
    cwd: folder,
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  child.stdin.end(input);
  return new Promise((resolve) => child.on('exit', resolve));
}
