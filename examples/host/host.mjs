// A host in about fifty lines, written from docs/host-contract.md alone. It finds the plugin in node_modules by its
// package name, once by import and once by require, and runs Test and both activities.
import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';

const how = process.argv[2] ?? 'import';
const require = createRequire(import.meta.url);
const { openConnector } =
  how === 'require' ? require('m365-email-connector') : await import('m365-email-connector');
const manifest = require('m365-email-connector/connector.json');

// What this host stores: a connection with its secret by reference, and two activities. Everything comes from stdin.
const { net, connection, secret, recipient } = JSON.parse(await text(process.stdin));
const secrets = { get: (name) => (name === 'mail' ? secret : undefined) };
const connector = openConnector({ net, secrets });
connection.authentication.clientSecret = { $secret: 'mail' };

const read = { id: 'read-email', config: { folder: 'INBOX', afterRead: 'mark-read' } };
const send = { id: 'send-email', config: { to: [{ address: recipient }] } };
const known = manifest.activities.map(({ id }) => id);
if (![read, send].every(({ id }) => known.includes(id))) throw new Error('The manifest lacks an activity.');

// Load: what a designer would see.
const described = connector.describe(read.id, 'de');
console.log(`${how}: ${described.name} has ${Object.keys(described.config.properties).length} settings`);

// Test.
for await (const check of connector.check({ connection, activities: [read, send] })) {
  if (check.status !== 'failed') continue;
  const { title, remedy } = connector.explain(check.failure, 'en');
  throw new Error(`${check.stage}: ${title} ${remedy}`);
}
const folders = await connector.list('folders', { connection });
console.log(`${how}: the test passes, ${folders.length} folders`);

// Run the source, hand each record to the target, and settle with what the target made of it.
let accepted = 0;
for await (const { records, token } of connector.run(read.id, { connection, config: read.config })) {
  const requests = records.map(({ subject, text: body, attachments }) => ({
    subject: `Fwd: ${subject}`,
    text: body ?? '',
    attachments: attachments.map(({ name, content }) => ({ name, content })),
  }));
  const outcomes = [];
  for await (const response of connector.run(send.id, { connection, config: send.config, requests })) {
    const done = response.outcome === 'accepted';
    accepted += done ? 1 : 0;
    outcomes.push({ key: records[response.index].key, outcome: done ? 'done' : 'retry' });
  }
  await connector.settle(read.id, { connection, config: read.config, token, outcomes });
}
console.log(`${how}: ${accepted} messages passed on`);
process.exitCode = accepted > 0 ? 0 : 1;
