/** `m365-email send`: runs Send Email over requests from a file or standard input. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import { Failure } from '../../errors/index.js';
import type { SendEmailResponse } from '../../generated/types.js';
import type { SendEstimate } from '../../index.js';
import type { Texts } from '../../manifest/index.js';
import { dryRun } from '../dry-run.js';
import { EXIT_CODES } from '../exit-codes.js';
import {
  activityConfig,
  run,
  tellWait,
  warnOfExpiry,
  withActivityOptions,
  type ActivityOptions,
} from '../options.js';
import { failureLines, styled } from '../terminal.js';

interface SendOptions extends ActivityOptions {
  readonly requests?: string;
  readonly dryRun?: true;
  readonly estimate?: true;
  readonly eml?: string;
}

/** What is no JSON is refused like any other record that is not a request, and the next one is taken. */
function requestIn(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return line;
  }
}

/** One JSON request per line, or nothing but the activity's own settings: then one message. */
async function* requestsOf(path: string | undefined): AsyncGenerator {
  if (path === undefined) {
    yield {};
    return;
  }
  const input = path === '-' ? process.stdin : createReadStream(path);
  const lines = createInterface({ input, crlfDelay: Infinity });
  const lost = new Promise<never>((_resolve, reject) => {
    input.once('error', (cause: Error) =>
      reject(
        new Failure('file-unreadable', { parameters: { file: path }, serverText: cause.message, cause }),
      ),
    );
  });
  lost.catch(() => undefined); // raised below, where the lines are awaited
  const iterator = lines[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), lost]);
      if (next.done === true) return;
      if (next.value.trim() !== '') yield requestIn(next.value);
    }
  } finally {
    // A run that ends early must not wait for the producer to close the pipe.
    lines.close();
    input.destroy();
  }
}

function outcomeIn(outcome: SendEmailResponse['outcome'], texts: Texts): string {
  return texts.text(`workbench.outcomes.${outcome}.name`);
}

function responseLines(response: SendEmailResponse, texts: Texts): string[] {
  const style = response.outcome === 'accepted' ? 'green' : 'red';
  return [
    `${styled(style, outcomeIn(response.outcome, texts))}  ${response.messageId ?? ''}`,
    ...response.recipients.map(
      ({ address, outcome, serverText }) =>
        `  ${outcomeIn(outcome, texts)}  ${address}  ${styled('dim', serverText ?? '')}`,
    ),
    ...(response.failure === undefined
      ? []
      : failureLines(response.failure, texts).map((line) => `  ${line}`)),
  ];
}

function estimateLines(estimate: SendEstimate, texts: Texts): string[] {
  const { messages, recipients, alreadySent, refused, deferred, deferredUntil = '' } = estimate;
  const time = (iso: string): string => new Date(iso).toLocaleString(texts.language);
  const line = (id: string, values: Record<string, string | number>): string =>
    texts.text(`cli.estimate.${id}`, values);
  return [
    line('sends', { messages, recipients, endsAt: time(estimate.endsAt) }),
    ...(alreadySent === 0 ? [] : [line('alreadySent', { alreadySent })]),
    ...(refused === 0 ? [] : [line('refused', { refused })]),
    ...(deferred === 0 ? [] : [line('deferred', { deferred, until: time(deferredUntil) })]),
    ...estimate.mailboxes.map(({ mailbox, recipientsLeft }) => line('left', { mailbox, recipientsLeft })),
    styled('dim', line('nothingSent', {})),
  ];
}

export function addSendCommand(program: Command): void {
  withActivityOptions(program.command('send'))
    .description(
      'Send messages: one JSON request per line of the file, or the settings alone as one message.',
    )
    .option('--requests <file>', 'file with one request per line; - for standard input')
    .option('--send-file-folders <folder...>', 'whose files a request may attach')
    .option('--dry-run', 'build and judge every message, show what would be sent, and send nothing')
    .option(
      '--estimate',
      'tell how long the run would take under the limits of Microsoft 365, and send nothing',
    )
    .option('--eml <folder>', 'with --dry-run: write each message to a file of this folder')
    .addHelpText(
      'after',
      `\nExample: echo '{"to":[{"address":"ben@contoso.com"}],"subject":"Hi","text":"Hello"}' | m365-email send -c connection.json --requests -`,
    )
    .action((options: SendOptions) =>
      run(options, async (prepared) => {
        const { connector, connection, terminal, signal } = prepared;
        const requests = requestsOf(options.requests);
        const { activity: id } = options;
        const named = id === undefined ? {} : { activity: id };
        const activity = { connection, config: activityConfig(options), requests, ...named };
        if (options.dryRun === true) {
          const previews = connector.sending.preview(activity, { signal });
          const shown = await dryRun(previews, options.eml, terminal);
          if (shown === 0) terminal.progress(terminal.texts.text('cli.nothingToSend'));
          return;
        }
        if (options.estimate === true) {
          const estimate = await connector.sending.estimate(activity, { signal });
          terminal.emit(estimate);
          for (const line of estimateLines(estimate, terminal.texts)) terminal.say(line);
          return;
        }
        await warnOfExpiry(prepared);
        let count = 0;
        const calling = { signal, onWait: tellWait(prepared) };
        for await (const response of connector.run('send-email', activity, calling)) {
          count += 1;
          terminal.emit(response);
          for (const line of responseLines(response, terminal.texts)) terminal.say(line);
          const failures = [response, ...response.recipients].flatMap(({ failure }) => failure ?? []);
          for (const { kind } of failures) process.exitCode ??= EXIT_CODES[kind];
        }
        if (count === 0) terminal.progress(terminal.texts.text('cli.nothingToSend'));
      }),
    );
}
