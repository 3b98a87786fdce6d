/** `m365-email check`: tests a connection stage by stage, as the form's button does. */
import { setTimeout as delay } from 'node:timers/promises';
import { InvalidArgumentError, type Command } from 'commander';
import { transportsInUse, transportsThatChange, type Transport } from '../../admin/index.js';
import type { Check, FailureReport, Microsoft365Connection } from '../../generated/types.js';
import { loadManifest, renderFailure, type Texts } from '../../manifest/index.js';
import { reportFooter, reportHeader, type Told } from '../check-report.js';
import { EXIT_CODES } from '../exit-codes.js';
import { readJsonFile, run, withCommonOptions, type CommonOptions, type Prepared } from '../options.js';
import { openRecording, RECORD_HELP } from '../recording.js';
import { failureLines, styled } from '../terminal.js';

/** Not failed for good: it may only need time. */
const SETTLING = ['yellow', '…'] as const;

const MARKS = {
  passed: ['green', '✓'],
  warning: ['yellow', '!'],
  failed: ['red', '✗'],
  skipped: ['dim', '–'],
  'not-verifiable': ['yellow', '?'],
} as const;

function explanation(failure: FailureReport | undefined, texts: Texts, told: Set<string>): string[] {
  if (failure === undefined) return [];
  // Each answer has a correlation id of its own.
  const sign = JSON.stringify({ ...failure, correlationId: undefined });
  const lines = failureLines(failure, texts);
  if (told.has(sign)) return [`${lines[0] ?? ''} ${texts.text('cli.seeAbove')}`];
  told.add(sign);
  return lines;
}

/** The last word: does it work, and if not, who is next. */
function verdict(checks: readonly Check[], texts: Texts): string {
  const failed = checks.filter(({ status }) => status === 'failed');
  const first = failed[0]?.failure;
  if (first === undefined) {
    const open = checks.filter(({ status }) => status === 'not-verifiable' || status === 'warning').length;
    return styled('green', texts.text('cli.works', { open }));
  }
  const { title, actor } = renderFailure(first, texts);
  return styled('red', texts.text('cli.worksNot', { failed: failed.length, title, actor }));
}

/** A test every minute: what is on its way at Microsoft takes minutes to hours. */
const WATCH_EVERY_SECONDS = 60;

/**
 * The lines that tell a person about one check.
 * @param told failures that were explained above: of these, only the first line is repeated
 */
export function checkLines(check: Check, texts: Texts, told = new Set<string>()): string[] {
  const [style, mark] = check.settling === undefined ? MARKS[check.status] : SETTLING;
  const transport =
    check.transport === undefined ? '' : ` (${texts.text(`checks.transports.${check.transport}`)})`;
  const mailbox = check.mailbox === undefined ? '' : ` ${check.mailbox}`;
  const title = `${texts.text(`checks.stages.${check.stage}`)}${transport}${mailbox}`;
  const status = texts.text(`checks.statuses.${check.status}`);
  const evidence = Object.entries(check.evidence).map(([name, value]) => {
    const label = texts.text(`checks.evidence.${name}`);
    if (typeof value === 'boolean') return value ? label : `${label} –`;
    const shown = [value].flat().join(', ');
    return `${label} ${shown === '' ? '–' : shown}`;
  });
  const settling =
    check.settling === undefined
      ? []
      : [
          styled(
            'yellow',
            `    ${texts.text('checks.settling', {
              until: new Date(check.settling.until).toLocaleString(texts.language, {
                dateStyle: 'medium',
                timeStyle: 'short',
              }),
            })}`,
          ),
        ];
  return [
    `${styled(style, mark)} ${title}: ${status}${check.durationMs > 0 ? ` (${String(check.durationMs)} ms)` : ''}`,
    ...(evidence.length === 0 ? [] : [styled('dim', `    ${evidence.join(' · ')}`)]),
    ...explanation(check.failure, texts, told).map((line) => `    ${line}`),
    ...settling,
  ];
}

interface CheckOptions extends CommonOptions {
  readonly activities?: string;
  readonly mailboxes?: readonly string[];
  readonly all?: boolean;
  readonly watch?: boolean;
  readonly changedAt?: string;
  readonly record?: string;
}

interface ActivityToTest {
  readonly id: string;
  readonly config: unknown;
}

function parseTime(text: string): string {
  const time = Date.parse(text);
  if (Number.isNaN(time) || time > Date.now()) {
    throw new InvalidArgumentError('Use a date and time in the past, such as 2026-11-23T09:30.');
  }
  return new Date(time).toISOString();
}

/** What is no list of activities is refused by the connector, which says so. */
function useOf(activities: readonly ActivityToTest[] | undefined): {
  transports: Transport[];
  changingOver: Transport[];
} {
  const listed: unknown = activities ?? [];
  const named = (Array.isArray(listed) ? listed : []).filter(
    (one: Partial<ActivityToTest> | null) => typeof one?.id === 'string',
  ) as ActivityToTest[];
  const known = loadManifest().activities;
  return {
    transports: transportsInUse(named, known),
    changingOver: transportsThatChange(named, known),
  };
}

/** One test from the first stage to the last, told as it goes. */
async function testOnce(
  { connector, connection, terminal, signal }: Prepared,
  options: CheckOptions,
  activities: readonly ActivityToTest[] | undefined,
): Promise<Check[]> {
  const { changedAt, all } = options;
  const settings = connection as Microsoft365Connection & Told;
  const everyone = [settings.mailbox, ...(settings.allowedMailboxes ?? [])];
  const mailboxes = options.mailboxes ?? (all === true && everyone.length > 1 ? everyone : undefined);
  const report = {
    settings,
    ...useOf(activities),
    mailboxes: mailboxes ?? [settings.mailbox],
    at: new Date(),
    file: options.connection,
    activities: options.activities,
  };
  if (all === true) for (const line of reportHeader(report, terminal.texts)) terminal.say(line);
  const checks: Check[] = [];
  const told = new Set<string>();
  const input = {
    connection,
    ...(activities === undefined ? {} : { activities }),
    ...(mailboxes === undefined ? {} : { mailboxes }),
    ...(changedAt === undefined ? {} : { changedAt }),
  };
  for await (const check of connector.check(input, { signal })) {
    checks.push(check);
    terminal.emit(check);
    for (const line of checkLines(check, terminal.texts, told)) terminal.say(line);
  }
  // Settings that are not even complete have nothing to report on.
  const complete = checks.some(({ stage, status }) => stage === 'settings' && status === 'passed');
  if (all === true && complete) {
    for (const line of reportFooter({ ...report, checks }, terminal.texts)) terminal.say(line);
  }
  if (checks.length > 1) terminal.say(`\n${verdict(checks, terminal.texts)}`);
  return checks;
}

export function addCheckCommand(program: Command): void {
  withCommonOptions(program.command('check'))
    .description('Test a connection stage by stage. Nothing is sent, changed or marked.')
    .option(
      '--activities <file>',
      'JSON list of {"id", "config"}: the activities to test for; default: read INBOX, send',
    )
    .option('--mailboxes <address...>', 'test these mailboxes one after the other')
    .option('--all', 'a report to act on: every mailbox, hosts and ports, what to do by whom, the commands')
    .option(
      '--changed-at <time>',
      'when an administrator changed something: tells "not yet" from "wrong"',
      parseTime,
    )
    .option('--watch', 'test again every minute until everything that can be known has passed')
    .option('--record <file>', RECORD_HELP)
    .action((options: CheckOptions) =>
      run(options, async (prepared) => {
        const recording = options.record === undefined ? undefined : openRecording(options.record, prepared);
        const activities =
          options.activities === undefined
            ? undefined
            : (readJsonFile(options.activities) as ActivityToTest[]);
        for (;;) {
          const checks = await testOnce(prepared, options, activities);
          if (recording !== undefined)
            prepared.terminal.progress(recording.write(checks, prepared.terminal.texts));
          // The first cause decides; what follows from it says nothing new.
          const failure = checks.find(({ status }) => status === 'failed')?.failure;
          process.exitCode = failure === undefined ? EXIT_CODES.ok : EXIT_CODES[failure.kind];
          if (failure === undefined || options.watch !== true) return;
          const { terminal, signal } = prepared;
          terminal.progress(terminal.texts.text('cli.watching', { seconds: WATCH_EVERY_SECONDS }));
          await delay(WATCH_EVERY_SECONDS * 1000, undefined, { signal });
        }
      }),
    );
}
