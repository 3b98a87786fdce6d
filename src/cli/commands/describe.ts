/** `m365-email describe <activity>`: settings, request and response of an activity, from its schemas. */
import { Argument, type Command } from 'commander';
import { openConnector, type JsonSchema } from '../../index.js';
import { loadManifest, type Texts } from '../../manifest/index.js';
import { parseLanguage } from '../options.js';
import { openTerminal, styled, type Terminal } from '../terminal.js';

interface DescribeOptions {
  readonly json?: boolean;
  readonly language?: string;
}

function typeOf(schema: JsonSchema): string {
  if (Array.isArray(schema['enum'])) return schema['enum'].map(String).join(' | ');
  if (schema['type'] === 'array') return `list of ${typeOf((schema['items'] ?? {}) as JsonSchema)}`;
  if (Array.isArray(schema['oneOf'])) return 'one of several';
  const type = [(schema['type'] ?? 'any') as string | string[]].flat().join(' or ');
  return typeof schema['format'] === 'string' ? `${type} (${schema['format']})` : type;
}

function sayFields(terminal: Terminal, texts: Texts, schema: JsonSchema, messages: string): void {
  const required = (schema['required'] ?? []) as string[];
  for (const [name, field] of Object.entries((schema['properties'] ?? {}) as Record<string, JsonSchema>)) {
    const marks = [
      typeOf(field),
      ...(required.includes(name) ? ['required'] : []),
      ...(field['default'] === undefined ? [] : [`default ${JSON.stringify(field['default'])}`]),
    ];
    terminal.say(`  ${styled('bold', name)}  ${styled('dim', marks.join(', '))}`);
    const help = texts.find(`${messages}.${name}.help`) ?? (field['description'] as string | undefined);
    if (help !== undefined) terminal.say(`      ${help}`);
  }
}

export function addDescribeCommand(program: Command): void {
  const ids = loadManifest().activities.map(({ id }) => id);
  program
    .command('describe')
    .description('Show the settings, the request and the response of an activity.')
    .addArgument(new Argument('<activity>', 'which activity').choices(ids))
    .option('--json', 'manifest entry, schemas, form layers and sample as one JSON value')
    .option('--language <language>', 'en, de or es; default: that of the environment', parseLanguage)
    .action((id: string, options: DescribeOptions) => {
      const terminal = openTerminal(options);
      const { texts } = terminal;
      const described = openConnector().describe(id, texts.language);
      terminal.emit(described);
      terminal.say(`${styled('bold', described.name)}: ${described.description}`);
      for (const part of ['config', 'request', 'response'] as const) {
        terminal.say();
        terminal.say(styled('underline', part));
        sayFields(terminal, texts, described[part], `${described.manifest.messages}.${part}`);
      }
    });
}
