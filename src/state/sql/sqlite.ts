/**
 * SQLite in a file, through libsql. Owns: the file with its rights, and how SQLite is set up so that what was
 * acknowledged survives a killed process and a loss of power.
 */
import { chmodSync, closeSync, fstatSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import Libsql from 'libsql';
import { sql, SqliteDialect } from 'kysely';
import { codeOf } from '../failures.js';
import type { StateDialect } from './dialect.js';

/** SQLite waits within the call, and nothing else runs meanwhile: so briefly, and the rest of the wait is ours. */
const BUSY_TIMEOUT_MS = 100;

/** SQLite gives its helper files (-wal, -shm) the rights of the database. */
function prepareFile(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const descriptor = openSync(file, 'a', 0o600);
  const { mode } = fstatSync(descriptor);
  closeSync(descriptor);
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) chmodSync(file, 0o600);
}

function openFile(file: string): Libsql.Database {
  prepareFile(file);
  const database = new Libsql(file);
  for (const pragma of [`busy_timeout = ${BUSY_TIMEOUT_MS}`, 'journal_mode = wal', 'synchronous = full']) {
    database.exec(`pragma ${pragma}`);
  }
  return database;
}

export function sqliteDialect(file: string, now: () => number): StateDialect {
  return {
    driver: new SqliteDialect({ database: () => Promise.resolve(openFile(file)) }),
    place: file,
    keyType: 'text',
    begin: 'begin immediate',
    now: () => sql<number>`cast(${now()} as bigint)`,
    // The transaction itself has locked the whole file.
    lock: () => Promise.resolve(),
    isBusy: (error) => codeOf(error)?.startsWith('SQLITE_BUSY') ?? false,
    async beforeClose(db) {
      await sql`pragma wal_checkpoint(truncate)`.execute(db);
    },
  };
}
