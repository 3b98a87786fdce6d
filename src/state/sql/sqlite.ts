/**
 * SQLite in a file, through libsql. Owns: the file with its rights, and how SQLite is set up so that what was
 * acknowledged survives a killed process and a loss of power.
 */
import { chmodSync, closeSync, fstatSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import Libsql from 'libsql';
import { sql, SqliteDialect, type SqliteDatabase } from 'kysely';
import { codeOf } from '../failures.js';
import type { StateDialect } from './dialect.js';
import { COMMIT, ROLLBACK } from './session.js';

/** SQLite waits within the call, and nothing else runs meanwhile: so briefly, and the rest of the wait is ours. */
const BUSY_TIMEOUT_MS = 100;

const BEGIN = 'begin immediate';
const CONTROL = new Set([BEGIN, COMMIT, ROLLBACK]);

/** SQLite gives its helper files (-wal, -shm) the rights of the database. */
function prepareFile(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const descriptor = openSync(file, 'a', 0o600);
  const { mode } = fstatSync(descriptor);
  closeSync(descriptor);
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) chmodSync(file, 0o600);
}

/**
 * The database as Kysely wants it. Statements that take or leave the lock are not prepared: libsql does not reset a prepared
 * statement that failed, and one that was refused the lock would stand in the way of every later commit
 * ("cannot commit transaction - SQL statements in progress"). Within a transaction nothing is refused any more.
 */
function withoutLeftovers(database: Libsql.Database): SqliteDatabase {
  return {
    close: () => {
      database.close();
    },
    prepare(text) {
      if (!CONTROL.has(text)) return database.prepare(text);
      return {
        reader: false,
        all: () => [],
        run: () => {
          database.exec(text);
          return { changes: 0, lastInsertRowid: 0 };
        },
        iterate: () => [][Symbol.iterator](),
      };
    },
  };
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
    driver: new SqliteDialect({ database: () => Promise.resolve(withoutLeftovers(openFile(file))) }),
    place: file,
    keyType: 'text',
    begin: BEGIN,
    locksToWrite: true,
    now: () => sql<number>`cast(${now()} as bigint)`,
    // The transaction itself has locked the whole file.
    lock: () => Promise.resolve(),
    isBusy: (error) => codeOf(error)?.startsWith('SQLITE_BUSY') ?? false,
    async beforeClose(db) {
      await sql`pragma wal_checkpoint(truncate)`.execute(db);
    },
  };
}
