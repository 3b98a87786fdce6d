/**
 * A Microsoft 365 tenant in a box: token endpoint, IMAP and SMTP servers on this machine's loopback, with a directory
 * whose switches a person or a test can flip. Imports nothing from the rest of the product, so that the product cannot
 * vouch for itself.
 */
import { createDemoDirectory, DEMO } from './directory/demo-tenant.js';
import type { Directory } from './directory/directory.js';
import { createImapServer } from './imap/server.js';
import { listenOnLoopback } from './sockets/listener.js';
import { seedMailboxes } from './seed/seed.js';
import type { WorldMessage } from './smtp/delivery.js';
import { Delivery } from './smtp/delivery.js';
import { createSmtpServer } from './smtp/server.js';
import { SubmissionLimits } from './smtp/submission-limits.js';
import { MailStore } from './store/mail-store.js';
import type { SandboxMailbox } from './store/sandbox-mailbox.js';
import { openTenantIdentity } from './tls/tenant-identity.js';
import { createTokenServer } from './token/http-server.js';
import { RequestLog } from './token/request-log.js';
import { TokenService } from './token/token-service.js';

export { DEMO } from './directory/demo-tenant.js';
export type { Directory } from './directory/directory.js';
export type { Application, ClientSecret, Language, Mailbox, Tenant, User } from './directory/entities.js';
export type { WorldMessage } from './smtp/delivery.js';
export type { AppendOptions, MessageView, SandboxMailbox } from './store/sandbox-mailbox.js';
export type { RequestLog, TokenRequestEntry } from './token/request-log.js';

export interface SandboxOptions {
  /** Keeps mailboxes and keys in this folder across restarts; memory only when absent. One sandbox at a time. */
  dataDir?: string;
  /** Puts believable mail into new mailboxes; default true. */
  seed?: boolean;
  /** Default: a random 3600 to 5400, like Microsoft. */
  tokenLifetimeSeconds?: number;
  /** Milliseconds since the epoch; for tests. TLS always goes by the real clock. */
  now?: () => number;
}

export interface Sandbox {
  readonly tenantId: string;
  readonly domain: string;
  /** PEM of the root the sandbox made for itself. */
  readonly ca: string;
  /** 'outlook.office365.com:993' → '127.0.0.1:PORT', and so on. */
  readonly hosts: Readonly<Record<string, string>>;
  /** Apps, users, mailboxes, permissions and the administrator's switches. */
  readonly directory: Directory;
  /** Every token request and how it ended. */
  readonly requests: RequestLog;
  /** Mail to addresses outside the tenant; it goes nowhere else. */
  readonly outbox: readonly WorldMessage[];
  /** By primary address, alias or owner. @throws when there is no such mailbox */
  mailbox(address: string): SandboxMailbox;
  /** Closes every listener and connection and leaves no handle open. */
  stop(): Promise<void>;
}

export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const now = options.now ?? Date.now;
  // Finding primes for the signing key takes longest; it runs on another thread while mailboxes are filled.
  const identityReady = openTenantIdentity(options.dataDir);
  const directory = createDemoDirectory(now());
  const store = new MailStore(options.dataDir, now);
  if (options.seed !== false) seedMailboxes(directory, store, now());
  const identity = await identityReady;
  const { signingKey } = identity;

  const requests = new RequestLog();
  const delivery = new Delivery(directory, store, now);
  const { tokenLifetimeSeconds } = options;
  const tokens = new TokenService({ directory, signingKey, log: requests, now, tokenLifetimeSeconds });
  const limits = new SubmissionLimits();
  const [login, imap, smtp] = await Promise.all([
    listenOnLoopback(createTokenServer(identity.server, tokens)),
    listenOnLoopback(createImapServer(identity.server, { directory, signingKey, store, now })),
    listenOnLoopback(createSmtpServer(identity.server, { directory, signingKey, delivery, limits, now })),
  ]);
  return {
    tenantId: directory.tenant.id,
    domain: DEMO.domain,
    ca: identity.ca,
    hosts: {
      'login.microsoftonline.com:443': login.address,
      'outlook.office365.com:993': imap.address,
      'smtp.office365.com:587': smtp.address,
    },
    directory,
    requests,
    outbox: delivery.world,
    mailbox: (address) => store.open(directory.mailbox(address)),
    async stop() {
      await Promise.all([login.close(), imap.close(), smtp.close()]);
    },
  };
}
