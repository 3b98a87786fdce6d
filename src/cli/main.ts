#!/usr/bin/env node
/**
 * The command line `m365-email`: a thin front door over openConnector(). Owns: arguments and exit codes.
 * Must not: do anything that the HTTP door could not do with the same calls.
 */
import { Command } from 'commander';
import { loadManifest } from '../manifest/index.js';
import { addCheckCommand } from './commands/check.js';
import { addConnectCommands } from './commands/connect.js';
import { addDemoCommand } from './commands/demo.js';
import { addDescribeCommand } from './commands/describe.js';
import { addListCommand } from './commands/list.js';
import { addPositionCommand } from './commands/position.js';
import { addPreviewCommand } from './commands/preview.js';
import { addParseCommand } from './commands/parse.js';
import { addReadCommand } from './commands/read.js';
import { addResealCommand } from './commands/reseal.js';
import { addSandboxCommand } from './commands/sandbox.js';
import { addSendCommand } from './commands/send.js';
import { addSetupCommand } from './commands/setup.js';
import { EXIT_CODES } from './exit-codes.js';

const program = new Command('m365-email')
  .description('Read and send email of Microsoft 365 mailboxes with OAuth 2.0.')
  .version(loadManifest().version)
  .showHelpAfterError('Add --help for help.')
  // Wrong usage ends with 2, as shells do it; 1 means a mistake of ours.
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage))
  .configureHelp({ showGlobalOptions: true })
  .addHelpText(
    'after',
    `
First steps, without a tenant of your own:
  m365-email sandbox --folder my-sandbox       starts a tenant in a box and writes my-sandbox/connection.json
  m365-email check --connection my-sandbox/connection.json --net my-sandbox/net.json
  m365-email read  --connection my-sandbox/connection.json --net my-sandbox/net.json --set folder=INBOX

Secrets: never an argument. In the connection file write {"$secret": "NAME"}; NAME is looked up in the environment
variable M365_EMAIL_SECRET_NAME, then in a file NAME in the folder given by --secrets, then asked for.

Exit codes: ${Object.entries(EXIT_CODES)
      .map(([kind, code]) => `${String(code)} ${kind}`)
      .join(', ')}.`,
  );

for (const add of [
  addSandboxCommand,
  addCheckCommand,
  addConnectCommands,
  addSetupCommand,
  addListCommand,
  addDescribeCommand,
  addReadCommand,
  addParseCommand,
  addPreviewCommand,
  addPositionCommand,
  addSendCommand,
  addDemoCommand,
  addResealCommand,
]) {
  add(program);
}

await program.parseAsync();
