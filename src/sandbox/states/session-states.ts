/**
 * What can end a sign-in after the fact, and what can be wrong with the address it comes back to.
 */
import { DEMO } from '../directory/demo-constants.js';
import type { RedirectType } from '../directory/entities.js';
import { ANNA, anna, app, replace, state, tenant, without } from './state.js';
import type { Change, SandboxState } from './state.js';

const { clientId } = DEMO.signIn;
const DAY_MS = 86_400_000;

const refreshState = (id: string, provokes: string, title: string, change: Change): SandboxState =>
  state({ id, title, provokes, at: 'token', signInWith: 'refresh', clientId }, change);

/** A web app, which is where redirect URIs are got wrong. */
const redirectState = (id: string, provokes: string, title: string, change: Change): SandboxState =>
  state({ id, title, provokes, at: 'token', signInWith: 'sign-in', clientId: DEMO.web.clientId }, change);

function age(milliseconds: number): Change {
  return ({ refreshTokens }) => {
    refreshTokens.age(milliseconds);
    return () => {
      refreshTokens.age(-milliseconds);
    };
  };
}

const redirectIs = (uri: string, type: RedirectType): Change =>
  app(DEMO.web.clientId, ({ redirectUris }) => replace(redirectUris, { uri, type }));

export const SESSION_STATES: readonly SandboxState[] = [
  refreshState(
    'sessions-revoked',
    'AADSTS50173',
    'An administrator revoked the user’s sessions.',
    (sandbox) => anna('signInSessionsValidFrom', sandbox.now() + 1)(sandbox),
  ),
  refreshState('password-changed-since', 'AADSTS50133', 'The user changed the password.', (sandbox) =>
    anna('passwordChangedAt', sandbox.now() + 1)(sandbox),
  ),
  refreshState('refresh-token-idle', 'AADSTS700082', 'Nobody signed in for 91 days.', age(91 * DAY_MS)),
  refreshState('refresh-token-unknown', 'AADSTS70000', 'The refresh token is no longer known.', (sandbox) =>
    sandbox.refreshTokens.revoke(ANNA),
  ),
  refreshState(
    'sign-in-frequency',
    'AADSTS70043',
    'A policy asks for a new sign-in every hour.',
    (sandbox) => {
      const undoPolicy = tenant('signInFrequencyHours', 1)(sandbox);
      const undoAge = age(2 * 3_600_000)(sandbox);
      return () => {
        undoAge();
        undoPolicy();
      };
    },
  ),
  refreshState(
    'user-disabled-since',
    'AADSTS50057',
    'The account was disabled.',
    anna('accountEnabled', false),
  ),
  refreshState(
    'consent-withdrawn',
    'AADSTS65001',
    'Consent was withdrawn.',
    app(clientId, ({ delegatedScopes }) => without(delegatedScopes, 'IMAP.AccessAsUser.All')),
  ),
  refreshState(
    'multi-factor-required-since',
    'AADSTS50076',
    'A second factor is required since the user signed in.',
    anna('mfaRequired', true),
  ),
  redirectState(
    'redirect-uri-wrong',
    'AADSTS50011',
    'Another redirect URI is registered.',
    redirectIs('https://connector.example/sign-in/Callback', 'web'),
  ),
  redirectState(
    'redirect-uri-missing',
    'AADSTS500113',
    'No redirect URI is registered.',
    app(DEMO.web.clientId, ({ redirectUris }) => replace(redirectUris)),
  ),
  redirectState(
    'redirect-type-spa',
    'AADSTS9002325',
    'The redirect URI is registered for single-page applications.',
    redirectIs(DEMO.redirectUris.web, 'spa'),
  ),
  redirectState(
    'redirect-type-public',
    'AADSTS700025',
    'The redirect URI is registered for mobile and desktop applications.',
    redirectIs(DEMO.redirectUris.web, 'public'),
  ),
];
