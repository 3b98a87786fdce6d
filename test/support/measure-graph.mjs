/**
 * Takes one message over Graph, as it streams, and tells its size, its digest and the most memory that this process had.
 * Run by test/mail/graph-memory.test.ts, for a peak belongs to a whole process. Arguments: a JSON object.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { openGraphSession } from '../../dist/mail/index.js';
import { routeTo } from '../../dist/net/index.js';

const { net, token, mailbox } = JSON.parse(process.argv[2]);
const host = 'graph.microsoft.com';
const tokens = { current: async () => token, replace: async () => token };
const context = { host, port: 443, mailbox, signedIn: 'app', trustee: 'app' };
const session = await openGraphSession(routeTo(net, host, 443), tokens, context);
await session.openFolder('INBOX', 'read');
const digest = createHash('sha256');
let bytes = 0;
for await (const page of session.find({ conditions: [], order: 'oldest-first', pageSize: 10 })) {
  for await (const message of session.fetch(page)) {
    for await (const piece of message.pieces) {
      bytes += piece.length;
      digest.update(piece);
      // A consumer that is slower than the wire: what is held for it must not grow.
      if (bytes % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
await session.close();
// What getrusage tells begins with the size of the process that started this one.
const status = '/proc/self/status';
const peak = existsSync(status) ? /^VmHWM:\s+(\d+)/mu.exec(readFileSync(status, 'utf8'))?.[1] : undefined;
const peakMegabytes = Number(peak ?? process.resourceUsage().maxRSS) / 1024;
process.stdout.write(JSON.stringify({ bytes, sha256: digest.digest('hex'), peakMegabytes }));
