/**
 * The tenant played by Dovecot, Postfix and a certified OpenID provider (started by scripts/test-live.mjs). The side
 * doors are plain IMAP with a password that only tests know: no token, none of the product's code.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { ImapFlow } from 'imapflow';
import type { Person, StoredMessage, TestTenant } from './tenant.js';

const ARRIVAL_PATIENCE_MS = 10_000;
const ARRIVAL_POLL_MS = 50;
const IMAP = 'outlook.office365.com:993';

/** What scripts/test-live.mjs tells about the tenant it started. */
export interface LiveDescription {
  readonly tenantId: string;
  readonly domain: string;
  readonly ca: string;
  readonly hosts: Readonly<Record<string, string>>;
  readonly people: Readonly<
    Record<Person | 'dora', { address: string; clientId: string; clientSecret: string; password: string }>
  >;
  /** Registrations through which users sign in. */
  readonly userApps: {
    /** A public client; any port may be put into its redirect URI. */
    readonly desktop: { readonly clientId: string; readonly redirectUri: string };
    readonly web: {
      readonly clientId: string;
      readonly clientSecret: string;
      readonly redirectUri: string;
    };
  };
  /** What the OpenID provider granted, refused and revoked: a line of JSON each. */
  readonly providerLog: string;
}

/** Reads the running tenant's description; throws if `npm run test:live` did not start one. */
export function liveDescription(): LiveDescription {
  const file = process.env['M365_EMAIL_LIVE_TENANT'];
  if (file === undefined)
    throw new Error('No live tenant is running: start these tests with "npm run test:live".');
  return JSON.parse(readFileSync(file, 'utf8')) as LiveDescription;
}

export function openLiveTenant(): Promise<TestTenant> {
  const description = liveDescription();
  const { tenantId, people, hosts, ca } = description;

  return Promise.resolve({
    kind: 'live',
    net: { hosts, trustedRoots: [ca] },
    address: (person) => people[person].address,
    connection: (person) => ({
      tenant: tenantId,
      mailbox: people[person].address,
      authentication: {
        method: 'client-secret',
        clientId: people[person].clientId,
        clientSecret: people[person].clientSecret,
      },
    }),
    freshFolder: (person) =>
      withSideDoor(description, person, async (client) => {
        const { path } = await client.mailboxCreate(`Tests/${randomUUID()}`);
        return path;
      }),
    deliver: (person, folder, source, options = {}) =>
      withSideDoor(description, person, async (client) => {
        const appended = await client.append(
          folder,
          source,
          [...(options.flags ?? [])],
          options.internalDate,
        );
        if (appended === false) throw new Error(`The message was not appended to ${folder}.`);
      }),
    stored: (person, folder) =>
      withSideDoor(description, person, async (client) => {
        const { exists } = await client.mailboxOpen(folder, { readOnly: true });
        return exists === 0 ? [] : fetchMessages(client, '1:*');
      }),
    clear: (person, folder) =>
      withSideDoor(description, person, async (client) => {
        const { exists } = await client.mailboxOpen(folder);
        if (exists > 0) await client.messageDelete('1:*');
      }),
    arrived: (person, messageId) =>
      withSideDoor(description, person, async (client) => {
        const deadline = Date.now() + ARRIVAL_PATIENCE_MS;
        await client.mailboxOpen('INBOX', { readOnly: true });
        for (;;) {
          const uids = await client.search({ header: { 'message-id': messageId } }, { uid: true });
          const found =
            uids === undefined || uids === false ? [] : await fetchMessages(client, uids.join(','));
          // SEARCH HEADER also finds an id that is only part of another: the port promises the whole.
          const message = found.find(({ source }) => messageIdOf(source) === messageId);
          if (message !== undefined) return message;
          if (Date.now() > deadline) throw new Error(`${messageId} did not arrive within 10 s.`);
          await pause(ARRIVAL_POLL_MS);
        }
      }),
    stop: () => Promise.resolve(), // Whoever started the servers stops them.
  });
}

/** One short-lived connection per call: no selected folder, no idle timeout, no order between calls to think about. */
async function withSideDoor<T>(
  description: LiveDescription,
  person: Person,
  use: (client: ImapFlow) => Promise<T>,
): Promise<T> {
  const { address, password } = description.people[person];
  const [host = '', port] = (description.hosts[IMAP] ?? '').split(':');
  const client = new ImapFlow({
    host,
    port: Number(port),
    secure: true,
    servername: 'outlook.office365.com',
    tls: { ca: description.ca },
    auth: { user: address, pass: password },
    logger: false,
    disableAutoIdle: true,
  });
  try {
    await client.connect();
    const result = await use(client);
    await client.logout();
    return result;
  } finally {
    client.close();
  }
}

async function fetchMessages(client: ImapFlow, uids: string): Promise<StoredMessage[]> {
  if (uids === '') return [];
  const messages = await client.fetchAll(uids, { uid: true, flags: true, source: true }, { uid: true });
  return messages
    .map(({ uid, flags, source }) => {
      if (source === undefined) throw new Error(`UID ${uid} came without its source.`);
      return { uid, flags: [...(flags ?? [])].filter((flag) => flag !== '\\Recent').sort(), source };
    })
    .sort((a, b) => a.uid - b.uid);
}

function messageIdOf(source: Buffer): string | undefined {
  const head = source.subarray(0, source.indexOf('\r\n\r\n')).toString('latin1');
  return /^message-id:\s*(<[^>]*>)/imu.exec(head)?.[1];
}
