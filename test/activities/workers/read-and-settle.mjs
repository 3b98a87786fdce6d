/**
 * Reads a folder with the built connector in a process of its own and settles what it took, round after round until nothing
 * comes; kills itself as `kill -9` would at a write to its state, when it is told to. Task on standard input; each line on
 * standard output is a JSON value, written before the next step begins.
 */
import { writeSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { openConnector, openDatabaseState, openVault } from '../../../dist/index.js';

const MAX_ROUNDS = 5;
const { net, connection, config, activity, database, key, dieAt } = JSON.parse(await text(process.stdin));

/** Straight to the pipe: a kill must not take along what was said. */
const say = (value) => writeSync(1, `${JSON.stringify(value)}\n`);

const state = await openDatabaseState({ file: database });
let writes = 0;
const dying = (method) =>
  async function (...given) {
    writes += 1;
    if (dieAt?.write === writes && dieAt.when === 'before') process.kill(process.pid, 'SIGKILL');
    const answer = await state[method](...given);
    if (dieAt?.write === writes && dieAt.when === 'after') process.kill(process.pid, 'SIGKILL');
    return answer;
  };
const watched = new Proxy(state, {
  get: (target, name) => {
    if (name === 'commit' || name === 'put' || name === 'remove') return dying(name);
    const member = Reflect.get(target, name);
    return typeof member === 'function' ? member.bind(target) : member;
  },
});

const connector = openConnector({
  net,
  store: { state: watched, vault: openVault([Buffer.from(key, 'base64')]) },
});
for (let round = 0, quiet = false; round < MAX_ROUNDS && !quiet; round += 1) {
  quiet = true;
  for await (const { records, token } of connector.run('read-email', { connection, config, activity })) {
    quiet = false;
    for (const { contentKey, subject } of records) say({ took: { contentKey, subject } });
    const outcomes = records.map(({ key: record }) => ({ key: record, outcome: 'done' }));
    const settled = await connector.settle('read-email', { connection, config, token, outcomes });
    for (const { failure } of settled) if (failure !== undefined) say({ refused: failure.code });
  }
}
await state.close();
say({ writes });
process.exit();
