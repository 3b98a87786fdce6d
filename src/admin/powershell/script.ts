/**
 * A plan as one PowerShell script, for setting up, verifying or undoing, commented in the reader's language. Owns: the
 * order, the parameters and the connections. Runs in Windows PowerShell 5.1, PowerShell 7 and Cloud Shell.
 */
import { comment, indented, powerShellList, powerShellLiteral } from '../quoting.js';
import { textsIn, type Texts } from '../../manifest/index.js';
import { resourceOf } from '../catalogue.js';
import { graphEnvironmentOf } from '../cloud-names.js';
import type { SetupPlan, SetupStep } from '../plan.js';
import { foreignMailboxes } from '../steps.js';
import { FUNCTIONS } from './functions.js';

export type ScriptMode = 'setup' | 'verify' | 'undo';

/** Windows PowerShell 5.1 reads a file without it in the code page of the country, and garbles every other letter. */
export const BYTE_ORDER_MARK = '\uFEFF';

const MESSAGES: Readonly<Record<string, string>> = {
  Present: 'present',
  Changed: 'changed',
  Removed: 'removed',
  NoResource: 'noResource',
  NoPermission: 'noPermission',
  CertificateNeeded: 'certificateNeeded',
  CertificateIsPrivate: 'certificateIsPrivate',
  FederationNeeded: 'federationNeeded',
  WrongObjectId: 'wrongObjectId',
  RoleEverywhere: 'roleEverywhere',
  AppMissing: 'appMissing',
  AppAmbiguous: 'appAmbiguous',
  AppExists: 'appExists',
  EnterpriseAppMissing: 'enterpriseAppMissing',
  OtherTenant: 'otherTenant',
  NotRestored: 'notRestored',
  SecretExists: 'secretExists',
  SecretUnknown: 'secretUnknown',
  SecretOnce: 'secretOnce',
  Summary: 'summary',
  Nothing: 'nothing',
  Ids: 'ids',
};

const UNDO_MESSAGES: Readonly<Record<string, string>> = { Summary: 'undoSummary', Nothing: 'undoNothing' };

const uses = (body: string, name: string): boolean => new RegExp(`\\$${name}\\b`, 'u').test(body);

function variables(plan: SetupPlan, body: string): string {
  const permissions = plan.permissions.map(
    (one) =>
      `    @{ Resource = ${powerShellLiteral(resourceOf(one).appId)}; Kind = ${powerShellLiteral(one.kind === 'application' ? 'Role' : 'Scope')}; Name = ${powerShellLiteral(one.permission)} }`,
  );
  const values: Readonly<Record<string, string>> = {
    Tenant: powerShellLiteral(plan.tenant ?? ''),
    Authority: powerShellLiteral(plan.cloud.authorityHost),
    Account: powerShellLiteral(plan.account ?? ''),
    Mailboxes: powerShellList(plan.mailboxes),
    ForeignMailboxes: powerShellList(foreignMailboxes(plan)),
    Permissions: `@(\n${permissions.join('\n')}\n)`,
    RedirectUris: powerShellList(plan.redirectUris.map(({ uri }) => uri)),
    // Exchange Online takes names of at most 64 characters.
    GroupName: `$AppName.Substring(0, [Math]::Min(48, $AppName.Length)) + ' mailboxes'`,
    ScopeName: `$GroupName + ' scope'`,
    AssignmentName: `$GroupName + ' SMTP'`,
    ReadGroupName: `$AppName.Substring(0, [Math]::Min(40, $AppName.Length)) + ' reading'`,
    ReadScopeName: `$ReadGroupName + ' scope'`,
    // Two roles, two names: reading may become changing later.
    ReadAssignmentName: `$ReadGroupName + '${plan.grants.has('mail-read-write-role') ? ' Mail.ReadWrite' : ' Mail.Read'}'`,
    SendGroupName: `$AppName.Substring(0, [Math]::Min(40, $AppName.Length)) + ' sending'`,
    SendScopeName: `$SendGroupName + ' scope'`,
    SendAssignmentName: `$SendGroupName + ' Mail.Send'`,
    SendDraftAssignmentName: `$SendGroupName + ' Mail.ReadWrite'`,
  };
  return Object.entries(values)
    .filter(
      ([name]) =>
        uses(body, name) ||
        (name === 'GroupName' && /\$(?:Scope|Assignment)Name\b/u.test(body)) ||
        (name === 'ReadGroupName' && /\$Read(?:Scope|Assignment)Name\b/u.test(body)) ||
        (name === 'SendGroupName' && /\$Send(?:Scope|Assignment|DraftAssignment)Name\b/u.test(body)),
    )
    .map(([name, value]) => `$${name} = ${value}`)
    .join('\n');
}

function parameters(plan: SetupPlan, mode: ScriptMode, body: string): string {
  const { federation } = plan;
  const list: string[] = [
    `    [ValidateSet('All', 'Entra', 'Exchange')] [string] $Part = 'All'`,
    `    [string] $RecordFile = ''`,
    `    [string] $AppId = ${powerShellLiteral(plan.clientId ?? '')}`,
    `    [string] $AppName = ${powerShellLiteral(plan.appName)}`,
  ];
  const optional: Readonly<Record<string, string>> = {
    ServicePrincipalId: `    [string] $ServicePrincipalId = ''`,
    NewSecret: `    [switch] $NewSecret`,
    SecretMonths: `    [ValidateRange(1, 24)] [int] $SecretMonths = 12`,
    CertificateFile: `    [string] $CertificateFile = ''`,
    Issuer: `    [string] $Issuer = ${powerShellLiteral(federation?.issuer ?? '')}`,
    Subject: `    [string] $Subject = ${powerShellLiteral(federation?.subject ?? '')}`,
    Audience: `    [string] $Audience = ${powerShellLiteral(federation?.audience ?? 'api://AzureADTokenExchange')}`,
  };
  for (const [name, declaration] of Object.entries(optional)) {
    if (uses(body, name)) list.push(declaration);
  }
  const impact = mode === 'undo' ? 'High' : 'Medium';
  return `[CmdletBinding(SupportsShouldProcess, ConfirmImpact = '${impact}')]\nparam(\n${list.join(',\n')}\n)`;
}

function graphScopes(plan: SetupPlan, mode: ScriptMode, steps: readonly SetupStep[]): string[] {
  if (mode === 'verify' || !steps.some(({ service }) => service === 'entra')) return ['Application.Read.All'];
  const has = (id: string): boolean => steps.some((step) => step.id === id);
  const consents = has('consent') || has('surplus');
  const kinds = [...(has('consent') ? plan.permissions : []), ...(has('surplus') ? plan.surplus : [])].map(
    ({ kind }) => kind,
  );
  return [
    'Application.ReadWrite.All',
    ...(consents && kinds.includes('application') ? ['AppRoleAssignment.ReadWrite.All'] : []),
    ...(consents && kinds.includes('delegated')
      ? ['DelegatedPermissionGrant.ReadWrite.All', 'User.ReadBasic.All']
      : []),
  ];
}

function connectGraph(plan: SetupPlan, mode: ScriptMode, steps: readonly SetupStep[], body: string): string {
  const scopes = graphScopes(plan, mode, steps);
  const modules = [
    'Microsoft.Graph.Authentication',
    'Microsoft.Graph.Applications',
    ...(/-MgOauth2PermissionGrant/u.test(body) ? ['Microsoft.Graph.Identity.SignIns'] : []),
  ];
  const tenant = plan.tenant === undefined ? '' : ' -TenantId $Tenant';
  return [
    ...modules.map((name) => `Import-NeededModule '${name}'`),
    `Connect-MgGraph${tenant} -Environment '${graphEnvironmentOf(plan.cloud.id)}' -ContextScope Process -NoWelcome -Scopes ${scopes.map(powerShellLiteral).join(', ')}`,
    ...(plan.tenant === undefined ? [] : ['Assert-Tenant (Get-MgContext).TenantId']),
  ].join('\n');
}

/** Finds the app by its client ID, by the record of an earlier run, or by its name; then its enterprise application. */
function findApp(plan: SetupPlan, mode: ScriptMode, creates: (id: string) => boolean): string {
  const lines = [
    `if ($AppId -eq '') { $AppId = [string] (@(Get-Change 'app') | Select-Object -First 1 | ForEach-Object { $_.AppId }) }`,
    `if ($AppId -ne '') {
    $App = Get-MgApplication -Filter "appId eq '$AppId'"
} else {
    $Found = @(Get-MgApplication -Filter ("displayName eq '{0}'" -f $AppName.Replace("'", "''")) -All)
    if ($Found.Count -gt 0) { throw ($Texts.AppExists -f $AppName, (@($Found | ForEach-Object { $_.AppId }) -join ', ')) }
}`,
    creates('app')
      ? `if ($null -eq $App -and $AppId -ne '') { throw ($Texts.AppMissing -f $AppId) }`
      : `if ($null -eq $App) { throw ($Texts.AppMissing -f ($AppName + ' ' + $AppId)) }`,
    `if ($null -ne $App) { $AppId = $App.AppId }`,
    `$ServicePrincipal = if ($AppId -ne '') { Get-MgServicePrincipal -Filter "appId eq '$AppId'" } else { $null }`,
  ];
  const needed = mode === 'setup' && !creates('enterprise-app');
  return [
    ...lines,
    ...(needed
      ? [`if ($null -eq $ServicePrincipal) { throw ($Texts.EnterpriseAppMissing -f $AppName) }`]
      : []),
  ].join('\n');
}

function stepBlock(step: SetupStep, mode: ScriptMode, number: number, texts: Texts): string {
  const title = texts.text(mode === 'undo' ? step.undoTitle : step.title, step.parameters);
  const heading = `${String(number)}. ${title}`;
  const note = mode === 'setup' ? [comment(texts.text(step.why, step.parameters))] : [];
  return [
    comment(heading),
    ...note,
    `Write-Step ${powerShellLiteral(heading)}`,
    step.powershell[mode === 'setup' ? 'do' : mode],
  ].join('\n');
}

/** Undo begins in Exchange: without knowing the app, the records of every other app would be undone as well. */
const RECORDED_APP = `if ($AppId -eq '') {
    $Recorded = @(Get-Change 'app' | ForEach-Object { $_.AppId } | Select-Object -Unique)
    if ($Recorded.Count -gt 1) { throw ($Texts.AppAmbiguous -f $AppName) }
    if ($Recorded.Count -eq 0) { throw ($Texts.AppMissing -f $AppName) }
    $AppId = $Recorded[0]
}`;

function exchangePrologue(plan: SetupPlan, mode: ScriptMode, body: string): string {
  const environment = plan.cloud.exchangeEnvironmentName;
  const needsId = /\$ServicePrincipalId\b/u.test(body) && mode !== 'undo';
  return [
    ...(mode === 'undo' ? [RECORDED_APP] : []),
    ...(needsId
      ? [
          `if ($ServicePrincipalId -eq '' -or $AppId -eq '') {
    if ($null -eq $ServicePrincipal) {
${indented(`${connectGraph(plan, 'verify', [], '')}\n${findApp(plan, 'setup', () => false)}`, 8)}
    }
    $ServicePrincipalId = $ServicePrincipal.Id
}`,
        ]
      : []),
    `Import-NeededModule 'ExchangeOnlineManagement'`,
    `Connect-ExchangeOnline -ShowBanner:$false${environment === undefined ? '' : ` -ExchangeEnvironmentName '${environment}'`}`,
    ...(plan.tenant === undefined
      ? []
      : [
          // Exchange asks who signs in, not where to: another tenant's mailboxes must not be touched.
          `foreach ($Connection in @(Get-ConnectionInformation)) { Assert-Tenant $Connection.TenantID }`,
        ]),
  ].join('\n');
}

/** One record per tenant and app, under the name that the script for bash gives it. */
const RECORD_FILE = ({ authority }: SetupPlan): string[] => [
  `if ($RecordFile -eq '') { $RecordFile = ('m365-email-setup-{0}-{1}.tsv' -f (@(${powerShellLiteral(authority)}, $AppName) | ForEach-Object { $_ -creplace '[^A-Za-z0-9]+', '-' })).ToLowerInvariant() }`,
];

const SUMMARY = `Write-Host ''
if ($Changes.Count -eq 0) { Write-Host $Texts.Nothing } else { Write-Host $Texts.Summary; $Changes | ForEach-Object { Write-Host ('  ' + $_) } }`;

/** What to enter in the connection: at the end of the first half, so that a fault in the second half loses nothing. */
function results(steps: readonly SetupStep[]): string {
  const ids = `Write-Host ''
Write-Host ($Texts.Ids -f $AppId, $ServicePrincipal.Id)`;
  return steps.some(({ id }) => id === 'enterprise-app') ? ids : '';
}

/**
 * The script. Save it with BYTE_ORDER_MARK in front; it takes -WhatIf, and undo asks before each change.
 * @throws Failure settings-invalid when a value holds a control character
 */
export function renderPowerShell(plan: SetupPlan, mode: ScriptMode = 'setup'): string {
  const texts = textsIn(plan.language);
  const ordered =
    mode === 'undo' ? plan.steps.filter(({ powershell }) => powershell.undo !== '') : plan.steps;
  const steps = mode === 'undo' ? ordered.toReversed() : ordered;
  const part = (service: SetupStep['service']): string =>
    steps
      .map((step, index) => ({ step, index }))
      .filter(({ step }) => step.service === service)
      .map(({ step, index }) => stepBlock(step, mode, index + 1, texts))
      .join('\n\n');
  const entra = part('entra');
  const exchange = part('exchange');
  const creates = (id: string): boolean => mode === 'setup' && steps.some((step) => step.id === id);
  const blocks = {
    entra:
      entra === ''
        ? ''
        : `if ($Part -ne 'Exchange') {\n${indented([connectGraph(plan, mode, steps, entra), findApp(plan, mode, creates), entra, ...(mode === 'setup' ? [results(steps)] : [])].filter((block) => block !== '').join('\n\n'))}\n}`,
    exchange:
      exchange === ''
        ? ''
        : `if ($Part -ne 'Entra') {\n${indented([exchangePrologue(plan, mode, exchange), exchange].join('\n\n'))}\n}`,
  };
  const order = mode === 'undo' ? [blocks.exchange, blocks.entra] : [blocks.entra, blocks.exchange];
  const end = { setup: SUMMARY, verify: '', undo: `Write-Removal\n${SUMMARY}` }[mode];
  const body = [...order, end].filter((block) => block.trim() !== '').join('\n\n');
  return [
    '#Requires -Version 5.1',
    comment(texts.text(`setup.script.${mode}`, { app: plan.appName })),
    comment(texts.text('setup.script.usage')),
    '',
    parameters(plan, mode, body),
    '',
    'Set-StrictMode -Version Latest',
    "$ErrorActionPreference = 'Stop'",
    '',
    preamble(plan, mode, body, texts),
    '',
    body,
    '',
  ].join('\n');
}

function preamble(plan: SetupPlan, mode: ScriptMode, body: string, texts: Texts): string {
  // From the last to the first: what a function needs stands above it.
  let needed = body;
  const functions: string[] = [];
  for (const [name, source] of Object.entries(FUNCTIONS).toReversed()) {
    if (!needed.includes(name)) continue;
    functions.unshift(source);
    needed += source;
  }
  const messages = Object.entries(MESSAGES)
    .filter(([name]) => needed.includes(`$Texts.${name}`))
    .map(
      ([name, key]) =>
        `    ${name} = ${powerShellLiteral(texts.text(`setup.script.${(mode === 'undo' ? UNDO_MESSAGES[name] : undefined) ?? key}`))}`,
    );
  return [
    variables(plan, needed),
    `$Texts = @{\n${messages.join('\n')}\n}`,
    ...RECORD_FILE(plan),
    '$RecordPath = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($RecordFile)',
    '$Changes = [System.Collections.Generic.List[string]]::new()',
    // A variable of the same name in the window must not be taken for one of ours.
    ...['App', 'ServicePrincipal', 'Secret']
      .filter((name) => uses(needed, name))
      .map((name) => `$${name} = $null`),
    '',
    functions.join('\n\n'),
  ].join('\n');
}
