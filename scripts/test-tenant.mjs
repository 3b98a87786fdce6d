/**
 * `npm run test:tenant`: the connection test and one message to yourself on a tenant of your own. Never part of CI.
 *
 * M365_TENANT, M365_CLIENT_ID and M365_MAILBOX name the connection; the secret is in M365_EMAIL_SECRET_TENANT or asked
 * for. Sends one message from the mailbox to itself, reads it back, and marks it as read. Nothing else is changed.
 */
import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline/promises';
import { ensureBuilt } from './workspace.mjs';

const { M365_TENANT: tenant, M365_CLIENT_ID: clientId, M365_MAILBOX: mailbox } = process.env;
if (!tenant || !clientId || !mailbox) {
  console.error(
    'Set M365_TENANT, M365_CLIENT_ID and M365_MAILBOX, and M365_EMAIL_SECRET_TENANT for the client secret.',
  );
  process.exit(2);
}
ensureBuilt();
const { openConnector } = await import('../dist/index.js');
const { checkLines } = await import('../dist/cli/commands/check.js');
const { textsIn } = await import('../dist/manifest/index.js');

let clientSecret = process.env.M365_EMAIL_SECRET_TENANT;
if (!clientSecret) {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  clientSecret = await terminal.question('Client secret (it will be visible): ');
  terminal.close();
}
const connection = { tenant, mailbox, authentication: { method: 'client-secret', clientId, clientSecret } };
const connector = openConnector();
const texts = textsIn('en');

let failed = false;
for await (const check of connector.check({ connection })) {
  failed ||= check.status === 'failed';
  console.log(checkLines(check, texts).join('\n'));
}
if (failed) process.exit(1);

const subject = `Connector test ${randomUUID()}`;
const requests = [{ to: [{ address: mailbox }], subject, text: 'Sent by npm run test:tenant.' }];
let messageId;
for await (const response of connector.run('send-email', { connection, config: {}, requests })) {
  console.log(`send-email: ${response.outcome} ${response.serverText ?? ''}`);
  if (response.outcome !== 'accepted') process.exit(1);
  messageId = response.messageId;
}
const config = {
  folder: 'INBOX',
  readState: 'unread',
  receivedSince: new Date(Date.now() - 120_000).toISOString(),
  afterRead: 'mark-read',
};
for (let attempt = 0; attempt < 30; attempt += 1) {
  for await (const { records, token } of connector.run('read-email', { connection, config })) {
    const mine = records.filter((record) => record.subject === subject);
    if (mine.length === 0) continue;
    const outcomes = mine.map(({ key }) => ({ key, outcome: 'done' }));
    const [settled] = await connector.settle('read-email', { connection, config, token, outcomes });
    console.log(
      `read-email: found; Message-ID ${mine[0].messageId === messageId ? 'kept' : `replaced by ${mine[0].messageId}`}; settled: ${settled.result}`,
    );
    process.exit(settled.result === 'done' ? 0 : 1);
  }
  await new Promise((resolve) => setTimeout(resolve, 4000));
}
console.error('The message did not arrive within two minutes.');
process.exit(1);
