/**
 * The frame of a reader's process: its task comes on standard input, its result goes to standard output. A reader first
 * signs in and reads a single message without the clock, so that loading code and getting a token count for nobody.
 */
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';

/** @param reader gets the task, answers { warm, read }; what `read` answers is what was found */
export async function runReader(reader) {
  const task = JSON.parse(await text(process.stdin));
  const { warm, read } = await reader(task);
  await warm();
  for (let i = 0; i < Number(process.env.WARM ?? 0); i++) await read();
  const cpuBefore = process.cpuUsage();
  const from = performance.now();
  const found = await read();
  const milliseconds = performance.now() - from;
  const cpu = process.cpuUsage(cpuBefore);
  const result = {
    milliseconds,
    cpuMilliseconds: (cpu.user + cpu.system) / 1000,
    peakMegabytes: peakMegabytes(),
    found,
  };
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
}

/** Of this program alone: what getrusage() tells begins with the memory of the process that started it. */
function peakMegabytes() {
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/mu.exec(readFileSync('/proc/self/status', 'latin1')) ?? [];
  return Number(kilobytes) / 1024;
}
