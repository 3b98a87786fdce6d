/** `m365-email setup`: writes what an administrator needs to grant the rights of a connection. Reaches no tenant. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Option, type Command } from 'commander';
import {
  adminConsentLinks,
  BYTE_ORDER_MARK,
  openingsOf,
  planSetup,
  renderAppManifest,
  renderAzureCli,
  renderHandover,
  renderHandoverMarkdown,
  renderPowerShell,
  userConsentUrl,
  type HeldPermission,
  type SetupPlan,
  type SetupSettings,
  transportsInUse,
  transportsThatChange,
} from '../../admin/index.js';
import { loadManifest, type Texts } from '../../manifest/index.js';
import { readJsonFile } from '../options.js';
import { openTerminal } from '../terminal.js';

interface SetupOptions {
  readonly connection: string;
  readonly activities?: string;
  readonly format?: Format;
  readonly undo?: boolean;
  readonly appName?: string;
  readonly mailboxes?: readonly string[];
  readonly only?: readonly string[];
  readonly output?: string;
  readonly held?: string;
  readonly smtpThrough?: 'mailbox-permission' | 'exchange-role';
  readonly largeFiles?: boolean;
  readonly json?: boolean;
  readonly language?: string;
}

const FORMATS = [
  'powershell',
  'azure-cli',
  'app-manifest',
  'handover',
  'markdown',
  'consent-url',
  'openings',
] as const;
type Format = (typeof FORMATS)[number];
// To take away again, nobody consents, registers or opens anything.
const UNDO_FORMATS: readonly Format[] = ['powershell', 'azure-cli', 'handover', 'markdown'];

interface Activity {
  readonly id: string;
  readonly config?: { readonly mailbox?: string; readonly from?: { readonly address?: string } };
}

function planOf(options: SetupOptions, language: string): { plan: SetupPlan; settings: SetupSettings } {
  const given = readJsonFile(options.connection) as SetupSettings;
  const settings = options.appName === undefined ? given : { ...given, appName: options.appName };
  const activities =
    options.activities === undefined ? [] : (readJsonFile(options.activities) as readonly Activity[]);
  const own = activities.flatMap(({ config }) => config?.mailbox ?? []);
  const sendAs = activities.flatMap(({ config }) => {
    const as = config?.from?.address;
    return as === undefined ? [] : [{ mailbox: config?.mailbox ?? settings.mailbox, as }];
  });
  const plan = planSetup({
    settings,
    transports: transportsInUse(activities, loadManifest().activities),
    changingOver: transportsThatChange(activities, loadManifest().activities),
    mailboxes: options.mailboxes ?? [settings.mailbox, ...(settings.allowedMailboxes ?? []), ...own],
    sendAs,
    language,
    ...(options.only === undefined ? {} : { only: options.only }),
    ...(options.held === undefined ? {} : { held: readJsonFile(options.held) as readonly HeldPermission[] }),
    ...(options.largeFiles === undefined ? {} : { largeFiles: options.largeFiles }),
    ...(options.smtpThrough === undefined ? {} : { smtpThrough: options.smtpThrough }),
  });
  return { plan, settings };
}

function consentLines(plan: SetupPlan, texts: Texts): string {
  const user = userConsentUrl(plan);
  const links = [
    ...adminConsentLinks(plan),
    ...(user === undefined ? [] : [{ messages: 'setup.links.user', url: user }]),
  ];
  return links.map(({ messages, url }) => `${texts.text(messages)}:\n${url}\n`).join('\n');
}

/** The file that each format becomes, and what is in it. */
function rendered(plan: SetupPlan, settings: SetupSettings, undo: boolean, texts: Texts) {
  const mode = undo ? 'undo' : 'setup';
  const openings = openingsOf(settings, plan.transports)
    .map(
      (one) =>
        `${one.host}:${String(one.port)}\t${texts.text(`setup.from.${one.from}`)}\t${texts.text(one.purpose)}`,
    )
    .join('\n');
  const files: Readonly<Record<Format, readonly [name: string, text: () => string]>> = {
    powershell: [`${mode}.ps1`, () => renderPowerShell(plan, mode)],
    'azure-cli': [`${mode}.sh`, () => renderAzureCli(plan, mode)],
    'app-manifest': ['app.json', () => `${JSON.stringify(renderAppManifest(plan).manifest, null, 2)}\n`],
    handover: ['handover.html', () => renderHandover(plan, plan.language, mode)],
    markdown: ['handover.md', () => renderHandoverMarkdown(plan, plan.language, mode)],
    'consent-url': ['consent.txt', () => consentLines(plan, texts)],
    openings: ['openings.txt', () => `${openings}\n`],
  };
  return files;
}

export function addSetupCommand(program: Command): void {
  program
    .command('setup')
    .description(
      'Write what an administrator needs to grant the rights of a connection: scripts, page, links. Reaches no tenant.',
    )
    .requiredOption(
      '-c, --connection <file>',
      'JSON file with the settings of the connection; before the app exists, leave clientId out',
    )
    .option('--activities <file>', 'JSON list of {"id", "config"}: the activities in use; default: all')
    .addOption(
      new Option('--format <format>', 'what to write; default: powershell, or all with --output').choices(
        FORMATS,
      ),
    )
    .option('--app-name <name>', 'display name of the app registration that the script creates')
    .option(
      '--mailboxes <address...>',
      'only these mailboxes; default: those of the connection and its activities',
    )
    .option('--undo', 'the scripts that take away what setup added')
    .option('--only <code...>', 'only the steps that these failures of Test call for, or steps by id')
    .option(
      '--held <file>',
      'JSON list of {"resource", "kind", "permission"}: what the app holds now; with --only rights-surplus the surplus is taken away',
    )
    .addOption(
      new Option('--smtp-through <way>', 'how an app may send').choices([
        'mailbox-permission',
        'exchange-role',
      ]),
    )
    .option(
      '--large-files',
      'files over 2 MB are sent over Microsoft Graph, which takes the right to write drafts',
    )
    .option('--output <folder>', 'write files into this folder instead of printing')
    .option('--json', 'the plan as one JSON value on stdout, for programs')
    .option('--language <language>', 'en, de or es; default: that of the environment')
    .action((options: SetupOptions) => {
      const terminal = openTerminal(options);
      const { texts } = terminal;
      try {
        const { plan, settings } = planOf(options, texts.language);
        const files = rendered(plan, settings, options.undo === true, texts);
        const formats =
          options.format === undefined
            ? options.output === undefined
              ? ['powershell' as const]
              : options.undo === true
                ? UNDO_FORMATS
                : FORMATS
            : [options.format];
        terminal.emit({ ...plan, grants: [...plan.grants] });
        for (const format of formats) {
          const [name, text] = files[format];
          if (options.output === undefined) {
            terminal.say(text().trimEnd());
            continue;
          }
          const content = text();
          // No link before there is a client ID: an empty file would only puzzle.
          if (content === '') continue;
          mkdirSync(options.output, { recursive: true });
          const path = join(options.output, name);
          writeFileSync(path, `${name.endsWith('.ps1') ? BYTE_ORDER_MARK : ''}${content}`);
          terminal.say(path);
        }
      } catch (error) {
        terminal.fail(error);
      }
    });
}
