/** The connector with a large attachment, which it writes to a folder: memory must not grow with it. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { openConnector } from '../../../dist/index.js';
import { digestOf, messageLine, newTally } from '../sink.mjs';
import { runReader } from '../../child.mjs';

await runReader(({ net, connection, config, fileFolders, warmFolder }) => {
  const connector = openConnector({ net, fileFolders });
  return {
    async warm() {
      const one = { connection, config: { folder: warmFolder, readState: 'any' } };
      for await (const { records } of connector.run('read-email', one))
        if (records.length !== 1) throw new Error('cold');
    },
    async read() {
      const tally = newTally();
      for await (const { records } of connector.run('read-email', { connection, config })) {
        for (const { messageId, text, attachments } of records) {
          const digests = [];
          for (const { file, size, sha256 } of attachments) {
            const digest = await digestOfFile(file);
            if (digest !== sha256) throw new Error('The record states another SHA-256 than the file has.');
            tally.attachments += 1;
            tally.bytes += size;
            digests.push(digest);
          }
          tally.lines.push(messageLine(messageId, text, digests));
        }
      }
      return digestOf(tally);
    },
  };
});

async function digestOfFile(file) {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 })) hash.update(chunk);
  return hash.digest('hex');
}
