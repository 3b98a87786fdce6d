/**
 * A message of 150 MB comes over Graph whole, while the process that takes it stays below 200 MB.
 */
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { packagePath } from '../../src/manifest/index.js';
import { DEMO, startSandbox } from '../../src/sandbox/index.js';
import { plainMessage } from '../support/messages.js';
import { netOf, tokenFor } from './support/graph-reading.js';

const MEGABYTE = 1024 * 1024;

test('150 MB below 200 MB', async () => {
  const sandbox = await startSandbox({ seed: false });
  try {
    const block = randomBytes(MEGABYTE);
    const source = Buffer.concat([plainMessage('large'), ...Array.from({ length: 150 }, () => block)]);
    const mailbox = DEMO.people.anna.address;
    sandbox.mailbox(mailbox).append('INBOX', source);
    const token = await tokenFor(sandbox, 'https://graph.microsoft.com/.default');
    const { stdout } = await promisify(execFile)(process.execPath, [
      packagePath('test/support/measure-graph.mjs'),
      JSON.stringify({ net: netOf(sandbox), token, mailbox }),
    ]);
    const measured = JSON.parse(stdout) as { bytes: number; sha256: string; peakMegabytes: number };
    process.stderr.write(`Graph, 150 MB: peak ${measured.peakMegabytes.toFixed(0)} MB\n`);
    expect(measured.bytes).toBe(source.length);
    expect(measured.sha256).toBe(createHash('sha256').update(source).digest('hex'));
    expect(measured.peakMegabytes).toBeLessThan(200);
  } finally {
    await sandbox.stop();
  }
}, 60_000);
