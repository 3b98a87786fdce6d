/**
 * Sends one message with the built connector in a process of its own, and tells how much memory that took. Task on standard
 * input, result on standard output.
 */
import { existsSync, readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { openConnector } from '../../../dist/index.js';

const { net, connection, config, request } = JSON.parse(await text(process.stdin));
const responses = [];
const input = { connection, config, requests: [request] };
for await (const response of openConnector({ net }).run('send-email', input)) responses.push(response);
process.stdout.write(JSON.stringify({ responses, peakMegabytes: peakMegabytes() }));

/** On Linux of this program alone: what getrusage() tells begins with the memory of the process that started it. */
function peakMegabytes() {
  const status = '/proc/self/status';
  if (!existsSync(status)) return process.resourceUsage().maxRSS / 1024;
  return Number(/^VmHWM:\s+(\d+) kB$/mu.exec(readFileSync(status, 'latin1'))?.[1]) / 1024;
}
