/**
 * What a tenant consists of, in Microsoft's own terms: the tenant, its app registrations, users and mailboxes.
 * Plain mutable state: flipping a field is what an administrator does in a portal or with a cmdlet.
 */

export type Language = 'en' | 'de' | 'es';

export interface Tenant {
  readonly id: string;
  readonly displayName: string;
  /** Accepted domains, the primary one first. */
  readonly domains: string[];
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

export interface Application {
  readonly clientId: string;
  /** Object id of the app registration: the one that is wrong in New-ServicePrincipal. */
  readonly objectId: string;
  /** Object id of the enterprise application: the one that is right in New-ServicePrincipal, and the token's oid. */
  readonly servicePrincipalObjectId: string;
  name: string;
  signInAudience: SignInAudience;
  secrets: ClientSecret[];
  /** "Allow public client flows". */
  allowPublicClientFlows: boolean;
  /** "Enabled for users to sign-in" on the enterprise application. */
  enabled: boolean;
  /** Application permissions with admin consent, e.g. IMAP.AccessAsApp. */
  readonly appRoles: Set<string>;
  /** Delegated permissions with consent, e.g. IMAP.AccessAsUser.All, offline_access. */
  readonly delegatedScopes: Set<string>;
  /** Object id given to New-ServicePrincipal in Exchange; absent when that was never done. */
  exchangeServicePrincipal: string | undefined;
}

export interface User {
  readonly objectId: string;
  readonly userPrincipalName: string;
  displayName: string;
  password: string;
  accountEnabled: boolean;
  locked: boolean;
  passwordExpired: boolean;
  mfaRequired: boolean;
  /** A conditional access policy blocks every sign-in of this user. */
  blockedByConditionalAccess: boolean;
}

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
}
