/**
 * The frame of a reader's or sender's process: its task comes on standard input, its result goes to standard output. It first
 * signs in and does a little without the clock, so that loading code and getting a token count for nobody; then it does
 * everything as often as it is told to, in the same process.
 */
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';

/** @param reader gets the task, answers { warm, read }; what `read` answers is what was found */
export async function runReader(reader) {
  const task = JSON.parse(await text(process.stdin));
  const { warm, read } = await reader(task);
  await warm();
  const runs = [];
  for (let run = 0; run < task.runs; run += 1) {
    const cpuBefore = process.cpuUsage();
    const from = performance.now();
    const found = await read();
    const milliseconds = performance.now() - from;
    const cpu = process.cpuUsage(cpuBefore);
    runs.push({ milliseconds, cpuMilliseconds: (cpu.user + cpu.system) / 1000, found });
  }
  const result = { runs, peakMegabytes: peakMegabytes() };
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
}

/** Of this program alone: what getrusage() tells begins with the memory of the process that started it. */
function peakMegabytes() {
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/mu.exec(readFileSync('/proc/self/status', 'latin1')) ?? [];
  return Number(kilobytes) / 1024;
}
