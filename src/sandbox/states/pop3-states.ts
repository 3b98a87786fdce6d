/**
 * What can be wrong in Exchange Online although a token was issued, for an app that reads over POP3. All refusals of a
 * sign-in have the same words.
 */
import { DEMO } from '../directory/demo-constants.js';
import type { Change, SandboxState } from './state.js';
import { ANNA, annasMailbox, app, inDirectory, set, state, without } from './state.js';

const { clientId } = DEMO.pop3;

const pop3State = (id: string, provokes: string, title: string, change: Change): SandboxState =>
  state({ id, title, provokes, at: 'pop3', signInWith: 'client-secret', clientId }, change);

export const POP3_STATES: readonly SandboxState[] = [
  pop3State(
    'pop-role-missing',
    'pop3-authentication-failure',
    'The app lacks the permission POP.AccessAsApp.',
    app(clientId, ({ appRoles }) => without(appRoles, 'POP.AccessAsApp')),
  ),
  pop3State(
    'pop-service-principal-missing',
    'pop3-authentication-failure',
    'New-ServicePrincipal was never run for the app that reads over POP3.',
    app(clientId, (application) => set(application, 'exchangeServicePrincipal', undefined)),
  ),
  pop3State(
    'pop-off',
    'pop3-authentication-failure',
    'POP is switched off for the mailbox.',
    annasMailbox('popEnabled', false),
  ),
  pop3State(
    'pop-full-access-missing',
    'pop3-authentication-failure',
    'The app that reads over POP3 has no FullAccess permission on the mailbox.',
    inDirectory((directory) => {
      const { servicePrincipalObjectId } = directory.application(clientId);
      return without(directory.mailbox(ANNA).fullAccess, servicePrincipalObjectId);
    }),
  ),
  pop3State(
    'pop-mailbox-server-unavailable',
    'pop3-server-unavailable',
    'The mailbox’s own server does not answer over POP3.',
    annasMailbox('backEndUnavailable', true),
  ),
];
