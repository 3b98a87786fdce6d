/**
 * The key in a file that its owner alone may read. Owns: its creation, the check of its rights, and that it never lies
 * beside the data it protects: whoever copies a folder should not get both.
 */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Failure } from '../errors/index.js';
import { codeOf, stateFailure } from './failures.js';
import { readKeys } from './key-ring.js';
import { KEY_BYTES } from './vault.js';
import { isExposedOnWindows, restrictOnWindows } from './windows-rights.js';

const COMMENT = '# Keys of the stored sign-ins, in base64, one a line: the first seals, the others open.\n';

export interface KeyFileOptions {
  readonly file: string;
  /** The file that the key protects. Absent for a database elsewhere, for whose sake no key is made. */
  readonly database?: string;
}

function folderOf(file: string): string {
  const folder = dirname(resolve(file));
  return existsSync(folder) ? realpathSync(folder) : folder;
}

/** Whole or not at all, and never over another: of two processes that create it at once, both use the one that stays. */
function create(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  const descriptor = openSync(draft, 'wx', 0o600);
  try {
    if (process.platform === 'win32') restrictOnWindows(draft);
    writeSync(descriptor, `${COMMENT}${randomBytes(KEY_BYTES).toString('base64')}\n`);
    fsyncSync(descriptor);
    linkSync(draft, file);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  } finally {
    closeSync(descriptor);
    rmSync(draft, { force: true });
  }
}

/** Rights and content of the same open file: nobody can change it for another in between. */
function read(file: string): string {
  const descriptor = openSync(file, 'r');
  try {
    const exposed =
      process.platform === 'win32' ? isExposedOnWindows(file) : (fstatSync(descriptor).mode & 0o077) !== 0;
    if (exposed) throw new Failure('key-file-exposed', { parameters: { file } });
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}

/**
 * The keys of a file, which is created with a new key if neither it nor the database is there yet.
 * @throws Failure key-file-exposed when others may read it or it lies beside the database; state-key-missing when it is
 *   not there although the database is, or holds no key; state-key-malformed for a line that is no key; state-unavailable
 */
export function keysFromFile({ file, database }: KeyFileOptions): Buffer[] {
  if (database !== undefined && folderOf(file) === folderOf(database)) {
    throw new Failure('key-file-exposed', { parameters: { file } });
  }
  try {
    // With a new key, all that the old one sealed would be lost without a word. Asked before the file is looked for:
    // another process that starts just now makes the key before the database.
    const isNew = database !== undefined && (!existsSync(database) || statSync(database).size === 0);
    if (!existsSync(file)) {
      if (!isNew) throw new Failure('state-key-missing', { parameters: { variable: file } });
      create(file);
    }
    const lines = read(file).split('\n');
    return readKeys(
      lines.filter((line) => !line.startsWith('#')),
      file,
    );
  } catch (error) {
    throw stateFailure(error, file);
  }
}
