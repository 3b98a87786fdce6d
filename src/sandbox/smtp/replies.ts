/**
 * What the submission server says, in Exchange Online's own words. Texts only; when to say them is decided elsewhere.
 */

/** Name of the server that answers; Exchange repeats it in most refusals. */
export const HOST = 'AM0PR10CA0365.EURPRD10.PROD.OUTLOOK.COM';

const VISIT_SMTP_AUTH = 'Visit https://aka.ms/smtp_auth_disabled for more information.';

export const REPLIES = {
  ready: (date: string) => `220 ${HOST} Microsoft ESMTP MAIL Service ready at ${date}`,
  startTls: '220 2.0.0 SMTP server ready',
  goodbye: '221 2.0.0 Service closing transmission channel',
  authenticated: '235 2.7.0 Authentication successful',
  ok: '250 2.0.0 OK',
  reset: '250 2.0.0 Resetting',
  senderOk: '250 2.1.0 Sender OK',
  recipientOk: '250 2.1.5 Recipient OK',
  accepted: (messageId: string) => `250 2.0.0 OK ${messageId} [Hostname=${HOST}]`,
  cannotVerify: '252 2.1.5 Cannot VRFY user',
  startInput: '354 Start mail input; end with <CRLF>.<CRLF>',
  tooManyConnections: `432 4.3.2 Concurrent connections limit exceeded. Visit https://aka.ms/concurrent_sending for more information. [Hostname=${HOST}]`,
  tooManyRecipients: '452 4.5.3 Too many recipients',
  lineTooLong: '500 5.5.2 Line too long',
  unknownCommand: (verb: string) => `500 5.3.3 Unrecognized command '${verb}'`,
  badArguments: '501 5.5.4 Invalid arguments',
  badXoauth2: '501 5.5.124 Invalid XOAUTH2 auth data',
  authenticationCancelled: '501 5.7.0 Authentication canceled',
  helloFirst: '503 5.5.2 Send hello first',
  senderFirst: '503 5.5.2 Need mail command',
  recipientFirst: '503 5.5.2 Need rcpt command',
  badSequence: '503 5.5.1 Bad sequence of commands',
  unknownMechanism: '504 5.7.4 Unrecognized authentication type',
  startTlsFirst: '530 5.7.0 Must issue a STARTTLS command first',
  notAuthenticated: `530 5.7.57 Client not authenticated to send mail. [${HOST}]`,
  refused: `535 5.7.3 Authentication unsuccessful [${HOST}]`,
  basicDisabled: `535 5.7.139 Authentication unsuccessful, basic authentication is disabled. [${HOST}]`,
  basicRetired: '550 5.7.30 Basic authentication is not supported for Client Submission.',
  disabledForTenant: `535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. ${VISIT_SMTP_AUTH} [${HOST}]`,
  disabledForMailbox: `535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox. ${VISIT_SMTP_AUTH} [${HOST}]`,
  securityDefaults: `535 5.7.139 Authentication unsuccessful, user is locked by your organization's security defaults policy. Contact your administrator. [${HOST}]`,
  criteriaNotMet: `535 5.7.139 Authentication unsuccessful, the request did not meet the criteria to be authenticated successfully. Contact your administrator. [${HOST}]`,
  organizationConfiguration: `535 5.7.139 Authentication unsuccessful, the organization configuration doesn't allow this authentication request. [${HOST}]`,
  badOutboundSender: '550 5.1.8 Access denied, bad outbound sender AS(42004)',
  tenantThreshold: '550 5.7.705 Access denied, tenant has exceeded threshold',
  addressNotAccepted: '550 5.7.708 Access denied, traffic not accepted from this IP',
  blockList: (recipient: string) =>
    `550 5.7.703 Your message can't be delivered because messages to ${recipient} are blocked by your organization using Tenant Allow Block List.`,
  externalRecipientLimit:
    "550 5.7.233 Your message can't be sent because your tenant has exceeded its daily limit for sending email to external recipients.",
  submissionQuota: `554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException; Failed to process message due to a permanent exception [Hostname=${HOST}]`,
  mailboxFull: `554 5.2.2 mailbox full; STOREDRV.Submission.Exception:QuotaExceededException.MapiExceptionShutoffQuotaExceeded [Hostname=${HOST}]`,
  recipientNotFound: '550 5.1.1 RESOLVER.ADR.ExRecipNotFound; not found',
  tooLarge: `552 5.3.4 Message size exceeds fixed maximum message size [Hostname=${HOST}]`,
  sendAsDenied: (sender: string, from: string) =>
    `554 5.2.252 SendAsDenied; ${sender} not allowed to send as ${from}; ` +
    'STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied; ' +
    'Failed to process message due to a permanent exception with message ' +
    `[BeginDiagnosticData]Cannot submit message. 0.35250:1F009983[EndDiagnosticData] [Hostname=${HOST}]`,
} as const;
