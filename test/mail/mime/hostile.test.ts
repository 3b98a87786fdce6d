/**
 * Bait for whatever in the parser could take more than linear time: each kind is read at one size and at four times that,
 * and may cost eight times the processor time at most, unless it is nothing at all. Of several runs the cheapest counts:
 * what else the process does – compile, collect garbage – only adds, and not to every run.
 */
import { expect, test } from '@jest/globals';
import {
  decodeText,
  parseAddresses,
  parseDate,
  parseMessage,
  parseMessageIds,
} from '../../../src/mail/index.js';
import { parseParameters } from '../../../src/mail/mime/headers.js';

const BAIT = [
  ...[
    '<',
    '"',
    '\\',
    '(',
    '()',
    '((',
    ';',
    ':',
    '@',
    '"\\',
    'a:b;',
    'a@b.c, ',
    '<a@b>',
    ' ',
    '\t',
    '*0=',
    'x*0*=',
  ],
  ...['=?', '?=', '=?utf-8?q?', '=?utf-8?q?a?=', ' =?u?b?', "'", '%4', '" ', 'Mon, ', '2 Nov 2026 '],
];
const BODIES = [
  '--',
  '\n--',
  '\n--b',
  '= ',
  '=\n',
  'Q=',
  'begin 644 a\n',
  'begin 644 a\n#86)C\n',
  '> ',
  '\r',
  '\n',
];

const SMALL = 100_000;
/** Below this, measuring says nothing. */
const NOTHING_MS = 250;

async function cost(work: () => unknown): Promise<number> {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

const RUNS = 4;
const MOST_RATIO = 8;

async function expectLinear(work: (size: number) => unknown): Promise<void> {
  let small = Infinity;
  let large = Infinity;
  const isFine = (): boolean => large < Math.max(NOTHING_MS, MOST_RATIO * small);
  // In turn, so that both have met the same load.
  for (let run = 0; run < RUNS && !isFine(); run += 1) {
    small = Math.min(small, await cost(() => work(SMALL)));
    large = Math.min(large, await cost(() => work(4 * SMALL)));
  }
  expect(large).toBeLessThan(Math.max(NOTHING_MS, MOST_RATIO * small));
}

const filled = (bait: string, size: number): string => bait.repeat(Math.ceil(size / bait.length));

test.each(BAIT)('header bait %j', async (bait) => {
  for (const read of [decodeText, parseAddresses, parseDate, parseMessageIds, parseParameters])
    await expectLinear((size) => read(`a/b; name="${filled(bait, size)}`));
});

test.each(BODIES)('body bait %j', async (bait) => {
  for (const head of [
    '',
    'Content-Type: multipart/mixed; boundary=b\n\n',
    'Content-Transfer-Encoding: base64\n\n',
  ]) {
    await expectLinear((size) => {
      async function* source(): AsyncGenerator<Buffer> {
        yield await Promise.resolve(Buffer.from(`${head}\n${filled(bait, size)}`));
      }
      return parseMessage(source(), { keepAttachmentBytes: 0, openMessages: true });
    });
  }
});
