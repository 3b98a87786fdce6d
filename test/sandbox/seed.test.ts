import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readStructure } from '../../src/sandbox/mime/part-cache.js';
import { readTexts } from '../../src/sandbox/mime/text.js';
import type { Sandbox } from '../../src/sandbox/index.js';
import { DEMO, startSandbox } from '../../src/sandbox/index.js';
import { MailSource } from '../../src/sandbox/store/mail-source.js';

const now = Date.UTC(2026, 5, 15, 9, 30);
let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ now: () => now });
});
afterAll(() => sandbox.stop());

const everything = (tenant: Sandbox): string[] =>
  tenant.directory.mailboxes.flatMap(({ address }) =>
    tenant
      .mailbox(address)
      .folders()
      .flatMap((folder) =>
        tenant
          .mailbox(address)
          .messages(folder)
          .map(({ source }) => source.toString('latin1')),
      ),
  );

test('the same clock gives the same mail', async () => {
  const other = await startSandbox({ now: () => now });
  expect(everything(other)).toEqual(everything(sandbox));
  await other.stop();
});

test('all mail is from before now, well formed, and some of it unread', () => {
  const inbox = sandbox.mailbox(DEMO.people.anna.address).messages('INBOX');
  expect(inbox.every(({ internalDate }) => internalDate.getTime() < now)).toBe(true);
  expect(new Set(inbox.map(({ flags }) => flags.includes('\\Seen')))).toEqual(new Set([true, false]));
  for (const text of everything(sandbox)) {
    expect(text).toMatch(/^From: .+\r\nTo: .+\r\n/u);
    expect(text).not.toMatch(/[^\r]\n/u);
  }
});

test.each([
  ['anna', 'find our order attached'],
  ['anna', '€1,250.00'],
  ['bernd', 'über 84,20 €'],
  ['bernd', '12.400 €, geprüft von Frau Weiß'],
  ['bernd', 'Добрый день!'],
  ['carmen', '¿podrías enviarnos el presupuesto mañana?'],
  ['carmen', '見積書をお送りします。'],
] as const)('in %s’s mailbox one can read: %s', (person, text) => {
  const mailbox = sandbox.mailbox(DEMO.people[person].address);
  const texts = mailbox
    .folders()
    .flatMap((folder) =>
      mailbox
        .messages(folder)
        .flatMap(({ source }) => [...readTexts(source, readStructure(MailSource.inMemory(source)))]),
    );
  expect(texts.some((body) => body.includes(text))).toBe(true);
});

test('every kind of mail a connector stumbles over is there', () => {
  const all = everything(sandbox).join('\n');
  for (const trait of [
    'text/csv',
    'application/pdf',
    'multipart/related',
    'Content-ID:',
    'method=REQUEST',
    'report-type=delivery-status',
    'List-Unsubscribe:',
    'Auto-Submitted: auto-replied',
    "filename*=utf-8''",
    '=?iso-8859-1?Q?',
    'charset=koi8-r',
    'charset=shift_jis',
    'charset=windows-1252',
    'charset=iso-8859-15',
  ]) {
    expect(all).toContain(trait);
  }
});
