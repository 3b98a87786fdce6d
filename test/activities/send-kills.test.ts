/**
 * Send Email in a process that is killed (SIGKILL) before and after each note in the ledger: that it begins to send, and how
 * that ended. Another process with the same state, once the first one's claim has run out, sends nothing twice, claims
 * nothing, and says `unknown` where nothing proves that it was sent.
 */
import { spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openConnector, openDatabaseState, openVault, type SendEmailResponse } from '../../src/index.js';
import { CLAIM_MS } from '../../src/activities/send-email/ledger.js';
import { openTenant } from '../support/open-tenant.js';
import type { TestTenant } from '../support/tenant.js';

const WORKER = fileURLToPath(new URL('workers/send-once.mjs', import.meta.url));
const PATIENCE_MS = 60_000;
const GOOD = { code: 0, signal: null };

let tenant: TestTenant;
let places: string;
beforeAll(async () => {
  places = mkdtempSync(join(tmpdir(), 'm365-email-send-kills-'));
  tenant = await openTenant();
}, 30_000);
afterAll(async () => {
  await tenant.stop();
  rmSync(places, { recursive: true, force: true });
});

interface Said {
  readonly text: string;
  readonly ended: { readonly code: number | null; readonly signal: string | null };
}

function work(task: object): Promise<Said> {
  const child = spawn(process.execPath, [WORKER], { stdio: ['pipe', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stdin.on('error', () => undefined);
  child.stdin.end(JSON.stringify(task));
  return new Promise((resolve) => {
    child.on('close', (code, signal) => resolve({ text, ended: { code, signal } }));
  });
}

const moments = [
  { write: 1, when: 'before', sent: 0, then: { outcome: 'accepted', attempts: 1 } },
  { write: 1, when: 'after', sent: 0, then: { outcome: 'unknown', failure: { code: 'send-interrupted' } } },
  // Where a copy in Sent Items proves it.
  { write: 2, when: 'before', sent: 1, then: { outcome: 'accepted', evidence: 'sent-items' } },
  { write: 2, when: 'after', sent: 1, then: { outcome: 'accepted', repeated: true } },
] as const;

test.each(moments)(
  'killed $when note $write of the ledger',
  async ({ write, when, sent, then }) => {
    const subject = randomUUID();
    const database = join(places, `${subject}.db`);
    const key = randomBytes(32);
    const input = {
      connection: tenant.connection('anna', 'smtp'),
      config: {},
      activity: 'a',
      requests: [{ idempotencyKey: subject, subject, text: 'x', to: [{ address: tenant.address('ben') }] }],
    };
    const task = { ...input, net: tenant.net, database, key: key.toString('base64') };
    const first = await work({ ...task, dieAt: { write, when } });
    expect(first).toEqual({ text: '', ended: { code: null, signal: 'SIGKILL' } });
    const copies = async (): Promise<number> =>
      (await tenant.stored('ben', 'INBOX')).filter(({ source }) => source.includes(`Subject: ${subject}\r\n`))
        .length;
    if (tenant.kind === 'sandbox') expect(await copies()).toBe(sent);

    // The claim of the process that is gone is honoured for a while.
    if (write === 1 && when === 'after') {
      const { text, ended } = await work(task);
      expect(ended).toEqual(GOOD);
      expect(JSON.parse(text)).toMatchObject({
        answer: { outcome: 'unknown', failure: { code: 'send-in-progress' } },
      });
    }
    const later = (): number => Date.now() + 2 * CLAIM_MS;
    const state = await openDatabaseState({ file: database, now: later });
    const connector = openConnector({ net: tenant.net, store: { state, vault: openVault([key]) } });
    const answers: SendEmailResponse[] = [];
    try {
      for (let run = 0; run < 2; run += 1)
        for await (const one of connector.run('send-email', input)) answers.push(one);
    } finally {
      await state.close();
    }
    const [second, third] = answers;
    if (tenant.kind === 'live' && write === 2 && when === 'before') {
      expect(second).toMatchObject({ outcome: 'unknown' }); // Postfix keeps no copy
    } else expect(second).toMatchObject(then);
    expect(third).toMatchObject({ outcome: second?.outcome, messageId: second?.messageId, repeated: true });
    if (second?.outcome === 'accepted') await tenant.arrived('ben', second.messageId ?? '');
    expect(await copies()).toBe(second?.outcome === 'accepted' || sent === 1 ? 1 : 0);
  },
  PATIENCE_MS,
);
