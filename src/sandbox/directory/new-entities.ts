/**
 * New tenants, apps, users and mailboxes with everything that was not said filled in as Microsoft's portals do.
 */
import { randomUUID } from 'node:crypto';
import type { Application, Mailbox, Tenant, User } from './entities.js';

type PermissionSets = 'appRoles' | 'delegatedScopes' | 'requestedAppRoles' | 'requestedScopes';
/** What is requested defaults to what is granted. */
export type NewApplication = Partial<Omit<Application, PermissionSets>> & { name: string } & {
  [Name in PermissionSets]?: readonly string[];
};
export type NewTenant = Partial<Tenant> & { id: string; displayName: string; domains: string[] };
export type NewUser = Partial<User> & { userPrincipalName: string; password: string };
export type NewMailbox = Partial<Omit<Mailbox, 'fullAccess' | 'sendAs'>> & {
  address: string;
  fullAccess?: readonly string[];
  sendAs?: readonly string[];
};

const DEFAULT_MAX_SEND_BYTES = 35 * 1024 * 1024;
const DEFAULT_RECIPIENT_LIMIT = 500;

export function createTenant(tenant: NewTenant): Tenant {
  return {
    kind: 'work',
    userConsentAllowed: true,
    securityDefaults: false,
    signInFrequencyHours: undefined,
    deviceCodeFlowBlocked: false,
    exchangeOnline: 'on',
    throttledForSeconds: undefined,
    passThroughAgent: 'not-used',
    authenticationPolicyBlocksSmtp: false,
    organizationRefusesSmtpAuthentication: false,
    sendingRefused: undefined,
    externalRecipientLimitReached: false,
    smtpClientAuthenticationDisabled: true,
    smtpBasicAuthenticationRetired: false,
    sendFromAliasEnabled: false,
    sizeEstimate: false,
    submissionRateDelay: false,
    ...tenant,
  };
}

export function createApplication(settings: NewApplication): Application {
  return {
    clientId: settings.clientId ?? randomUUID(),
    objectId: settings.objectId ?? randomUUID(),
    servicePrincipalObjectId: settings.servicePrincipalObjectId ?? randomUUID(),
    name: settings.name,
    signInAudience: settings.signInAudience ?? 'AzureADMyOrg',
    secrets: settings.secrets ?? [],
    certificates: settings.certificates ?? [],
    federatedCredentials: settings.federatedCredentials ?? [],
    redirectUris: settings.redirectUris ?? [],
    requestedAppRoles: new Set(settings.requestedAppRoles ?? settings.appRoles),
    requestedScopes: new Set(settings.requestedScopes ?? settings.delegatedScopes),
    allowPublicClientFlows: settings.allowPublicClientFlows ?? false,
    enabled: settings.enabled ?? true,
    hasServicePrincipal: settings.hasServicePrincipal ?? true,
    blockedByConditionalAccess: settings.blockedByConditionalAccess ?? false,
    appRoles: new Set(settings.appRoles),
    delegatedScopes: new Set(settings.delegatedScopes),
    userConsents: new Map(),
    assignmentRequired: settings.assignmentRequired ?? false,
    assignedUsers: new Set(settings.assignedUsers),
    exchangeServicePrincipal: settings.exchangeServicePrincipal,
    exchangeRoles: new Map(),
  };
}

/**
 * The enterprise application of an app registered elsewhere: own grants, while the registration's fields show through.
 */
export function createServicePrincipal(registration: Application): Application {
  const own: Partial<Application> = {
    servicePrincipalObjectId: randomUUID(),
    enabled: true,
    hasServicePrincipal: true,
    blockedByConditionalAccess: false,
    appRoles: new Set(),
    delegatedScopes: new Set(),
    userConsents: new Map(),
    assignmentRequired: false,
    assignedUsers: new Set(),
    exchangeServicePrincipal: undefined,
    exchangeRoles: new Map(),
  };
  return Object.assign(Object.create(registration) as Application, own);
}

export function createUser(settings: NewUser): User {
  return {
    objectId: randomUUID(),
    displayName: settings.userPrincipalName,
    accountEnabled: true,
    locked: false,
    passwordExpired: false,
    hasPassword: true,
    passwordChangedAt: 0,
    outsideLogonHours: false,
    passwordChangeRequired: false,
    externalFactorRequired: false,
    mfaRequired: false,
    mfaEnrolled: true,
    isAdministrator: false,
    signInSessionsValidFrom: 0,
    blockedByConditionalAccess: false,
    conditionalAccess: undefined,
    ...settings,
  };
}

export function createMailbox(settings: NewMailbox): Mailbox {
  return {
    address: settings.address,
    aliases: settings.aliases ?? [],
    displayName: settings.displayName ?? settings.address,
    language: settings.language ?? 'en',
    owner: settings.owner,
    licensed: settings.licensed ?? true,
    imapEnabled: settings.imapEnabled ?? true,
    popEnabled: settings.popEnabled ?? true,
    smtpClientAuthenticationDisabled: settings.smtpClientAuthenticationDisabled,
    fullAccess: new Set(settings.fullAccess?.map(normalize)),
    sendAs: new Set(settings.sendAs?.map(normalize)),
    maxSendSizeBytes: settings.maxSendSizeBytes ?? DEFAULT_MAX_SEND_BYTES,
    recipientLimit: settings.recipientLimit ?? DEFAULT_RECIPIENT_LIMIT,
    maxConnections: settings.maxConnections ?? 3,
    isRestrictedSender: settings.isRestrictedSender ?? false,
    recipientsPerDay: settings.recipientsPerDay ?? 10_000,
    isFull: settings.isFull ?? false,
    imapThrottledMs: settings.imapThrottledMs,
    backEndUnavailable: settings.backEndUnavailable ?? false,
    appAccessRestricted: settings.appAccessRestricted ?? false,
    graphThrottledSeconds: settings.graphThrottledSeconds,
    graphSyncStateLost: settings.graphSyncStateLost ?? false,
  };
}

/** Addresses, UPNs and GUIDs are compared without regard to case. */
export function normalize(name: string): string {
  return name.toLowerCase();
}
