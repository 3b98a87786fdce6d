/** `npm start [-- --once]`: makes the clone ready, then runs the demo: sandbox, main job, form. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ensureBuilt, ensureWorkbench, ROOT } from './workspace.mjs';

const args = process.argv.slice(2);
ensureBuilt();
if (!args.includes('--once')) ensureWorkbench();
const child = spawn(process.execPath, [join(ROOT, 'dist/cli/main.js'), 'demo', ...args], {
  stdio: 'inherit',
});
// Ctrl-C reaches the child too: it decides when to end.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code) => process.exit(code ?? 1));
