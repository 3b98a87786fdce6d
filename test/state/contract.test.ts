/** The contract of the state port, held against every implementation that can run here. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, test } from '@jest/globals';
import { openDatabaseState, openMemoryState } from '../../src/state/index.js';
import { describeContract } from './contract.js';
import { openSchema, POSTGRES } from './postgres.js';

const folder = mkdtempSync(join(tmpdir(), 'm365-email-state-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describeContract('memory', (now) => Promise.resolve(openMemoryState({ now })));
describeContract('file', (now) => openDatabaseState({ file: join(folder, `${randomUUID()}.db`), now }));
if (POSTGRES === undefined) {
  describe('State: PostgreSQL', () => {
    test.skip('M365_EMAIL_POSTGRES names no server (scripts/live/postgres.mjs starts one)', () => undefined);
  });
} else {
  describeContract('PostgreSQL', (now) => openSchema(now));
}
