/** Queries over leases: each is one statement, so that of two who ask at once only one gets it. */
import { sql, type Expression, type Kysely } from 'kysely';
import { FENCE_KEPT_MS } from '../limits.js';
import type { LeaseOptions } from '../port.js';
import type { Tables } from './tables.js';

type Now = Expression<number>;

/** The new fence; undefined while another holds the name. */
export async function take(
  db: Kysely<Tables>,
  now: Now,
  name: string,
  { holder, ttlMs }: LeaseOptions,
): Promise<number | undefined> {
  const row = await db
    .insertInto('state_leases')
    .values({ name, holder, fence: now, until: later(now, ttlMs) })
    .onConflict((conflict) =>
      conflict
        .column('name')
        .doUpdateSet((eb) => ({
          holder: eb.ref('excluded.holder'),
          until: eb.ref('excluded.until'),
          // The time of day, or more when the last one has got ahead of it.
          fence: sql<number>`case when state_leases.fence >= excluded.fence then state_leases.fence + 1 else excluded.fence end`,
        }))
        .where((eb) => eb.or([eb('state_leases.until', '<=', now), eb('state_leases.holder', '=', holder)])),
    )
    .returning('fence')
    .executeTakeFirst();
  return row && Number(row.fence);
}

/** False when it was lost. With ttlMs 0 it ends now, and its fence stays. */
export async function prolong(
  db: Kysely<Tables>,
  now: Now,
  { name, fence }: { readonly name: string; readonly fence: number },
  ttlMs: number,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('state_leases')
    .set({ until: later(now, ttlMs) })
    .where('name', '=', name)
    .where('fence', '=', fence)
    .where('until', '>', now)
    .executeTakeFirstOrThrow();
  return numUpdatedRows > 0n;
}

/**
 * Whether it is held still. It cannot be lost before the end of the transaction: whoever takes it has to wait, since
 * the row is touched here.
 */
export async function hold(
  db: Kysely<Tables>,
  now: Now,
  { name, fence }: { readonly name: string; readonly fence: number },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('state_leases')
    .set({ fence })
    .where('name', '=', name)
    .where('fence', '=', fence)
    .where('until', '>', now)
    .executeTakeFirstOrThrow();
  return numUpdatedRows > 0n;
}

export async function sweepLeases(db: Kysely<Tables>, now: Now): Promise<void> {
  await db.deleteFrom('state_leases').where('until', '<=', later(now, -FENCE_KEPT_MS)).execute();
}

function later(now: Now, ms: number): Expression<number> {
  return sql<number>`(${now} + ${sql.lit(ms)})`;
}
