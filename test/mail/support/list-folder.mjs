// Lists a folder over IMAP in a process of its own, so that its memory can be measured. Prints one line of JSON.
import { openImapReading } from '../../../dist/mail/index.js';
import { routeTo } from '../../../dist/net/index.js';

const { net, token, mailbox, folder } = JSON.parse(process.argv[2]);
const context = { host: 'outlook.office365.com', port: 993, mailbox, signedIn: 'app', trustee: 'app' };
const session = await openImapReading(routeTo(net, context.host, context.port), token, context);
await session.openFolder(folder, 'read');

let peakBytes = 0;
const look = () => (peakBytes = Math.max(peakBytes, process.memoryUsage.rss()));
look();
const startBytes = peakBytes;

const unread = [{ field: 'readState', is: 'unread' }];
let listed = 0;
let isOrdered = true;
let last = 0;
let position;
for await (const page of session.changes({ after: undefined, conditions: unread, pageSize: 500 })) {
  for (const { id } of page.messages) {
    isOrdered &&= Number(id) > last;
    last = Number(id);
  }
  listed += page.messages.length;
  position = page.position;
  look();
}
let found = 0;
for await (const page of session.find({ conditions: unread, order: 'newest-first', pageSize: 200 })) {
  found += page.length;
  look();
  if (found >= 1000) break;
}
await session.close();
process.stdout.write(`${JSON.stringify({ listed, isOrdered, position, found, startBytes, peakBytes })}\n`);
