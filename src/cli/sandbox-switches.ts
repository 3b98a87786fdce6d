/**
 * Administrator's switches of the sandbox under names that a person can type: each puts the tenant into a state
 * that real tenants are found in, and back.
 */
import { DEMO, type Sandbox } from '../sandbox/index.js';

type Switch = (sandbox: Sandbox, broken: boolean) => void;

const { clientId } = DEMO.daemon;
const mailbox = DEMO.people.anna.address;

export const SANDBOX_SWITCHES: Readonly<Record<string, Switch>> = {
  'secret-expired': ({ directory }, broken) =>
    directory.expireClientSecrets(clientId, broken ? Date.now() - 1000 : Date.now() + 365 * 86_400_000),
  'role-missing': ({ directory }, broken) =>
    broken
      ? directory.revokeAppRole(clientId, 'IMAP.AccessAsApp')
      : directory.grantAppRole(clientId, 'IMAP.AccessAsApp'),
  'full-access-missing': ({ directory }, broken) => {
    const app = directory.application(clientId).servicePrincipalObjectId;
    if (broken) directory.revokeFullAccess(mailbox, app);
    else directory.grantFullAccess(mailbox, app);
  },
  'smtp-auth-off': ({ directory }, broken) => {
    directory.mailbox(mailbox).smtpClientAuthenticationDisabled = broken;
  },
  'imap-off': ({ directory }, broken) => {
    directory.mailbox(mailbox).imapEnabled = !broken;
  },
  'multi-factor-required': ({ directory }, broken) => {
    directory.user(mailbox).mfaRequired = broken;
  },
};
