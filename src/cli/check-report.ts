/**
 * What `m365-email check --all` prints beyond the stages: what was tested, which hosts have to be reachable, what to do in
 * which order and who can do it, and the commands. Owns: that a support engineer can act on it without asking back.
 */
import { openingsOf, planSetup, renderPowerShell, type HeldPermission } from '../admin/index.js';
import type { Check, FailureReport, Microsoft365Connection } from '../generated/types.js';
import { loadManifest, renderFailure, type Texts } from '../manifest/index.js';
import { styled } from './terminal.js';

/** What is told of the settings: never a secret, as only these are picked. */
export type Told = Pick<Microsoft365Connection, 'cloud' | 'tenant' | 'mailbox' | 'allowedMailboxes'> & {
  readonly authentication: { readonly method: string; readonly clientId: string };
};

export interface ReportInput {
  readonly settings: Told;
  readonly transports: readonly ('imap' | 'smtp')[];
  readonly mailboxes: readonly string[];
  readonly checks: readonly Check[];
  readonly at: Date;
}

const heading = (text: string): string => styled('bold', text);

export function reportHeader(
  { settings, mailboxes, at }: Omit<ReportInput, 'checks'>,
  texts: Texts,
): string[] {
  const { id, version } = loadManifest();
  const { method, clientId } = settings.authentication;
  const facts: readonly (readonly [string, string])[] = [
    ['when', at.toISOString()],
    ['connector', `${id} ${version}, Node.js ${process.version}`],
    ['cloud', texts.text(`connections.microsoft365.cloud.options.${settings.cloud ?? 'global'}`)],
    ['tenant', settings.tenant],
    ['app', clientId],
    ['method', texts.text(`connections.microsoft365.methods.${method}.name`)],
    ['mailboxes', mailboxes.join(', ')],
  ];
  return [
    heading(texts.text('cli.report.title')),
    ...facts.map(([name, value]) => `  ${texts.text(`cli.report.${name}`)}: ${value}`),
    '',
  ];
}

/** Each failure once, however many stages and mailboxes it stopped, in the order in which the stages met it. */
function distinctFailures(checks: readonly Check[], statuses: readonly Check['status'][]): FailureReport[] {
  const seen = new Map<string, FailureReport>();
  for (const { status, failure } of checks) {
    if (failure === undefined || !statuses.includes(status)) continue;
    const sign = `${failure.code} ${JSON.stringify(failure.parameters ?? {})}`;
    if (!seen.has(sign)) seen.set(sign, failure);
  }
  return [...seen.values()];
}

function todo(failures: readonly FailureReport[], texts: Texts): string[] {
  return failures.flatMap((failure, index) => {
    const { title, remedy, actor } = renderFailure(failure, texts);
    return [
      `  ${String(index + 1)}. ${title}`,
      `     ${texts.text('cli.remedy')}: ${remedy}`,
      `     ${texts.text('cli.actor')}: ${actor}`,
    ];
  });
}

/** Permissions as the stage "least-privilege" saw them. */
function heldIn(checks: readonly Check[]): HeldPermission[] {
  const { held } = checks.find(({ stage }) => stage === 'least-privilege')?.evidence ?? {};
  return (Array.isArray(held) ? held : []).map((id) => {
    const [resource, kind, permission = ''] = id.split('/');
    return { resource, kind, permission } as HeldPermission;
  });
}

function commands(
  { settings, transports, mailboxes, checks }: ReportInput,
  failures: readonly FailureReport[],
  texts: Texts,
) {
  const only = failures.map(({ code }) => code);
  const plan = planSetup({
    settings,
    transports,
    mailboxes,
    only,
    held: heldIn(checks),
    language: texts.language,
  });
  if (plan.steps.length === 0) return [];
  return [
    heading(texts.text('cli.report.commands')),
    ...renderPowerShell(plan, 'setup')
      .split('\n')
      .map((line) => `  ${line}`.trimEnd()),
    '',
  ];
}

export function reportFooter(input: ReportInput, texts: Texts): string[] {
  const { checks, settings, transports } = input;
  const failed = distinctFailures(checks, ['failed']);
  const worthKnowing = distinctFailures(checks, ['warning', 'not-verifiable']);
  const count = (status: Check['status']): string =>
    `${String(checks.filter((check) => check.status === status).length)} ${texts.text(`checks.statuses.${status}`)}`;
  const correlations = [...new Set(checks.flatMap(({ failure }) => failure?.correlationId ?? []))];
  return [
    '',
    heading(texts.text('cli.report.openings')),
    ...openingsOf(settings, transports).map(
      ({ host, port, purpose }) => `  ${host}:${String(port)}  ${texts.text(purpose)}`,
    ),
    '',
    ...(failed.length === 0 ? [] : [heading(texts.text('cli.report.todo')), ...todo(failed, texts), '']),
    ...(worthKnowing.length === 0
      ? []
      : [heading(texts.text('cli.report.worthKnowing')), ...todo(worthKnowing, texts), '']),
    ...commands(input, [...failed, ...worthKnowing.filter(({ code }) => code === 'rights-surplus')], texts),
    ...(correlations.length === 0 ? [] : [`${texts.text('cli.correlationId')}: ${correlations.join(', ')}`]),
    heading((['passed', 'warning', 'failed', 'skipped', 'not-verifiable'] as const).map(count).join(', ')),
  ];
}
