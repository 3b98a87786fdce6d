/**
 * What can be wrong in Exchange Online although a token was issued: permissions, switches, quotas, throttling.
 */
import { DEMO } from '../directory/demo-constants.js';
import type { Change, SandboxState } from './state.js';
import { ANNA, annasMailbox, app, both, inDirectory, set, state, tenant, without } from './state.js';

const { clientId } = DEMO.daemon;

const imapState = (id: string, provokes: string, title: string, change: Change): SandboxState =>
  state({ id, title, provokes, at: 'imap', signInWith: 'client-secret', clientId }, change);
const smtpState = (
  id: string,
  provokes: string,
  title: string,
  change: Change,
  message?: SandboxState['message'],
): SandboxState =>
  state(
    {
      id,
      title,
      provokes,
      at: 'smtp',
      signInWith: 'client-secret',
      clientId,
      ...(message === undefined ? {} : { message }),
    },
    change,
  );

const roleMissing = (role: string): Change => app(clientId, ({ appRoles }) => without(appRoles, role));

export const IMAP_STATES: readonly SandboxState[] = [
  imapState(
    'role-missing',
    'imap-authenticate-failed',
    'The app lacks the permission IMAP.AccessAsApp.',
    roleMissing('IMAP.AccessAsApp'),
  ),
  imapState(
    'exchange-service-principal-missing',
    'imap-authenticate-failed',
    'New-ServicePrincipal was never run.',
    app(clientId, (application) => set(application, 'exchangeServicePrincipal', undefined)),
  ),
  imapState(
    'exchange-object-id-wrong',
    'imap-authenticate-failed',
    'New-ServicePrincipal got the object id of the app registration.',
    app(clientId, (application) => set(application, 'exchangeServicePrincipal', application.objectId)),
  ),
  imapState(
    'imap-off',
    'imap-authenticate-failed',
    'IMAP is switched off for the mailbox.',
    annasMailbox('imapEnabled', false),
  ),
  imapState(
    'licence-missing',
    'imap-authenticate-failed',
    'The mailbox has no licence.',
    annasMailbox('licensed', false),
  ),
  imapState(
    'mailbox-missing',
    'imap-authenticate-failed',
    'The mailbox does not exist.',
    inDirectory((directory) => directory.removeMailbox(ANNA)),
  ),
  imapState(
    'full-access-missing',
    'imap-authenticated-not-connected',
    'The app has no FullAccess permission on the mailbox.',
    inDirectory((directory) => {
      const { servicePrincipalObjectId } = directory.application(clientId);
      return without(directory.mailbox(ANNA).fullAccess, servicePrincipalObjectId);
    }),
  ),
  imapState(
    'imap-throttled',
    'imap-throttled',
    'The mailbox was asked for too much over IMAP.',
    annasMailbox('imapThrottledMs', 92_415),
  ),
  imapState(
    'mailbox-server-unavailable',
    'imap-server-unavailable',
    'The mailbox’s own server does not answer.',
    annasMailbox('backEndUnavailable', true),
  ),
];

export const SMTP_STATES: readonly SandboxState[] = [
  smtpState(
    'smtp-role-missing',
    'smtp-authentication-unsuccessful',
    'The app lacks the permission SMTP.SendAsApp.',
    roleMissing('SMTP.SendAsApp'),
  ),
  smtpState(
    'smtp-auth-off',
    'smtp-disabled-for-mailbox',
    'SMTP AUTH is switched off for the mailbox.',
    annasMailbox('smtpClientAuthenticationDisabled', true),
  ),
  smtpState(
    'smtp-auth-off-for-tenant',
    'smtp-disabled-for-tenant',
    'SMTP AUTH is switched off for the organisation, and the mailbox has no exception.',
    both(
      tenant('smtpClientAuthenticationDisabled', true),
      annasMailbox('smtpClientAuthenticationDisabled', undefined),
    ),
  ),
  smtpState(
    'smtp-security-defaults',
    'smtp-security-defaults',
    'Security defaults are on, which block SMTP AUTH.',
    tenant('securityDefaults', true),
  ),
  smtpState(
    'authentication-policy',
    'smtp-criteria-not-met',
    'An authentication policy blocks SMTP AUTH.',
    tenant('authenticationPolicyBlocksSmtp', true),
  ),
  smtpState(
    'organization-configuration',
    'smtp-organization-configuration',
    'The organisation’s configuration refuses this way of signing in.',
    tenant('organizationRefusesSmtpAuthentication', true),
  ),
  smtpState(
    'sender-blocked',
    'smtp-bad-outbound-sender',
    'The mailbox is among the restricted entities.',
    annasMailbox('isRestrictedSender', true),
  ),
  smtpState(
    'submission-quota-reached',
    'smtp-submission-quota',
    'The mailbox has written to 10,000 recipients today.',
    annasMailbox('recipientsPerDay', 0),
  ),
  smtpState('mailbox-full', 'smtp-mailbox-full', 'The mailbox is full.', annasMailbox('isFull', true)),
  smtpState(
    'message-too-large',
    'smtp-message-too-large',
    'The mailbox may send next to nothing at a time.',
    annasMailbox('maxSendSizeBytes', 10),
  ),
  smtpState(
    'recipient-limit',
    'smtp-too-many-recipients',
    'The mailbox may write to nobody at a time.',
    annasMailbox('recipientLimit', 0),
  ),
  smtpState(
    'connections-used-up',
    'smtp-concurrent-connections',
    'Others use up the mailbox’s connections.',
    annasMailbox('maxConnections', 0),
  ),
  smtpState(
    'tenant-over-threshold',
    'smtp-tenant-threshold',
    'The tenant has sent too much suspicious mail.',
    tenant('sendingRefused', 'threshold'),
  ),
  smtpState(
    'address-not-accepted',
    'smtp-address-not-accepted',
    'Mail from this address is not accepted.',
    tenant('sendingRefused', 'address'),
  ),
  smtpState(
    'recipient-on-block-list',
    'smtp-tenant-block-list',
    'The organisation’s block list names the recipient.',
    tenant('sendingRefused', 'block-list'),
  ),
  smtpState(
    'external-recipient-limit-reached',
    'smtp-external-recipient-limit',
    'The tenant has written to as many strangers as it may today.',
    tenant('externalRecipientLimitReached', true),
    { to: 'somebody@elsewhere.example' },
  ),
  smtpState(
    'send-as-missing',
    'smtp-send-as-denied-new',
    'The mailbox may not send as the shared mailbox.',
    inDirectory((directory) => without(directory.mailbox(DEMO.sharedMailbox).sendAs, ANNA)),
    { from: DEMO.sharedMailbox },
  ),
];
