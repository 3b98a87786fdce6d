/**
 * What can be wrong with an app and its credential: secret, certificate, federated credential, enterprise application.
 */
import { DEMO } from '../directory/demo-constants.js';
import { app, inDirectory, replace, set, state, tenant } from './state.js';
import type { Change, SandboxState, SignInWay } from './state.js';

const { clientId } = DEMO.daemon;
const YEAR_MS = 365 * 86_400_000;

function appState(
  id: string,
  provokes: string,
  title: string,
  change: Change,
  signInWith: SignInWay = 'client-secret',
): SandboxState {
  return state({ id, title, provokes, at: 'token', signInWith, clientId }, change);
}

export const APP_STATES: readonly SandboxState[] = [
  appState('secret-expired', 'AADSTS7000222', 'The client secret has expired.', ({ directory, now }) => {
    const undo = directory
      .application(clientId)
      .secrets.map((secret) => set(secret, 'expiresAt', now() - 1000));
    return () => undo.forEach((step) => step());
  }),
  appState(
    'secret-replaced',
    'AADSTS7000215',
    'The client secret was replaced by another.',
    ({ directory, now }) =>
      replace(directory.application(clientId).secrets, {
        value: 'sandbox~another-secret',
        expiresAt: now() + YEAR_MS,
      }),
  ),
  appState(
    'app-disabled',
    'AADSTS7000112',
    'Users may not sign in to the enterprise application.',
    app(clientId, (application) => set(application, 'enabled', false)),
  ),
  appState(
    'app-deleted',
    'AADSTS700016',
    'The app registration was deleted.',
    inDirectory((directory) => directory.removeApplication(clientId)),
  ),
  appState(
    'service-principal-missing',
    'AADSTS7000229',
    'The enterprise application was deleted, the registration was not.',
    app(clientId, (application) => set(application, 'hasServicePrincipal', false)),
  ),
  appState(
    'app-blocked-by-conditional-access',
    'AADSTS53003',
    'A conditional access policy for workload identities blocks the app.',
    app(clientId, (application) => set(application, 'blockedByConditionalAccess', true)),
  ),
  appState(
    'exchange-online-missing',
    'AADSTS500011',
    'The tenant has no Exchange Online.',
    tenant('exchangeOnline', 'absent'),
  ),
  appState(
    'exchange-online-lapsed',
    'AADSTS500014',
    'The subscription to Exchange Online has lapsed.',
    tenant('exchangeOnline', 'lapsed'),
  ),
  appState(
    'tenant-throttled',
    'AADSTS90055',
    'The tenant asks the token endpoint for too much.',
    tenant('throttledForSeconds', 60),
  ),
  appState(
    'certificate-missing',
    'AADSTS700027',
    'The certificate is not uploaded to the app registration.',
    app(clientId, ({ certificates }) => replace(certificates)),
    'certificate',
  ),
  appState(
    'certificate-expired',
    'AADSTS700027',
    'The uploaded certificate has expired.',
    ({ directory, now }) => {
      const { certificates } = directory.application(clientId);
      const undo = certificates.map((certificate) => set(certificate, 'notAfter', now() - 1000));
      return () => undo.forEach((step) => step());
    },
    'certificate',
  ),
  appState(
    'federated-credential-missing',
    'AADSTS700211',
    'No federated credential names the issuer.',
    app(clientId, ({ federatedCredentials }) => replace(federatedCredentials)),
    'federated-credential',
  ),
  appState(
    'federated-subject-wrong',
    'AADSTS700213',
    'The federated credential names another subject.',
    app(clientId, ({ federatedCredentials: list }) =>
      replace(list, ...list.map((one) => ({ ...one, subject: `${one.subject}:else` }))),
    ),
    'federated-credential',
  ),
  appState(
    'federated-audience-wrong',
    'AADSTS70021',
    'The federated credential names another audience.',
    app(clientId, ({ federatedCredentials: list }) =>
      replace(list, ...list.map((one) => ({ ...one, audience: 'api://else' }))),
    ),
    'federated-credential',
  ),
];
