/**
 * What each step runs in PowerShell. Each change stands behind a check of whether it is needed, and leaves a line in the
 * record that undo reads. Owns: which writer serves which step.
 */
import type { Commands, SetupContext } from '../plan.js';
import type { StepId } from '../steps.js';
import { certificate, clientSecret, federatedCredential } from './credentials.js';
import { imapOn, mailboxAccess, popOn, sendAs, servicePrincipal, smtpAuthOn } from './exchange.js';
import { mailRole, mailSendRole, smtpRole } from './mailbox-role.js';
import {
  app,
  consent,
  enableApp,
  enterpriseApp,
  permissions,
  publicClient,
  redirectUris,
  surplus,
} from './registration.js';
import type { Writer } from './undo.js';

const WRITERS: Readonly<Record<StepId, Writer>> = {
  app,
  'enterprise-app': enterpriseApp,
  'enable-app': enableApp,
  permissions,
  consent,
  surplus,
  'client-secret': clientSecret,
  certificate,
  'federated-credential': federatedCredential,
  'redirect-uris': redirectUris,
  'public-client': publicClient,
  'service-principal': servicePrincipal,
  'mailbox-access': mailboxAccess,
  'imap-on': imapOn,
  'pop-on': popOn,
  'smtp-auth-on': smtpAuthOn,
  'smtp-role': smtpRole,
  'mail-role': mailRole,
  'mail-send-role': mailSendRole,
  'send-as': sendAs,
};

export function powerShellCommands(step: StepId, context: SetupContext): Commands {
  return WRITERS[step](context);
}
