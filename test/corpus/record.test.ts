/**
 * Every foreign message as the whole record that `m365-email parse` writes: valid by the schema of Read Email, without NUL and
 * lone surrogates, the same with CRLF and with LF, with every leaf in it, and within the ceilings of processor time and
 * memory that docs/messages.md states.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { ParsedRecord } from '../../src/index.js';
import { decodeCharset } from '../../src/mail/index.js';
import { packagePath } from '../../src/manifest/index.js';
import { badStrings } from '../mail/content/support/hostile.js';
import { ownLeavesOf } from './support/leaves.js';
import { CORPORA, foreignMessages, sha256, withCrLf, withLf } from './support/messages.js';
import { EVERYTHING, recordOf, schemaProblems, withoutLineEnds } from './support/records.js';

/** As docs/messages.md states them. */
const MOST_CPU_SECONDS = 2;
const MOST_MEGABYTES = 200;
const ATTEMPTS = 5;

const messages = foreignMessages();

test.each(messages)('$name makes a valid record of clean strings', async ({ source }) => {
  for (const settings of [{}, EVERYTHING]) {
    const record = await recordOf(source, settings);
    expect(schemaProblems(record)).toEqual([]);
    expect(badStrings(record)).toEqual([]);
    // Nothing that JSON does not say.
    expect(JSON.parse(JSON.stringify(record))).toEqual(record);
  }
});

test.each(messages)('$name makes the same record with CRLF and with LF', async ({ source }) => {
  const [network, unix] = [withCrLf(source), withLf(source)];
  for (const settings of [{ inlineContentLimit: EVERYTHING.inlineContentLimit }, EVERYTHING])
    expect(withoutLineEnds(await recordOf(network, settings))).toEqual(
      withoutLineEnds(await recordOf(unix, settings)),
    );
});

/** Without blanks, and without the marks of quotes, which format=flowed joins. */
const squeezed = (text: string): string => text.replaceAll(/[\s>]+/gu, '');
const isTnef = (type: string): boolean => /^application\/(?:vnd\.)?ms-tnef$/u.test(type);

/** Leaves of the message that are in no attachment of its record with the same bytes, nor in its texts. */
function lostLeaves(source: Buffer, { attachments, text, html }: ParsedRecord): string[] {
  const delivered = new Map(attachments.map(({ part, sha256: digest }) => [part, digest]));
  const bodies = squeezed(`${text ?? ''}${html ?? ''}`);
  return ownLeavesOf(source)
    .filter(({ path, type, charset, bytes }) => {
      if (delivered.has(path)) return delivered.get(path) !== sha256(bytes);
      // Unpacked: tnef.test.ts compares what was in it.
      if (isTnef(type)) return html === null && !attachments.some(({ part }) => part.startsWith(`${path}~`));
      // uuencoded files were in the text.
      const lines = decodeCharset(bytes, charset).text.split(/^begin \d+ [^\n]*\n(?:[^\n]*\n)*?end\r?$/mu);
      return !lines.every((some) => bodies.includes(squeezed(some)));
    })
    .map(({ path }) => path);
}

test.each(messages)('$name loses no leaf', async ({ source }) => {
  expect(lostLeaves(source, await recordOf(source))).toEqual([]);
});

async function cpuSeconds(source: Buffer): Promise<number> {
  const start = process.cpuUsage();
  await recordOf(source, EVERYTHING);
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

test(`no message takes more than ${String(MOST_CPU_SECONDS)} s of processor time`, async () => {
  const slow: [string, number][] = [];
  for (const { name, source } of messages) {
    let least = Infinity;
    // What else runs in this process – a collection of garbage – counts too: it does not every time.
    for (let attempt = 0; attempt < ATTEMPTS && least > MOST_CPU_SECONDS; attempt += 1)
      least = Math.min(least, await cpuSeconds(source));
    if (least > MOST_CPU_SECONDS) slow.push([name, least]);
  }
  expect(slow).toEqual([]);
});

test(`a process that parses all of them stays below ${String(MOST_MEGABYTES)} MB`, () => {
  const { records, peakMegabytes } = JSON.parse(
    execFileSync(process.execPath, [packagePath('test/support/measure-parse.mjs')], {
      input: JSON.stringify({ settings: EVERYTHING, files: messages.map(({ name }) => join(CORPORA, name)) }),
      encoding: 'utf8',
    }),
  ) as { records: readonly { size: number }[]; peakMegabytes: number };
  process.stderr.write(`test:corpus: all messages in one process, peak ${peakMegabytes.toFixed(0)} MB\n`);
  expect(records.map(({ size }) => size)).toEqual(messages.map(({ source }) => source.length));
  expect(peakMegabytes).toBeLessThan(MOST_MEGABYTES);
});

test('the ceilings are those of the documentation', () => {
  const page = readFileSync(packagePath('docs/messages.md'), 'utf8').replaceAll(/\s+/gu, ' ');
  expect(page).toContain(`within ${String(MOST_CPU_SECONDS)} seconds of processor time`);
  expect(page).toContain(`in one process stay below ${String(MOST_MEGABYTES)} MB`);
});
