/** Queries over entries: each is one statement, which is whole by itself. Must not: decide when they run. */
import { randomInt } from 'node:crypto';
import { sql, type Expression, type ExpressionBuilder, type Kysely, type SqlBool } from 'kysely';
import { LIST_LIMIT, valueOf } from '../arguments.js';
import { VERSION_LIMIT } from '../limits.js';
import type { Expected, ListOptions, StateEntry } from '../port.js';
import type { Tables } from './tables.js';

type Now = Expression<number>;
type Entries = ExpressionBuilder<Tables, 'state_entries'>;

export interface Place {
  readonly collection: string;
  readonly key: string;
}

interface Row {
  readonly key: string;
  readonly value: string;
  readonly version: number | string;
  readonly expires_at: number | string | null;
}

function entryOf({ key, value, version, expires_at }: Row): StateEntry {
  const expiry = expires_at === null ? {} : { expiresAt: Number(expires_at) };
  return { key, value: valueOf(value), version: Number(version), ...expiry };
}

function isAlive(eb: Entries, now: Now): Expression<SqlBool> {
  return eb.or([eb('state_entries.expires_at', 'is', null), eb('state_entries.expires_at', '>', now)]);
}

const COLUMNS = ['key', 'value', 'version', 'expires_at'] as const;

export async function read(
  db: Kysely<Tables>,
  now: Now,
  { collection, key }: Place,
): Promise<StateEntry | undefined> {
  const row = await db
    .selectFrom('state_entries')
    .select(COLUMNS)
    .where('collection', '=', collection)
    .where('key', '=', key)
    .where((eb) => isAlive(eb, now))
    .executeTakeFirst();
  return row && entryOf(row);
}

/** Undefined when the expectation did not hold. */
export async function write(
  db: Kysely<Tables>,
  now: Now,
  { collection, key }: Place,
  text: string,
  { expect, expiresAt }: { readonly expect: Expected; readonly expiresAt?: number | undefined },
): Promise<StateEntry | undefined> {
  const content = { value: text, version: randomInt(VERSION_LIMIT), expires_at: expiresAt ?? null };
  const row =
    typeof expect === 'number'
      ? await db
          .updateTable('state_entries')
          .set(content)
          .where('collection', '=', collection)
          .where('key', '=', key)
          .where('version', '=', expect)
          .where((eb) => isAlive(eb, now))
          .returning(COLUMNS)
          .executeTakeFirst()
      : await db
          .insertInto('state_entries')
          .values({ collection, key, ...content })
          .onConflict((conflict) => {
            const update = conflict.columns(['collection', 'key']).doUpdateSet(content);
            return expect === 'any' ? update : update.where('state_entries.expires_at', '<=', now);
          })
          .returning(COLUMNS)
          .executeTakeFirst();
  return row && entryOf(row);
}

/** Whether something that was not expired has gone. */
export async function erase(
  db: Kysely<Tables>,
  now: Now,
  { collection, key }: Place,
  expect: number | 'any',
): Promise<boolean> {
  const query = db
    .deleteFrom('state_entries')
    .where('collection', '=', collection)
    .where('key', '=', key)
    .where((eb) => isAlive(eb, now));
  const { numDeletedRows } = await (
    expect === 'any' ? query : query.where('version', '=', expect)
  ).executeTakeFirstOrThrow();
  return numDeletedRows > 0n;
}

/** The least text behind every text that begins so, in the order of UTF-8; undefined when there is none. */
export function behindPrefix(prefix: string): string | undefined {
  const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0);
  while (points.at(-1) === 0x10_ff_ff) points.pop();
  const last = points.pop();
  // Surrogates stand for no character.
  return last === undefined
    ? undefined
    : String.fromCodePoint(...points, last === 0xd7_ff ? 0xe0_00 : last + 1);
}

export async function page(
  db: Kysely<Tables>,
  now: Now,
  collection: string,
  { prefix = '', after, limit = LIST_LIMIT, descending = false }: ListOptions,
): Promise<StateEntry[]> {
  const behind = behindPrefix(prefix);
  let query = db
    .selectFrom('state_entries')
    .select(COLUMNS)
    .where('collection', '=', collection)
    .where((eb) => isAlive(eb, now))
    .orderBy('key', descending ? 'desc' : 'asc')
    .limit(limit);
  if (prefix !== '') query = query.where('key', '>=', prefix);
  if (behind !== undefined) query = query.where('key', '<', behind);
  if (after !== undefined) query = query.where('key', descending ? '<' : '>', after);
  return (await query.execute()).map(entryOf);
}

export async function sweepEntries(db: Kysely<Tables>, now: Now): Promise<void> {
  await db.deleteFrom('state_entries').where('expires_at', '<=', now).execute();
}

/** The clock of the queries, as a number. */
export async function timeOf(db: Kysely<Tables>, now: Now): Promise<number> {
  const { rows } = await sql<{ now: number | string }>`select ${now} as now`.execute(db);
  return Number(rows[0]?.now);
}
