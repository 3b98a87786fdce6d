/** The tables as the queries see them; migrations.ts creates them. */
import type { ColumnType } from 'kysely';

/** PostgreSQL answers with text, since a bigint may exceed a number; ours never do. */
type Whole = ColumnType<number | string, number, number>;

export interface Tables {
  state_migrations: { version: Whole; program: string; applied_at: Whole };
  state_entries: {
    collection: string;
    key: string;
    value: string;
    version: Whole;
    expires_at: ColumnType<number | string | null, number | null, number | null>;
  };
  state_leases: { name: string; holder: string; fence: Whole; until: Whole };
  state_spendings: { id: string; name: string; amount: Whole; at: Whole; ends_at: Whole };
}
