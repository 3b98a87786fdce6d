/**
 * What `m365-email check --all` prints beyond the stages: what was tested, which hosts have to be reachable, what to do in
 * which order and who can do it, and the commands. Owns: that a support engineer can act on it without asking back.
 */
import {
  featureCatalogue,
  METHODS,
  openingsOf,
  permissionCatalogue,
  planSetup,
  protocolOf,
  type HeldPermission,
  type Method,
  type Transport,
} from '../admin/index.js';
import type { Check, FailureReport, Microsoft365Connection } from '../generated/types.js';
import { loadManifest, renderFailure, type Texts } from '../manifest/index.js';
import { styled } from './terminal.js';

/** What is told of the settings: never a secret, as only these are picked. */
export type Told = Pick<Microsoft365Connection, 'cloud' | 'tenant' | 'mailbox' | 'allowedMailboxes'> & {
  readonly authentication: {
    readonly method: string;
    readonly clientId: string;
    readonly account?: string;
  };
};

export interface ReportInput {
  readonly settings: Told;
  readonly transports: readonly Transport[];
  /** Those over which an activity marks, moves or deletes what it has read. */
  readonly changingOver: readonly Transport[];
  readonly mailboxes: readonly string[];
  readonly checks: readonly Check[];
  readonly at: Date;
  /** The connection's file, for the command that makes the script. */
  readonly file: string;
  /** The activities' file, when only these were tested. */
  readonly activities?: string | undefined;
}

/** Nothing is broken, and yet there is something to do. */
const WORTH_A_SCRIPT = new Set(['rights-surplus', 'mail-role-opens-all']);

/** What a test does over Microsoft Graph only where something is read: sending makes no call. */
const ONLY_READING: ReadonlySet<string> = new Set(['sign-in', 'mailbox', 'folder', 'rights']);

/** What shows in a token instead of these roles, which no test sees: only a message that is sent does. */
const INSTEAD_OF_ROLE: Readonly<Record<string, string>> = {
  'mail-send-role': 'application/Mail.Send',
  'mail-drafts-role': 'application/Mail.ReadWrite',
};

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

/** What the administrator's script would do about it, and how to get that script. */
function commands(
  { settings, transports, changingOver, mailboxes, checks, file, activities }: ReportInput,
  failures: readonly FailureReport[],
  texts: Texts,
): string[] {
  const only = [...new Set(failures.map(({ code }) => code))];
  if (only.length === 0) return [];
  const { language } = texts;
  const failing = mailboxes.filter((mailbox) =>
    checks.some((one) => one.mailbox === mailbox && one.status === 'failed'),
  );
  const concerned = failing.length === 0 ? mailboxes : failing;
  const named = failing.length === 0 ? '' : ` --mailboxes ${failing.join(' ')}`;
  const listed = activities === undefined ? '' : ` --activities ${activities}`;
  const plan = planSetup({
    settings,
    transports,
    changingOver,
    mailboxes: concerned,
    only,
    held: heldIn(checks),
    language,
  });
  if (plan.steps.length === 0) return [];
  return [
    heading(texts.text('cli.report.commands')),
    `  m365-email setup --connection ${file}${listed} --only ${only.join(' ')}${named} --output kit`,
    ...(checks.some(({ status }) => status === 'skipped')
      ? [
          `  ${texts.text('cli.report.everything')} m365-email setup --connection ${file}${listed} --output kit`,
        ]
      : []),
    ...plan.steps.map(({ title, parameters, role, places }) => {
      const where = places.map((place) => texts.text(`setup.places.${place}`)).join(', ');
      return `  • ${texts.text(title, parameters)} (${texts.text(`setup.roles.${role}`)}; ${where})`;
    }),
    '',
  ];
}

/** Hosts that the stages have reached, or not. */
function reachMark(checks: readonly Check[], host: string, port: number): string {
  const tried = checks.find(
    ({ stage, evidence, failure }) =>
      (stage === 'authority' || stage === 'mail-host') &&
      (evidence['host'] ?? failure?.parameters?.['host']) === host &&
      Number(evidence['port'] ?? failure?.parameters?.['port'] ?? port) === port,
  );
  if (tried === undefined) return ' ';
  return tried.status === 'passed' ? styled('green', '✓') : styled('red', '✗');
}

/** Which features the rights seen by the test are enough for, and what the others lack. */
function features(
  { settings, transports, changingOver, checks: all, mailboxes }: Omit<ReportInput, 'at' | 'file'>,
  texts: Texts,
): string[] {
  if (mailboxes.length > 1) {
    return mailboxes.flatMap((mailbox) => {
      const own = all.filter((one) => one.mailbox === undefined || one.mailbox === mailbox);
      const input = { settings, transports, changingOver, checks: own, mailboxes: [mailbox] };
      return [`  ${mailbox}`, ...features(input, texts)];
    });
  }
  const checks = all;
  const identity = METHODS[settings.authentication.method as Method].identity;
  const { held = [] } = checks.find(({ stage }) => stage === 'least-privilege')?.evidence ?? {};
  // The same delegated permission is registered at Microsoft Graph and shows in the token of Exchange Online.
  const nameOf = (id: string): string => id.replace(/^\w+\//u, '');
  const names = [held].flat().map((id) => nameOf(String(id)));
  const account = settings.authentication.account ?? settings.mailbox;
  const whose = mailboxes.every((one) => one.toLowerCase() === account.toLowerCase()) ? 'own' : 'foreign';
  const enough = new Set(
    permissionCatalogue().permissions.flatMap(({ id, includes = [] }) =>
      names.includes(nameOf(id)) ? [nameOf(id), ...includes.map(nameOf)] : [],
    ),
  );
  return featureCatalogue().flatMap(({ messages, rights, changes }) =>
    rights
      .filter(
        (right) =>
          (changes !== true || changingOver.some((one) => one === right.transport)) &&
          right.identity === identity &&
          transports.some((one) => one === right.transport) &&
          (right.mailbox === undefined || right.mailbox === whose),
      )
      .map(({ transport, token, exchange }) => {
        const missing = token.filter((id) => !enough.has(nameOf(id)));
        const protocol = protocolOf(transport);
        const own = checks.filter(
          ({ transport: tested, stage }) =>
            tested === protocol && !(transport === 'graph-send' && ONLY_READING.has(stage)),
        );
        const broken = own.some(({ status }) => status === 'failed');
        // What the server has accepted works, whatever the token says (RBAC for Applications).
        const accepted = own.some(({ stage, status }) => stage === 'sign-in' && status === 'passed');
        const works = !broken && (missing.length === 0 || names.length === 0 || accepted);
        const lacks = works || missing.length === 0 ? '' : ` (${missing.join(', ')})`;
        const unseen = exchange.some((grant) => {
          const instead = INSTEAD_OF_ROLE[grant];
          return instead !== undefined && !enough.has(instead);
        });
        const mark = !works ? styled('red', '✗') : unseen ? styled('yellow', '?') : styled('green', '✓');
        return `${mark} ${texts.text(messages)}, ${texts.text(`checks.transports.${protocol}`)}${lacks}`;
      }),
  );
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
    heading(texts.text('cli.report.features')),
    ...features(input, texts),
    '',
    heading(texts.text('cli.report.openings')),
    ...openingsOf(settings, transports).map(({ host, port, purpose, from }) => {
      const mark = from === 'connector' ? reachMark(checks, host, port) : ' ';
      const who = texts.text(`setup.from.${from}`);
      return `${mark} ${host}:${String(port)}  ${who}: ${texts.text(purpose)}`;
    }),
    '',
    ...(failed.length === 0 ? [] : [heading(texts.text('cli.report.todo')), ...todo(failed, texts), '']),
    ...(worthKnowing.length === 0
      ? []
      : [heading(texts.text('cli.report.worthKnowing')), ...todo(worthKnowing, texts), '']),
    ...commands(input, [...failed, ...worthKnowing.filter(({ code }) => WORTH_A_SCRIPT.has(code))], texts),
    ...(correlations.length === 0 ? [] : [`${texts.text('cli.correlationId')}: ${correlations.join(', ')}`]),
    heading((['passed', 'warning', 'failed', 'skipped', 'not-verifiable'] as const).map(count).join(', ')),
  ];
}
