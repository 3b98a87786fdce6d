/**
 * Where Microsoft runs: sign-in authority and mail hosts of every cloud. The only place in the product that knows a
 * host name; leading one elsewhere is the operator's `net` policy. Source: learn.microsoft.com, "Authenticate an IMAP,
 * POP or SMTP connection using OAuth", "POP, IMAP, and SMTP settings", "National cloud deployments". What no Microsoft
 * page names is marked as unconfirmed.
 */
import type { Microsoft365Connection } from '../generated/types.js';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export interface Cloud {
  readonly id: NonNullable<Microsoft365Connection['cloud']>;
  readonly authorityHost: string;
  readonly graphHost: string;
  /** TLS from the first byte. */
  readonly imap: Endpoint;
  /** TLS from the first byte. */
  readonly pop3: Endpoint;
  /** STARTTLS before anything else. */
  readonly smtp: Endpoint;
  /** Resource of `…/.default` for an app. */
  readonly appMailResource: string;
  /** Resource of the scopes for a signed-in user. */
  readonly userMailResource: string;
  /** Audiences (claim `aud`) of a token that its mail hosts take. */
  readonly mailAudiences: readonly string[];
  readonly portal: string;
  /** Connect-ExchangeOnline -ExchangeEnvironmentName; the worldwide cloud needs none. */
  readonly exchangeEnvironmentName?: string;
  /** Hosts above that only public code names and no Microsoft page confirms. */
  readonly unconfirmed: readonly string[];
}

/** Exchange Online as a resource, the same id in every cloud. */
const EXCHANGE_ONLINE = '00000002-0000-0ff1-ce00-000000000000';

export const CLOUDS: Readonly<Record<Cloud['id'], Cloud>> = {
  /** Worldwide and GCC. */
  global: {
    id: 'global',
    authorityHost: 'login.microsoftonline.com',
    graphHost: 'graph.microsoft.com',
    imap: { host: 'outlook.office365.com', port: 993 },
    pop3: { host: 'outlook.office365.com', port: 995 },
    smtp: { host: 'smtp.office365.com', port: 587 },
    appMailResource: 'https://outlook.office365.com',
    userMailResource: 'https://outlook.office.com',
    mailAudiences: ['https://outlook.office365.com', 'https://outlook.office.com', EXCHANGE_ONLINE],
    portal: 'https://entra.microsoft.com',
    unconfirmed: [],
  },
  'gcc-high': {
    id: 'gcc-high',
    authorityHost: 'login.microsoftonline.us',
    graphHost: 'graph.microsoft.us',
    imap: { host: 'outlook.office365.us', port: 993 },
    pop3: { host: 'outlook.office365.us', port: 995 },
    smtp: { host: 'smtp.office365.us', port: 587 },
    appMailResource: 'https://outlook.office365.us',
    userMailResource: 'https://outlook.office365.us',
    mailAudiences: ['https://outlook.office365.us', EXCHANGE_ONLINE],
    portal: 'https://entra.microsoft.us',
    exchangeEnvironmentName: 'O365USGovGCCHigh',
    unconfirmed: ['outlook.office365.us', 'smtp.office365.us'],
  },
  dod: {
    id: 'dod',
    authorityHost: 'login.microsoftonline.us',
    graphHost: 'dod-graph.microsoft.us',
    imap: { host: 'outlook-dod.office365.us', port: 993 },
    pop3: { host: 'outlook-dod.office365.us', port: 995 },
    smtp: { host: 'smtp.office365.us', port: 587 },
    appMailResource: 'https://outlook-dod.office365.us',
    userMailResource: 'https://outlook-dod.office365.us',
    mailAudiences: ['https://outlook-dod.office365.us', 'https://outlook.office365.us', EXCHANGE_ONLINE],
    portal: 'https://entra.microsoft.us',
    exchangeEnvironmentName: 'O365USGovDoD',
    unconfirmed: ['outlook-dod.office365.us', 'smtp.office365.us'],
  },
  /** Operated by 21Vianet. */
  china: {
    id: 'china',
    authorityHost: 'login.partner.microsoftonline.cn',
    graphHost: 'microsoftgraph.chinacloudapi.cn',
    imap: { host: 'partner.outlook.cn', port: 993 },
    pop3: { host: 'partner.outlook.cn', port: 995 },
    smtp: { host: 'smtp.partner.outlook.cn', port: 587 },
    appMailResource: 'https://partner.outlook.cn',
    userMailResource: 'https://partner.outlook.cn',
    mailAudiences: ['https://partner.outlook.cn', EXCHANGE_ONLINE],
    portal: 'https://entra.microsoftonline.cn',
    exchangeEnvironmentName: 'O365China',
    unconfirmed: ['partner.outlook.cn', 'smtp.partner.outlook.cn'],
  },
};

/** Submission host of personal accounts (outlook.com, hotmail.com, live.com, msn.com); they read at the same host as everyone. */
const CONSUMER_SMTP: Endpoint = { host: 'smtp-mail.outlook.com', port: 587 };

/** Microsoft's own tenant for personal accounts. */
export const CONSUMER_TENANT = '9188040d-6c67-4c5b-b112-36a304b66dad';

const CONSUMER_DOMAIN = /@(?:outlook|hotmail|live|msn)\.[a-z]{2,3}(?:\.[a-z]{2})?$/iu;

/** Tenant names that stand for many tenants. */
export const SHARED_AUTHORITIES: readonly string[] = ['common', 'organizations', 'consumers'];

/**
 * Whether the mailbox is a personal one. A named tenant never holds one; under `common` the address decides,
 * unless the sign-in has told the tenant.
 */
export function isConsumer(tenant: string, mailbox: string, signedInTenant?: string): boolean {
  const name = tenant.toLowerCase();
  if (name === 'consumers' || name === CONSUMER_TENANT) return true;
  if (name !== 'common') return false;
  return signedInTenant === undefined ? CONSUMER_DOMAIN.test(mailbox) : signedInTenant === CONSUMER_TENANT;
}

/** The cloud of a connection, with the hosts that fit the kind of mailbox. */
export function cloudOf(id: Cloud['id'], consumer: boolean): Cloud {
  const cloud = CLOUDS[id];
  return consumer ? { ...cloud, smtp: CONSUMER_SMTP } : cloud;
}

/** A scope as the manifest names it, for the worldwide cloud, in the words of this one. */
export function scopeIn(cloud: Cloud, scope: string): string {
  const { appMailResource, userMailResource, graphHost } = CLOUDS.global;
  for (const [global, here] of [
    [appMailResource, cloud.appMailResource],
    [userMailResource, cloud.userMailResource],
    [`https://${graphHost}`, `https://${cloud.graphHost}`],
  ] as const) {
    if (scope.startsWith(`${global}/`)) return `${here}${scope.slice(global.length)}`;
  }
  return scope;
}

/** As the audience of a token names Microsoft Graph: by its address, or by its app id. */
export function graphAudiences({ graphHost }: Pick<Cloud, 'graphHost'>): string[] {
  return [`https://${graphHost}`, '00000003-0000-0000-c000-000000000000'];
}
