/**
 * What a tenant consists of, in Microsoft's own terms: the tenant, its app registrations, users and mailboxes.
 * Plain mutable state: flipping a field is what an administrator does in a portal or with a cmdlet.
 */

export type Language = 'en' | 'de' | 'es';

export interface Tenant {
  readonly id: string;
  readonly displayName: string;
  /** 'personal' is the one tenant of all private Microsoft accounts. */
  readonly kind: 'work' | 'personal';
  /** Accepted domains, the primary one first. */
  readonly domains: string[];
  /** "Allow user consent for apps"; off, every consent needs an administrator (90094). */
  userConsentAllowed: boolean;
  /** Security defaults: everybody proves a second factor. */
  securityDefaults: boolean;
  /** Conditional access, sign-in frequency in hours: refresh tokens end that long after the sign-in (70043). */
  signInFrequencyHours: number | undefined;
  /** Conditional access, authentication flows: device codes are blocked (53003). */
  deviceCodeFlowBlocked: boolean;
  /** Exchange Online in this tenant: with a subscription, with one that lapsed (500014), or not at all (500011, 650052). */
  exchangeOnline: 'on' | 'lapsed' | 'absent';
  /** Set while the tenant asks too much of the token endpoint (90055): the Retry-After. */
  throttledForSeconds: number | undefined;
  /** Pass-through authentication: the agent in the company's own network. */
  passThroughAgent: 'not-used' | 'unreachable';
  /** An authentication policy blocks SMTP AUTH (535 5.7.139 … did not meet the criteria). */
  authenticationPolicyBlocksSmtp: boolean;
  /** The organisation's configuration refuses this way of signing in to SMTP. */
  organizationRefusesSmtpAuthentication: boolean;
  /** Why mail of the tenant is not accepted: 550 5.7.705, 5.7.708, 5.7.703. */
  sendingRefused: 'threshold' | 'address' | 'block-list' | undefined;
  /** The daily limit of external recipients of the tenant is reached (550 5.7.233). */
  externalRecipientLimitReached: boolean;
  /** Set-TransportConfig -SmtpClientAuthenticationDisabled; on in every organisation created after January 2020. */
  smtpClientAuthenticationDisabled: boolean;
  /** Basic authentication for client submission is gone for good (550 5.7.30) instead of merely disabled. */
  smtpBasicAuthenticationRetired: boolean;
  /** Set-OrganizationConfig -SendFromAliasEnabled; when off, a From that is an alias becomes the primary address. */
  sendFromAliasEnabled: boolean;
  /** RFC822.SIZE is an estimate, as Exchange Online answers, instead of the exact size. */
  sizeEstimate: boolean;
  /** Submissions beyond 30 a minute are held back until the minute is over. */
  submissionRateDelay: boolean;
}

export interface ClientSecret {
  readonly value: string;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

export type SignInAudience =
  'AzureADMyOrg' | 'AzureADMultipleOrgs' | 'AzureADandPersonalMicrosoftAccount' | 'PersonalMicrosoftAccount';

/** 'public' is "Mobile and desktop applications". */
export type RedirectType = 'web' | 'public' | 'spa';

export interface RedirectUri {
  readonly uri: string;
  readonly type: RedirectType;
}

export interface AppCertificate {
  /** PEM */
  readonly certificate: string;
  /** Base64url of the SHA-256 and SHA-1 of the DER, as in `x5t#S256` and `x5t`. */
  readonly thumbprintSha256: string;
  readonly thumbprintSha1: string;
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  notAfter: number;
}

/** Trust in the tokens of another issuer in place of a secret of one's own. */
export interface FederatedCredential {
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string;
  /** PEM of the key that the issuer signs with. */
  readonly publicKey: string;
}

/**
 * An app registration together with its enterprise application (service principal) in one tenant. A tenant that is
 * not the app's home has an enterprise application only; the registration's fields show through from home.
 */
export interface Application {
  readonly clientId: string;
  /** Object id of the app registration: the one that is wrong in New-ServicePrincipal. */
  readonly objectId: string;
  /** Object id of the enterprise application: the one that is right in New-ServicePrincipal, and the token's oid. */
  readonly servicePrincipalObjectId: string;
  name: string;
  signInAudience: SignInAudience;
  secrets: ClientSecret[];
  readonly certificates: AppCertificate[];
  readonly federatedCredentials: FederatedCredential[];
  readonly redirectUris: RedirectUri[];
  /** Permissions listed in the registration: what an administrator's consent grants. */
  readonly requestedAppRoles: Set<string>;
  readonly requestedScopes: Set<string>;
  /** "Allow public client flows". */
  allowPublicClientFlows: boolean;
  /** "Enabled for users to sign-in" on the enterprise application. */
  enabled: boolean;
  /** False once an administrator deleted the enterprise application and kept the registration. */
  hasServicePrincipal: boolean;
  /** A conditional access policy for workload identities blocks the app (53003). */
  blockedByConditionalAccess: boolean;
  /** Application permissions with admin consent, e.g. IMAP.AccessAsApp. */
  readonly appRoles: Set<string>;
  /** Delegated permissions with an administrator's consent, e.g. IMAP.AccessAsUser.All, offline_access. */
  readonly delegatedScopes: Set<string>;
  /** Delegated permissions that single users consented to, by lower-case UPN. */
  readonly userConsents: Map<string, Set<string>>;
  /** "Assignment required": only these users (lower-case UPNs) may sign in to it (50105). */
  assignmentRequired: boolean;
  readonly assignedUsers: Set<string>;
  /** Object id given to New-ServicePrincipal in Exchange; absent when that was never done. */
  exchangeServicePrincipal: string | undefined;
  /** New-ManagementRoleAssignment -App: Exchange role → primary addresses of the mailboxes in its scope. No token shows it. */
  readonly exchangeRoles: Map<string, Set<string>>;
}

export interface User {
  readonly objectId: string;
  readonly userPrincipalName: string;
  displayName: string;
  password: string;
  accountEnabled: boolean;
  locked: boolean;
  passwordExpired: boolean | 'on-premises';
  /** False for users whose password lives elsewhere or who never had one (50056). */
  hasPassword: boolean;
  /** Milliseconds since the epoch: refresh tokens of public clients from before are worth nothing (50133). */
  passwordChangedAt: number;
  /** The company's directory allows no sign-in at this hour (80012). */
  outsideLogonHours: boolean;
  /** A risk policy asks for a new password (50135). */
  passwordChangeRequired: boolean;
  /** The second factor is proven to another company's service (50158). */
  externalFactorRequired: boolean;
  mfaRequired: boolean;
  /** Whether a second factor is registered; without one the user is told to register (50072, 50079). */
  mfaEnrolled: boolean;
  /** May consent for the whole tenant. */
  isAdministrator: boolean;
  /** Graph's signInSessionsValidFromDateTime in milliseconds: older refresh tokens are revoked (50173). */
  signInSessionsValidFrom: number;
  /** A conditional access policy blocks every sign-in of this user. */
  blockedByConditionalAccess: boolean;
  /** What a conditional access policy asks of the device or app, which the sandbox never has. */
  conditionalAccess: ConditionalAccessDemand | undefined;
}

export type ConditionalAccessDemand =
  | 'compliant-device'
  | 'joined-device'
  | 'managed-device'
  | 'approved-app'
  | 'device-authentication'
  | 'never';

export interface Mailbox {
  /** Primary SMTP address. */
  readonly address: string;
  readonly aliases: string[];
  displayName: string;
  readonly language: Language;
  /** UPN of the owner; absent for a shared mailbox, whose account nobody signs in to. */
  readonly owner: string | undefined;
  licensed: boolean;
  /** Set-CASMailbox -ImapEnabled, -PopEnabled, -SmtpClientAuthenticationDisabled ($null inherits the tenant's). */
  imapEnabled: boolean;
  popEnabled: boolean;
  smtpClientAuthenticationDisabled: boolean | undefined;
  /** Add-MailboxPermission: object ids of Exchange service principals, UPNs of users. */
  readonly fullAccess: Set<string>;
  /** Add-RecipientPermission: object ids, UPNs, or primary addresses of mailboxes. */
  readonly sendAs: Set<string>;
  /** Set-Mailbox -MaxSendSize, -RecipientLimits */
  maxSendSizeBytes: number;
  recipientLimit: number;
  /** Submission connections at a time (432 4.3.2). */
  maxConnections: number;
  /** Listed among the restricted entities for sending spam (550 5.1.8). */
  isRestrictedSender: boolean;
  /** Within 24 hours (554 5.2.0 SubmissionQuotaExceeded). */
  recipientsPerDay: number;
  /** ProhibitSendReceiveQuota is reached (554 5.2.2). */
  isFull: boolean;
  /** Suggested back-off of a throttled IMAP user, in milliseconds. */
  imapThrottledMs: number | undefined;
  /** The server behind the front end does not answer (NO Server Unavailable. 15). */
  backEndUnavailable: boolean;
  /** An access policy of Exchange keeps apps out of this mailbox when they come through Graph. */
  appAccessRestricted: boolean;
  /** Set while the mailbox is asked for too much through Graph: the Retry-After. */
  graphThrottledSeconds: number | undefined;
  /** Exchange has forgotten where delta queries stood (410). */
  graphSyncStateLost: boolean;
}
