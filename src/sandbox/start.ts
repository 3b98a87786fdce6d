/**
 * Puts the sandbox together: directory, mailboxes, token endpoint, IMAP and SMTP servers. Everything is made elsewhere;
 * this file only knows who needs whom.
 */
import { createDemoDirectory } from './directory/demo-tenant.js';
import type { Directory } from './directory/directory.js';
import { createImapServer } from './imap/server.js';
import { seedMailboxes } from './seed/seed.js';
import type { WorldMessage } from './smtp/delivery.js';
import { Delivery } from './smtp/delivery.js';
import { createSmtpServer } from './smtp/server.js';
import { SubmissionLimits } from './smtp/submission-limits.js';
import { listenOnLoopback } from './sockets/listener.js';
import { MailStore } from './store/mail-store.js';
import type { SandboxMailbox } from './store/sandbox-mailbox.js';
import type { TenantIdentity } from './tls/tenant-identity.js';
import { createTokenServer } from './token/http-server.js';
import { RequestLog } from './token/request-log.js';
import { TokenService } from './token/token-service.js';

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
  /** Errors inside the sandbox itself, which ended a connection. Not empty: a defect of the sandbox. */
  readonly faults: readonly unknown[];
  /** By primary address, alias or owner. @throws when there is no such mailbox */
  mailbox(address: string): SandboxMailbox;
  /** Closes every listener and connection and leaves no handle open. */
  stop(): Promise<void>;
}

/** Wires the servers together. The identity may still be in the making: mailboxes are filled meanwhile. */
export async function startWithIdentity(
  identityReady: Promise<TenantIdentity>,
  options: SandboxOptions,
): Promise<Sandbox> {
  const now = options.now ?? Date.now;
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
  const faults: unknown[] = [];
  const reportFault = (fault: unknown): void => {
    faults.push(fault);
  };
  const [login, imap, smtp] = await Promise.all([
    listenOnLoopback(createTokenServer(identity.server, tokens, reportFault)),
    listenOnLoopback(createImapServer(identity.server, { directory, signingKey, store, now, reportFault })),
    listenOnLoopback(
      createSmtpServer(identity.server, { directory, signingKey, delivery, limits, now, reportFault }),
    ),
  ]);
  return {
    tenantId: directory.tenant.id,
    domain: directory.tenant.domains[0] ?? '',
    ca: identity.ca,
    hosts: {
      'login.microsoftonline.com:443': login.address,
      'outlook.office365.com:993': imap.address,
      'smtp.office365.com:587': smtp.address,
    },
    directory,
    requests,
    outbox: delivery.world,
    faults,
    mailbox: (address) => store.open(directory.mailbox(address)),
    async stop() {
      await Promise.all([login.close(), imap.close(), smtp.close()]);
    },
  };
}
