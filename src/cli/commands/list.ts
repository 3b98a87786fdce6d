/** `m365-email list <pick-list>`: what a form would offer to choose from. */
import { Argument, type Command } from 'commander';
import { loadManifest } from '../../manifest/index.js';
import { run, withCommonOptions, type CommonOptions } from '../options.js';
import { styled } from '../terminal.js';

interface ListOptions extends CommonOptions {
  readonly mailbox?: string;
  readonly transport?: string;
}

export function addListCommand(program: Command): void {
  const ids = loadManifest().pickLists.map(({ id }) => id);
  withCommonOptions(program.command('list'))
    .description('List what a field of a form offers to choose from.')
    .addArgument(new Argument('<pick-list>', 'which list').choices(ids))
    .option('--mailbox <address>', "mailbox, if not the connection's")
    .option('--transport <transport>', 'imap (default), pop3 or graph')
    .action((pickList: 'folders', options: ListOptions) =>
      run(options, async ({ connector, connection, terminal, signal }) => {
        const { mailbox, transport } = options;
        const config = {
          ...(mailbox === undefined ? {} : { mailbox }),
          ...(transport === undefined ? {} : { transport }),
        };
        const entries = await connector.list(pickList, { connection, config }, { signal });
        if (entries.length === 0) terminal.say(terminal.texts.text(`pickLists.${pickList}.empty`));
        for (const entry of entries) {
          terminal.emit(entry);
          const note = entry.role === undefined ? '' : styled('dim', `  ${entry.role}`);
          const name = entry.selectable ? entry.value : styled('dim', entry.value);
          terminal.say(`${'  '.repeat(entry.level)}${name}${note}`);
        }
      }),
    );
}
