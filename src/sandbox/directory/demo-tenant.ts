/**
 * The tenant everybody meets first: fixed, well-known identifiers, four mailboxes in three languages, two apps.
 * The secrets below open nothing but a sandbox on this machine's loopback.
 */
import { Directory } from './directory.js';

export const DEMO = {
  tenantId: 'c0a7050e-0365-4b0c-9a11-5a4db0c5e365',
  domain: 'contoso.example',
  /** App-only access: client credentials, application permissions, full access to every mailbox. */
  daemon: { clientId: '11111111-0365-4da1-8a3e-000000000001', clientSecret: 'sandbox~daemon-secret-value' },
  /** Access on behalf of a user with user name and password (ROPC); a public client. */
  signIn: { clientId: '22222222-0365-4da1-8a3e-000000000002' },
  people: {
    anna: { address: 'anna@contoso.example', password: 'Winter-in-Oslo-7' },
    bernd: { address: 'bernd@contoso.example', password: 'Sommer-in-Kiel-8' },
    carmen: { address: 'carmen@contoso.example', password: 'Enero-en-Cadiz-9' },
  },
  sharedMailbox: 'invoices@contoso.example',
} as const;

const DELEGATED = [
  'IMAP.AccessAsUser.All',
  'POP.AccessAsUser.All',
  'SMTP.Send',
  'User.Read',
  'openid',
  'profile',
  'email',
  'offline_access',
];
const YEAR_MS = 365 * 86_400_000;

/** A fresh directory in its working state; tests and people break it from here. */
export function createDemoDirectory(now: number): Directory {
  const directory = new Directory({
    id: DEMO.tenantId,
    displayName: 'Contoso',
    domains: [DEMO.domain],
    smtpClientAuthenticationDisabled: true,
    smtpBasicAuthenticationRetired: false,
    sendFromAliasEnabled: false,
    sizeEstimate: false,
    submissionRateDelay: false,
  });
  addPeople(directory);
  addApplications(directory, now);
  return directory;
}

function addPeople(directory: Directory): void {
  const { anna, bernd, carmen } = DEMO.people;
  const people = [
    {
      ...anna,
      name: 'Anna Baker',
      alias: 'anna.baker',
      language: 'en',
      objectId: 'a0000000-0365-4000-8000-000000000001',
    },
    {
      ...bernd,
      name: 'Bernd Schröder',
      alias: 'bernd.schroeder',
      language: 'de',
      objectId: 'a0000000-0365-4000-8000-000000000002',
    },
    {
      ...carmen,
      name: 'Carmen Núñez',
      alias: 'carmen.nunez',
      language: 'es',
      objectId: 'a0000000-0365-4000-8000-000000000003',
    },
  ] as const;
  for (const { address, password, name, alias, language, objectId } of people) {
    directory.addUser({ userPrincipalName: address, objectId, displayName: name, password });
    directory.addMailbox({
      address,
      aliases: [`${alias}@${DEMO.domain}`],
      displayName: name,
      language,
      owner: address,
      // The organisation keeps SMTP AUTH off, as new organisations do; it is opened per mailbox.
      smtpClientAuthenticationDisabled: false,
    });
  }
  directory.addMailbox({
    address: DEMO.sharedMailbox,
    displayName: 'Contoso Invoices',
    smtpClientAuthenticationDisabled: false,
    fullAccess: [anna.address],
    sendAs: [anna.address],
  });
}

function addApplications(directory: Directory, now: number): void {
  directory.addApplication({
    ...DEMO.daemon,
    objectId: 'b0000000-0365-4000-8000-000000000001',
    servicePrincipalObjectId: 'e0000000-0365-4000-8000-000000000001',
    name: 'Contoso mail connector',
    secrets: [{ value: DEMO.daemon.clientSecret, expiresAt: now + YEAR_MS }],
    appRoles: ['IMAP.AccessAsApp', 'POP.AccessAsApp', 'SMTP.SendAsApp'],
  });
  directory.addExchangeServicePrincipal(DEMO.daemon.clientId);
  for (const { address } of directory.mailboxes) directory.grantFullAccess(address, DEMO.daemon.clientId);
  directory.addApplication({
    ...DEMO.signIn,
    objectId: 'b0000000-0365-4000-8000-000000000002',
    servicePrincipalObjectId: 'e0000000-0365-4000-8000-000000000002',
    name: 'Contoso mail sign-in',
    allowPublicClientFlows: true,
    delegatedScopes: DELEGATED,
  });
}
