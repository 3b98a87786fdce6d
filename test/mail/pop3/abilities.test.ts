/**
 * What catalogue/transports.json declares of POP3 is what the adapter does: every condition has the judge it is said to
 * have, the server's preselection by size never loses a message whatever the sizes it states, and every action that is
 * not declared is refused.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openPop3Session } from '../../../src/mail/index.js';
import { explainPop3 } from '../../../src/mail/pop3/explain.js';
import type { Condition, MailAction, ReadingSession } from '../../../src/mail/reading.js';
import { packagePath } from '../../../src/manifest/index.js';
import { routeTo } from '../../../src/net/index.js';
import type { Sandbox } from '../../../src/sandbox/index.js';
import { ANNA, popToken } from '../../sandbox/support/clients.js';
import { startQuickly } from '../../sandbox/support/start.js';

interface Abilities {
  readonly id: string;
  readonly conditions: Readonly<Record<string, string>>;
  readonly actions: readonly string[];
}
const { transports } = JSON.parse(readFileSync(packagePath('catalogue/transports.json'), 'utf8')) as {
  transports: Abilities[];
};
const declared = transports.find(({ id }) => id === 'pop3')!;

const PLAIN: Readonly<Record<string, Condition>> = {
  from: { field: 'from', contains: 'a' },
  to: { field: 'to', contains: 'a' },
  cc: { field: 'cc', contains: 'a' },
  subject: { field: 'subject', contains: 'a' },
  body: { field: 'body', contains: 'a' },
  header: { field: 'header', name: 'X-A', contains: '' },
  received: { field: 'received', since: new Date(0) },
  sent: { field: 'sent', since: new Date(0) },
  hasAttachment: { field: 'hasAttachment', is: true },
  attachment: { field: 'attachment', name: '*.pdf' },
  size: { field: 'size', minBytes: 1 },
  importance: { field: 'importance', is: 'high' },
  conversation: { field: 'conversation', messageId: '<a@x>' },
};

test.each(Object.entries(declared.conditions))('%s is judged by: %s', (field, where) => {
  for (const purpose of ['find', 'changes'] as const) {
    expect(explainPop3([PLAIN[field]!], purpose)).toMatchObject([{ where }]);
  }
});

describe('with sizes that are estimates, as Exchange states them', () => {
  let sandbox: Sandbox;
  let session: ReadingSession;
  const sizes = [90, 700, 4000, 5000, 30_000, 64_000, 65_536, 66_000, 1_000_000];
  beforeAll(async () => {
    sandbox = await startQuickly({ seed: false });
    sandbox.directory.tenant.sizeEstimate = true;
    for (const size of sizes) {
      const head = 'Subject: x\r\n\r\n';
      sandbox.mailbox(ANNA).append('INBOX', Buffer.from(`${head}${'y'.repeat(size - head.length - 2)}\r\n`));
    }
    session = await openPop3Session(
      routeTo({ hosts: sandbox.hosts, trustedRoots: [sandbox.ca] }, 'outlook.office365.com', 995),
      await popToken(sandbox),
      { host: 'outlook.office365.com', port: 995, mailbox: ANNA, signedIn: 'x', trustee: 'x' },
    );
  });
  afterAll(async () => {
    await session.close();
    await sandbox.stop();
  });

  test.each(
    sizes.flatMap((size): Condition[] => [
      { field: 'size', minBytes: size },
      { field: 'size', maxBytes: size },
      { field: 'size', minBytes: size, maxBytes: size },
    ]),
  )('%j: what fits by its real size is among what is found', async (condition) => {
    if (condition.field !== 'size') throw new Error('a size');
    const { minBytes = 0, maxBytes = Infinity } = condition;
    const found: number[] = [];
    for await (const page of session.find({ conditions: [condition], order: 'oldest-first', pageSize: 3 })) {
      for await (const message of session.fetch(page)) {
        let bytes = 0;
        if (message.kind === 'whole') for await (const piece of message.pieces) bytes += piece.length;
        found.push(bytes);
      }
    }
    expect(found.filter((size) => size >= minBytes && size <= maxBytes)).toEqual(
      sizes.filter((size) => size >= minBytes && size <= maxBytes),
    );
  });

  test('and what is far off is not downloaded', async () => {
    const conditions: Condition[] = [{ field: 'size', maxBytes: 10_000 }];
    const pages: number[] = [];
    for await (const page of session.find({ conditions, order: 'oldest-first', pageSize: 99 }))
      pages.push(page.length);
    expect(pages).toEqual([4]);
  });

  const actions: MailAction[] = [
    { kind: 'mark-read' },
    { kind: 'mark-unread' },
    { kind: 'flag' },
    { kind: 'delete' },
    { kind: 'move', folder: 'x', create: true },
    { kind: 'copy', folder: 'x', create: true },
    { kind: 'delete-permanently' },
  ];
  test.each(actions)('$kind is refused unless it is declared', async (action) => {
    const outcome = session.apply(action, []).then(
      () => 'done',
      (error: unknown) => (error as { code?: string }).code,
    );
    expect(await outcome).toBe(declared.actions.includes(action.kind) ? 'done' : 'action-not-on-transport');
  });
});
