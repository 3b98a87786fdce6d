/**
 * A process that works on a shared state: what processes.test.ts starts several of, and kills. It answers in lines of
 * JSON, each of which is an acknowledgement: it is written after the promise was fulfilled.
 */
import { appendFileSync, writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { openDatabaseState, openPostgresState } from '../../../dist/state/index.js';

const [, , job, placeText, optionsText] = process.argv;
const { file, connectionString } = JSON.parse(placeText);
const options = JSON.parse(optionsText);
const open = () =>
  file === undefined ? openPostgresState({ connectionString }) : openDatabaseState({ file });

/** Straight to the pipe: a kill must not take an acknowledgement along. */
const say = (value) => writeSync(1, `${JSON.stringify(value)}\n`);

const JOBS = {
  /** Writes pairs until it is killed. */
  async write({ round }) {
    const state = await open();
    for (let count = 0; ; count += 1) {
      const key = `${round}/${String(count).padStart(6, '0')}`;
      const pair = ['left', 'right'].map((collection) => ({ collection, key, value: key, expect: 'absent' }));
      if (!(await state.commit(pair))) throw new Error(`${key} was there already.`);
      await state.put('single', key, key, { expect: 'absent' });
      say(key);
    }
  },

  async increment({ times }) {
    const state = await open();
    for (let count = 0; count < times;) {
      const entry = await state.get('numbers', 'counter');
      const written = await state.put('numbers', 'counter', (entry?.value ?? 0) + 1, {
        expect: entry?.version ?? 'absent',
      });
      if (written !== undefined) count += 1;
    }
    await state.close();
  },

  /** Notes in a file when it enters and leaves what only one may be in. */
  async exclude({ holder, times, log }) {
    const state = await open();
    for (let count = 0; count < times;) {
      const lease = await state.lease('job', { holder, ttlMs: 60_000 });
      if (lease === undefined) {
        await delay(1);
        continue;
      }
      appendFileSync(log, `${JSON.stringify({ holder, fence: lease.fence, enters: true })}\n`);
      await delay(1);
      appendFileSync(log, `${JSON.stringify({ holder, fence: lease.fence, enters: false })}\n`);
      await lease.release();
      count += 1;
    }
    await state.close();
  },

  /** Takes a lease, and writes under it when it is told to: perhaps too late. */
  async oversleep({ holder, ttlMs }) {
    const state = await open();
    const lease = await state.lease('job', { holder, ttlMs });
    say({ fence: lease.fence });
    await new Promise((resolve) => process.stdin.once('data', resolve));
    const write = { collection: 'things', key: 'one', value: holder, expect: 'any' };
    say({ renewed: await lease.renew(ttlMs), written: await state.commit([write], { under: lease }) });
    await state.close();
    process.exit();
  },

  async spend({ tries, ...budget }) {
    const state = await open();
    let granted = 0;
    for (let count = 0; count < tries; count += 1) {
      if ((await state.spend('mailbox', budget)).granted) granted += budget.amount;
    }
    say({ granted });
    await state.close();
  },

  async open() {
    const state = await open();
    say({ opened: (await state.put('things', String(process.pid), 1, { expect: 'absent' })) !== undefined });
    await state.close();
  },
};

await JOBS[job](options);
