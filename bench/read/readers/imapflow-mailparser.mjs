/** imapflow and mailparser, as their documentation shows: fetch the source, give it to simpleParser. */
import { ImapFlow } from 'imapflow';
import { simpleParser } from 'mailparser';
import { addMessage, digestOf, newTally } from '../sink.mjs';
import { runReader } from '../../child.mjs';

await runReader(({ imap, folder, warmFolder, address, password }) => {
  const open = async () => {
    const { host, port, servername, ca } = imap;
    const client = new ImapFlow({
      host,
      port,
      secure: true,
      servername,
      tls: { ca },
      auth: { user: address, pass: password },
      logger: false,
    });
    await client.connect();
    return client;
  };
  const read = async (box) => {
    const client = await open();
    const lock = await client.getMailboxLock(box);
    const tally = newTally();
    for await (const { source } of client.fetch('1:*', { uid: true, source: true })) {
      const { messageId, text, attachments } = await simpleParser(source);
      addMessage(tally, { messageId, text, attachments: attachments.map(({ content }) => content) });
    }
    lock.release();
    await client.logout();
    return digestOf(tally);
  };
  return {
    warm: () => read(warmFolder),
    read: () => read(folder),
  };
});
