/** `m365-email preview`: what Read Email would do, without doing it. */
import type { Command } from 'commander';
import type { PreviewedMessage, ReadPreview } from '../../index.js';
import type { Texts } from '../../manifest/index.js';
import { activityConfig, readJsonFile, run, withActivityOptions, type ActivityOptions } from '../options.js';
import { styled } from '../terminal.js';

interface PreviewOptions extends ActivityOptions {
  readonly request?: string;
}

/** One line per condition: who judges it, why, and what the server is asked. */
function planLines({ conditions }: ReadPreview, texts: Texts): string[] {
  return conditions.map(({ condition, where, because, asked }) => {
    const reason =
      because === undefined ? '' : ` (${texts.text(`activities.read-email.explain.because.${because}`)})`;
    const words = asked === undefined ? '' : styled('dim', `  ${asked}`);
    return `  ${condition.field}: ${texts.text(`activities.read-email.explain.where.${where}`)}${reason}${words}`;
  });
}

function messageLines(message: PreviewedMessage, texts: Texts): string[] {
  const from = message.from.map(({ name, address }) => (name === '' ? address : `${name} <${address}>`));
  const again =
    message.repeated === undefined
      ? ''
      : styled('yellow', `  ${texts.text(`cli.preview.${message.repeated}`)}`);
  return [
    `${styled('bold', message.subject)}  ${styled('dim', message.receivedAt ?? '')}${again}`,
    `  ${from.join(', ')}`,
    ...message.attachments.map(({ name, contentType, size, omitted }) => {
      const why =
        omitted === undefined ? '' : styled('yellow', `  ${texts.text(`cli.preview.omitted.${omitted}`)}`);
      return `  + ${name}  ${styled('dim', `${contentType}, ${String(size)} bytes`)}${why}`;
    }),
  ];
}

export function addPreviewCommand(program: Command): void {
  withActivityOptions(program.command('preview'))
    .description('Show what Read Email would deliver and do. Changes nothing and remembers nothing.')
    .option('--request <file>', 'JSON file with values that override settings for this run')
    .addHelpText(
      'after',
      '\nExample: m365-email preview -c connection.json --set folder=INBOX --set from=fabrikam',
    )
    .action((options: PreviewOptions) =>
      run(options, async ({ connector, connection, terminal, signal }) => {
        const { texts } = terminal;
        const request = options.request === undefined ? {} : readJsonFile(options.request);
        const { activity } = options;
        const preview = await connector.reading.preview(
          {
            connection,
            config: activityConfig(options),
            request,
            ...(activity === undefined ? {} : { activity }),
          },
          { signal },
        );
        terminal.emit(preview);
        terminal.say(styled('bold', texts.text('cli.preview.conditions')));
        for (const line of planLines(preview, texts)) terminal.say(line);
        terminal.say(`${styled('bold', texts.text('cli.preview.folders'))} ${preview.folders.join(', ')}`);
        for (const message of preview.messages) {
          for (const line of messageLines(message, texts)) terminal.say(line);
        }
        if (preview.messages.length === 0) terminal.say(texts.text('cli.nothingToRead'));
        if (preview.more) terminal.say(texts.text('cli.preview.more'));
        const action = texts.text(`activities.read-email.config.afterRead.options.${preview.afterRead}`);
        terminal.say(`${styled('bold', texts.text('cli.preview.afterwards'))} ${action}`);
      }),
    );
}
