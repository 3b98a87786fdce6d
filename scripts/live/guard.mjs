/**
 * Owns the case in which scripts/test-live.mjs can no longer clean up, because it was killed outright: a small process
 * that waits on a pipe from it. The pipe says "done" after a proper stop; if it just ends, the guard does the rest.
 */
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { killProcessesOf } from './leftovers.mjs';

const FILE = fileURLToPath(import.meta.url);

/** Starts a guard over the run's folder, in a process group of its own; answers with how to call it off. */
export function startGuard(folder) {
  const guard = spawn(process.execPath, [FILE], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { GUARDED_FOLDER: folder },
  });
  guard.unref();
  guard.stdin.on('error', () => undefined); // Somebody killed the guard: then there is none.
  guard.stdin.write('\n');
  guard.stdin.unref?.();
  return () => guard.stdin.end('done\n');
}

if (process.argv[1] === FILE && process.env.GUARDED_FOLDER !== undefined) {
  let heard = '';
  process.stdin.on('data', (chunk) => (heard += String(chunk)));
  process.stdin.once('end', () => {
    if (heard.includes('done')) return;
    killProcessesOf(process.env.GUARDED_FOLDER);
    rmSync(process.env.GUARDED_FOLDER, { recursive: true, force: true });
  });
}
