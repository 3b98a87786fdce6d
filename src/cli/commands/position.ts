/** `m365-email position`: what Read Email remembers for an activity, and how an operator sets it right. */
import { InvalidArgumentError, type Command } from 'commander';
import type { StartAt } from '../../index.js';
import { activityConfig, run, withActivityOptions, type ActivityOptions } from '../options.js';
import { styled } from '../terminal.js';

interface PositionOptions extends ActivityOptions {
  readonly activity: string;
}

function parseStart(text: string): StartAt {
  if (text === 'now' || text === 'beginning') return { at: text };
  if (Number.isNaN(Date.parse(text)))
    throw new InvalidArgumentError(
      'Use now, beginning, or a date and time such as 2026-01-31T08:00:00+01:00.',
    );
  return { at: 'date', date: new Date(text).toISOString() };
}

function parseCount(text: string): number {
  if (!/^[1-9]\d{0,5}$/u.test(text)) throw new InvalidArgumentError('Use a whole number from 1 to 999999.');
  return Number(text);
}

const withActivity = (command: Command): Command => withActivityOptions(command, { activity: 'required' });

export function addPositionCommand(program: Command): void {
  const position = program
    .command('position')
    .description('See and set what Read Email remembers for an activity (take=new).');

  withActivity(position.command('show'))
    .description('Reading positions and parked records.')
    .action((options: PositionOptions) =>
      run(options, async ({ connector, terminal }) => {
        const { activity } = options;
        const positions = await connector.reading.positions({ activity });
        const parked = await connector.reading.parked({ activity });
        for (const one of positions) {
          terminal.emit({ position: one });
          const since =
            one.since === undefined
              ? ''
              : `, ${terminal.texts.text('cli.position.since', { since: one.since })}`;
          terminal.say(`${styled('bold', one.folder)}  ${one.mailbox}, ${one.transport}${since}`);
          terminal.say(`  ${terminal.texts.text('cli.position.changed', { at: one.changedAt })}`);
        }
        for (const one of parked) {
          terminal.emit({ parked: one });
          terminal.say(
            `${styled('yellow', terminal.texts.text('cli.position.parked'))}  ${one.folder}, ${one.id}  ${one.contentKey}`,
          );
        }
        if (positions.length === 0) terminal.say(terminal.texts.text('cli.position.none'));
      }),
    );

  withActivity(position.command('set'))
    .description('Start anew: now, beginning, or a date. What was done before may come again.')
    .argument('<start>', 'now, beginning, or a date with time and time zone', parseStart)
    .action((start: StartAt, options: PositionOptions) =>
      run(options, async ({ connector, connection, terminal, signal }) => {
        const { activity } = options;
        const config = activityConfig(options);
        await connector.reading.setPosition({ connection, config, activity, start }, { signal });
        terminal.say(terminal.texts.text('cli.position.set'));
      }),
    );

  withActivity(position.command('replay'))
    .description('Take parked records into the next run; or, with --last, the messages that were done last.')
    .option('--last <count>', 'the messages that were done last, instead of the parked ones', parseCount)
    .option('--content-key <key...>', 'only these parked records')
    .action((options: PositionOptions & { last?: number; contentKey?: string[] }) =>
      run(options, async ({ connector, terminal }) => {
        const { activity, last, contentKey: contentKeys } = options;
        const count =
          last === undefined
            ? await connector.reading.replay({
                activity,
                ...(contentKeys === undefined ? {} : { contentKeys }),
              })
            : await connector.reading.repeatLast({ activity, count: last });
        terminal.emit({ count });
        terminal.say(terminal.texts.text('cli.position.replayed', { count }));
      }),
    );
}
