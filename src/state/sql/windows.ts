/** Queries over spendings. Must be run within a transaction that has the lock of the name. */
import { randomUUID } from 'node:crypto';
import type { Expression, Kysely, Selectable } from 'kysely';
import type { Spending, SpendOptions, Spent } from '../port.js';
import { judge } from '../spending.js';
import type { Tables } from './tables.js';

export async function spendWithin(
  db: Kysely<Tables>,
  now: number,
  name: string,
  options: SpendOptions,
): Promise<Spent> {
  const start = now - options.windowMs;
  await db.deleteFrom('state_spendings').where('name', '=', name).where('at', '<=', start).execute();
  const { amount, windowMs, id } = options;
  const row = id === undefined ? randomUUID() : `${name}/${id}`;
  const others = db.selectFrom('state_spendings').where('name', '=', name).where('id', '!=', row);
  const sum = await others.select(({ fn }) => fn.sum('amount').as('used')).executeTakeFirst();
  const used = Number(sum?.used ?? 0);
  const granted = judge(options, now, used, []);
  if (!granted.granted) {
    const rows = await others.select(['at', 'amount']).orderBy('at').execute();
    return judge(options, now, used, rows.map(spendingOf));
  }
  if (id !== undefined) await db.deleteFrom('state_spendings').where('id', '=', row).execute();
  await db
    .insertInto('state_spendings')
    .values({ id: row, name, amount, at: now, ends_at: now + windowMs })
    .execute();
  return granted;
}

/** Needs no lock. */
export async function spendingsWithin(
  db: Kysely<Tables>,
  now: number,
  name: string,
  windowMs: number,
): Promise<Spending[]> {
  const spendings = db.selectFrom('state_spendings').where('name', '=', name);
  const rows = await spendings
    .select(['at', 'amount'])
    .where('at', '>', now - windowMs)
    .orderBy('at')
    .execute();
  return rows.map(spendingOf);
}

function spendingOf({ at, amount }: Pick<Selectable<Tables['state_spendings']>, 'at' | 'amount'>): Spending {
  return { at: Number(at), amount: Number(amount) };
}

/** Those of names that nobody asks for any more. */
export async function sweepSpendings(db: Kysely<Tables>, now: Expression<number>): Promise<void> {
  await db.deleteFrom('state_spendings').where('ends_at', '<=', now).execute();
}
