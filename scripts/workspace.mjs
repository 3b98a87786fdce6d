/**
 * Makes a fresh clone ready: installs and builds what is missing or stale, and nothing else. Plain Node without
 * dependencies, since it runs before there are any. Owns: staleness. Must not: assume a shell or POSIX.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Runs a program to its end with our output; exits with its code when it fails. */
export function run(command, args, { cwd = ROOT, env = {}, quiet = false } = {}) {
  const result = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit',
    // npm is a script on Windows, and Node starts scripts only through a shell there.
    shell: process.platform === 'win32' && command === 'npm',
    encoding: 'utf8',
  });
  if (result.error) throw result.error;
  if (result.status !== 0) {
    if (quiet) process.stderr.write(`${result.stdout}\n${result.stderr}\n`);
    console.error(`${[command, ...args].join(' ')} failed.`);
    process.exit(result.status ?? 1);
  }
}

/** Runs one of our own Node programs, for example a package's bin script. */
export function runNode(args, options) {
  run(process.execPath, args, options);
}

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 20)) {
    console.error(`Node.js 20.20 or newer is needed; this is ${process.versions.node}.`);
    process.exit(1);
  }
}

/** `npm ci` in a folder, unless npm has installed there since its lock file last changed. */
export function ensureInstalled(folder = ROOT) {
  requireNode();
  const installed = join(folder, 'node_modules/.package-lock.json');
  const changed = statSync(join(folder, 'package-lock.json')).mtimeMs;
  if (existsSync(installed) && statSync(installed).mtimeMs >= changed) return;
  console.error(`Installing packages in ${folder === ROOT ? 'the project' : folder} (once) …`);
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder, quiet: true });
}

function newest(path) {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(
    0,
    ...readdirSync(path).map((name) => (name === 'node_modules' ? 0 : newest(join(path, name)))),
  );
}

function isStale(product, sources) {
  return (
    !existsSync(product) ||
    Math.max(...sources.map((path) => newest(join(ROOT, path)))) > statSync(product).mtimeMs
  );
}

/** Compiles src to dist. */
export function build() {
  rmSync(join(ROOT, 'dist'), { recursive: true, force: true });
  runNode([join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json']);
  writeFileSync(join(ROOT, 'dist/.built'), '');
}

export function ensureBuilt() {
  ensureInstalled();
  if (isStale(join(ROOT, 'dist/.built'), ['src', 'tsconfig.json', 'tsconfig.build.json'])) build();
}

/** Builds the web page of workbench/ with its own packages. */
export function ensureWorkbench() {
  const folder = join(ROOT, 'workbench');
  ensureInstalled(folder);
  const sources = readdirSync(folder)
    .filter((name) => !['node_modules', 'dist'].includes(name))
    .map((name) => join('workbench', name))
    // What the page bundles of the connector itself.
    .concat('src/manifest/problems.ts', 'src/generated');
  if (isStale(join(folder, 'dist/index.html'), sources)) {
    console.error('Building the form (once) …');
    run('npm', ['run', 'build', '--silent'], { cwd: folder, quiet: true });
  }
}
