/**
 * Sends one record with the built connector in a process of its own; kills itself as `kill -9` would at a write to its state,
 * when it is told to. Task on standard input; the answer, and how many writes there were, on standard output.
 */
import { writeSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { openConnector, openDatabaseState, openVault } from '../../../dist/index.js';

const { net, database, key, dieAt, ...input } = JSON.parse(await text(process.stdin));
const state = await openDatabaseState({ file: database });
let writes = 0;
/** Writes of the ledger: other state has its own tests. */
const isLedger = ([given]) => Array.isArray(given) && given.some(({ collection }) => collection === 'sent');
const watched = new Proxy(state, {
  get: (target, name) => {
    const member = Reflect.get(target, name);
    if (typeof member !== 'function') return member;
    if (name !== 'commit') return member.bind(target);
    return async (...given) => {
      if (!isLedger(given)) return target.commit(...given);
      writes += 1;
      if (dieAt?.write === writes && dieAt.when === 'before') process.kill(process.pid, 'SIGKILL');
      const answer = await target.commit(...given);
      if (dieAt?.write === writes && dieAt.when === 'after') process.kill(process.pid, 'SIGKILL');
      return answer;
    };
  },
});
const vault = openVault([Buffer.from(key, 'base64')]);
const connector = openConnector({ net, store: { state: watched, vault } });
for await (const answer of connector.run('send-email', input))
  writeSync(1, JSON.stringify({ answer, writes }));
await state.close();
process.exit();
