/**
 * Runs the readers in interleaved rounds, each in a process of its own, and judges what they found before it prints a
 * figure. Owns: the order of things. Must not: know how a reader reads.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { preparePrograms } from '../../scripts/live/programs.mjs';
import { inboxMessages, largeMessage, prepared, smallMessage } from './mailbox.mjs';
import { READERS } from './readers.mjs';
import { report, targetsMissed } from './report.mjs';
import { fill, startServer } from '../server.mjs';

const say = (line) => process.stdout.write(`${line}\n`);
const HERE = fileURLToPath(new URL('readers/', import.meta.url));
const LARGE_FOLDER = 'Large';
/** With one message, for what readers do before their clocks start. */
const WARM_FOLDER = 'Warm';
/** A reader that takes longer hangs. */
const PATIENCE_MS = 300_000;

/** @returns exit code */
export async function benchRead(args) {
  const { values } = parseArgs({
    args,
    options: {
      rounds: { type: 'string', default: '5' },
      runs: { type: 'string', default: '2' },
      only: { type: 'string' },
      check: { type: 'boolean', default: false },
      json: { type: 'string' },
    },
  });
  const missing = preparePrograms(say);
  if (missing !== undefined) {
    say(`skipped: ${missing}.`);
    return 0;
  }
  const chosen = values.only?.split(',');
  const readers = READERS.filter(({ name }) => chosen === undefined || chosen.includes(name));
  const server = await startServer();
  try {
    const expected = await fillAll(server);
    const rounds = [];
    for (let round = 0; round < Number(values.rounds); round += 1) {
      say(`round ${round + 1}, load ${loadavg()[0].toFixed(1)}`);
      rounds.push(await runRound(server, readers, expected, { round, runs: Number(values.runs) }));
    }
    const results = report(rounds, say);
    if (values.json !== undefined) writeFileSync(values.json, JSON.stringify({ results, rounds }, null, 2));
    return values.check && targetsMissed(results, say) ? 1 : 0;
  } finally {
    await server.stop();
  }
}

async function fillAll(server) {
  const expected = {};
  for (const [folder, messages] of [
    ['INBOX', inboxMessages()],
    [LARGE_FOLDER, [largeMessage()]],
    [WARM_FOLDER, [smallMessage()]],
  ]) {
    const { sources, expected: ofFolder } = prepared(messages);
    await fill(server, folder, sources);
    expected[folder] = ofFolder;
    const { messages: count } = ofFolder.whole;
    say(`${folder}: ${count} messages, ${(ofFolder.sourceBytes / 1e6).toFixed(1)} MB`);
  }
  return expected;
}

/** Milliseconds and memory by reader. The order turns from round to round, so that no reader always follows the same one. */
async function runRound(server, readers, expected, { round, runs }) {
  const results = {};
  const turn = round % Math.max(1, readers.length);
  for (const reader of [...readers.slice(turn), ...readers.slice(0, turn)]) {
    const folder = reader.large ? LARGE_FOLDER : 'INBOX';
    const files = join(server.folder, `files-${round}-${reader.name}`);
    mkdirSync(files, { mode: 0o700 });
    const wanted = expected[folder][reader.find ?? 'whole'];
    const task = {
      ...server,
      folder,
      runs,
      warmFolder: WARM_FOLDER,
      expected: wanted,
      ...reader.task?.({ folder, files }),
    };
    const { runs: times, peakMegabytes } = await runChild(reader, task);
    for (const { found } of times) {
      if (reader.limit === true) {
        if (found.bytes < expected[folder].sourceBytes) throw new Error(`${reader.name} read too little`);
      } else if (JSON.stringify(found) !== JSON.stringify(wanted)) {
        throw new Error(`${reader.name} found ${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}`);
      }
    }
    results[reader.name] = { first: times[0], last: times.at(-1), peakMegabytes };
    const shown = times.map(({ milliseconds }) => Math.round(milliseconds)).join(', ');
    say(`  ${reader.label.padEnd(28)} ${shown} ms`);
  }
  return results;
}

function runChild({ name, file }, task) {
  const [command, ...args] = file.endsWith('.py')
    ? ['python3', join(HERE, file)]
    : [process.execPath, join(HERE, file)];
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk) => (output += String(chunk)));
  child.stdin.end(JSON.stringify(task));
  const late = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(late);
      if (code === 0) resolve(JSON.parse(output));
      else reject(new Error(`${name} ended with ${String(code)}`));
    });
  });
}
