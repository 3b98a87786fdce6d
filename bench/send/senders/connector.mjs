/** The connector as a host runs it: through its public entry, with a client secret, each record with a key of its own. */
import { randomUUID } from 'node:crypto';
import { openConnector } from '../../../dist/index.js';
import { runReader } from '../../child.mjs';
import { messages } from '../messages.mjs';

await runReader(({ net, connection, address, count }) => {
  // Its neighbour keeps to no limit either.
  const connector = openConnector({
    net,
    sendingLimits: { messagesPerMinute: 1_000_000, recipientsPerDay: 1_000_000 },
  });
  const send = async (number) => {
    const requests = messages(number, address).map((one) => ({ ...one, idempotencyKey: randomUUID() }));
    const input = { connection, config: { automatic: false }, activity: 'bench', requests };
    let accepted = 0;
    for await (const { outcome } of connector.run('send-email', input))
      if (outcome === 'accepted') accepted += 1;
    return { accepted };
  };
  return { warm: () => send(3), read: () => send(count) };
});
