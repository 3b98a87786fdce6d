/**
 * The steps of a setup, in the order in which they run: when each applies, who may run it, where, and which failed
 * check calls for it. Must not: hold commands.
 */
import type { FailureCode } from '../errors/index.js';
import type { CataloguedPermission } from '../generated/types.js';
import type { SetupContext } from './plan.js';
import { graphRoleOf, sendRolesOf } from './powershell/mailbox-role.js';

export type StepId =
  | 'app'
  | 'enterprise-app'
  | 'enable-app'
  | 'permissions'
  | 'consent'
  | 'surplus'
  | 'client-secret'
  | 'certificate'
  | 'federated-credential'
  | 'redirect-uris'
  | 'public-client'
  | 'service-principal'
  | 'mailbox-access'
  | 'imap-on'
  | 'pop-on'
  | 'smtp-auth-on'
  | 'smtp-role'
  | 'mail-role'
  | 'mail-send-role'
  | 'send-as';

export type Role =
  'cloud-application-administrator' | 'privileged-role-administrator' | 'exchange-administrator';
export type Place = 'cloud-shell' | 'powershell-7' | 'windows-powershell' | 'browser';

interface StepRule {
  readonly service: 'entra' | 'exchange';
  readonly applies: (context: SetupContext) => boolean;
  readonly role: (context: SetupContext) => Role;
  readonly places: readonly Place[];
  readonly waitMinutes: number;
  readonly parameters?: (context: SetupContext) => Readonly<Record<string, string>>;
  /** False: only when it is asked for, since it undoes somebody's decision. */
  readonly always?: false;
}

/**
 * Who may consent. Microsoft documents that a Cloud Application Administrator may consent to every permission but
 * application permissions of Microsoft Graph; those need a Privileged Role Administrator.
 */
export function consentRole(permissions: readonly Pick<CataloguedPermission, 'resource' | 'kind'>[]): Role {
  return permissions.some(({ resource, kind }) => resource === 'graph' && kind === 'application')
    ? 'privileged-role-administrator'
    : 'cloud-application-administrator';
}

const ENTRA = {
  service: 'entra',
  role: () => 'cloud-application-administrator',
  places: ['cloud-shell', 'powershell-7', 'windows-powershell', 'browser'],
  waitMinutes: 2,
} as const satisfies Partial<StepRule>;

// Exchange Online caches permissions and switches: up to half an hour for a mailbox at rest, two hours for one in use.
const EXCHANGE = {
  service: 'exchange',
  role: () => 'exchange-administrator',
  places: ['cloud-shell', 'powershell-7', 'windows-powershell'],
  waitMinutes: 30,
} as const satisfies Partial<StepRule>;

const isApp = ({ identity }: SetupContext): boolean => identity === 'app';
const names = ({ permissions }: SetupContext): string =>
  permissions.map(({ permission }) => permission).join(', ');

/** Mailboxes that whoever signs in does not own. */
export function foreignMailboxes({ mailboxes, account }: SetupContext): readonly string[] {
  return mailboxes.filter((mailbox) => mailbox.toLowerCase() !== account?.toLowerCase());
}

// A personal mailbox has no administrator: its owner consents, and switches IMAP on in the settings.
const hasTenant = ({ authority }: SetupContext): boolean => authority.toLowerCase() !== 'consumers';

export const STEPS: Readonly<Record<StepId, StepRule>> = {
  app: { ...ENTRA, applies: () => true, parameters: ({ appName }) => ({ app: appName }) },
  'enterprise-app': { ...ENTRA, applies: hasTenant },
  'enable-app': { ...ENTRA, applies: hasTenant, always: false },
  permissions: {
    ...ENTRA,
    applies: ({ permissions }) => permissions.length > 0,
    parameters: (context) => ({ permissions: names(context) }),
  },
  consent: {
    ...ENTRA,
    applies: (context) => context.permissions.length > 0 && hasTenant(context),
    role: ({ permissions }) => consentRole(permissions),
    parameters: (context) => ({ permissions: names(context) }),
  },
  surplus: {
    ...ENTRA,
    applies: ({ surplus }) => surplus.length > 0,
    role: ({ surplus }) => consentRole(surplus),
    parameters: ({ surplus }) => ({ permissions: surplus.map(({ permission }) => permission).join(', ') }),
    always: false,
  },
  'client-secret': {
    ...ENTRA,
    applies: ({ method, redirectUris }) =>
      method === 'client-secret' || redirectUris.some(({ type }) => type === 'web'),
  },
  certificate: { ...ENTRA, applies: ({ method }) => method === 'certificate' },
  'federated-credential': { ...ENTRA, applies: ({ method }) => method === 'federated-credential' },
  'redirect-uris': {
    ...ENTRA,
    applies: ({ redirectUris }) => redirectUris.length > 0,
    parameters: ({ redirectUris }) => ({ uris: redirectUris.map(({ uri }) => uri).join(', ') }),
  },
  'public-client': { ...ENTRA, applies: ({ publicClient }) => publicClient },
  'service-principal': { ...EXCHANGE, applies: isApp },
  'mailbox-access': {
    ...EXCHANGE,
    applies: (context) =>
      context.grants.has('full-access') ||
      (context.grants.has('full-access-unless-own') &&
        hasTenant(context) &&
        foreignMailboxes(context).length > 0),
  },
  'imap-on': { ...EXCHANGE, applies: (context) => context.grants.has('imap-on') && hasTenant(context) },
  'pop-on': { ...EXCHANGE, applies: (context) => context.grants.has('pop-on') && hasTenant(context) },
  'smtp-auth-on': {
    ...EXCHANGE,
    applies: (context) => context.grants.has('smtp-auth-on') && hasTenant(context),
  },
  'smtp-role': {
    ...EXCHANGE,
    applies: ({ smtpThrough, transports }) => smtpThrough === 'exchange-role' && transports.includes('smtp'),
    waitMinutes: 120,
  },
  'mail-role': {
    ...EXCHANGE,
    applies: ({ grants }) => grants.has('mail-read-role') || grants.has('mail-read-write-role'),
    parameters: (context) => ({ role: graphRoleOf(context) }),
    waitMinutes: 120,
  },
  'mail-send-role': {
    ...EXCHANGE,
    applies: ({ grants }) => grants.has('mail-send-role'),
    parameters: (context) => ({ role: sendRolesOf(context).join(', ') }),
    waitMinutes: 120,
  },
  'send-as': {
    ...EXCHANGE,
    applies: (context) => context.sendAs.length > 0 && hasTenant(context),
    parameters: ({ sendAs }) => ({ addresses: [...new Set(sendAs.map(({ as }) => as))].join(', ') }),
  },
};

const CREDENTIAL: readonly StepId[] = ['client-secret', 'certificate', 'federated-credential'];
const RIGHTS: readonly StepId[] = ['enterprise-app', 'permissions', 'consent'];

/** Which steps mend which failure. Steps that a plan does not have are left out of it. */
export const STEPS_FOR_FAILURE: Readonly<Partial<Record<FailureCode, readonly StepId[]>>> = {
  'app-not-found': ['app', 'enterprise-app'],
  'app-disabled': ['enable-app'],
  'role-missing': [...RIGHTS, 'mail-role'],
  'smtp-role-not-in-token': RIGHTS,
  'mail-role-not-in-token': ['service-principal', 'mail-role', 'mail-send-role'],
  // What opens every mailbox is taken away when the role works: two scripts, with hours between them.
  'mail-role-opens-all': ['service-principal', 'mail-role', 'mail-send-role'],
  'change-right-not-verifiable': ['service-principal', 'mail-role'],
  'scope-missing': RIGHTS,
  'consent-missing': RIGHTS,
  'client-secret-wrong': CREDENTIAL,
  'client-secret-expired': CREDENTIAL,
  'client-secret-needed': [...CREDENTIAL, 'public-client'],
  'certificate-expired': CREDENTIAL,
  'assertion-unusable': CREDENTIAL,
  'expires-soon': CREDENTIAL,
  'rights-surplus': ['surplus'],
  'imap-sign-in-refused': ['service-principal', 'mailbox-access', 'imap-on'],
  'pop3-sign-in-refused': ['service-principal', 'mailbox-access', 'pop-on'],
  'mailbox-not-opened': ['service-principal', 'mailbox-access', 'imap-on', 'pop-on'],
  'graph-access-denied': [...RIGHTS, 'service-principal', 'mailbox-access', 'mail-role', 'mail-send-role'],
  'mark-read-not-permitted': ['mailbox-access'],
  'smtp-sign-in-refused': ['service-principal', 'mailbox-access', 'smtp-auth-on', 'smtp-role'],
  'smtp-closed-for-tenant': ['smtp-auth-on'],
  'smtp-closed-for-mailbox': ['smtp-auth-on'],
  'sender-not-permitted': ['send-as', 'smtp-role', 'mail-send-role'],
  'send-right-not-verifiable': ['mailbox-access', 'smtp-role', 'mail-send-role', 'send-as'],
};
