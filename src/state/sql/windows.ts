/** Queries over spendings. Must be run within a transaction that has the lock of the name. */
import { randomUUID } from 'node:crypto';
import type { Expression, Kysely } from 'kysely';
import type { SpendOptions, Spent } from '../port.js';
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
  const spendings = db.selectFrom('state_spendings').where('name', '=', name);
  const sum = await spendings.select(({ fn }) => fn.sum('amount').as('used')).executeTakeFirst();
  const used = Number(sum?.used ?? 0);
  const granted = judge(options, now, used, []);
  if (!granted.granted) {
    const rows = await spendings.select(['at', 'amount']).orderBy('at').execute();
    const oldestFirst = rows.map(({ at, amount }) => ({ at: Number(at), amount: Number(amount) }));
    return judge(options, now, used, oldestFirst);
  }
  const { amount, windowMs } = options;
  await db
    .insertInto('state_spendings')
    .values({ id: randomUUID(), name, amount, at: now, ends_at: now + windowMs })
    .execute();
  return granted;
}

/** Those of names that nobody asks for any more. */
export async function sweepSpendings(db: Kysely<Tables>, now: Expression<number>): Promise<void> {
  await db.deleteFrom('state_spendings').where('ends_at', '<=', now).execute();
}
