/** `m365-email read`: runs Read Email and settles each batch after it has been written out. */
import type { Command } from 'commander';
import type { EmailRecord } from '../../generated/types.js';
import {
  activityConfig,
  readJsonFile,
  run,
  tellResumed,
  warnOfExpiry,
  withActivityOptions,
  type ActivityOptions,
} from '../options.js';
import { styled } from '../terminal.js';

interface ReadOptions extends ActivityOptions {
  readonly request?: string;
  readonly settle: boolean;
}

function recordLines(record: EmailRecord): string[] {
  const from = record.from
    .map(({ name, address }) => (name === '' ? address : `${name} <${address}>`))
    .join(', ');
  const preview = (record.text ?? '').replace(/\s+/gu, ' ').trim().slice(0, 100);
  return [
    `${styled('bold', record.subject === '' ? '(no subject)' : record.subject)}  ${styled('dim', record.receivedAt ?? record.sentAt ?? '')}`,
    `  ${from}`,
    ...(preview === '' ? [] : [`  ${preview}`]),
    ...record.attachments.map(
      ({ name, contentType, size }) =>
        `  + ${name}  ${styled('dim', `${contentType}, ${String(size)} bytes`)}`,
    ),
    ...record.warnings.map(({ code, detail }) =>
      styled('yellow', `  ! ${code}${detail === undefined ? '' : `: ${detail}`}`),
    ),
  ];
}

export function addReadCommand(program: Command): void {
  withActivityOptions(program.command('read'))
    .description('Read messages of a folder. With --json, one record per line.')
    .option('--request <file>', 'JSON file with values that override settings for this run')
    .option('--no-settle', 'leave the messages as they are, whatever the setting "afterRead" says')
    .addHelpText(
      'after',
      '\nExample: m365-email read -c connection.json --set folder=INBOX --set afterRead=mark-read --json',
    )
    .action((options: ReadOptions) =>
      run(options, async (prepared) => {
        const { connector, connection, terminal, signal } = prepared;
        const config = activityConfig(options);
        const request = options.request === undefined ? {} : readJsonFile(options.request);
        const { activity: id } = options;
        const activity = { connection, config, ...(id === undefined ? {} : { activity: id }) };
        await warnOfExpiry(prepared);
        const calling = { signal, onResume: tellResumed(prepared) };
        let count = 0;
        for await (const { records, token, unreadable } of connector.run(
          'read-email',
          { ...activity, request },
          calling,
        )) {
          for (const record of records) {
            terminal.emit(record);
            for (const line of recordLines(record)) terminal.say(line);
          }
          for (const { failure } of unreadable) terminal.fail(failure);
          count += records.length;
          terminal.progress(terminal.texts.text('cli.read', { count }));
          if (!options.settle) continue;
          await terminal.flushed();
          const outcomes = records.map(({ key }) => ({ key, outcome: 'done' as const }));
          for (const { failure } of await connector.settle(
            'read-email',
            { ...activity, token, outcomes },
            calling,
          )) {
            if (failure !== undefined) terminal.fail(failure);
          }
        }
        if (count === 0) terminal.say(terminal.texts.text('cli.nothingToRead'));
      }),
    );
}
