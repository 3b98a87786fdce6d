/**
 * Sends the same mails through the connector and through nodemailer's pool, in turn, to one Postfix, and counts what arrived
 * before it prints a figure. Must not: know how a sender sends.
 */
import { spawn } from 'node:child_process';
import { loadavg } from 'node:os';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ImapFlow } from 'imapflow';
import { preparePrograms } from '../../scripts/live/programs.mjs';
import { median } from '../read/report.mjs';
import { startServer } from '../server.mjs';

const say = (line) => process.stdout.write(`${line}\n`);
const HERE = fileURLToPath(new URL('senders/', import.meta.url));
const SENDERS = ['connector', 'nodemailer-pool'];
const COUNT = 500;
/** Without the clock, and then twice: see child.mjs. */
const WARM = 3;
const RUNS = 2;
const PATIENCE_MS = 120_000;
const AT_LEAST = 1;

/** @returns exit code */
export async function benchSend(args) {
  const { values } = parseArgs({
    args,
    options: { rounds: { type: 'string', default: '5' }, check: { type: 'boolean', default: false } },
  });
  const missing = preparePrograms(say);
  if (missing !== undefined) {
    say(`skipped: ${missing}.`);
    return 0;
  }
  const server = await startServer({ takesMail: true });
  try {
    const rounds = [];
    for (let round = 0; round < Number(values.rounds); round += 1) {
      say(`round ${round + 1}, load ${loadavg()[0].toFixed(1)}`);
      const order = round % 2 === 0 ? SENDERS : SENDERS.toReversed();
      const times = {};
      for (const name of order) {
        times[name] = await runSender(name, { ...server, count: COUNT, runs: RUNS });
        await arrived(
          server,
          (rounds.length * SENDERS.length + Object.keys(times).length) * (WARM + RUNS * COUNT),
        );
      }
      rounds.push(times);
    }
    return report(rounds) || !values.check ? 0 : 1;
  } finally {
    await server.stop();
  }
}

async function runSender(name, task) {
  const child = spawn(process.execPath, [`${HERE}${name}.mjs`], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify(task));
  const late = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  const output = await text(child.stdout);
  clearTimeout(late);
  const { runs } = JSON.parse(output);
  for (const { found } of runs) {
    if (found.accepted !== COUNT) throw new Error(`${name}: ${found.accepted} of ${COUNT} were accepted`);
  }
  say(`  ${name.padEnd(16)} ${runs.map(({ milliseconds }) => Math.round(milliseconds)).join(', ')} ms`);
  return runs.map(({ milliseconds }) => milliseconds);
}

/** Waits until the mailbox holds so many: nothing was lost, nothing came twice, and nobody's mail is still being delivered. */
async function arrived({ imap, address, password }, expected) {
  const { host, port, servername, ca } = imap;
  const auth = { user: address, pass: password };
  const client = new ImapFlow({ host, port, secure: true, servername, tls: { ca }, auth, logger: false });
  await client.connect();
  try {
    for (const end = performance.now() + PATIENCE_MS; ;) {
      const { messages } = await client.status('INBOX', { messages: true });
      if (messages === expected) return;
      if (messages > expected || performance.now() > end)
        throw new Error(`${messages} messages arrived, ${expected} were sent`);
      await pause(200);
    }
  } finally {
    await client.logout();
  }
}

/** @returns whether the connector reaches what it must */
function report(rounds) {
  const [own, peer] = SENDERS;
  const last = (round, name) => round[name].at(-1);
  for (const name of SENDERS) {
    const milliseconds = median(rounds.map((round) => last(round, name)));
    say(
      `${name.padEnd(16)} ${(milliseconds / 1000).toFixed(2)} s, ${Math.round((COUNT / milliseconds) * 1000)} mails a second`,
    );
  }
  const ratios = rounds.map((round) => last(round, peer) / last(round, own));
  const spread = [Math.min(...ratios), Math.max(...ratios)].map((one) => one.toFixed(2)).join(' to ');
  say(`the connector is ${median(ratios).toFixed(2)} times as fast as the pool (${spread})`);
  const reached = median(ratios) >= AT_LEAST;
  if (!reached) say(`missed: ${AT_LEAST}`);
  return reached;
}
