/** The connector as a host runs it: through its public entry, with a client secret, records in batches. */
import { openConnector } from '../../../dist/index.js';
import { addMessage, digestOf, newTally } from '../sink.mjs';
import { runReader } from '../../child.mjs';

await runReader(({ net, connection, config, fileFolders, warmFolder }) => {
  const connector = openConnector({ net, fileFolders });
  return {
    async warm() {
      await connector.list('folders', { connection, config: { transport: config.transport } });
      const one = {
        connection,
        config: {
          folder: warmFolder,
          readState: 'any',
          includeAttachments: config.includeAttachments ?? true,
        },
      };
      for await (const { records } of connector.run('read-email', one))
        if (records.length !== 1) throw new Error('cold');
    },
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
