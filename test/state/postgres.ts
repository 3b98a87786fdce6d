/** State in a PostgreSQL server, when there is one: every call in a schema of its own, which starts empty. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { openPostgresState, type State } from '../../src/state/index.js';

/** Connection string of a server whose content does not matter. */
export const POSTGRES = process.env['M365_EMAIL_POSTGRES'];

export async function createSchema(): Promise<string> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const client = new pg.Client({ connectionString: POSTGRES! });
  await client.connect();
  await client.query(`create schema ${name}`);
  await client.end();
  const url = new URL(POSTGRES!);
  url.searchParams.set('options', `-c search_path=${name}`);
  return url.href;
}

export async function openSchema(now?: () => number): Promise<State> {
  return openPostgresState({ connectionString: await createSchema(), ...(now && { now }) });
}
