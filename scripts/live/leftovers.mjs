/**
 * Owns the promise that nothing stays behind: finds processes that work in, or were started from, the run's folder
 * (Linux only, through /proc) and ends them. No other process is ever touched.
 */
import { existsSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** Servers end before their last children do. */
const PATIENCE_MS = 2_000;
const POLL_MS = 20;

/** Ids of processes whose working directory or command line points into `folder`, this one excepted. */
export function processesOf(folder) {
  if (!existsSync('/proc/self/cwd')) return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name))
    .map(Number)
    .filter((id) => id !== process.pid && belongsTo(folder, id));
}

/** Gives them a moment to end by themselves. */
export async function waitForProcessesOf(folder) {
  const deadline = Date.now() + PATIENCE_MS;
  while (processesOf(folder).length > 0 && Date.now() < deadline) await pause(POLL_MS);
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
