/**
 * The APIs a token can be asked for and the permissions each of them publishes.
 * The same permission name exists under several resources; which one a token is for is decided by the scope's prefix.
 */

export interface Resource {
  /** 'exchange' tokens open mailboxes; the mail servers refuse every other kind. */
  readonly kind: 'exchange' | 'graph';
  /** The application id URIs a scope may start with; the one used becomes the token's audience. */
  readonly identifierUris: readonly string[];
  readonly appId: string;
  readonly delegatedScopes: ReadonlySet<string>;
  readonly appRoles: ReadonlySet<string>;
}

const MAIL_SCOPES = ['IMAP.AccessAsUser.All', 'POP.AccessAsUser.All', 'SMTP.Send'];

const EXCHANGE: Resource = {
  kind: 'exchange',
  identifierUris: ['https://outlook.office365.com', 'https://outlook.office.com', 'https://ps.outlook.com'],
  appId: '00000002-0000-0ff1-ce00-000000000000',
  delegatedScopes: new Set([...MAIL_SCOPES, 'EWS.AccessAsUser.All', 'full_access_as_user']),
  appRoles: new Set([
    'IMAP.AccessAsApp',
    'POP.AccessAsApp',
    'SMTP.SendAsApp',
    'full_access_as_app',
    'Exchange.ManageAsApp',
  ]),
};

const GRAPH: Resource = {
  kind: 'graph',
  identifierUris: ['https://graph.microsoft.com'],
  appId: '00000003-0000-0000-c000-000000000000',
  delegatedScopes: new Set([
    ...MAIL_SCOPES,
    'Mail.Send',
    'Mail.Read',
    'Mail.ReadWrite',
    'User.Read',
    'Mail.ReadBasic',
    'Mail.ReadBasic.Shared',
    'Mail.Read.Shared',
    'Mail.ReadWrite.Shared',
    'Mail.Send.Shared',
  ]),
  appRoles: new Set(['Mail.Send', 'Mail.ReadBasic.All', 'Mail.Read', 'Mail.ReadWrite', 'User.Read.All']),
};

export const RESOURCES: readonly Resource[] = [EXCHANGE, GRAPH];

/** Audiences the mail servers accept: Exchange's own identifiers, by URI or by application id. */
export const MAIL_AUDIENCES: ReadonlySet<string> = new Set([
  'https://outlook.office365.com',
  'https://outlook.office.com',
  EXCHANGE.appId,
]);

export function findResource(identifierUri: string): Resource | undefined {
  const wanted = identifierUri.toLowerCase();
  return RESOURCES.find((resource) => resource.identifierUris.includes(wanted) || resource.appId === wanted);
}
