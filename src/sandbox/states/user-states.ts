/**
 * What can stand between a user and a token: account, password, second factor, conditional access, assignment, consent.
 */
import { DEMO } from '../directory/demo-constants.js';
import { ANNA, anna, app, both, inDirectory, set, state, tenant, without } from './state.js';
import type { Change, SandboxState, SignInWay } from './state.js';

const { clientId } = DEMO.signIn;

function userState(
  id: string,
  provokes: string,
  title: string,
  change: Change,
  signInWith: SignInWay = 'password',
): SandboxState {
  return state({ id, title, provokes, at: 'token', signInWith, clientId }, change);
}

const withdrawConsent = app(clientId, (application) => {
  const undo = ['IMAP.AccessAsUser.All', 'SMTP.Send'].map((scope) =>
    without(application.delegatedScopes, scope),
  );
  return () => undo.forEach((step) => step());
});

export const USER_STATES: readonly SandboxState[] = [
  userState('user-locked', 'AADSTS50053', 'The account is locked.', anna('locked', true)),
  userState('user-disabled', 'AADSTS50057', 'The account is disabled.', anna('accountEnabled', false)),
  userState(
    'user-deleted',
    'AADSTS50034',
    'The user does not exist.',
    inDirectory((directory) => directory.removeUser(ANNA)),
  ),
  userState('password-expired', 'AADSTS50055', 'The password has expired.', anna('passwordExpired', true)),
  userState(
    'password-expired-on-premises',
    'AADSTS50144',
    'The password in the company’s own directory has expired.',
    anna('passwordExpired', 'on-premises'),
  ),
  userState(
    'password-replaced',
    'AADSTS50126',
    'The password is another one.',
    anna('password', 'Not-this-one'),
  ),
  userState(
    'password-not-stored',
    'AADSTS50056',
    'The user has no password here.',
    anna('hasPassword', false),
  ),
  userState(
    'password-change-demanded',
    'AADSTS50135',
    'A risk policy demands a new password.',
    anna('passwordChangeRequired', true),
  ),
  userState(
    'pass-through-agent-unreachable',
    'AADSTS80001',
    'The agent that checks passwords in the company’s own network does not answer.',
    tenant('passThroughAgent', 'unreachable'),
  ),
  userState(
    'outside-logon-hours',
    'AADSTS80012',
    'The company’s directory allows no sign-in at this hour.',
    anna('outsideLogonHours', true),
  ),
  userState(
    'multi-factor-required',
    'AADSTS50076',
    'A second factor is required.',
    anna('mfaRequired', true),
  ),
  userState(
    'multi-factor-not-enrolled',
    'AADSTS50079',
    'A second factor is required and none is registered.',
    both(anna('mfaRequired', true), anna('mfaEnrolled', false)),
  ),
  userState(
    'external-factor-required',
    'AADSTS50158',
    'Another company’s service asks for the second factor.',
    anna('externalFactorRequired', true),
  ),
  userState(
    'security-defaults',
    'AADSTS530035',
    'Security defaults are on.',
    tenant('securityDefaults', true),
  ),
  userState(
    'conditional-access-blocks',
    'AADSTS53003',
    'A conditional access policy blocks the user.',
    anna('blockedByConditionalAccess', true),
  ),
  userState(
    'compliant-device-required',
    'AADSTS53000',
    'A compliant device is required.',
    anna('conditionalAccess', 'compliant-device'),
  ),
  userState(
    'joined-device-required',
    'AADSTS53001',
    'A domain-joined device is required.',
    anna('conditionalAccess', 'joined-device'),
  ),
  userState(
    'managed-device-required',
    'AADSTS530003',
    'A managed device is required.',
    anna('conditionalAccess', 'managed-device'),
  ),
  userState(
    'approved-app-required',
    'AADSTS53002',
    'Only approved apps are allowed.',
    anna('conditionalAccess', 'approved-app'),
  ),
  userState(
    'device-authentication-required',
    'AADSTS50097',
    'The device has to prove itself.',
    anna('conditionalAccess', 'device-authentication'),
  ),
  userState(
    'blocked-by-tenant-policy',
    'AADSTS530032',
    'A security policy of the tenant blocks the user.',
    anna('conditionalAccess', 'never'),
  ),
  userState(
    'user-not-assigned',
    'AADSTS50105',
    'Assignment is required, and the user is not assigned to the app.',
    app(clientId, (application) => set(application, 'assignmentRequired', true)),
  ),
  userState('consent-missing', 'AADSTS65001', 'Nobody consented to the permissions.', withdrawConsent),
  userState(
    'public-flows-off',
    'AADSTS7000218',
    '"Allow public client flows" is off.',
    app(clientId, (application) => set(application, 'allowPublicClientFlows', false)),
  ),
  userState(
    'device-code-public-flows-off',
    'AADSTS7000218',
    '"Allow public client flows" is off, which device codes need.',
    app(clientId, (application) => set(application, 'allowPublicClientFlows', false)),
    'device-code',
  ),
  userState(
    'device-code-blocked',
    'AADSTS53003',
    'A conditional access policy blocks device codes.',
    tenant('deviceCodeFlowBlocked', true),
    'device-code',
  ),
  userState(
    'sign-in-user-disabled',
    'AADSTS50057',
    'The account of a user who signs in with a browser is disabled.',
    anna('accountEnabled', false),
    'sign-in',
  ),
  userState(
    'sign-in-multi-factor-not-enrolled',
    'AADSTS50072',
    'A user who signs in with a browser has registered no second factor.',
    both(anna('mfaRequired', true), anna('mfaEnrolled', false)),
    'sign-in',
  ),
  userState(
    'sign-in-conditional-access-blocks',
    'AADSTS53003',
    'A conditional access policy blocks a user who signs in with a browser.',
    anna('blockedByConditionalAccess', true),
    'sign-in',
  ),
  userState(
    'sign-in-exchange-online-missing',
    'AADSTS650052',
    'The tenant of a user who signs in with a browser has no Exchange Online.',
    tenant('exchangeOnline', 'absent'),
    'sign-in',
  ),
  userState(
    'user-consent-off',
    'AADSTS90094',
    'Users may not consent, and no administrator did.',
    both(withdrawConsent, tenant('userConsentAllowed', false)),
    'sign-in',
  ),
];
