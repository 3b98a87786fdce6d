/**
 * Mail that is written to harm: each is read within stated limits of time and memory, its record says which limit it met, and
 * the messages before and behind it are read as ever.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openConnector, type EmailRecord } from '../../src/index.js';
import { packagePath } from '../../src/manifest/index.js';
import { HOSTILE } from '../support/hostile-mail.js';
import { plainMessage } from '../support/messages.js';
import { openTenant } from '../support/open-tenant.js';
import type { TestTenant } from '../support/tenant.js';

/** As docs/messages.md states them. */
const MOST_CPU_SECONDS = 5;
const MOST_MEGABYTES = 200;
const ATTEMPTS = 3;
const SETTINGS = {
  ...{ textFromHtml: true, safeHtml: true, uniqueBody: true },
  ...{ nestedMessages: 'expand', attachmentContent: 'data' },
};

let tenant: TestTenant;
let folder: string;
beforeAll(async () => {
  tenant = await openTenant();
  folder = mkdtempSync(join(tmpdir(), 'm365-email-hostile-'));
}, 30_000);
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await tenant.stop();
});

interface Measured {
  readonly records: readonly { readonly warnings: readonly string[]; readonly cpuSeconds: number }[];
  readonly peakMegabytes: number;
}

async function measured(file: string): Promise<Measured> {
  const child = promisify(execFile)(process.execPath, [packagePath('test/support/measure-parse.mjs')]);
  child.child.stdin?.end(JSON.stringify({ settings: SETTINGS, files: [file] }));
  return JSON.parse((await child).stdout) as Measured;
}

test.each(HOSTILE)(
  '$name stays within the limits, in a process of its own',
  async ({ name, source, warning }) => {
    const file = join(folder, name.replaceAll(' ', '-'));
    writeFileSync(file, source);
    let cpuSeconds = Infinity;
    for (let attempt = 0; attempt < ATTEMPTS && cpuSeconds > MOST_CPU_SECONDS; attempt += 1) {
      const { records, peakMegabytes } = await measured(file);
      expect(records).toHaveLength(1);
      if (warning !== undefined) expect(records[0]?.warnings).toContain(warning);
      expect(peakMegabytes).toBeLessThan(MOST_MEGABYTES);
      cpuSeconds = Math.min(cpuSeconds, records[0]?.cpuSeconds ?? Infinity);
    }
    expect(cpuSeconds).toBeLessThan(MOST_CPU_SECONDS);
  },
  120_000,
);

test('a run goes on: what stands between and behind is read', async () => {
  const mailFolder = await tenant.freshFolder('anna');
  const expected: string[] = [];
  const deliver = async (subject: string, source: Buffer): Promise<void> => {
    await tenant.deliver('anna', mailFolder, source);
    expected.push(subject);
  };
  for (const { name, source } of HOSTILE) {
    await deliver(name, source);
    await deliver(`behind ${name}`, plainMessage(`behind ${name}`));
  }
  const records: EmailRecord[] = [];
  const connector = openConnector({ net: tenant.net });
  const config = { ...SETTINGS, folder: mailFolder, readState: 'any' };
  for await (const batch of connector.run('read-email', { connection: tenant.connection('anna'), config })) {
    expect(batch.unreadable).toEqual([]);
    records.push(...batch.records);
  }
  expect(records.map(({ subject }) => subject)).toEqual(expected);
}, 180_000);

test('the limits are those of the documentation', () => {
  const page = readFileSync(packagePath('docs/messages.md'), 'utf8').replaceAll(/\s+/gu, ' ');
  expect(page).toContain(
    `at most ${String(MOST_CPU_SECONDS)} seconds of processor time and a process at most ${String(MOST_MEGABYTES)} MB`,
  );
});
