/**
 * Puts the sandbox together: directory, mailboxes, token endpoint, IMAP, POP3 and SMTP servers. Everything is made elsewhere;
 * this file only knows who needs whom.
 */
import { Answers } from './answers/answers.js';
import type { Cloud } from './directory/cloud.js';
import { DEMO } from './directory/demo-constants.js';
import { createDemoCloud } from './directory/demo-tenant.js';
import type { Directory } from './directory/directory.js';
import { createGraphServer } from './graph/server.js';
import { createImapServer } from './imap/server.js';
import { createPop3Server } from './pop3/server.js';
import { seedMailboxes } from './seed/seed.js';
import { SignInService } from './sign-in/sign-in-service.js';
import type { WorldMessage } from './smtp/delivery.js';
import { Delivery } from './smtp/delivery.js';
import { createSmtpServer } from './smtp/server.js';
import { SubmissionLimits, type SubmissionPeaks } from './smtp/submission-limits.js';
import { listenOnLoopback } from './sockets/listener.js';
import { MailStore } from './store/mail-store.js';
import type { SandboxMailbox } from './store/sandbox-mailbox.js';
import type { TenantIdentity } from './tls/tenant-identity.js';
import { AccessTokens } from './token/access-tokens.js';
import { AuthorizationCodes } from './token/authorization-codes.js';
import type { DeviceSettings } from './token/device-codes.js';
import { DeviceCodes } from './token/device-codes.js';
import { createTokenServer } from './token/http-server.js';
import type { IdentityPlatform } from './token/platform.js';
import { RefreshTokens } from './token/refresh-tokens.js';
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
  /** Apps, users, mailboxes, permissions and the administrator's switches of the first tenant. */
  readonly directory: Directory;
  /** That tenant and all others. */
  readonly cloud: Cloud;
  /** Refresh tokens handed out so far, and how strictly they are taken. */
  readonly refreshTokens: RefreshTokens;
  /** How long device codes last and how often they may be polled for. */
  readonly deviceCodes: DeviceSettings;
  /** Dictates what the servers say next. */
  readonly answers: Answers;
  /** The sandbox's clock, in milliseconds since the epoch. */
  readonly now: () => number;
  /** Every token request and how it ended. */
  readonly requests: RequestLog;
  /** Mail to addresses outside the tenant; it goes nowhere else. */
  readonly outbox: readonly WorldMessage[];
  /** Errors inside the sandbox itself, which ended a connection. Not empty: a defect of the sandbox. */
  readonly faults: readonly unknown[];
  /** By primary address, alias or owner. @throws when there is no such mailbox */
  mailbox(address: string): SandboxMailbox;
  /** The most that a mailbox has submitted at a time, in a minute and in a day. */
  peaks(address: string): SubmissionPeaks;
  /** Closes every listener and connection and leaves no handle open. */
  stop(): Promise<void>;
}

/** Wires the servers together. The identity may still be in the making: mailboxes are filled meanwhile. */
export async function startWithIdentity(
  identityReady: Promise<TenantIdentity>,
  options: SandboxOptions,
): Promise<Sandbox> {
  const now = options.now ?? Date.now;
  const cloud = createDemoCloud(now());
  const directory = cloud.tenant(DEMO.tenantId);
  const store = new MailStore(options.dataDir, now);
  if (options.seed !== false) seedMailboxes(cloud, store, now());
  const identity = await identityReady;
  const { signingKey } = identity;

  const requests = new RequestLog();
  const delivery = new Delivery(cloud, store, now);
  const accessTokens = new AccessTokens(signingKey);
  const answers = new Answers();
  const platform: IdentityPlatform = {
    cloud,
    signingKey,
    accessTokens,
    codes: new AuthorizationCodes(),
    deviceCodes: new DeviceCodes(),
    refreshTokens: new RefreshTokens(),
    log: requests,
    answers,
    now,
    tokenLifetimeSeconds: options.tokenLifetimeSeconds,
  };
  const identityServices = {
    platform,
    tokens: new TokenService(platform),
    signIn: new SignInService(platform),
  };
  const limits = new SubmissionLimits();
  const faults: unknown[] = [];
  const reportFault = (fault: unknown): void => {
    faults.push(fault);
  };
  const [login, graph, imap, pop3, smtp] = await Promise.all([
    listenOnLoopback(createTokenServer(identity.server, identityServices, reportFault)),
    listenOnLoopback(
      createGraphServer(identity.server, {
        cloud,
        accessTokens,
        answers,
        store,
        delivery,
        limits,
        now,
        reportFault,
      }),
    ),
    listenOnLoopback(
      createImapServer(identity.server, { cloud, accessTokens, answers, store, now, reportFault }),
    ),
    listenOnLoopback(
      createPop3Server(identity.server, { cloud, accessTokens, answers, store, now, reportFault }),
    ),
    listenOnLoopback(
      createSmtpServer(identity.server, { cloud, accessTokens, answers, delivery, limits, now, reportFault }),
    ),
  ]);
  return {
    tenantId: directory.tenant.id,
    domain: directory.tenant.domains[0] ?? '',
    ca: identity.ca,
    hosts: {
      'login.microsoftonline.com:443': login.address,
      'graph.microsoft.com:443': graph.address,
      // Large files are uploaded to the mailbox's own host.
      'outlook.office.com:443': graph.address,
      'outlook.office365.com:993': imap.address,
      'outlook.office365.com:995': pop3.address,
      'smtp.office365.com:587': smtp.address,
      // Private mailboxes submit under a name of their own.
      'smtp-mail.outlook.com:587': smtp.address,
    },
    directory,
    cloud,
    refreshTokens: platform.refreshTokens,
    deviceCodes: platform.deviceCodes.settings,
    answers,
    now,
    requests,
    outbox: delivery.world,
    faults,
    mailbox(address) {
      const mailbox = cloud.findMailbox(address);
      if (mailbox === undefined) throw new Error(`The sandbox has no mailbox ${address}.`);
      return store.open(mailbox);
    },
    peaks: (address) => limits.peaks(address),
    async stop() {
      await Promise.all([login.close(), graph.close(), imap.close(), pop3.close(), smtp.close()]);
    },
  };
}
