/**
 * Options that commands share, and how they become a connector and settings. Owns: reading JSON files and --set.
 * Must not: take a secret from an argument.
 */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { openConnector, type Connector, type ConnectorOptions, type Resumed, type Wait } from '../index.js';
import { Failure } from '../errors/index.js';
import { languages } from '../manifest/index.js';
import { proxyFromEnvironment, type NetPolicy } from '../net/index.js';
import { defaultPlaces, openLocalStore } from '../state/index.js';
import { secretStore } from './secrets.js';
import { failureLines, openTerminal, type Terminal } from './terminal.js';

export interface CommonOptions {
  readonly connection: string;
  readonly net?: string;
  readonly secrets?: string;
  readonly state?: string;
  readonly key?: string;
  readonly proxyFromEnvironment?: boolean;
  readonly assertionFolders?: readonly string[];
  readonly fileFolders?: readonly string[];
  readonly sendFileFolders?: readonly string[];
  readonly activity?: string;
  readonly json?: boolean;
  readonly language?: string;
}

export interface ActivityOptions extends CommonOptions {
  readonly config?: string;
  readonly set: Record<string, unknown>;
}

/** The number, since touching process.stdin would make a pipe non-blocking and the read fail with EAGAIN. */
const STDIN = 0;
const WORTH_TELLING_MS = 2000;

/** A JSON file, or standard input for "-". @throws Failure input-invalid naming the file */
export function readJsonFile(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path === '-' ? STDIN : path, 'utf8')) as unknown;
  } catch (error) {
    const serverText = `${path}: ${error instanceof Error ? error.message : String(error)}`;
    throw new Failure('file-unreadable', { parameters: { file: path }, serverText, cause: error });
  }
}

/** The settings of a connection. @throws Failure settings-invalid for what is no JSON object */
function readConnection(path: string): object {
  const settings = readJsonFile(path);
  if (typeof settings === 'object' && settings !== null && !Array.isArray(settings)) return settings;
  throw new Failure('settings-invalid', {
    problems: [
      { pointer: '', label: 'common.fields.value.label', rule: 'type', parameters: { type: 'object' } },
    ],
  });
}

/** A TCP port of this machine; 0 for any free one. */
export function parsePort(text: string): number {
  if (!/^\d{1,5}$/u.test(text) || Number(text) > 65_535) {
    throw new InvalidArgumentError('Use a port number from 0 to 65535.');
  }
  return Number(text);
}

/** A language that there are texts in, with a region or without ("de-AT"). */
export function parseLanguage(text: string): string {
  if (languages().includes(text.split('-')[0] ?? '')) return text;
  throw new InvalidArgumentError(`Use one of ${languages().join(', ')}.`);
}

/** FIELD=VALUE, the value as JSON where it is JSON and as text otherwise. */
export function collectSetting(argument: string, settings: Record<string, unknown>): Record<string, unknown> {
  const equals = argument.indexOf('=');
  if (equals < 1) throw new InvalidArgumentError('Use FIELD=VALUE, for example folder=INBOX.');
  const text = argument.slice(equals + 1);
  let value: unknown = text;
  try {
    value = JSON.parse(text) as unknown;
  } catch {
    // Plain text needs no quotes.
  }
  return { ...settings, [argument.slice(0, equals)]: value };
}

export function withCommonOptions(command: Command): Command {
  return command
    .requiredOption('-c, --connection <file>', 'JSON file with the settings of the connection')
    .option('--net <file>', 'JSON file with the network policy (trusted roots, host remapping)')
    .option('--secrets <folder>', 'folder with one file per secret')
    .option(
      '--state <file>',
      'database for sign-ins and tokens; default for sign-ins: one per user of this machine',
    )
    .option('--key <file>', 'file with the key that seals them; default: M365_EMAIL_KEY, else one per user')
    .option('--proxy-from-environment', 'go through HTTPS_PROXY, except for NO_PROXY')
    .option('--assertion-folders <folder...>', 'where the token file of a federated credential may lie')
    .option('--json', 'one JSON value per line on stdout, for programs')
    .option('--language <language>', 'en, de or es; default: that of the environment', parseLanguage);
}

/** @param activity required: the command is about what is remembered for an activity */
export function withActivityOptions(
  command: Command,
  { activity = 'optional' }: { readonly activity?: 'optional' | 'required' } = {},
): Command {
  const text = 'name under which positions and attempts are remembered between runs';
  if (activity === 'required') command.requiredOption('--activity <id>', text);
  else command.option('--activity <id>', text);
  return withCommonOptions(command)
    .option('--file-folders <folder...>', 'where attachments may be written to')
    .option('--config <file>', 'JSON file with the settings of the activity')
    .option('--set <field=value>', 'one setting of the activity; may be repeated', collectSetting, {});
}

/** The activity's settings: the file's, with --set on top. */
export function activityConfig({ config, set }: ActivityOptions): Record<string, unknown> {
  const fromFile = config === undefined ? {} : (readJsonFile(config) as Record<string, unknown>);
  return { ...fromFile, ...set };
}

export interface Prepared {
  readonly connector: Connector;
  readonly connection: unknown;
  readonly terminal: Terminal;
  readonly net: NetPolicy;
  /** Fires at Ctrl-C. A second Ctrl-C ends the process at once. */
  readonly signal: AbortSignal;
}

type Store = NonNullable<ConnectorOptions['store']>;

/** What outlives the command is kept only where it has to be: for a user's sign-in, or when a place is named. */
async function openStoreFor(
  connection: unknown,
  { state, key, activity }: CommonOptions,
): Promise<Store | undefined> {
  const { method } = (connection as { authentication?: { method?: unknown } }).authentication ?? {};
  const keepsSignIn = method === 'sign-in' || method === 'device-code';
  if (state === undefined && activity === undefined && !keepsSignIn) return undefined;
  const usual = defaultPlaces();
  return openLocalStore({ places: { database: state ?? usual.database, key: key ?? usual.key } });
}

function netPolicyOf({ net, proxyFromEnvironment: fromEnvironment }: CommonOptions): NetPolicy {
  const policy = net === undefined ? {} : (readJsonFile(net) as NetPolicy);
  const proxy = fromEnvironment === true ? proxyFromEnvironment(process.env) : undefined;
  return proxy === undefined ? policy : { ...policy, proxy };
}

/** Azure's own variable names the file where the platform puts the token (workload identity on Kubernetes). */
function assertionFoldersOf({ assertionFolders }: CommonOptions): readonly string[] {
  const file = process.env['AZURE_FEDERATED_TOKEN_FILE'];
  return [...(assertionFolders ?? []), ...(file === undefined ? [] : [dirname(file)])];
}

/** On stderr, at every run: nobody looks at a test of something that works. */
export async function warnOfExpiry({ connector, connection, terminal }: Prepared): Promise<void> {
  for (const { warning } of await connector.expiries({ connection })) {
    if (warning === undefined) continue;
    const [title = '', , remedy = ''] = failureLines(warning, terminal.texts);
    terminal.progress(`! ${title} ${remedy.trim()}`);
  }
}

/** On stderr as well: what was opened anew went well, and is said in case it happens all the time. */
export function tellResumed({ terminal }: Prepared): (resumed: Resumed) => void {
  return ({ failure }) => {
    const [title = ''] = failureLines(failure, terminal.texts);
    terminal.progress(`! ${title} ${terminal.texts.text('cli.resumed')}`);
  };
}

/** On stderr: a run that says nothing for a minute looks dead. Short waits are not worth a line. */
export function tellWait({ terminal }: Prepared): (wait: Wait) => void {
  return ({ failure, waitMs }) => {
    if (waitMs < WORTH_TELLING_MS) return;
    const [reason = ''] = failureLines(failure, terminal.texts);
    const seconds = Math.ceil(waitMs / 1000);
    terminal.progress(terminal.texts.text('cli.waiting', { seconds, reason }));
  };
}

/** Opens what a command needs, runs it, and turns whatever it throws into text and an exit code. */
export async function run(
  options: CommonOptions,
  work: (prepared: Prepared) => Promise<void>,
): Promise<void> {
  const terminal = openTerminal(options);
  const cancel = new AbortController();
  const interrupt = (): void => {
    process.once('SIGINT', () => process.exit(130));
    cancel.abort(new Error('interrupted'));
  };
  process.once('SIGINT', interrupt);
  let store: Store | undefined;
  try {
    const connection = readConnection(options.connection);
    store = await openStoreFor(connection, options);
    const net = netPolicyOf(options);
    const connector = openConnector({
      net,
      secrets: secretStore(options.secrets),
      assertionFolders: assertionFoldersOf(options),
      fileFolders: options.fileFolders ?? [],
      sendFileFolders: options.sendFileFolders ?? [],
      ...(store === undefined ? {} : { store }),
    });
    await work({ connector, connection, terminal, net, signal: cancel.signal });
  } catch (error) {
    if (cancel.signal.aborted) process.exitCode = 130;
    else terminal.fail(error);
  } finally {
    process.off('SIGINT', interrupt);
    await store?.state.close();
  }
}
