/**
 * Reads a folder with the built connector in a process of its own, sends the attachments on by their references, and tells how
 * much memory that took. Task on standard input, result on standard output.
 */
import { existsSync, readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { openConnector } from '../../../dist/index.js';

const { net, connection, reading, sending, to } = JSON.parse(await text(process.stdin));
const connector = openConnector({ net });
const attachments = [];
for await (const { records } of connector.run('read-email', { connection, config: reading })) {
  for (const record of records) {
    for (const { name, content } of record.attachments) attachments.push({ name, content });
  }
}
const responses = [];
const requests = [{ to, subject: 'passed on', text: 'See below.', attachments }];
for await (const response of connector.run('send-email', { connection, config: sending, requests })) {
  responses.push(response);
}
process.stdout.write(JSON.stringify({ responses, attachments, peakMegabytes: peakMegabytes() }));

/** On Linux of this program alone: what getrusage() tells begins with the memory of the process that started it. */
function peakMegabytes() {
  const status = '/proc/self/status';
  if (!existsSync(status)) return process.resourceUsage().maxRSS / 1024;
  return Number(/^VmHWM:\s+(\d+) kB$/mu.exec(readFileSync(status, 'latin1'))?.[1]) / 1024;
}
