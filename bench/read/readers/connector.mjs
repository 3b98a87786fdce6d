/** The connector as a host runs it: through its public entry, with a client secret, records in batches. */
import { openConnector } from '../../../dist/index.js';
import { addMessage, digestOf, newTally } from '../sink.mjs';
import { runReader } from './child.mjs';

await runReader(({ net, connection, config, fileFolders }) => {
  const connector = openConnector({ net, fileFolders });
  return {
    warm: () => connector.list('folders', { connection, config: { transport: config.transport } }),
    async read() {
      const tally = newTally();
      for await (const { records } of connector.run('read-email', { connection, config })) {
        for (const { messageId, text, attachments } of records) {
          const delivered = attachments.filter(({ omitted }) => omitted === undefined);
          addMessage(tally, { messageId, text, attachments: delivered.map(contentOf) });
        }
      }
      return digestOf(tally);
    },
  };
});

function contentOf({ content }) {
  return Buffer.from(content.inline, 'base64');
}
