/**
 * Parses files with the built connector in a process of its own and tells how many records that made and the most memory it
 * took. Task on standard input, result on standard output.
 */
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { parseMessageSource } from '../../../dist/index.js';

const { settings, files } = JSON.parse(await text(process.stdin));
let records = 0;
for (const file of files) {
  const record = await parseMessageSource(createReadStream(file), settings);
  if (record.size > 0 || readFileSync(file).length === 0) records += 1;
}
process.stdout.write(JSON.stringify({ records, peakMegabytes: peakMegabytes() }));

/** On Linux of this program alone: what getrusage() tells begins with the memory of the process that started it. */
function peakMegabytes() {
  const status = '/proc/self/status';
  if (!existsSync(status)) return process.resourceUsage().maxRSS / 1024;
  return Number(/^VmHWM:\s+(\d+) kB$/mu.exec(readFileSync(status, 'latin1'))?.[1]) / 1024;
}
