/**
 * Owns the promise that nothing stays behind: finds processes that work in, or were started from, the run's folder
 * (Linux only, through /proc) and ends them. No other process is ever touched.
 */
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

/** Ids of processes whose working directory or command line points into `folder`, this one excepted. */
export function processesOf(folder) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name))
    .map(Number)
    .filter((id) => id !== process.pid && belongsTo(folder, id));
}

/** Kills them at once, and answers with how many there were. */
export function killProcessesOf(folder) {
  const ids = processesOf(folder);
  for (const id of ids) {
    try {
      process.kill(id, 'SIGKILL');
    } catch {
      // It ended by itself in the meantime.
    }
  }
  return ids.length;
}

function belongsTo(folder, id) {
  const inside = (path) => path === folder || path.startsWith(`${folder}/`);
  try {
    if (inside(readlinkSync(`/proc/${id}/cwd`))) return true;
    return readFileSync(`/proc/${id}/cmdline`, 'latin1').split('\0').some(inside);
  } catch {
    return false;
  }
}
