/**
 * The app registrations of the demo tenant, with what was granted to them.
 */
import { DEMO } from './demo-constants.js';
import type { Directory } from './directory.js';

const MAIL_ROLES = ['IMAP.AccessAsApp', 'SMTP.SendAsApp'];
const MAIL_SCOPES = ['IMAP.AccessAsUser.All', 'POP.AccessAsUser.All', 'SMTP.Send'];
const GRAPH_SCOPES = ['Mail.Read', 'Mail.ReadWrite', 'Mail.ReadWrite.Shared'];
const DELEGATED = [
  ...MAIL_SCOPES,
  ...GRAPH_SCOPES,
  'User.Read',
  'openid',
  'profile',
  'email',
  'offline_access',
];
const YEAR_MS = 365 * 86_400_000;

export function addDemoApplications(directory: Directory, now: number): void {
  const expiresAt = now + YEAR_MS;
  const { localhost, loopback, web } = DEMO.redirectUris;
  directory.addApplication({
    clientId: DEMO.daemon.clientId,
    ...objectIds(1),
    name: 'Contoso mail connector',
    secrets: [{ value: DEMO.daemon.clientSecret, expiresAt }],
    appRoles: MAIL_ROLES,
  });
  directory.addApplication({
    clientId: DEMO.pop3.clientId,
    ...objectIds(5),
    name: 'Contoso POP3 connector',
    secrets: [{ value: DEMO.pop3.clientSecret, expiresAt }],
    appRoles: ['POP.AccessAsApp'],
  });
  directory.addApplication({
    clientId: DEMO.graph.clientId,
    ...objectIds(6),
    name: 'Contoso Graph connector',
    secrets: [{ value: DEMO.graph.clientSecret, expiresAt }],
    appRoles: ['Mail.ReadWrite'],
  });
  directory.addApplication({
    clientId: DEMO.graphSender.clientId,
    ...objectIds(7),
    name: 'Contoso Graph sender',
    secrets: [{ value: DEMO.graphSender.clientSecret, expiresAt }],
    appRoles: ['Mail.Send', 'Mail.ReadWrite'],
  });
  for (const { clientId } of [DEMO.daemon, DEMO.pop3]) {
    directory.addExchangeServicePrincipal(clientId);
    for (const { address } of directory.mailboxes) directory.grantFullAccess(address, clientId);
  }
  directory.addApplication({
    clientId: DEMO.signIn.clientId,
    ...objectIds(2),
    name: 'Contoso mail sign-in',
    allowPublicClientFlows: true,
    redirectUris: [
      { uri: localhost, type: 'public' },
      { uri: loopback, type: 'public' },
    ],
    delegatedScopes: DELEGATED,
  });
  directory.addApplication({
    clientId: DEMO.web.clientId,
    ...objectIds(3),
    name: 'Contoso web connector',
    secrets: [{ value: DEMO.web.clientSecret, expiresAt }],
    redirectUris: [{ uri: web, type: 'web' }],
    delegatedScopes: DELEGATED,
  });
  directory.addApplication({
    clientId: DEMO.multiTenant.clientId,
    ...objectIds(4),
    name: 'Connector for everybody',
    signInAudience: 'AzureADandPersonalMicrosoftAccount',
    secrets: [{ value: DEMO.multiTenant.clientSecret, expiresAt }],
    allowPublicClientFlows: true,
    redirectUris: [
      { uri: loopback, type: 'public' },
      { uri: web, type: 'web' },
    ],
    appRoles: MAIL_ROLES,
    delegatedScopes: DELEGATED,
  });
}

function objectIds(number: number): { objectId: string; servicePrincipalObjectId: string } {
  const tail = `0000000-0365-4000-8000-${String(number).padStart(12, '0')}`;
  return { objectId: `b${tail}`, servicePrincipalObjectId: `e${tail}` };
}
