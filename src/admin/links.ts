/** Links by which an administrator or a user consents in the browser. Must not: open them. */
import { resourceOf } from './catalogue.js';
import type { SetupPlan } from './plan.js';

export interface ConsentLink {
  /** Locale key of what it asks for. */
  readonly messages: string;
  readonly url: string;
}

function url(plan: SetupPlan, path: string, query: Readonly<Record<string, string | undefined>>): string {
  const link = new URL(`https://${plan.cloud.authorityHost}/${encodeURIComponent(plan.authority)}/${path}`);
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) link.searchParams.set(name, value);
  return link.href;
}

/** Permissions that are registered at Microsoft Graph and asked for at Exchange Online. */
const OF_EXCHANGE: readonly string[] = ['IMAP.AccessAsUser.All', 'POP.AccessAsUser.All', 'SMTP.Send'];

/** What a signed-in user is asked for, as one scope parameter for each resource, with offline_access beside it. */
function userScopes({ permissions, cloud }: SetupPlan): string[] {
  const names = permissions.map(({ permission }) => permission);
  const always = names.filter((name) => name === 'offline_access');
  const scopes = names.filter((name) => name !== 'offline_access');
  const exchange = scopes.filter((name) => OF_EXCHANGE.includes(name));
  const graph = scopes.filter((name) => !OF_EXCHANGE.includes(name));
  return [
    exchange.map((name) => `${cloud.userMailResource}/${name}`),
    graph.map((name) => `https://${cloud.graphHost}/${name}`),
  ]
    .filter((list) => list.length > 0)
    .map((list) => [...list, ...always].join(' '));
}

/**
 * Admin consent. The general form grants all that the app registration asks for. For an app, Microsoft documents the
 * v2 form with two resources: ps.outlook.com for IMAP and POP, and Exchange Online's own for SMTP. For a user's connection the
 * v2 form names exactly the scopes. None before there is a client ID, and none where no administrator exists.
 */
export function adminConsentLinks(plan: SetupPlan): ConsentLink[] {
  const { clientId, transports, cloud } = plan;
  if (clientId === undefined || plan.authority === 'consumers' || plan.permissions.length === 0) return [];
  const base = { client_id: clientId, redirect_uri: plan.redirectUris[0]?.uri };
  const v2 = (scope: string): string => url(plan, 'v2.0/adminconsent', { ...base, scope });
  const general = { messages: 'setup.links.general', url: url(plan, 'adminconsent', base) };
  if (plan.identity === 'user')
    return [
      ...userScopes(plan).map((scope) => ({ messages: 'setup.links.scopes', url: v2(scope) })),
      general,
    ];
  return [
    general,
    ...((transports.includes('imap') || transports.includes('pop3')) && cloud.id === 'global'
      ? [{ messages: 'setup.links.imap', url: v2('https://ps.outlook.com/.default') }]
      : []),
    ...(transports.includes('smtp') && plan.smtpThrough === 'mailbox-permission'
      ? [{ messages: 'setup.links.smtp', url: v2(`${cloud.appMailResource}/.default`) }]
      : []),
  ];
}

/** The generic admin consent link, or undefined when there is none to give. */
export function adminConsentUrl(plan: SetupPlan): string | undefined {
  return adminConsentLinks(plan)[0]?.url;
}

/** By which the account that signs in consents itself, where the tenant lets users do so; only for users. */
export function userConsentUrl(plan: SetupPlan): string | undefined {
  if (plan.clientId === undefined || plan.identity === 'app' || plan.redirectUris.length === 0)
    return undefined;
  return url(plan, 'oauth2/v2.0/authorize', {
    client_id: plan.clientId,
    response_type: 'code',
    redirect_uri: plan.redirectUris[0]?.uri,
    // Consent may be given for several resources at once; only a token is for one.
    scope: [...new Set(userScopes(plan).flatMap((scope) => scope.split(' ')))].join(' '),
    login_hint: plan.account,
    prompt: 'consent',
  });
}

/** The app registration in the portal, where consent shows. */
export function portalUrl(plan: SetupPlan): string {
  const { clientId, cloud } = plan;
  return clientId === undefined
    ? cloud.portal
    : `${cloud.portal}/#view/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/CallAnAPI/appId/${clientId}`;
}

/** Names of the APIs that permissions are of, for texts. */
export function apiNames(plan: SetupPlan): string[] {
  return [...new Set(plan.permissions.map((one) => resourceOf(one).name))];
}
