/**
 * Owns a PostgreSQL server of its own for tests: in a private folder, on a loopback port, as a user without rights.
 * Must not: touch a server or a cluster that the machine runs already.
 */
import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePorts } from './ports.mjs';

/** Debian keeps the programs of each version apart, and out of the PATH. */
const VERSIONS = '/usr/lib/postgresql';
const DATABASE = 'postgres';

/** Folder of the newest server on this machine, or undefined. */
export function findPostgres() {
  if (!existsSync(VERSIONS)) return undefined;
  const [newest] = readdirSync(VERSIONS).sort((one, other) => Number(other) - Number(one));
  const folder = join(VERSIONS, newest ?? '', 'bin');
  return existsSync(join(folder, 'initdb')) ? folder : undefined;
}

/** The user to run as: initdb refuses root. Debian's package brings the user postgres. */
function unprivileged() {
  if (process.getuid?.() !== 0) return {};
  const number = (flag) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: number('-u'), gid: number('-g') };
}

/**
 * Starts a server; answers with its connection string and how to stop it, which removes the folder.
 * @throws when the Debian package postgresql is not installed
 */
export async function startPostgres() {
  const programs = findPostgres();
  if (programs === undefined) throw new Error('PostgreSQL is missing (Debian package postgresql).');
  const user = unprivileged();
  const folder = mkdtempSync(join(tmpdir(), 'm365-email-postgres-'));
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const { postgres: port } = await freePorts(['postgres']);
  const call = (program, args) =>
    execFileSync(join(programs, program), args, {
      ...user,
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  const stop = () => {
    try {
      call('pg_ctl', ['stop', '-D', data, '-m', 'immediate', '-w']);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
  try {
    call('initdb', ['-D', data, '-U', DATABASE, '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8']);
    const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${folder}`;
    call('pg_ctl', ['start', '-D', data, '-w', '-l', join(folder, 'log'), '-o', options]);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  return { connectionString: `postgresql://${DATABASE}@127.0.0.1:${port}/${DATABASE}`, stop };
}

/** `node scripts/live/postgres.mjs command …`: runs it with M365_EMAIL_POSTGRES set to a fresh server. */
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , command, ...args] = process.argv;
  const server = await startPostgres();
  try {
    execFileSync(command, args, {
      stdio: 'inherit',
      env: { ...process.env, M365_EMAIL_POSTGRES: server.connectionString },
    });
  } catch (error) {
    process.exitCode = error.status ?? 1;
  } finally {
    server.stop();
  }
}
