/** `m365-email check`: tests a connection stage by stage, as the form's button does. */
import type { Command } from 'commander';
import type { Check } from '../../generated/types.js';
import type { Texts } from '../../manifest/index.js';
import { EXIT_CODES } from '../exit-codes.js';
import { readJsonFile, run, withCommonOptions, type CommonOptions } from '../options.js';
import { failureLines, styled } from '../terminal.js';

const MARKS = {
  passed: ['green', '✓'],
  warning: ['yellow', '!'],
  failed: ['red', '✗'],
  skipped: ['dim', '–'],
  'not-verifiable': ['yellow', '?'],
} as const;

/** The lines that tell a person about one check. */
export function checkLines(check: Check, texts: Texts): string[] {
  const [style, mark] = MARKS[check.status];
  const transport =
    check.transport === undefined ? '' : ` (${texts.text(`checks.transports.${check.transport}`)})`;
  const title = `${texts.text(`checks.stages.${check.stage}`)}${transport}`;
  const status = texts.text(`checks.statuses.${check.status}`);
  const evidence = Object.entries(check.evidence).map(
    ([name, value]) => `${name} ${[value].flat().join(', ')}`,
  );
  return [
    `${styled(style, mark)} ${title}: ${status}${check.durationMs > 0 ? ` (${String(check.durationMs)} ms)` : ''}`,
    ...(evidence.length === 0 ? [] : [styled('dim', `    ${evidence.join(' · ')}`)]),
    ...(check.failure === undefined ? [] : failureLines(check.failure, texts).map((line) => `    ${line}`)),
  ];
}

interface CheckOptions extends CommonOptions {
  readonly activities?: string;
}

export function addCheckCommand(program: Command): void {
  withCommonOptions(program.command('check'))
    .description('Test a connection stage by stage. Nothing is sent, changed or marked.')
    .option(
      '--activities <file>',
      'JSON list of {"id", "config"}: the activities to test for; default: read INBOX, send',
    )
    .action((options: CheckOptions) =>
      run(options, async ({ connector, connection, terminal, signal }) => {
        const activities =
          options.activities === undefined
            ? undefined
            : (readJsonFile(options.activities) as { id: string; config: unknown }[]);
        const input = { connection, ...(activities === undefined ? {} : { activities }) };
        for await (const check of connector.check(input, { signal })) {
          terminal.emit(check);
          for (const line of checkLines(check, terminal.texts)) terminal.say(line);
          // The first cause decides; what follows from it says nothing new.
          if (check.status === 'failed' && check.failure !== undefined)
            process.exitCode ??= EXIT_CODES[check.failure.kind];
        }
      }),
    );
}
