/**
 * Reads a folder with the built connector in a process of its own, attachments into files, and tells how much memory
 * and time that took. Task on standard input, result on standard output.
 */
import { existsSync, readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { openConnector } from '../../../dist/index.js';

const { net, connection, config } = JSON.parse(await text(process.stdin));
const connector = openConnector({ net, fileFolders: [config.attachmentFolder] });
const attachments = [];
const start = performance.now();
for await (const { records } of connector.run('read-email', { connection, config })) {
  for (const record of records) attachments.push(...record.attachments);
}
process.stdout.write(
  JSON.stringify({
    attachments,
    peakMegabytes: peakMegabytes(),
    seconds: (performance.now() - start) / 1000,
  }),
);

/** On Linux of this program alone: what getrusage() tells begins with the memory of the process that started it. */
function peakMegabytes() {
  const status = '/proc/self/status';
  if (!existsSync(status)) return process.resourceUsage().maxRSS / 1024;
  return Number(/^VmHWM:\s+(\d+) kB$/mu.exec(readFileSync(status, 'latin1'))?.[1]) / 1024;
}
