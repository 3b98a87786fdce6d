/**
 * The embedded sandbox, dressed as the port activity tests are written against. Its side doors go straight to the
 * stored messages and use no protocol at all.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Sandbox } from '../../src/sandbox/index.js';
import { DEMO, startSandbox } from '../../src/sandbox/index.js';
import type { Person, StoredMessage, TestTenant } from './tenant.js';

const ARRIVAL_PATIENCE_MS = 10_000;
const ARRIVAL_POLL_MS = 10;

const ADDRESSES: Record<Person, string> = {
  anna: DEMO.people.anna.address,
  ben: DEMO.people.bernd.address,
  // Each test file has a tenant of its own; among real servers these are two.
  cara: DEMO.people.carmen.address,
  carmen: DEMO.people.carmen.address,
};

/** Each transport has an app of its own with no more than it needs. */
const APPS = {
  imap: DEMO.daemon,
  smtp: DEMO.daemon,
  pop3: DEMO.pop3,
  graph: DEMO.graph,
  'graph-sending': DEMO.graphSender,
};

/** Starts a sandbox of its own: empty mailboxes, everything granted. */
export async function openSandboxTenant(): Promise<TestTenant & { sandbox: Sandbox }> {
  const sandbox = await startSandbox({ seed: false });
  const stored = (person: Person, folder: string): StoredMessage[] =>
    sandbox.mailbox(ADDRESSES[person]).messages(folder);
  return {
    sandbox,
    kind: 'sandbox',
    net: { hosts: sandbox.hosts, trustedRoots: [sandbox.ca] },
    address: (person) => ADDRESSES[person],
    connection: (person, transport = 'imap') => ({
      tenant: sandbox.tenantId,
      mailbox: ADDRESSES[person],
      authentication: { method: 'client-secret', ...APPS[transport] },
    }),
    freshFolder(person) {
      const path = `Tests/${randomUUID()}`;
      sandbox.mailbox(ADDRESSES[person]).createFolder(path);
      return Promise.resolve(path);
    },
    deliver(person, folder, source, options) {
      sandbox.mailbox(ADDRESSES[person]).append(folder, source, options);
      return Promise.resolve();
    },
    stored: (person, folder) => Promise.resolve(stored(person, folder)),
    clear(person, folder) {
      const found = sandbox.mailbox(ADDRESSES[person]).folder(folder);
      for (const mail of [...found.mails]) found.remove(mail);
      return Promise.resolve();
    },
    async arrived(person, messageId) {
      const deadline = Date.now() + ARRIVAL_PATIENCE_MS;
      for (;;) {
        const message = stored(person, 'INBOX').find(({ source }) => messageIdOf(source) === messageId);
        if (message !== undefined) return message;
        if (Date.now() > deadline) throw new Error(`No message ${messageId} arrived in ${person}'s INBOX.`);
        await pause(ARRIVAL_POLL_MS);
      }
    },
    stop: () => sandbox.stop(),
  };
}

/** The whole Message-ID of a message, unfolded. */
function messageIdOf(source: Buffer): string | undefined {
  const text = source.toString('latin1');
  const end = text.search(/\r?\n\r?\n/u);
  const header = (end === -1 ? text : text.slice(0, end)).replace(/\r?\n[\t ]+/gu, ' ');
  return /^message-id:(?<id>.*)$/imu.exec(header)?.groups?.id?.trim();
}
