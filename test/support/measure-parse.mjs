/**
 * Parses files with the built connector in a process of its own and tells what became of each, with what processor time, and
 * the most memory that the process took. Task on standard input, result on standard output.
 */
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { parseMessageSource } from '../../dist/index.js';

const { settings, files } = JSON.parse(await text(process.stdin));
const records = [];
for (const file of files) {
  const start = process.cpuUsage();
  const { size, attachments, warnings } = await parseMessageSource(createReadStream(file), settings);
  const { user, system } = process.cpuUsage(start);
  records.push({
    size,
    attachments: attachments.length,
    warnings: [...new Set(warnings.map(({ code }) => code))],
    cpuSeconds: (user + system) / 1e6,
  });
}
process.stdout.write(JSON.stringify({ records, peakMegabytes: peakMegabytes() }));

/** On Linux of this program alone: what getrusage() tells begins with the memory of the process that started it. */
function peakMegabytes() {
  const status = '/proc/self/status';
  if (!existsSync(status)) return process.resourceUsage().maxRSS / 1024;
  return Number(/^VmHWM:\s+(\d+) kB$/mu.exec(readFileSync(status, 'latin1'))?.[1]) / 1024;
}
