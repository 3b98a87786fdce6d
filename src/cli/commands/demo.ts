/**
 * `m365-email demo`, which `npm start` runs: the main job on the sandbox, told step by step, and the form beside it.
 * Owns: the story. Must not: call anything but the public entry and the sandbox.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Option, type Command } from 'commander';
import { openConnector, type Connector, type EmailRecord } from '../../index.js';
import { packagePath } from '../../manifest/index.js';
import { parsePort } from '../options.js';
import { openTerminal, styled, type Terminal } from '../terminal.js';

interface DemoOptions {
  readonly once?: boolean;
  readonly port: number;
}

export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description(
      'Run the main job on a sandbox: read unread mail, summarise it, send the summary, find it again. Then show the form.',
    )
    .option('--once', 'end after the job, with exit code 0 if it went well')
    .addOption(new Option('--port <number>', 'port of the form').argParser(parsePort).default(3650))
    .action(async (options: DemoOptions) => {
      const terminal = openTerminal({});
      const started = performance.now();
      const { DEMO, startSandbox } = await import('../../sandbox/index.js');
      const sandbox = await startSandbox();
      const connector = openConnector({ net: { hosts: sandbox.hosts, trustedRoots: [sandbox.ca] } });
      terminal.say(
        `${styled('bold', 'Sandbox tenant')} is up after ${String(Math.round(performance.now() - started))} ms.`,
      );
      const connection = (mailbox: string) => ({
        tenant: sandbox.tenantId,
        mailbox,
        authentication: { method: 'client-secret', ...DEMO.daemon },
      });
      try {
        await runMainJob(
          connector,
          terminal,
          connection(DEMO.people.anna.address),
          connection(DEMO.people.bernd.address),
        );
        if (options.once !== true)
          await showForm(
            connector,
            terminal,
            connection(DEMO.people.anna.address),
            options.port,
            sandbox.hosts,
          );
      } catch (error) {
        terminal.fail(error);
      } finally {
        await sandbox.stop();
      }
    });
}

interface DemoConnection {
  readonly mailbox: string;
}

/** Read Email → summary as CSV → Send Email → found in the recipient's mailbox → settled. */
async function runMainJob(
  connector: Connector,
  terminal: Terminal,
  reader: DemoConnection,
  recipient: DemoConnection,
): Promise<void> {
  const step = (text: string): void => terminal.say(`\n${styled('bold', text)}`);

  step(`1. Read Email: unread messages in INBOX of ${reader.mailbox}`);
  const reading = {
    connection: reader,
    config: { folder: 'INBOX', readState: 'unread', afterRead: 'mark-read' },
  };
  const records: EmailRecord[] = [];
  const tokens: { token: string; keys: string[] }[] = [];
  for await (const batch of connector.run('read-email', reading)) {
    records.push(...batch.records);
    tokens.push({ token: batch.token, keys: batch.records.map(({ key }) => key) });
  }
  for (const { subject, from, attachments } of records) {
    const files = attachments.map(({ name, size }) => `${name}, ${String(size)} bytes`).join('; ');
    terminal.say(
      `   • ${subject}  ${styled('dim', `from ${from[0]?.address ?? 'unknown'}${files === '' ? '' : `  [${files}]`}`)}`,
    );
  }

  step('2. Transformation: one line per message');
  const cell = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  const csv = Buffer.from(
    ['received,from,subject,attachments']
      .concat(
        records.map((record) =>
          [
            record.receivedAt ?? '',
            record.from[0]?.address ?? '',
            record.subject,
            record.attachments.map(({ name }) => name).join('; '),
          ]
            .map(cell)
            .join(','),
        ),
      )
      .join('\r\n'),
  );
  terminal.say(`   summary.csv, ${String(csv.length)} bytes`);

  step(`3. Send Email: the summary to ${recipient.mailbox}`);
  const request = {
    to: [{ address: recipient.mailbox }],
    subject: `${String(records.length)} new messages – Übersicht – resumen`,
    text: `${String(records.length)} messages were read. The list is attached.\n`,
    attachments: [
      { name: 'summary.csv', contentType: 'text/csv', content: { inline: csv.toString('base64') } },
    ],
  };
  let messageId: string | null = null;
  for await (const response of connector.run('send-email', {
    connection: reader,
    config: {},
    requests: [request],
  })) {
    messageId = response.messageId;
    for (const { address, outcome } of response.recipients)
      terminal.say(`   ${outcome} for ${address}  ${styled('dim', messageId ?? '')}`);
    if (response.outcome !== 'accepted')
      throw new Error(`The summary was not accepted: ${response.serverText ?? response.outcome}`);
  }

  step(`4. Read it back in the mailbox of ${recipient.mailbox}`);
  const wanted = createHash('sha256').update(csv).digest('hex');
  const inbox = { connection: recipient, config: { folder: 'INBOX', readState: 'any', limit: 10_000 } };
  let found: EmailRecord | undefined;
  for await (const batch of connector.run('read-email', inbox))
    found ??= batch.records.find((record) => record.messageId === messageId);
  if (found?.attachments[0]?.sha256 !== wanted) throw new Error('The summary did not arrive as it was sent.');
  terminal.say(
    `   “${found.subject}” has arrived; summary.csv is identical (SHA-256 ${wanted.slice(0, 12)}…)`,
  );

  step('5. Settle: only now the messages are marked as read');
  let done = 0;
  for (const { token, keys } of tokens) {
    const outcomes = keys.map((key) => ({ key, outcome: 'done' as const }));
    for (const { result } of await connector.settle('read-email', { ...reading, token, outcomes }))
      if (result === 'done') done += 1;
  }
  terminal.say(`   ${String(done)} of ${String(records.length)} marked as read`);
  if (done !== records.length) throw new Error('Not every message was marked as read.');
  terminal.say(`\n${styled('green', '✓ The whole way works.')}`);
}

async function showForm(
  connector: Connector,
  terminal: Terminal,
  connection: DemoConnection,
  port: number,
  browserHosts: Readonly<Record<string, string>>,
): Promise<void> {
  const { startServer } = await import('../../http/index.js');
  const server = await startServer({
    connector,
    port,
    preset: { connection },
    browserHosts,
    workbenchDir: packagePath('workbench/dist'),
  });
  terminal.say(`\nThe form: ${styled('bold', server.url)}  ${styled('dim', '(Ctrl-C stops)')}`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await server.stop();
}
