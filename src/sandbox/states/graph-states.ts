/**
 * What can stand between an app and a mailbox in Microsoft Graph although a token was issued.
 */
import { DEMO } from '../directory/demo-constants.js';
import type { Change, SandboxState } from './state.js';
import { ANNA, annasMailbox, app, inDirectory, state, without } from './state.js';

const { clientId } = DEMO.graph;

const graphState = (id: string, provokes: string, title: string, change: Change): SandboxState =>
  state({ id, title, provokes, at: 'graph', signInWith: 'client-secret', clientId }, change);

export const GRAPH_STATES: readonly SandboxState[] = [
  graphState(
    'graph-role-missing',
    'graph-access-denied',
    'The app lacks the permission Mail.ReadWrite of Microsoft Graph.',
    app(clientId, ({ appRoles }) => without(appRoles, 'Mail.ReadWrite')),
  ),
  graphState(
    'graph-access-policy',
    'graph-odata-disabled',
    'An access policy keeps the app out of the mailbox.',
    annasMailbox('appAccessRestricted', true),
  ),
  graphState(
    'graph-licence-missing',
    'graph-mailbox-not-enabled',
    'The mailbox has no licence, which Graph says.',
    annasMailbox('licensed', false),
  ),
  graphState(
    'graph-mailbox-missing',
    'graph-invalid-user',
    'The mailbox does not exist, which Graph says.',
    inDirectory((directory) => directory.removeMailbox(ANNA)),
  ),
  graphState(
    'graph-throttled',
    'graph-throttled',
    'The mailbox was asked for too much through Graph.',
    annasMailbox('graphThrottledSeconds', 92),
  ),
  graphState(
    'graph-position-lost',
    'graph-sync-state-not-found',
    'Exchange has forgotten the reading positions of the mailbox.',
    annasMailbox('graphSyncStateLost', true),
  ),
];
