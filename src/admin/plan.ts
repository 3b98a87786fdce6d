/**
 * From settings to an ordered list of steps with as few rights as the activities in use allow. A plan is data: the
 * renderers beside this file write it down for a shell, a portal or a reader. Must not: render, or reach any tenant.
 */
import { CLOUDS, SHARED_AUTHORITIES, type Cloud } from '../connection/clouds.js';
import { Failure, type FailureCode } from '../errors/index.js';
import { FAILURES } from '../generated/failures.js';
import type { CataloguedPermission } from '../generated/types.js';
import { azureCommands } from './azure-cli/commands.js';
import { rightsFor, type ExchangeGrant } from './catalogue.js';
import { powerShellCommands } from './powershell/commands.js';
import { assertUsable, METHODS, type Method, type SetupRequest, type Transport } from './request.js';
import { STEPS, STEPS_FOR_FAILURE, type Place, type Role, type StepId } from './steps.js';
import { surplusOf, type SurplusPermission } from './surplus.js';

/** What a shell runs for one step. Each change stands behind a check of whether it is needed. */
export interface Commands {
  readonly do: string;
  readonly verify: string;
  /** Takes away what the record says that `do` added. */
  readonly undo: string;
}

export interface SetupStep {
  readonly id: StepId;
  /** Locale keys; `parameters` belong to both. */
  readonly title: string;
  readonly why: string;
  /** What its undo does; there is none for a step whose undo is empty. */
  readonly undoTitle: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** Who may run it. */
  readonly role: Role;
  readonly places: readonly Place[];
  /** Which service it changes. */
  readonly service: 'entra' | 'exchange';
  /** How long the service may take to apply it, in minutes. */
  readonly waitMinutes: number;
  readonly powershell: Commands;
  /** Absent where the Azure CLI has no command: Exchange Online. */
  readonly azureCli?: Commands;
}

export interface RedirectUri {
  readonly type: 'web' | 'publicClient';
  readonly uri: string;
}

/** Everything that the renderers need, judged and resolved. */
export interface SetupContext {
  readonly language: string;
  readonly cloud: Cloud;
  /** Absent for common, organizations and consumers: no tenant is named. */
  readonly tenant: string | undefined;
  readonly authority: string;
  readonly audience: 'AzureADMyOrg' | 'AzureADMultipleOrgs' | 'AzureADandPersonalMicrosoftAccount';
  readonly method: Method;
  readonly identity: 'app' | 'user';
  readonly appName: string;
  /** Lower case; absent when the app is still to be created. */
  readonly clientId: string | undefined;
  readonly transports: readonly Transport[];
  readonly mailboxes: readonly string[];
  /** Who signs in; absent for an app. */
  readonly account: string | undefined;
  /** Addresses that need the right to be sent as, each with the mailbox that sends. */
  readonly sendAs: readonly { readonly mailbox: string; readonly as: string }[];
  readonly smtpThrough: 'mailbox-permission' | 'exchange-role';
  readonly permissions: readonly CataloguedPermission[];
  readonly grants: ReadonlySet<ExchangeGrant>;
  readonly redirectUris: readonly RedirectUri[];
  /** The app has no credential of its own and must be allowed to sign users in nevertheless. */
  readonly publicClient: boolean;
  readonly federation: SetupRequest['federation'];
  readonly surplus: readonly SurplusPermission[];
}

export interface SetupPlan extends SetupContext {
  readonly steps: readonly SetupStep[];
  /** Codes or step ids that the plan was narrowed to; empty: everything. */
  readonly only: readonly string[];
}

function distinct(addresses: readonly string[]): string[] {
  return [...new Map(addresses.map((address) => [address.toLowerCase(), address])).values()];
}

function audienceOf(tenant: string): SetupContext['audience'] {
  if (tenant === 'organizations') return 'AzureADMultipleOrgs';
  return SHARED_AUTHORITIES.includes(tenant) ? 'AzureADandPersonalMicrosoftAccount' : 'AzureADMyOrg';
}

function redirectsOf({ settings }: SetupRequest, method: Method): RedirectUri[] {
  if (method !== 'sign-in') return [];
  // A redirect URI of the platform Web demands a secret, one of a public client refuses it.
  const type = settings.authentication.clientSecret === undefined ? 'publicClient' : 'web';
  return (settings.redirectUris ?? ['http://localhost']).map((uri) => ({ type, uri }));
}

function contextOf(request: SetupRequest): SetupContext {
  const { settings, transports } = request;
  const { authentication } = settings;
  const method = authentication.method as Method;
  const { identity } = METHODS[method];
  const smtpThrough = (identity === 'app' ? request.smtpThrough : undefined) ?? 'mailbox-permission';
  const throughRole = smtpThrough === 'exchange-role';
  const mailboxes = distinct(request.mailboxes ?? [settings.mailbox, ...(settings.allowedMailboxes ?? [])]);
  const account =
    identity === 'user' ? (authentication.account ?? authentication.userName ?? settings.mailbox) : undefined;
  const isOwn = (mailbox: string): boolean => mailbox.toLowerCase() === account?.toLowerCase();
  const senders = transports.some((one) => one === 'smtp' || one === 'graph-send')
    ? (request.sendAs ?? []).filter(({ mailbox, as }) => mailbox.toLowerCase() !== as.toLowerCase())
    : [];
  // With the Exchange role, SMTP.SendAsApp in the token would bring the check of mailbox permissions back.
  const { permissions, grants } = rightsFor({
    identity,
    method,
    transports: throughRole ? transports.filter((one) => one !== 'smtp') : transports,
    changingOver: request.changingOver ?? [],
    sendsAs: senders.length > 0,
    largeFiles: request.largeFiles ?? false,
    mailboxes: mailboxes.map((mailbox) => (isOwn(mailbox) ? 'own' : 'foreign')),
  });
  const tenant = settings.tenant.toLowerCase();
  const shared = SHARED_AUTHORITIES.includes(tenant);
  if (shared && identity === 'app') throw new Failure('tenant-must-be-named');
  return {
    language: request.language,
    cloud: CLOUDS[settings.cloud ?? 'global'],
    tenant: shared ? undefined : settings.tenant,
    authority: settings.tenant,
    audience: audienceOf(tenant),
    method,
    identity,
    // A name that says whose it is: two connections of one tenant must not meet in one app.
    appName:
      settings.appName ??
      `Email connector (${settings.mailbox.split('@')[1] ?? ''}, ${method})`.slice(0, 120),
    clientId: authentication.clientId?.toLowerCase(),
    transports,
    mailboxes,
    account,
    sendAs: [
      ...senders,
      // Over Graph, FullAccess alone does not let a user send from somebody else's mailbox.
      ...(identity === 'user' && transports.includes('graph-send')
        ? mailboxes.filter((one) => !isOwn(one)).map((mailbox) => ({ mailbox, as: mailbox }))
        : []),
    ],
    smtpThrough,
    permissions,
    grants: throughRole && transports.includes('smtp') ? new Set([...grants, 'smtp-auth-on']) : grants,
    redirectUris: redirectsOf(request, method),
    publicClient:
      method === 'device-code' || (identity === 'user' && authentication.clientSecret === undefined),
    federation: request.federation,
    surplus: surplusOf(request.held ?? [], permissions),
  };
}

const isStep = (word: string): word is StepId => Object.hasOwn(STEPS, word);
const isCode = (word: string): word is FailureCode => Object.hasOwn(FAILURES, word);

/** Which steps the codes and ids call for. @throws Failure input-invalid for a word that is neither */
function chosen(only: readonly string[]): ReadonlySet<StepId> {
  return new Set(
    only.flatMap((word): readonly StepId[] => {
      if (isStep(word)) return [word];
      if (isCode(word)) return STEPS_FOR_FAILURE[word] ?? [];
      throw new Failure('input-invalid', {
        problems: [{ pointer: '/only', label: 'common.fields.value.label', rule: 'choice' }],
      });
    }),
  );
}

/**
 * The steps that give a connection what its activities need, and nothing else.
 * @throws Failure settings-invalid, tenant-must-be-named, input-invalid
 */
export function planSetup(request: SetupRequest): SetupPlan {
  assertUsable(request);
  const context = contextOf(request);
  const only = request.only ?? [];
  const wanted = chosen(only);
  const steps = (Object.keys(STEPS) as StepId[])
    .filter((id) => STEPS[id].applies(context))
    .filter((id) => (only.length === 0 ? STEPS[id].always !== false : wanted.has(id)))
    .map((id): SetupStep => {
      const { service, role, places, waitMinutes, parameters } = STEPS[id];
      const azureCli = azureCommands(id, context);
      return {
        id,
        title: `setup.steps.${id}.title`,
        why: `setup.steps.${id}.why`,
        undoTitle: `setup.steps.${id}.undo`,
        parameters: parameters?.(context) ?? {},
        role: role(context),
        places,
        service,
        waitMinutes,
        powershell: powerShellCommands(id, context),
        ...(azureCli === undefined ? {} : { azureCli }),
      };
    });
  return { ...context, steps, only };
}
